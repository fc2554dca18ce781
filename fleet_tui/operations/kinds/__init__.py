"""What each kind of operation does, once the account is proved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fleet_tui.operations.context import RunContext
from fleet_tui.operations.model import OperationKind
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

CarryOut = Callable[[RunContext, Creator], Awaitable[str]]
"""Does what was asked for; returns one sentence for the journal's last line, empty where all is said.

Raises FleetError when it did not work, and Cancelled when the operator stopped it; what was done up to then
stands in the journal.
"""


def carry_out_of(kind: OperationKind) -> CarryOut:
    """What carries out operations of this kind, imported only now.

    Raises:
        FleetError: operations of this kind are no runs of their own.
    """
    match kind:
        case OperationKind.PLAN:
            from fleet_tui.operations.kinds import plan

            return plan.carry_out
        case OperationKind.APPLY:
            from fleet_tui.operations.kinds import apply

            return apply.carry_out
        case _:
            raise FleetError.of(ProblemKind.UNEXPECTED, f"a {kind.value} is no run of its own")
