"""Playback tokens: what IVS asks of viewers of a private channel.

https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html. A token says
nothing of who watches, so one serves every member for a while.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta

LIFETIME = timedelta(minutes=10)
"""How long a token opens a player; who watches already goes on watching."""

SHARED_FOR = timedelta(minutes=5)
"""How long a token is given to further members, who then have the rest of its life to begin."""

COORDINATE_BYTES = 48
"""Of each half of a signature on the curve P-384 (RFC 7518, 3.4)."""

_SEQUENCE, _INTEGER = 0x30, 0x02


class PlaybackTokens:
    """Makes tokens, and gives the last one again while it is young: each signature costs money and time.

    Args:
        sign: gives the DER signature (ECDSA, SHA-384) of bytes.
        channel_arn: the channel that the tokens open.
        origins: of the pages that may play it.
    """

    def __init__(self, sign: Callable[[bytes], bytes], channel_arn: str, origins: tuple[str, ...]) -> None:
        self._sign = sign
        self._channel_arn = channel_arn
        self._origins = origins
        self._last: tuple[str, datetime] | None = None

    def token(self, now: datetime) -> tuple[str, datetime]:
        """A token, and when it expires."""
        if self._last is None or now > self._last[1] - LIFETIME + SHARED_FOR:
            self._last = self._new(now)
        return self._last

    def _new(self, now: datetime) -> tuple[str, datetime]:
        expires_at = (now + LIFETIME).replace(microsecond=0)
        claims = {
            "aws:channel-arn": self._channel_arn,
            "aws:access-control-allow-origin": ",".join(self._origins),
            "exp": int(expires_at.timestamp()),
        }
        content = f"{_part({'alg': 'ES384', 'typ': 'JWT'})}.{_part(claims)}"
        signature = jose_signature(self._sign(content.encode()))
        return f"{content}.{_base64url(signature)}", expires_at


def jose_signature(der: bytes) -> bytes:
    """An ECDSA signature as JWTs carry it (RFC 7518, 3.4: both numbers at full length) from ASN.1's DER.

    Args:
        der: SEQUENCE of two INTEGERs (RFC 3279, 2.2.3).

    Raises:
        ValueError: it is not a signature of the curve P-384 in DER.
    """
    # Two numbers of at most 49 bytes: every length is written in one byte.
    if len(der) < 2 or der[0] != _SEQUENCE or der[1] != len(der) - 2:
        raise ValueError("not a DER signature")
    first, rest = _integer(der[2:])
    second, rest = _integer(rest)
    if rest:
        raise ValueError("not a DER signature")
    return first.to_bytes(COORDINATE_BYTES, "big") + second.to_bytes(COORDINATE_BYTES, "big")


def _integer(der: bytes) -> tuple[int, bytes]:
    """The positive INTEGER that DER begins with, and the rest."""
    if len(der) < 3 or der[0] != _INTEGER or not 1 <= der[1] <= COORDINATE_BYTES + 1 or len(der) < 2 + der[1]:
        raise ValueError("not a DER signature")
    content, rest = der[2 : 2 + der[1]], der[2 + der[1] :]
    number = int.from_bytes(content, "big", signed=True)
    if number <= 0 or number.bit_length() > 8 * COORDINATE_BYTES:
        raise ValueError("not a signature of the curve P-384")
    return number, rest


def _part(value: object) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
