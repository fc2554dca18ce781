"""Killing one of the processes of a run at an exact moment, and what the next runs make of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import OperationKind, Run, RunStatus
from fleet_tui.operations.outputs import outputs_of, verb_of
from fleet_tui.operations.sign import terraform_of
from tests.kills.agreement import agree, in_account
from tests.small_fleet import SmallFleet, ended
from tests.terminal import Terminal

FLEET = ("-m", "fleet_tui.cli.main")
_LOOK_SECONDS = 0.03
_MOMENT_SECONDS = 60.0


class Victim(StrEnum):
    """Who is killed."""

    COMMAND = "command"  # `fleet apply`
    CONSOLE = "console"  # the dashboard in a terminal, from which the run was asked for
    RUN = "run"
    TERRAFORM = "terraform"
    PROVIDER = "provider"
    ALL = "all"


@dataclass(frozen=True)
class Moment:
    """When it is killed: while Terraform's request waits at a gate of the emulated AWS.

    Args:
        name: for people.
        kind: the run that is killed.
        verb: what its Terraform does then.
        service, operation, path: of the request, as `gates/set` takes them; none is as soon as it begins.
        after: the request has been carried out, and its answer has not come.
    """

    name: str
    kind: OperationKind
    verb: str
    service: str = ""
    operation: str = ""
    path: str = ""
    after: bool = False


MOMENTS = (
    Moment("init", OperationKind.PLAN, "init"),
    Moment("plan locked", OperationKind.PLAN, "plan", "s3", "PutObject", ".tflock", after=True),
    Moment("plan reads", OperationKind.PLAN, "plan", "ssm", "GetParametersByPath"),
    Moment("apply begun", OperationKind.APPLY, "apply", "s3", "PutObject", ".tflock", after=True),
    Moment("nothing made", OperationKind.APPLY, "apply", "ssm", "PutParameter"),
    Moment("made, not told", OperationKind.APPLY, "apply", "ssm", "PutParameter", after=True),
    Moment("state write", OperationKind.APPLY, "apply", "s3", "PutObject", "/creator.tfstate"),
    Moment("state written", OperationKind.APPLY, "apply", "s3", "PutObject", "/creator.tfstate", after=True),
    Moment("lock release", OperationKind.APPLY, "apply", "s3", "DeleteObject", ".tflock"),
)
ZONE_MADE = Moment(
    "zone made, not told", OperationKind.APPLY, "apply", "route53", "CreateHostedZone", after=True
)


def moment(name: str) -> Moment:
    """The moment of this name."""
    return next(one for one in MOMENTS if one.name == name)


def expected(victim: Victim, moment: Moment) -> set[RunStatus]:
    """How the journal may say that the run ended."""
    match victim:
        case Victim.COMMAND | Victim.CONSOLE:
            return {RunStatus.SUCCEEDED}
        case Victim.RUN:
            return {RunStatus.SUCCEEDED if moment.kind is OperationKind.APPLY else RunStatus.LOST}
        case Victim.TERRAFORM:
            return {RunStatus.FAILED}
        case Victim.PROVIDER:
            # Some of its work is done by then: Terraform itself writes the state and lets go of the lock.
            return {RunStatus.FAILED, RunStatus.SUCCEEDED}
        case Victim.ALL:
            return {RunStatus.LOST}


def kill_and_go_on(small: SmallFleet, slug: str, victim: Victim, moment: Moment) -> list[str]:
    """Kill, look whether all agree, run again to the end, and look again.

    Returns:
        What was wrong, in sentences.
    """
    fleet = small.fleet()
    try:
        return _kill_and_go_on(small, fleet, slug, victim, moment)
    finally:
        release(small, slug, carry_out=False)
        fleet.stop()


def _kill_and_go_on(small: SmallFleet, fleet: Fleet, slug: str, victim: Victim, moment: Moment) -> list[str]:
    with ExitStack() as stack:
        run, asker = _begin(stack, small, fleet, slug, victim, moment)
        _wait_for(small, slug, fleet, run, moment)
        _kill(victim, fleet.journals.get(run.id).pid, terraform_of(fleet.journals.folder(run.id)), asker)
        # What a dead process had asked for is not carried out any more once its connection is gone.
        alive = victim not in (Victim.TERRAFORM, Victim.ALL)
        release(small, slug, carry_out=alive)
    run = ended(fleet, run)
    wrong = []
    if run.status not in expected(victim, moment):
        wrong.append(f"journal: {run.status.value}: {run.last_text}")
    wrong += agree(small, slug, run, finished=False)
    return wrong + [f"afterwards: {text}" for text in finish(small, fleet, slug)]


def finish(small: SmallFleet, fleet: Fleet, slug: str) -> list[str]:
    """A plain plan and apply, which have to finish the work, and a plan that finds nothing more."""
    before = in_account(small, slug)
    planned = ended(fleet, fleet.plan(slug))
    if planned.status is not RunStatus.SUCCEEDED or planned.plan is None:
        return [f"the plan: {planned.status.value}: {planned.last_text}"]
    if not planned.plan.empty:
        applied = ended(fleet, fleet.apply(planned.id))
        if applied.status is not RunStatus.SUCCEEDED:
            return [f"the apply: {applied.status.value}: {applied.last_text}"]
    last = ended(fleet, fleet.plan(slug))
    wrong = [] if last.plan is not None and last.plan.empty else [f"the plan after it: {last.last_text}"]
    lost = before - in_account(small, slug) if planned.plan.destroy == 0 else set()
    wrong += [f"account: {what} is gone, and another one has taken its place" for what in sorted(lost)]
    return wrong + agree(small, slug, last, finished=True)


Asker = subprocess.Popen[bytes] | Terminal


def _begin(
    stack: ExitStack, small: SmallFleet, fleet: Fleet, slug: str, victim: Victim, moment: Moment
) -> tuple[Run, Asker | None]:
    """Begin the run, the gate shut for an apply: the run, and whoever asked for it if that is the victim."""
    if victim is Victim.CONSOLE:
        console = stack.enter_context(closing(Terminal([sys.executable, *FLEET], os.environ)))
        return begin_at_console(console, small, fleet, slug, moment), console
    applies = moment.kind is OperationKind.APPLY
    planned = ended(fleet, fleet.plan(slug)) if applies else None
    if planned is not None:
        shut(small, slug, moment)
    if victim is not Victim.COMMAND:
        return fleet.apply(planned.id) if planned else fleet.plan(slug), None
    known = _runs(fleet, slug)
    command = subprocess.Popen(
        [sys.executable, *FLEET, *(("apply", slug, "--yes") if applies else ("plan", slug))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    stack.callback(command.wait)
    return _begun(fleet, slug, known), command


def begin_at_console(console: Terminal, small: SmallFleet, fleet: Fleet, slug: str, moment: Moment) -> Run:
    """Begin the run by the keys that an operator presses, with the gate shut for an apply."""
    console.read_until("CREATOR", "looked at")
    known = _runs(fleet, slug)
    console.write(f":plan {slug}\r")
    run = _begun(fleet, slug, known)
    if moment.kind is OperationKind.PLAN:
        return run
    console.read_until("a applies exactly this plan")
    shut(small, slug, moment)
    console.write("a")
    console.read_until(f"Apply to {slug.title()}", "y yes")
    known = _runs(fleet, slug)
    console.write("y")
    return _begun(fleet, slug, known)


def _runs(fleet: Fleet, slug: str) -> set[str]:
    return {run.id for run in fleet.journals.all() if run.operation.slug == slug}


def _begun(fleet: Fleet, slug: str, known: set[str]) -> Run:
    run_id = until(lambda: next(iter(_runs(fleet, slug) - known), None), f"a run of {slug} to begin")
    return fleet.journals.get(run_id)


def _wait_for(small: SmallFleet, slug: str, fleet: Fleet, run: Run, moment: Moment) -> None:
    folder = fleet.journals.folder(run.id)

    def begun() -> bool:
        outputs = outputs_of(folder)
        return bool(outputs) and verb_of(outputs[-1]) == moment.verb and terraform_of(folder) is not None

    until(begun, f"terraform {moment.verb} of {run.id}")
    if moment.kind is OperationKind.PLAN:
        shut(small, slug, moment)
    if moment.operation:
        until_held(small, slug, run.id)


def until_held(small: SmallFleet, slug: str, run_id: str) -> None:
    """Wait until a request of the run is held at a gate."""
    account = {"account": small.accounts[slug]}
    until(
        lambda: any(gate["waiting"] for gate in small.emulator.call("gates", account)["gates"]),
        f"a request of {run_id} to be held",
    )


def shut(small: SmallFleet, slug: str, moment: Moment) -> None:
    """Shut the gate at which the creator's requests wait at this moment, if they wait at any."""
    if not moment.operation:
        return
    place = {"account": small.accounts[slug], "service": moment.service, "operation": moment.operation}
    small.emulator.call("gates/set", {**place, "path": moment.path, "after": moment.after})


