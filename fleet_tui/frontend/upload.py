"""The site's bucket and its distribution: files are put, the first page is replaced, caches forget."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from fleet_tui.frontend.doors import ABSENT, OVERTAKEN, SiteDoor, code_of
from fleet_tui.frontend.model import ENTRY, Served, SiteFile
from fleet_tui.frontend.place import Place
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

RELEASE, RUN = "release", "run"
"""In the first page's metadata, which visitors get as well (`x-amz-meta-release`): ids, and nobody's name."""

_AT_ONCE = 1000  # keys in one DeleteObjects


class SiteBucket:
    """The bucket and the distribution of one creator's site.

    Args:
        door: the way into the account.
        creator: whose site it is.
        place: where it lies.
    """

    def __init__(self, door: SiteDoor, creator: Creator, place: Place) -> None:
        self._door = door
        self._creator = creator
        self._place = place

    def served(self) -> Served | None:
        """What is handed out as first page; None where there is none. Raises FleetError."""
        with self._door.entered(self._creator) as account:
            s3: S3Client = account.client("s3")
            try:
                head = s3.head_object(Bucket=self._place.bucket, Key=ENTRY)
            except s3.exceptions.ClientError as error:
                if code_of(error) in ABSENT:
                    return None
                raise
        told = head.get("Metadata", {})
        return Served(etag=head["ETag"], release=told.get(RELEASE, ""), run_id=told.get(RUN, ""))

    def etags(self) -> dict[str, str]:
        """The ETag of every object by its key. Raises FleetError."""
        with self._door.entered(self._creator) as account:
            s3: S3Client = account.client("s3")
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self._place.bucket)
            return {found["Key"]: found["ETag"] for page in pages for found in page.get("Contents", ())}

    def put(self, file: SiteFile, content: bytes) -> None:
        """Put one file; S3 refuses it where not every byte arrived. Raises FleetError."""
        with self._door.entered(self._creator) as account:
            account.client("s3").put_object(**self._request(file, content))

    def switch(self, file: SiteFile, content: bytes, before: Served | None, now: Served) -> None:
        """Replace the first page, and with it the site: one write, as a whole or not at all.

        Args:
            file: the first page.
            content: its bytes.
            before: what is replaced; where another one lies there by now, nothing is written.
            now: the release and the run that it is told to come from.

        Raises:
            FleetError: CONFLICT, somebody else has replaced it meanwhile; or as the door.
        """
        condition: dict[str, Any] = {"IfMatch": before.etag} if before else {"IfNoneMatch": "*"}
        metadata = {RELEASE: now.release, RUN: now.run_id}
        with self._door.entered(self._creator) as account:
            s3: S3Client = account.client("s3")
            try:
                s3.put_object(**self._request(file, content), Metadata=metadata, **condition)
            except s3.exceptions.ClientError as error:
                if code_of(error) not in OVERTAKEN | ABSENT:
                    raise
                raise FleetError.of(
                    ProblemKind.CONFLICT,
                    "somebody else has replaced the site's first page just now",
                    where=f"{self._creator.slug}: s3://{self._place.bucket}/{ENTRY}",
                    hint=f"Nothing was switched; fleet frontend status {self._creator.slug} tells what is",
                ) from None

    def read(self, key: str) -> bytes | None:
        """The content of an object; None where there is none. Raises FleetError."""
        with self._door.entered(self._creator) as account:
            s3: S3Client = account.client("s3")
            try:
                return s3.get_object(Bucket=self._place.bucket, Key=key)["Body"].read()
            except s3.exceptions.ClientError as error:
                if code_of(error) in ABSENT:
                    return None
                raise

    def delete(self, keys: tuple[str, ...]) -> None:
        """Delete what nothing needs any more. Raises FleetError, and ValueError for the first page."""
        if ENTRY in keys:
            raise ValueError("there is always a first page")
        with self._door.entered(self._creator) as account:
            s3: S3Client = account.client("s3")
            for first in range(0, len(keys), _AT_ONCE):
                objects = [{"Key": key} for key in keys[first : first + _AT_ONCE]]
                answer: Any = s3.delete_objects(
                    Bucket=self._place.bucket,
                    Delete={"Objects": objects, "Quiet": True},  # type: ignore[typeddict-item]
                )
                if left := answer.get("Errors"):
                    raise FleetError.of(
                        ProblemKind.SERVICE,
                        f"{len(left)} old files could not be deleted: {left[0].get('Code', '')}",
                        where=f"{self._creator.slug}: s3://{self._place.bucket}",
                        hint="The next deployment tries again",
                    )

    def forget(self, paths: tuple[str, ...], reference: str) -> str:
        """Have CloudFront's edge locations ask anew for these addresses.

        Args:
            paths: each with its leading slash.
            reference: the same one again gives the invalidation that there is already.

        Returns:
            The invalidation's id.

        Raises:
            FleetError: as the door.
        """
        with self._door.entered(self._creator) as account:
            answer = account.client("cloudfront").create_invalidation(
                DistributionId=self._place.distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                    "CallerReference": reference,
                },
            )
        return str(answer["Invalidation"]["Id"])

    def forgotten(self, invalidation: str) -> bool:
        """Whether an invalidation has come to its end. Raises FleetError."""
        with self._door.entered(self._creator) as account:
            answer = account.client("cloudfront").get_invalidation(
                DistributionId=self._place.distribution, Id=invalidation
            )
        return bool(answer["Invalidation"]["Status"] == "Completed")

    def _request(self, file: SiteFile, content: bytes) -> dict[str, Any]:
        return {
            "Bucket": self._place.bucket,
            "Key": file.key,
            "Body": content,
            "ContentType": file.content_type,
            "CacheControl": file.cache_control,
            "ChecksumSHA256": base64.b64encode(bytes.fromhex(file.sha256)).decode(),
        }


def etag_of(content: bytes) -> str:
    """The ETag that S3 gives these bytes when they are put in one piece and encrypted by SSE-S3.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
