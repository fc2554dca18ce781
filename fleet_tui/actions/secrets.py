"""The secrets that the creators' functions read: listed without their values, and filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet_tui.operations.at_once import AtOnce
from fleet_tui.operations.model import OperationKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.deploy.secrets import Secret, Secrets


class FleetSecrets:
    """Lists and fills secrets.

    Args:
        creator: by slug; raises FleetError.
        secrets: in the creators' accounts.
        at_once: fills, with a journal.
    """

    def __init__(self, creator: Callable[[str], Creator], secrets: Secrets, at_once: AtOnce) -> None:
        self._creator = creator
        self._secrets = secrets
        self._at_once = at_once

    def listed(self, slug: str) -> tuple[Secret, ...]:
        """The secrets of a creator. Raises FleetError."""
        return self._secrets.listed(self._creator(slug))

    def fill(self, slug: str, name: str, value: str) -> None:
        """Put a value into a secret; the journal tells that, and not the value. Raises FleetError."""
        creator = self._creator(slug)
        self._at_once(
            OperationKind.FILL,
            creator,
            lambda: self._secrets.fill(creator, name, value),
            lambda _: f"{name}: filled",
            target=name,
        )
