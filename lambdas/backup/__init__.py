"""Backups of the creator's tables, and restore drills that show that they are worth something."""

from __future__ import annotations
