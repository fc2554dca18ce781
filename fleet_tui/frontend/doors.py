"""What the site's adapters need of the door to AWS."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from fleet_tui.registry.model import Creator

OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
"""S3's codes where the condition of a write does not hold, or another conditional write is in hand."""

ABSENT = frozenset({"NoSuchKey", "404"})
"""S3's codes where there is no such object."""


class SiteDoor(Protocol):
    """The way into a creator's account."""

    def entered(self, creator: Creator) -> AbstractContextManager[Any]:
        """The account, whose `client(service)` gives boto3 clients; errors leave it as FleetErrors."""

    def prove_account(self, creator: Creator) -> None:
        """Raises FleetError when the credentials lead to another account."""

    def route(self, url: str) -> tuple[str, dict[str, str]]:
        """Where to connect for a URL, and the headers to add."""

    @property
    def ca_bundle(self) -> str | None:
        """Path of the CA bundle to trust; None for the usual one."""


def code_of(error: Any) -> str:
    """The code of a ClientError of boto3's."""
    return str(error.response["Error"]["Code"])
