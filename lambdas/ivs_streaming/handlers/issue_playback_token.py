"""`POST /live/token`: a member may watch, if of a tier that may. Made only where playback is for members."""

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
from shared.entitlements import entitlement_in, entitlement_key, opens
from shared.problems import ProblemError
from shared.tables import CLIENT as TABLES
from shared.tables import pack, unpack
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


def _may_watch(call: Call) -> None:
    """Raises ProblemError 403 `tier-needed` unless the member is entitled to the tier at this moment."""
    needed, table = settings().playback_tier, settings().membership_table
    if needed is None or table is None:
        return
    key = pack(entitlement_key(call.member.id))
    values = unpack(TABLES.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}))
    if not opens(entitlement_in(values), needed, settings().tiers, call.now):
        raise ProblemError(
            403,
            "tier-needed",
            "For members of a tier",
            f"Subscribe to the tier {needed}, or to a higher one, on the page of memberships, and ask again.",
            tier=needed,
        )


api = Api()
domain = os.environ["CREATOR_DOMAIN"]
tokens = PlaybackTokens(_sign, settings().channel_arn, (f"https://{domain}", f"https://www.{domain}"))


@api.post(
    "/live/token",
    by=Caller.MEMBER,
    status=201,
    refusals={
        403: "Only members of a tier or of one above it may watch, and this one is none, or no longer."
    },
)
def issue_playback_token(call: Call) -> PlaybackToken:
    """A playback token for the creator's channel, good for five to ten minutes to begin in."""
    _may_watch(call)
    token, expires_at = tokens.token(call.now)
    return PlaybackToken(token=token, expires_at=expires_at, playback_url=settings().playback_url)


handler = api.handler
