"""Live streams: what is on, who may watch, who is told, and the recordings that stay."""

from __future__ import annotations
