"""Playback tokens are what IVS takes: JWTs that the public half of the key confirms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from ivs_streaming.playback_tokens import LIFETIME, SHARED_FOR, PlaybackTokens, jose_signature

NOW = datetime(2026, 5, 20, 12, 0, 0, 123_456, tzinfo=UTC)
CHANNEL = "arn:aws:ivs:eu-central-1:100000000001:channel/abcdEFGHijkl"
KEY = ec.generate_private_key(ec.SECP384R1())
numbers = st.integers(1, 2**384 - 1) | st.integers(1, 2**16)


def tokens() -> PlaybackTokens:
    return PlaybackTokens(
        lambda content: KEY.sign(content, ec.ECDSA(hashes.SHA384())),
        CHANNEL,
        ("https://kasper.live", "https://www.kasper.live"),
    )


@given(numbers, numbers)
def test_a_signature_keeps_its_numbers(r: int, s: int) -> None:
    raw = jose_signature(encode_dss_signature(r, s))
    assert len(raw) == 96
    assert (int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big")) == (r, s)


@given(st.binary(max_size=120))
def test_what_is_no_signature_is_refused(der: bytes) -> None:
    try:
        raw = jose_signature(der)
    except ValueError:
        return
    assert encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big")) == der


@pytest.mark.parametrize(
    "der",
    [
        encode_dss_signature(2**384, 1),
        encode_dss_signature(1, 1) + b"\0",
        encode_dss_signature(0, 1),
        b"\x30\x06\x02\x01\xff\x02\x01\x01",
        encode_dss_signature(1, 1)[:-1],
        b"\x30\x03\x02\x01\x01",
    ],
)
def test_another_curves_and_broken_signatures_are_refused(der: bytes) -> None:
    with pytest.raises(ValueError, match="signature"):
        jose_signature(der)


@given(st.integers(0, 3_600))
def test_a_token_is_confirmed_by_the_public_key(seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)
    token, expires_at = tokens().token(now)
    assert jwt.get_unverified_header(token) == {"alg": "ES384", "typ": "JWT"}
    claims = jwt.decode(token, KEY.public_key(), algorithms=["ES384"], options={"verify_exp": False})
    assert claims == {
        "aws:channel-arn": CHANNEL,
        "aws:access-control-allow-origin": "https://kasper.live,https://www.kasper.live",
        "exp": int(expires_at.timestamp()),
    }
    assert LIFETIME - timedelta(seconds=1) < expires_at - now <= LIFETIME


def test_another_key_does_not_confirm_it() -> None:
    token, _ = tokens().token(NOW)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, ec.generate_private_key(ec.SECP384R1()).public_key(), algorithms=["ES384"])


def test_a_token_serves_everyone_while_it_is_young() -> None:
    made = tokens()
    first = made.token(NOW)
    assert made.token(NOW + SHARED_FOR - timedelta(seconds=1)) == first
    later = NOW + SHARED_FOR + timedelta(seconds=1)
    assert made.token(later) != first
    assert made.token(later)[1] - later > LIFETIME - SHARED_FOR
