"""The releases and the history of a site, kept in the creator's state bucket, where no visitor gets.

`fleet/site/releases/<id>/manifest.json` is a release, `fleet/site/history.json` what visitors were led to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from fleet_tui.frontend.doors import ABSENT, OVERTAKEN, SiteDoor, code_of
from fleet_tui.frontend.model import History, Release
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.values import Value

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

FOLDER = "fleet/site/"
HISTORY = f"{FOLDER}history.json"
RELEASES = f"{FOLDER}releases/"

T = TypeVar("T", bound=Value)


class ReleaseBook:
    """The releases of one creator's site.

    Args:
        door: the way into the account.
        creator: whose site it is.
    """

    def __init__(self, door: SiteDoor, creator: Creator) -> None:
        self._door = door
        self._creator = creator

    def history(self) -> tuple[History, str]:
        """The history, and the ETag to replace it by; empty ones where nothing was deployed yet.

        Raises:
            FleetError: CONFIGURATION, it is not in the form that fleet writes; or as the door.
        """
        found, etag = self._read(HISTORY, History)
        return found or History(), etag

    def write_history(self, history: History, etag: str) -> str:
        """Replace the history that has this ETag.

        Returns:
            The new ETag.

        Raises:
            FleetError: CONFLICT, somebody else has replaced it meanwhile; or as the door.
        """
        condition: dict[str, Any] = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        with self._door.entered(self._creator) as account:
            s3: S3Client = account.client("s3")
            try:
                return s3.put_object(**self._request(HISTORY, history), **condition)["ETag"]
            except s3.exceptions.ClientError as error:
                if code_of(error) not in OVERTAKEN | ABSENT:
                    raise
                raise FleetError.of(
                    ProblemKind.CONFLICT,
                    "somebody else is deploying this site",
                    where=self._place(HISTORY),
                    hint="Wait for the other run, then look at the site and ask again",
                ) from None

    def release(self, release_id: str) -> Release:
        """A release that is kept.

        Raises:
            FleetError: NOT_FOUND, there is none of this id; or as the door.
        """
        found, _ = self._read(_key(release_id), Release)
        if found is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                f"there is no release {release_id}",
                where=self._creator.slug,
                hint=f"fleet frontend history {self._creator.slug} lists those that are kept",
            )
        return found

    def keep(self, release: Release) -> None:
        """Keep a release. Raises FleetError."""
        with self._door.entered(self._creator) as account:
            account.client("s3").put_object(**self._request(_key(release.id), release))

    def ids(self) -> tuple[str, ...]:
        """Ids of all releases that are kept, oldest first. Raises FleetError."""
        with self._door.entered(self._creator) as account:
            s3: S3Client = account.client("s3")
            pages = s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._creator.state_bucket, Prefix=RELEASES
            )
            keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        return tuple(sorted({key.removeprefix(RELEASES).partition("/")[0] for key in keys}))

    def drop(self, release_id: str) -> None:
        """Forget a release. Raises FleetError."""
        with self._door.entered(self._creator) as account:
            account.client("s3").delete_object(Bucket=self._creator.state_bucket, Key=_key(release_id))

    def _request(self, key: str, value: Value) -> dict[str, Any]:
        return {
            "Bucket": self._creator.state_bucket,
            "Key": key,
            "Body": value.model_dump_json().encode(),
            "ContentType": "application/json",
        }

    def _read(self, key: str, shape: type[T]) -> tuple[T | None, str]:
        with self._door.entered(self._creator) as account:
            s3: S3Client = account.client("s3")
            try:
                answer = s3.get_object(Bucket=self._creator.state_bucket, Key=key)
            except s3.exceptions.ClientError as error:
                if code_of(error) in ABSENT:
                    return None, ""
                raise
            content = answer["Body"].read()
        try:
            return shape.model_validate_json(content), answer["ETag"]
        except ValidationError as error:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                "what is kept of the site is not in the form that fleet writes",
                where=self._place(key),
                hint="Compare it with the version before it in the bucket",
            ) from error

    def _place(self, key: str) -> str:
        return f"{self._creator.slug}: s3://{self._creator.state_bucket}/{key}"


def _key(release_id: str) -> str:
    return f"{RELEASES}{release_id}/manifest.json"
