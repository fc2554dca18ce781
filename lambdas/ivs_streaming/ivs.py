"""The creator's channel at IVS: what is on air, and its stream key.

IVS answers five GetStream a second for an account
(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html), so no viewer's request may
end here: the schedule and operators look, everyone else reads the table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ivs_streaming.channel import Sighting
from shared.problems import ProblemError, busy

if TYPE_CHECKING:
    from types_boto3_ivs.client import IVSClient

CLIENT: IVSClient = boto3.client(
    "ivs", config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
)


def sighting_of(channel_arn: str) -> Sighting | None:
    """The stream that is on air, or None.

    Raises:
        ClientError: IVS is throttling or not well.
    """
    try:
        stream = CLIENT.get_stream(channelArn=channel_arn)["stream"]
    except ClientError as error:
        if _code(error) == "ChannelNotBroadcasting":
            return None
        raise
    viewers = stream["viewerCount"]
    return Sighting(
        stream_id=stream["streamId"],
        started_at=stream["startTime"],
        starving=stream["health"] == "STARVING",
        viewers=viewers if viewers >= 0 else None,  # -1: IVS could not count in time
    )


def stream_key(channel_arn: str) -> str:
    """The channel's stream key.

    Raises:
        ProblemError: 404, it has none, because a rotation was broken off.
    """
    for arn in _keys_of(channel_arn):
        return CLIENT.get_stream_key(arn=arn)["streamKey"]["value"]
    raise ProblemError(
        404, "no-stream-key", "There is no stream key", "A rotation was broken off. Rotate the key again."
    )


def rotate_stream_key(channel_arn: str, *, cut: bool) -> str:
    """A new stream key in the place of the old one; a channel has one at a time.

    Broken off in the middle it leaves a channel without a key; called again it makes one.

    Args:
        channel_arn: the channel.
        cut: whether a running stream is cut off: the old key keeps it going otherwise.

    Raises:
        ProblemError: 503, somebody else rotates just now; 409, AWS has yet to verify the account.
    """
    for arn in _keys_of(channel_arn):
        _allow("ResourceNotFoundException", partial(CLIENT.delete_stream_key, arn=arn))
    if cut:
        _allow("ChannelNotBroadcasting", partial(CLIENT.stop_stream, channelArn=channel_arn))
    try:
        return CLIENT.create_stream_key(channelArn=channel_arn)["streamKey"]["value"]
    except ClientError as error:
        if _code(error) == "ServiceQuotaExceededException":
            raise busy() from None
        if _code(error) == "PendingVerification":
            raise ProblemError(
                409,
                "pending-verification",
                "AWS has yet to verify the account",
                "Try again later. It takes a day at most and passes by itself.",
            ) from None
        raise


def _keys_of(channel_arn: str) -> list[str]:
    return [key["arn"] for key in CLIENT.list_stream_keys(channelArn=channel_arn)["streamKeys"]]


def _allow(code: str, call: Callable[[], object]) -> None:
    """Make the call; an error with this code means that there was nothing to do."""
    try:
        call()
    except ClientError as error:
        if _code(error) != code:
            raise


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]
