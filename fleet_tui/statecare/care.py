"""Both kinds of care in one place, each made when it is first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from fleet_tui.statecare.desk import Desk

if TYPE_CHECKING:
    from fleet_tui.statecare.drift import DriftCare
    from fleet_tui.statecare.states import StateCare


class Care:
    """Drift, and the states with their versions.

    Args:
        desk: the fleet.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @cached_property
    def drift(self) -> DriftCare:
        """What was changed behind Terraform's back, and what is done about it."""
        from fleet_tui.statecare.drift import DriftCare

        return DriftCare(self._desk)

    @cached_property
    def states(self) -> StateCare:
        """The creators' states with their versions."""
        from fleet_tui.statecare.states import StateCare

        return StateCare(self._desk)
