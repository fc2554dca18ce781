"""Signed links, and the ids of addresses: both from one secret of 32 random bytes, by keys of their own.

A link says what it is for, whose it is and one thing more: a letter that asks for confirmation, when it was
asked; a newsletter, which letter it is in. Nothing about it is kept, and nothing of it can be made up.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum

from shared.fields import address_key
from shared.problems import ProblemError

_ID_BYTES = 16
_EXTRA_BYTES = 12
_SIGNATURE_BYTES = 16  # 128 bits cannot be tried out against an API


class Purpose(Enum):
    """What a link is for."""

    CONFIRM = b"c"
    MANAGE = b"m"


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says.

    Args:
        subscriber: id of the address.
        extra: seconds since 1970 of the request, or the letter's id as a number; 0 where there is none.
    """

    purpose: Purpose
    subscriber: str
    extra: int = 0

    @property
    def letter(self) -> str | None:
        """Id of the letter that the link was in."""
        return f"{self.extra:024x}" if self.purpose is Purpose.MANAGE and self.extra else None


class Keys:
    """What the secret can do."""

    def __init__(self, secret: bytes) -> None:
        self._addresses = hmac.digest(secret, b"newsletter addresses", hashlib.sha256)
        self._links = hmac.digest(secret, b"newsletter links", hashlib.sha256)

    def id_of(self, address: str) -> str:
        """The id of an address, 32 hex digits; capitals make no difference, as they make none to mail."""
        message = address_key(address).encode("utf-8", "surrogatepass")
        return hmac.digest(self._addresses, message, hashlib.sha256)[:_ID_BYTES].hex()

    def token(self, link: Link) -> str:
        """The token of a link, URL-safe."""
        said = link.purpose.value + bytes.fromhex(link.subscriber) + link.extra.to_bytes(_EXTRA_BYTES)
        return base64.urlsafe_b64encode(said + self._signature(said)).rstrip(b"=").decode()

    def link(self, token: str, purpose: Purpose) -> Link:
        """What a token says.

        Raises:
            ProblemError: 404, it is not one of ours, or for something else.
        """
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise bad_link() from None
        said, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        if len(said) != 1 + _ID_BYTES + _EXTRA_BYTES or not hmac.compare_digest(
            signature, self._signature(said)
        ):
            raise bad_link()
        if said[:1] != purpose.value:
            raise bad_link()
        subscriber, extra = said[1 : 1 + _ID_BYTES], said[1 + _ID_BYTES :]
        return Link(purpose, subscriber.hex(), int.from_bytes(extra))

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self._links, said, hashlib.sha256)[:_SIGNATURE_BYTES]


def confirm_link(subscriber: str, asked_at: int) -> Link:
    """The link that confirms what was asked at this second."""
    return Link(Purpose.CONFIRM, subscriber, asked_at)


def manage_link(subscriber: str, letter: str | None = None) -> Link:
    """The link in a letter with which its reader unsubscribes or changes topics."""
    return Link(Purpose.MANAGE, subscriber, int(letter, 16) if letter else 0)


def bad_link() -> ProblemError:
    """404: the link is not valid, or not any more."""
    return ProblemError(
        404,
        "link-not-valid",
        "The link is not valid",
        "It is old, was used up, or is not complete. Subscribe again to get a new one.",
    )
