"""Chance that can be repeated: a number from a seed and a place, without any state."""

from __future__ import annotations

import hashlib

_SPAN = 2**64


def fraction(seed: int, *place: object) -> float:
    """A number from 0 up to, not including, 1; the same for the same seed and place."""
    text = "\x1f".join(str(part) for part in (seed, *place))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / _SPAN


def about(value: float, spread: float, seed: int, *place: object) -> float:
    """The value, off by at most `spread` (0.05 is five per cent)."""
    return value * (1 + spread * (2 * fraction(seed, *place) - 1))
