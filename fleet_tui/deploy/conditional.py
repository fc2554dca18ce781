"""Small objects in a state bucket that are only written on the condition that they are what was read.

S3 keeps the conditions (If-None-Match, If-Match), so of two writers who have read the same one gets through:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from types_boto3_s3 import S3Client

_ABSENT = frozenset({"NoSuchKey", "NoSuchBucket", "404"})
# The condition did not hold, or another conditional writing of the same object was in hand.
_OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409"})

_FIRST_PAUSE = 0.1  # seconds; S3 asks whoever it answers 409 to send again


@dataclass(frozen=True, slots=True)
class FoundObject:
    """An object as it was read.

    Args:
        content: all of it.
        etag: which writing of it that was.
        age: how long ago it was written, by S3's clock.
    """

    content: bytes
    etag: str
    age: timedelta


def utc_now() -> datetime:
    """The time, by this machine's clock."""
    return datetime.now(UTC)


def read_object(
    s3: S3Client, bucket: str, key: str, now: Callable[[], datetime] = utc_now
) -> FoundObject | None:
    """The object, None where there is none. Raises botocore's ClientError."""
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    age = answered_at(answer, now) - answer["LastModified"]
    return FoundObject(answer["Body"].read(), answer["ETag"], max(age, timedelta()))


def write_object(s3: S3Client, bucket: str, key: str, content: bytes, instead_of: str | None) -> str | None:
    """Write an object if nobody else has written it meanwhile.

    Args:
        s3: a client of the bucket's account.
        bucket: its name.
        key: the object's.
        content: all of it.
        instead_of: ETag of the object as it was read; None where there was none.

    Returns:
        The new ETag; None where somebody else was faster. Raises botocore's ClientError for all else.
    """
    condition: dict[str, Any] = {"IfMatch": instead_of} if instead_of else {"IfNoneMatch": "*"}
    try:
        answer = s3.put_object(
            Bucket=bucket, Key=key, Body=content, ContentType="application/json", **condition
        )
    except s3.exceptions.ClientError as error:
        if not overtaken(error):
            raise
        # Refused, yet perhaps our own: botocore sends again what it got no answer to.
        found = read_object(s3, bucket, key)
        return found.etag if found is not None and found.content == content else None
    return answer["ETag"]


def attempts(count: int) -> Iterator[None]:
    """So many attempts at writing what others write, too, with a pause before each but the first."""
    for number in range(count):
        if number:
            time.sleep(_FIRST_PAUSE * 2 ** (number - 1))
        yield


def overtaken(error: ClientError) -> bool:
    """Whether a condition did not hold, because somebody else was faster."""
    return error.response["Error"]["Code"] in _OVERTAKEN


def answered_at(answer: Any, now: Callable[[], datetime] = utc_now) -> datetime:
    """When S3 gave this answer, by its own clock; by ours where it does not say."""
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date) if date else now()
