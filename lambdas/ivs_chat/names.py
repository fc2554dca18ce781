"""Display names: what one may look like, and when two are the same."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

from ivs_chat.folding import fold, words_of
from shared.fields import PlainText

_MIN_CHARS, _MAX_CHARS = 2, 30
_SIGNS = frozenset(" _-.'")
_SAME_LOOK = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "2": "z"})
_OFFICES = frozenset(
    {
        "admin",
        "administrator",
        "mod",
        "moderator",
        "moderation",
        "system",
        "support",
        "staff",
        "team",
        "owner",
    }
)


def _name(name: str) -> str:
    if any(not (unicodedata.category(c)[0] in "LMN" or c in _SIGNS) for c in name):
        raise ValueError("must have letters, digits, spaces and _ - . ' only")
    if len(skeleton_of(name)) < _MIN_CHARS:
        raise ValueError(f"must have at least {_MIN_CHARS} letters or digits")
    return name


def skeleton_of(name: str) -> str:
    """What is the same of names that a reader may take for each other; spaces and signs do not count."""
    return "".join(words_of(fold(name))).translate(_SAME_LOOK)


def is_reserved(name: str, creator: str) -> bool:
    """Whether a name looks like the creator's own or like an office; those are for moderators and admins.

    Args:
        name: that somebody wants.
        creator: the creator's display name.
    """
    return skeleton_of(name) in {skeleton_of(taken) for taken in (creator, *_OFFICES)}


DisplayName = Annotated[PlainText, AfterValidator(_name), Field(max_length=_MAX_CHARS)]
"""A name to be seen by in the chat."""
