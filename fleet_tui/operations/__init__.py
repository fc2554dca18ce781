"""Operations on creators: each in a process of its own, each with a journal on disk."""

from __future__ import annotations
