"""The observatory: who is looked at when, what was seen, and how old it is."""

from __future__ import annotations
