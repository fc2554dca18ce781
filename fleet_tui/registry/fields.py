"""Fields that the descriptions of creators are made of."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,22}[a-z0-9]$")]
"""Short enough for every AWS name it becomes a part of (the tightest is an S3 bucket's 63 characters)."""

AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Domain = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", min_length=4, max_length=253
    ),
]
Email = Annotated[
    str, StringConstraints(pattern=r"^[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;]+$", max_length=254)
]

Line = Annotated[
    str, StringConstraints(pattern=r"^[^\p{Cc}\p{Zl}\p{Zp}\x{202a}-\x{202e}\x{2066}-\x{2069}]*$")
]
"""Text for one line of a terminal: no control characters, no line breaks, no reversed reading order."""

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAGS_OF_OURS = frozenset({"creator", "wave", "managed-by", "module"})
_TAG_TEXT = re.compile(r"[\w .:/=+@-]*")


def _tag_text(text: str) -> str:
    if not _TAG_TEXT.fullmatch(text):
        raise ValueError("has characters that a tag in AWS cannot have")
    return text


def _free_key(key: str) -> str:
    if key in TAGS_OF_OURS or key.lower().startswith("aws:"):
        raise ValueError("is set by Terraform or by AWS itself")
    return key


TagKey = Annotated[
    str, StringConstraints(min_length=1, max_length=128), AfterValidator(_tag_text), AfterValidator(_free_key)
]
TagValue = Annotated[str, StringConstraints(max_length=256), AfterValidator(_tag_text)]
