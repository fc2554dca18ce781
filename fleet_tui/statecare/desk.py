"""What this package needs of the fleet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from fleet_tui.operations.journal import Journals
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor
    from fleet_tui.deploy.recordbook import RecordBook

T = TypeVar("T")


class Start(Protocol):
    """Starts a run on a creator on whom nothing else goes on."""

    def __call__(self, kind: OperationKind, slug: str, *, reason: str, target: str = "") -> Run:
        """Raises FleetError."""


class AtOnce(Protocol):
    """Does in this process what takes a moment, with a journal like every other operation's."""

    def __call__(
        self, kind: OperationKind, slug: str, act: Callable[[], T], told: Callable[[T], str], *, reason: str
    ) -> T:
        """Raises FleetError as `act` does, and where the console is read-only."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The fleet, as far as drift and state care use it.

    Args:
        settings: the console's.
        journals: of all runs on this machine.
        creator: by slug; raises FleetError.
        start: see `Start`.
        at_once: see `AtOnce`.
        records: beside the states, made when they are first needed.
        door: the way into the accounts, likewise.
    """

    settings: Settings
    journals: Journals
    creator: Callable[[str], Creator]
    start: Start
    at_once: AtOnce
    records: Callable[[], RecordBook]
    door: Callable[[], AwsDoor]
