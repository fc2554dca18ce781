"""Polls: one vote a person, live results, a closing time, and results that stay."""

from __future__ import annotations
