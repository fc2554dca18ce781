"""The bucket that IVS records into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from pydantic import ValidationError

from ivs_streaming.recordings import Description, Media
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

CLIENT: S3Client = boto3.client(
    "s3", config=Config(connect_timeout=2, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
)

_DESCRIPTION = "events/recording-ended.json"
_MAX_DESCRIPTION_BYTES = 256 * 1024
_LEVELS_BELOW_A_DAY = 3  # hour, minute, recording
_PAGE = 1000  # keys that S3 lists or deletes at once


class RecordingsBucket:
    """Finds, describes and removes recordings.

    Args:
        name: of the bucket.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def media_of(self, prefix: str) -> Media | None:
        """What IVS says can be played of a recording; None until it has described it as ended."""
        try:
            answer = CLIENT.get_object(Bucket=self._name, Key=f"{prefix}/{_DESCRIPTION}")
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        try:
            media = Description.model_validate_json(answer["Body"].read(_MAX_DESCRIPTION_BYTES)).media
        except ValidationError:
            logger.warning("description not understood")
            count("RecordingsNotUnderstood")
            return None
        return Media(
            playlist=f"{media.hls.path}/{media.hls.playlist}",
            duration_ms=media.hls.duration_ms,
            thumbnail=self._thumbnail(prefix, media.thumbnails.path) if media.thumbnails else None,
        )

    def recordings_of(self, day_prefix: str) -> Iterator[str]:
        """Prefixes of the recordings that began on a day."""
        found = [day_prefix]
        for _ in range(_LEVELS_BELOW_A_DAY):
            found = [below for prefix in found for below in self._below(prefix)]
        return (prefix.rstrip("/") for prefix in found)

    def remove(self, prefix: str, *, pages: int) -> bool:
        """Delete a recording's objects, of which an hour of video has about two thousand.

        Args:
            prefix: of their keys.
            pages: most thousands of objects to delete; the rest is for the next call.

        Returns:
            Whether all of them are gone.
        """
        for _ in range(pages):
            listed = CLIENT.list_objects_v2(Bucket=self._name, Prefix=f"{prefix}/", MaxKeys=_PAGE)
            keys = [found["Key"] for found in listed.get("Contents", [])]
            if not keys:
                return True
            answer = CLIENT.delete_objects(
                Bucket=self._name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
            )
            if answer.get("Errors"):
                return False
        return False

    def _below(self, prefix: str) -> Iterator[str]:
        pages = CLIENT.get_paginator("list_objects_v2").paginate(
            Bucket=self._name, Prefix=prefix, Delimiter="/"
        )
        return (found["Prefix"] for page in pages for found in page.get("CommonPrefixes", []))

    def _thumbnail(self, prefix: str, path: str) -> str | None:
        """An image from the middle, which says more of a stream than its first one."""
        listed = CLIENT.list_objects_v2(Bucket=self._name, Prefix=f"{prefix}/{path}/", MaxKeys=_PAGE)
        images = [found["Key"] for found in listed.get("Contents", []) if found["Key"].endswith(".jpg")]
        return images[len(images) // 2].removeprefix(f"{prefix}/") if images else None
