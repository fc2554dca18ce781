"""Identifiers of events and sign-ups, in Crockford's base 32, lower case."""

from __future__ import annotations

import re
import secrets

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_EVENT_CHARS = 13
_SIGN_UP_CHARS = 26
_EVENT_ID = re.compile(rf"[{_CROCKFORD}]{{{_EVENT_CHARS}}}", re.ASCII)
_SIGN_UP_ID = re.compile(rf"[{_CROCKFORD}]{{{_SIGN_UP_CHARS}}}", re.ASCII)


def new_event_id() -> str:
    """65 random bits: they name what everybody may see."""
    return _random(_EVENT_CHARS)


def new_sign_up_id() -> str:
    """130 random bits: no two sign-ups ever have the same, and so a token is good for one of them only."""
    return _random(_SIGN_UP_CHARS)


def is_event_id(text: str) -> bool:
    """Whether this can be the id of an event at all."""
    return _EVENT_ID.fullmatch(text) is not None


def is_sign_up_id(text: str) -> bool:
    """Whether this can be the id of a sign-up at all."""
    return _SIGN_UP_ID.fullmatch(text) is not None


def _random(chars: int) -> str:
    return "".join(secrets.choice(_CROCKFORD) for _ in range(chars))
