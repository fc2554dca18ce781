"""The newsletter: double opt-in, letters, throttled sending, and addresses that are not written to."""

from __future__ import annotations
