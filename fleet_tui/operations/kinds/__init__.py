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
        case OperationKind.PUSH:
            from fleet_tui.operations.kinds import push

            return push.carry_out
        case OperationKind.REPAIR:
            from fleet_tui.operations.kinds import repair

            return repair.carry_out
        case OperationKind.DESTROY:
            from fleet_tui.operations.kinds import destroy

            return destroy.carry_out
        case OperationKind.UNLOCK:
            from fleet_tui.operations.kinds import unlock

            return unlock.carry_out
        case OperationKind.DRIFT:
            from fleet_tui.operations.kinds import drift

            return drift.carry_out
        case OperationKind.RESTORE:
            from fleet_tui.operations.kinds import restore

            return restore.carry_out
        case OperationKind.FRONTEND:
            from fleet_tui.operations.kinds import frontend

            return frontend.carry_out
        case _:
            raise FleetError.of(ProblemKind.UNEXPECTED, f"a {kind.value} is no run of its own")


def take_up_of(kind: OperationKind) -> CarryOut:
    """What ends a run of this kind whose process is gone, by what its Terraform does and says.

    Raises TerraformKilledError, too, where Terraform is gone and has not said how it ended.
    """
    match kind:
        case OperationKind.APPLY | OperationKind.DESTROY:
            from fleet_tui.operations.kinds import apply

            return apply.take_up
        case _:
            from fleet_tui.operations import adoption

            return adoption.take_up
