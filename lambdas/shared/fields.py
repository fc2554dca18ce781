"""Types of members that anyone may send: what they accept is all that can get into a table."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

_JOINERS = "\u200c\u200d"  # Persian and emoji cannot be written without them
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_MAX_MARKS_IN_A_ROW = 4
_LINE_BREAK = re.compile("\r\n?|\u2028|\u2029")

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|xn--[A-Za-z0-9-]{{2,59}})")
_LOCAL_PART = re.compile(r"(?!\.)(?!.*\.\.)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)")
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")  # RFC 3986, nothing else
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _plain(text: str) -> str:
    """Text in NFC that looks the same everywhere: no controls, direction overrides or piles of marks."""
    text = unicodedata.normalize("NFC", text).strip()
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in _REFUSED_CATEGORIES and character not in _JOINERS:
            raise ValueError(f"must not contain the character U+{ord(character):04X}")
        if ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF:
            raise ValueError("must not contain Unicode noncharacters")
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MAX_MARKS_IN_A_ROW:
            raise ValueError("must not pile up combining marks")
    if not any(unicodedata.category(character)[0] in "LNS" for character in text):
        raise ValueError("must contain a letter, a digit or a symbol")
    return text


def _plain_lines(text: str) -> str:
    """Text of several lines; the invisible characters that pasted text brings along are dropped."""
    shown = "".join(c for c in text if unicodedata.category(c) != "Cf" or c in _JOINERS)
    lines = _LINE_BREAK.sub("\n", unicodedata.normalize("NFC", shown)).replace("\t", " ").strip()
    _plain(lines.replace("\n", " "))
    return lines


def _email(address: str) -> str:
    local, at, host = address.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local) or not _HOST.fullmatch(host):
        raise ValueError("must be an e-mail address such as name@example.com")
    return f"{local}@{host.lower()}"


def _https_url(url: str) -> str:
    if not _URL_CHARACTERS.fullmatch(url) or _BROKEN_ESCAPE.search(url):
        raise ValueError(
            "must be a URL of ASCII characters; write others as %-escapes and host names in punycode"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("must be a URL") from None
    if parts.scheme != "https":
        raise ValueError("must begin with https://")
    if "@" in parts.netloc or port not in (None, 443):
        raise ValueError("must have neither a user name nor a port of its own")
    if not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError("must have a public host name, not an address")
    decoded = unquote(unquote(parts.path))
    if "\\" in decoded or any(ord(character) < 32 or ord(character) == 127 for character in decoded):
        raise ValueError("must not hide control characters or backslashes in its path")
    if any(segment in (".", "..") for segment in decoded.split("/")):
        raise ValueError("must not step out of its path")
    return url


def _iso_day(value: object) -> date:
    if type(value) is date:
        return value
    # pydantic would read a time of midnight or seconds since 1970 as a day, too.
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError("must be a day such as 2026-05-01")


def address_key(address: str) -> str:
    """An e-mail address as it is compared and looked up: without case.

    Case may mean something before the @ (RFC 5321, 2.4), and does with no provider that people use; whoever
    asks for their data types their address as they like.
    """
    return address.casefold()


PlainText = Annotated[str, AfterValidator(_plain), Field(json_schema_extra={"format": "plain-text"})]
"""One line of text for people. Give it a `max_length` where it is used."""

PlainLines = Annotated[str, AfterValidator(_plain_lines), Field(json_schema_extra={"format": "plain-text"})]
"""Text for people, of several lines. Give it a `max_length` where it is used."""

EmailAddress = Annotated[
    str,
    StringConstraints(max_length=254),
    AfterValidator(_email),
    Field(json_schema_extra={"format": "email"}),
]
"""An address as in HTML's e-mail input, with a domain name (RFC 5321 gives the 254)."""

HttpsUrl = Annotated[
    str,
    StringConstraints(max_length=2048),
    AfterValidator(_https_url),
    Field(json_schema_extra={"format": "https-url"}),
]
"""An https URL with a public host name, on the default port, without credentials and dot segments."""

Day = Annotated[date, BeforeValidator(_iso_day)]
"""A calendar day, `YYYY-MM-DD`."""
