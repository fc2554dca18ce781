"""Bringing a creator live: eight steps, what each found, what it waits for and what to do next."""

from __future__ import annotations