def release(small: SmallFleet, slug: str, *, carry_out: bool) -> None:
    """Open the creator's gates, and have what waits there carried out, or answered with an error."""
    small.emulator.call("gates/release", {"account": small.accounts[slug], "carry_out": carry_out})


def _kill(victim: Victim, run: int | None, terraform: int | None, asker: Asker | None) -> None:
    assert run is not None
    assert terraform is not None
    match victim:
        case Victim.COMMAND | Victim.CONSOLE:
            assert asker is not None
            asker.kill()
        case Victim.RUN:
            os.kill(run, signal.SIGKILL)
        case Victim.TERRAFORM:
            os.kill(terraform, signal.SIGKILL)
        case Victim.PROVIDER:
            for pid in until(lambda: children_of(terraform), "the provider"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        case Victim.ALL:
            os.kill(run, signal.SIGKILL)
            os.killpg(terraform, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    """The processes that this one has started, whatever machine this is."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = (line.split() for line in listed.stdout.splitlines())
    return [int(child) for child, parent in pairs if int(parent) == pid]


def until(look: Callable[[], Any], what: str) -> Any:
    """What `look` finds; a process has no other way to be waited for than to look again."""
    deadline = time.monotonic() + _MOMENT_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(_LOOK_SECONDS)
    return found
