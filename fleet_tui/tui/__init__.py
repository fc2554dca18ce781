"""The console: Textual screens over the fleet."""

from __future__ import annotations
