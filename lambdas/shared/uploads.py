"""Files that people send to a private bucket by a form that was signed for just that file.

A form is good for one key, one type, a bounded size and a few minutes. What arrives lies below `incoming/`,
from where nothing is served and where S3 removes it after a day; the bucket calls a function that checks it
and writes what may be seen below `media/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

    from shared.images import CheckedImage

INCOMING = "incoming/"
MEDIA = "media/"

FORM_VALID = timedelta(minutes=15)
"""How long a form may be posted; longer than anyone needs to choose a file, shorter than it is passed on."""

LOOK_VALID = timedelta(minutes=10)
"""How long an address to look at a file is good."""

_GONE = frozenset({"NoSuchKey", "404"})


@cache
def client() -> S3Client:
    """This process's client, made when it is first needed: some functions only know the paths."""
    return boto3.client(
        "s3",
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual"},  # the region's host: S3 redirects away from the global one
            connect_timeout=2,
            read_timeout=5,
            retries={"mode": "standard", "max_attempts": 3},
        ),
    )


class UploadForm(BaseModel):
    """A form to post as multipart/form-data: these fields first, then the file in a field named `file`.

    Args:
        url: where to post it.
        fields: all of them are needed, unchanged.
        max_bytes: largest file that is taken.
        expires_at: until when it is taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    fields: dict[str, str]
    max_bytes: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived, as the bucket tells of it."""

    bucket: str
    key: str
    size: int


def upload_form(bucket: str, key: str, *, media_type: str, max_bytes: int, now: datetime) -> UploadForm:
    """The form for one file. The function that makes it needs `s3:PutObject` on the key.

    Args:
        bucket: where the file goes.
        key: all of it, below `INCOMING`.
        media_type: the one Content-Type that is taken.
        max_bytes: largest file that is taken.
        now: when the form is asked for.
    """
    form = client().generate_presigned_post(
        Bucket=bucket,
        Key=key,
        Fields={"Content-Type": media_type},
        Conditions=[{"Content-Type": media_type}, ["content-length-range", 1, max_bytes]],
        ExpiresIn=int(FORM_VALID.total_seconds()),
    )
    return UploadForm(
        url=form["url"], fields=form["fields"], max_bytes=max_bytes, expires_at=now + FORM_VALID
    )


def uploads_of(event: Mapping[str, Any]) -> Iterator[Upload]:
    """The files that a bucket's notification tells of."""
    for record in event.get("Records", ()):
        entry = record["s3"]
        yield Upload(
            bucket=str(entry["bucket"]["name"]),
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
            key=unquote_plus(str(entry["object"]["key"])),
            size=int(entry["object"].get("size", 0)),
        )


def read_upload(upload: Upload, max_bytes: int) -> bytes | None:
    """The file, of which no more is read than `max_bytes` and one; None when it is gone.

    Needs `s3:GetObject` on the key, and `s3:ListBucket` on the bucket: without it S3 does not say that a file
    is gone (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
    """
    try:
        answer = client().get_object(Bucket=upload.bucket, Key=upload.key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise
    with answer["Body"] as body:
        return body.read(max_bytes + 1)


def discard(bucket: str, key: str) -> None:
    """Remove a file; one that is gone is no error. Needs `s3:DeleteObject`."""
    client().delete_object(Bucket=bucket, Key=key)


def publish(bucket: str, key: str, image: CheckedImage) -> None:
    """Write a picture where CloudFront serves it from. Needs `s3:PutObject`.

    Args:
        bucket: of the module.
        key: below `MEDIA`, with the content's hash in it: browsers keep it for a year.
        image: as it was checked.
    """
    client().put_object(
        Bucket=bucket,
        Key=key,
        Body=image.data,
        ContentType=image.type.value,
        CacheControl="public, max-age=31536000, immutable",
    )


def look_url(bucket: str, key: str) -> str:
    """An address at which anybody can look at the file for `LOOK_VALID`.

    The function that makes it needs `s3:GetObject` on the key.
    """
    return client().generate_presigned_url(
        "get_object",
        Params={"Bucket": bucket, "Key": key},
        ExpiresIn=int(LOOK_VALID.total_seconds()),
    )
