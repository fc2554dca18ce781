"""One module for each function; `handler` is its entry."""

from __future__ import annotations
