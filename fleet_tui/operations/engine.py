"""The way of every run: find the creator, wait for a place, prove the account, hold the lease, do it."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta

from fleet_tui.deploy.lease import Claim, Lease, may_work
from fleet_tui.deploy.leases import LeaseHeldError, Leases
from fleet_tui.deploy.memory import StateMemory
from fleet_tui.deploy.records import usual_end
from fleet_tui.operations.adoption import earlier_settled, stop_orphan
from fleet_tui.operations.context import RunContext
from fleet_tui.operations.guarding import prove_state, remember_state
from fleet_tui.operations.holding import clock, holding
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.kinds import carry_out_of, take_up_of
from fleet_tui.operations.model import Operation, OperationKind
from fleet_tui.operations.recorded import recorded
from fleet_tui.operations.recovery_lock import release_lock
from fleet_tui.operations.sign import terraform_of
from fleet_tui.operations.slots import only_one, slot
from fleet_tui.operations.telling import WAITING
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry import load
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings

# What writes into the account or the state. A plan does not, but for one that makes the state bucket: the
# lease would lie in it, so two of those are told apart by AWS, which makes a bucket once.
WRITES = frozenset(
    {
        OperationKind.APPLY,
        OperationKind.DESTROY,
        OperationKind.REPAIR,
        OperationKind.PUSH,
        OperationKind.RESTORE,
        OperationKind.FRONTEND,
    }
)

# What an operator asks for when the state is not what it should be; nothing else goes on then.
MENDS = frozenset({OperationKind.RESTORE})

# What is done to a run that goes on: it waits for no place, and least of all for that run's own.
BESIDE_OTHERS = frozenset({OperationKind.UNLOCK})

_EARLIER = 8  # records that are looked at for how long a run takes
_AGAIN_SECONDS = 3.0  # after a look that did not get through
_ASK_AGAIN_SECONDS = 5.0  # for a lease that somebody else holds


async def carry_out(run: RunContext) -> str:
    """Do what was asked for.

    Returns:
        One sentence for the journal's last line; empty where all is said.

    Raises:
        FleetError: it did not work; what was done up to then stands in the journal.
        Cancelled: the operator stopped it.
    """
    if run.adopted:  # its Terraform is at work already, and waits for no place
        try:
            return await _taken_up(run)
        except Exception:
            # Nobody may hear that the run has ended while its Terraform works, and under no lease.
            await stop_orphan(run)
            raise
    creator = creator_of(run.settings, run.operation)
    if run.operation.kind in BESIDE_OTHERS:
        await asyncio.to_thread(run.door.prove_account, creator)
        return await carry_out_of(run.operation.kind)(run, creator)
    run.say("waiting for a free place among the runs of this machine")
    told = ""
    while True:
        try:
            async with (
                only_one(run.work / f"{creator.slug}.lock"),
                slot(run.settings.state / "slots", run.settings.parallel_runs),
            ):
                return await _in_its_place(run, creator)
        except LeaseHeldError as error:
            if not run.operation.wait:
                raise
            # Its place is given to others meanwhile.
            if told != error.problem.what:
                told = error.problem.what
                run.say(f"{WAITING}{told}", severity="warning")
        await asyncio.sleep(_ASK_AGAIN_SECONDS)


async def _taken_up(run: RunContext) -> str:
    """Take the run up; what passes is waited for as long as by a run that cannot renew its lease."""
    begun, told = clock(), False
    while True:
        try:
            return await _in_its_place(run, creator_of(run.settings, run.operation))
        except FleetError as error:
            passing = error.problem.transient or error.problem.kind is ProblemKind.CREDENTIALS
            at_work = terraform_of(run.folder) is not None
            if not (passing and at_work and may_work(timedelta(seconds=clock() - begun))):
                raise
            if not told:
                told = True
                run.say(f"cannot be taken up yet: {error.problem.what}", severity="warning")
        await asyncio.sleep(_AGAIN_SECONDS)


async def _in_its_place(run: RunContext, creator: Creator) -> str:
    await asyncio.to_thread(run.door.prove_account, creator)
    run.say(f"account {creator.account_id} proved")
    if not run.adopted:
        await earlier_settled(run, creator)
        await asyncio.to_thread(release_lock, run, creator)
    memory = StateMemory(run.settings.state)
    if run.operation.kind not in MENDS:
        await asyncio.to_thread(prove_state, run.buckets, memory, creator)
    do = take_up_of(run.operation.kind) if run.adopted else carry_out_of(run.operation.kind)
    if run.operation.kind not in WRITES:
        text = await do(run, creator)
        await asyncio.to_thread(remember_state, run.buckets, memory, creator)
        return text
    task = asyncio.current_task()

    def stop() -> None:
        if not run.interrupt() and task is not None:
            task.cancel()

    claim = await asyncio.to_thread(claim_of, run, creator)
    journals = Journals(run.settings.state)

    def ended(lease: Lease) -> bool:
        return journals.ended(lease.claim.run_id)

    async with holding(Leases(run.door), creator, claim, run.say, stop, ended) as lease:
        return await recorded(run, creator, lease, do)


def claim_of(run: RunContext, creator: Creator) -> Claim:
    """A run's claim to the lease, its end expected by what earlier ones took. Raises FleetError."""
    operation = run.operation
    earlier = run.records.entries(creator, limit=_EARLIER)
    return Claim(
        run_id=operation.id,
        kind=operation.kind.value,
        operator=operation.operator,
        host=socket.gethostname(),
        reason=operation.reason,
        expected_end=usual_end(earlier, operation.kind.value, datetime.now(UTC)),
    )


def creator_of(settings: Settings, operation: Operation) -> Creator:
    """The creator that the operation is for, as its file says now.

    Raises:
        FleetError: the file is gone or wrong, or the account is no longer the one that was asked for.
    """
    creator = load(settings.creators).get(operation.slug)
    if creator is None:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            "creator.toml is missing or cannot be used",
            where=operation.slug,
            hint="fleet status says what is wrong with it",
        )
    if creator.account_id != operation.account_id:
        raise FleetError.of(
            ProblemKind.WRONG_ACCOUNT,
            f"creator.toml says account {creator.account_id}, asked for was {operation.account_id}",
            where=creator.slug,
            hint="Ask again",
        )
    return creator
