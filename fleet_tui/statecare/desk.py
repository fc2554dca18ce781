"""What this package needs of the fleet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fleet_tui.operations.at_once import AtOnce
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.runs import Runs
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor
    from fleet_tui.deploy.recordbook import RecordBook


@dataclass(frozen=True, slots=True)
class Desk:
    """The fleet, as far as drift and state care use it.

    Args:
        settings: the console's.
        journals: of all runs on this machine.
        creator: by slug; raises FleetError.
        runs: of this machine.
        at_once: does what takes a moment, with a journal.
        records: beside the states, made when they are first needed.
        door: the way into the accounts, likewise.
    """

    settings: Settings
    journals: Journals
    creator: Callable[[str], Creator]
    runs: Runs
    at_once: AtOnce
    records: Callable[[], RecordBook]
    door: Callable[[], AwsDoor]
