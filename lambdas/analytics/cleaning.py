"""What of an address may be kept: nothing that could name a person or open a door. Pure.

Addresses of pages carry more than a page: search terms, e-mail addresses, tokens of links in letters. So
parts are kept when they look like words that somebody chose for a page, and are `*` when they do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from urllib.parse import parse_qsl, unquote, urlsplit

HIDDEN = "*"
"""Stands for a part that is not kept."""

CAMPAIGN_PARAMETERS = ("source", "medium", "campaign")
"""All that is kept of a query string: `utm_source`, `utm_medium`, `utm_campaign`."""

MAX_PAGE_CHARS = 200
_MAX_SEGMENTS = 8
_MAX_SEGMENT_CHARS = 60
_MAX_CAMPAIGN_CHARS = 60
_MAX_PARAMETERS = 50

_PLAIN = re.compile(r"[\w .~+'(),!-]+")
_NOT_A_WORD = re.compile(r"[\W_]+")
_MAX_WORD_CHARS = 30
_MAX_DIGITS = 4  # a year; from five on it may be a customer's, an order's or a telephone's
_HEXADECIMAL = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_SHORT = 5
# episode12, 3rd, 1080p: letters and digits, but not mixed
_NUMBERED = re.compile(r"[^\W\d]*\d{1,4}|\d{1,4}[^\W\d]{1,3}")
_MAX_BREAKS = 3  # Episode12 has one, JavaScript two
_CAPITALS = re.compile(r"[A-Z]{8,}")  # ids in base 32

_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOP_LEVEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{2,59}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def page_of(address: str) -> str:
    """The page that an address names: its path without query, fragment, and parts that tell too much.

    Args:
        address: path, query and fragment as a browser has them, beginning with a slash.
    """
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    segments = [_segment(part.partition(";")[0]) for part in path.split("/") if part]
    if segments and segments[-1] == "index.html":
        segments.pop()
    page = ""
    for index, segment in enumerate(segments):
        if index == _MAX_SEGMENTS or len(page) + len(segment) >= MAX_PAGE_CHARS - 2:
            return f"{page}/{HIDDEN}"
        page += f"/{segment}"
    return page or "/"


def campaign_of(address: str) -> Mapping[str, str]:
    """The campaign that led to the page, by `CAMPAIGN_PARAMETERS`; what tells too much is left out."""
    query = address.partition("#")[0].partition("?")[2]
    try:
        given = dict(reversed(parse_qsl(query, max_num_fields=_MAX_PARAMETERS)))  # the first counts
    except ValueError:
        return {}
    values = {name: given.get(f"utm_{name}", "").strip() for name in CAMPAIGN_PARAMETERS}
    return {
        name: value.lower()
        for name, value in values.items()
        if 0 < len(value) <= _MAX_CAMPAIGN_CHARS and not tells_too_much(value)
    }


def referrer_of(address: str, own_domain: str) -> str | None:
    """The host of the page that led here; None where that is no website, or the site itself.

    Args:
        address: of the page before, as a browser has it.
        own_domain: of the site.
    """
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removesuffix(".")
    except ValueError:
        return None
    *labels, top = host.removeprefix("www.").split(".")
    if (
        parts.scheme not in ("http", "https")
        or len(host) > MAX_PAGE_CHARS
        or not labels
        or not _TOP_LEVEL.fullmatch(top)
        or not all(map(_HOST_LABEL.fullmatch, labels))
    ):
        return None
    shown = ".".join([*(HIDDEN if tells_too_much(label) else label for label in labels), top])
    return None if shown == own_domain.removeprefix("www.") else shown


def language_of(tag: str) -> str | None:
    """The language of a browser's tag (RFC 5646) without region and variants, `de` of `de-AT`."""
    language = tag.partition("-")[0].lower()
    return language if _LANGUAGE.fullmatch(language) else None


def tells_too_much(text: str) -> bool:
    """Whether a text may be an e-mail address, a token, a number of somebody, or is no plain text at all."""
    if not _PLAIN.fullmatch(text):
        return True
    words = [word for word in _NOT_A_WORD.split(text) if word]
    breaks = sum(map(_breaks, words))
    return not words or breaks > _MAX_BREAKS or any(map(_is_no_word, words))


def _segment(part: str) -> str:
    text = unicodedata.normalize("NFC", unquote(part, errors="replace"))
    return HIDDEN if len(text) > _MAX_SEGMENT_CHARS or tells_too_much(text) else text


def _is_no_word(word: str) -> bool:
    digits = sum(character.isdigit() for character in word)
    return (
        len(word) > _MAX_WORD_CHARS
        or digits > _MAX_DIGITS
        or _HEXADECIMAL.fullmatch(word) is not None
        or _CAPITALS.search(word) is not None
        or (0 < digits < len(word) > _SHORT and not _NUMBERED.fullmatch(word))
    )


def _breaks(word: str) -> int:
    """How often small letters, capitals and digits follow each other in a word, but for its first capital."""
    sorts = ["digit" if c.isdigit() else "capital" if c.isupper() else "letter" for c in word]
    if sorts[:2] == ["capital", "letter"]:
        del sorts[0]
    return sum(one != other for one, other in pairwise(sorts))
