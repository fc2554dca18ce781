"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("fleet", deadline=None)  # a busy machine is no failure
settings.load_profile("fleet")
