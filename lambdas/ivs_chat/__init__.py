"""The chat beside the stream: who may read and write, what may be said, and who keeps order."""

from __future__ import annotations
