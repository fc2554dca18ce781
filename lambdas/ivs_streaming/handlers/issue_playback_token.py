"""`POST /live/token`: a member may watch. Made only where playback is for members."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from ivs_streaming.playback_tokens import PlaybackTokens
from ivs_streaming.settings import settings
from ivs_streaming.views import PlaybackToken
from shared.api import Api, Call
from shared.callers import Caller
from shared.telemetry import count

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

CLIENT: KMSClient = boto3.client(
    "kms", config=Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "max_attempts": 3})
)


def _sign(content: bytes) -> bytes:
    count("PlaybackSignatures")
    return CLIENT.sign(
        KeyId=settings().playback_key_id or "",
        Message=content,
        MessageType="RAW",
        SigningAlgorithm="ECDSA_SHA_384",
    )["Signature"]


api = Api()
domain = os.environ["CREATOR_DOMAIN"]
tokens = PlaybackTokens(_sign, settings().channel_arn, (f"https://{domain}", f"https://www.{domain}"))


@api.post("/live/token", by=Caller.MEMBER, status=201)
def issue_playback_token(call: Call) -> PlaybackToken:
    """A playback token for the creator's channel, good for five to ten minutes to begin in."""
    token, expires_at = tokens.token(call.now)
    return PlaybackToken(token=token, expires_at=expires_at, playback_url=settings().playback_url)


handler = api.handler
