"""The shop."""

from __future__ import annotations
