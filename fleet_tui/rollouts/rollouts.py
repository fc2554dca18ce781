"""Rollouts as consoles see them: started, followed, told what to do, resumed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from fleet_tui.operations.approvals import Approval
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.model import OperationKind, Run, RunStatus
from fleet_tui.problems import FleetError, ProblemKind, on_this_machine
from fleet_tui.registry.model import Creator
from fleet_tui.rollouts import controls
from fleet_tui.rollouts.journal import (
    RolloutJournal,
    RolloutJournals,
    new_id,
    read_controls,
    read_events,
    take_life,
    tell,
)
from fleet_tui.rollouts.model import (
    Control,
    ControlKind,
    Member,
    MemberStatus,
    Policy,
    Rollout,
    RolloutEvent,
    RolloutEventKind,
    RolloutRequest,
    RolloutStatus,
    Target,
)
from fleet_tui.rollouts.rules import Change
from fleet_tui.rollouts.telling import fold, to_resume
from fleet_tui.rollouts.wording import member_text
from fleet_tui.settings import Settings


class Approve(Protocol):
    """Keeps the operator's yes to these plans on the disk."""

    def __call__(self, plans: Sequence[Run], *, reason: str) -> Approval: ...


class Rollouts:
    """All rollouts of this machine. A rollout is a process of its own and outlives whoever started it.

    Args:
        settings: the console's settings; read-only is enforced here and once more in every run.
        journals: where the plans are.
        creator_of: the creator with a slug; raises FleetError.
        approve: keeps an approval of plans on the disk; raises FleetError.
    """

    def __init__(
        self,
        settings: Settings,
        journals: Journals,
        creator_of: Callable[[str], Creator],
        approve: Approve,
    ) -> None:
        self._settings = settings
        self._runs = journals
        self._creator_of = creator_of
        self._approve = approve
        self._journals = RolloutJournals(settings.state)
        self._children: list[subprocess.Popen[bytes]] = []

    # -- looking ------------------------------------------------------------------------------------

    def all(self) -> Sequence[Rollout]:
        """Every rollout known on this machine, newest first."""
        return self._journals.all()

    def going_on(self) -> Sequence[Rollout]:
        """Those that have not ended, newest first."""
        return [rollout for rollout in self.all() if not rollout.ended]

    def get(self, rollout_id: str) -> Rollout:
        """One rollout. Raises FleetError."""
        return self._journals.get(rollout_id)

    def events(self, rollout_id: str, after: int = 0) -> Sequence[RolloutEvent]:
        """The journal of a rollout from the event after number `after`. Raises FleetError."""
        return read_events(self._journals.folder(rollout_id), after)

    def folder(self, rollout_id: str) -> Path:
        """Where a rollout's journal and record are. Raises FleetError."""
        return self._journals.folder(rollout_id)

    # -- acting -------------------------------------------------------------------------------------

    def start(self, plan_ids: Sequence[str], *, reason: str, approval: str = "") -> Rollout:
        """Start to apply exactly these plans, wave by wave.

        Args:
            plan_ids: plans that succeeded and have something to apply, one for each creator.
            reason: why, for the journals and records of every run.
            approval: the id of the approval that the plans were given; without it, starting is approving.

        Raises:
            FleetError: the console is read-only, a plan cannot be applied, or a creator is in another rollout
                that goes on.
        """
        self._may_act("rollout")
        targets = self._targets(plan_ids)
        if not approval:
            approval = self._approve([self._runs.get(target.plan_id) for target in targets], reason=reason).id
        now = datetime.now(UTC)
        policy = self._settings.rollout
        request = RolloutRequest(
            id=new_id(now),
            operator=self._settings.operator,
            reason=reason,
            approval=approval,
            requested_at=now,
            policy=Policy(
                parallel=policy.parallel or self._settings.parallel_runs,
                healthy_minutes=policy.healthy_minutes,
                max_failed_share=policy.max_failed_share,
            ),
            targets=targets,
        )
        folder = self._journals.folder(request.id)
        with on_this_machine("the rollout cannot be started"):
            folder.mkdir(parents=True, mode=0o700)
            self._begin(folder, request)
        return self.get(request.id)

    def _begin(self, folder: Path, request: RolloutRequest) -> None:
        with take_life(folder) as life:
            journal = RolloutJournal(folder)
            count = len(request.targets)
            text = f"asked for by {request.operator}: {count} {'creator' if count == 1 else 'creators'}"
            journal.write(RolloutEventKind.REQUESTED, text, request=request)
            journal.close()
            self._spawn(folder, life)

    def pause(self, rollout_id: str) -> None:
        """Have nothing more started until `go_on`; what is going on comes to its end. Raises FleetError."""
        self._tell(rollout_id, ControlKind.PAUSE)

    def go_on(self, rollout_id: str) -> None:
        """Go on after a pause, or try at once what is waited for. Raises FleetError."""
        self._tell(rollout_id, ControlKind.GO_ON)

    def stop(self, rollout_id: str, *, now: bool = False) -> None:
        """Have nothing more started, and end. Raises FleetError.

        Args:
            rollout_id: which.
            now: send every run its one SIGINT, instead of letting it come to its end.
        """
        self._tell(rollout_id, ControlKind.STOP, now=now)

    def may_override(self, rollout_id: str, slug: str) -> Member:
        """The creator as it stands in a rollout that it can be overridden in. Raises FleetError."""
        self._checked(rollout_id, ControlKind.OVERRIDE, slug=slug)
        member = self.get(rollout_id).member(slug)
        assert member is not None  # noqa: S101 - it was just checked
        return member

    def override(self, rollout_id: str, slug: str) -> None:
        """Have a creator applied though a stream may be on. Raises FleetError."""
        self._tell(rollout_id, ControlKind.OVERRIDE, slug=slug)

    def approve(self, rollout_id: str, slugs: Sequence[str]) -> Rollout:
        """Approve the new plans of creators to be asked again; a rollout that has ended goes on with them.

        Raises:
            FleetError: the console is read-only, or a creator has nothing to be asked.
        """
        self._may_act("approving")
        rollout = self.get(rollout_id)
        plan_ids = {member.slug: member.plan_id for member in rollout.members}
        wanted = [
            self._control(ControlKind.APPROVE, slug=slug, plan_id=plan_ids.get(slug, "")) for slug in slugs
        ]
        for control in wanted:
            controls.check(rollout, control)
        given = self._approve(
            [self._runs.get(control.plan_id) for control in wanted], reason=rollout.request.reason
        )
        approvals = [control.model_copy(update={"approval": given.id}) for control in wanted]
        if rollout.ended:
            # What was stopped stays stopped but for them; one that could do no more goes on with all.
            alone = rollout.status is not RolloutStatus.INCOMPLETE
            return self._again(rollout_id, slugs, approvals, alone=alone)
        for approval in approvals:
            tell(self._journals.folder(rollout_id), approval)
        return rollout

    def resume(self, rollout_id: str, slugs: Sequence[str] = ()) -> Rollout:
        """Go on with what has not been done, in a new process.

        Args:
            rollout_id: a rollout that has ended, by itself, by somebody, or with its process.
            slugs: exactly these creators; without them the failed and the unstarted.

        Raises:
            FleetError: the console is read-only, it is going on, or nothing is left to do.
        """
        self._may_act("resuming")
        return self._again(rollout_id, slugs, (), alone=bool(slugs))

    # -- inside -------------------------------------------------------------------------------------

    def _again(
        self, rollout_id: str, slugs: Sequence[str], approvals: Sequence[Control], *, alone: bool
    ) -> Rollout:
        self._refuse_taken(self.get(rollout_id), slugs if alone else ())
        folder = self._journals.folder(rollout_id)
        with on_this_machine("the rollout cannot be resumed"), take_life(folder) as life:
            # From here on nobody else writes.
            journal = RolloutJournal(folder)
            try:
                for approval in approvals:
                    text = f"{approval.operator}: approve {approval.slug}"
                    journal.write(RolloutEventKind.LOG, text)
                    for action in controls.obeyed(self._read(folder), approval, approval.at):
                        if isinstance(action, Change):
                            member = action.member
                            journal.write(RolloutEventKind.MEMBER, member_text(member), member=member)
                rollout = self._read(folder)
                again = to_resume(rollout, slugs)
                if not again and not rollout.active and rollout.status is not RolloutStatus.LOST:
                    raise FleetError.of(
                        ProblemKind.CONFLICT,
                        f"it is {rollout.status.value}, and nothing failed or was left unstarted",
                        where=rollout_id,
                        hint="Name the creators that are to be tried again",
                    )
                text = f"resumed by {self._settings.operator}: {', '.join(again) or 'nothing to do again'}"
                journal.write(
                    RolloutEventKind.RESUMED,
                    text,
                    slugs=again,
                    alone=alone,
                    operator=self._settings.operator,
                    told=len(read_controls(folder, 0)),
                )
            finally:
                journal.close()
            self._spawn(folder, life)
        return self.get(rollout_id)

    def _read(self, folder: Path) -> Rollout:
        """The rollout while this process holds its sign of life, which tells nothing then."""
        rollout = fold(read_events(folder), alive=False)
        assert rollout is not None  # noqa: S101 - it was read before
        return rollout

    def _tell(self, rollout_id: str, kind: ControlKind, *, slug: str = "", now: bool = False) -> None:
        tell(self._journals.folder(rollout_id), self._checked(rollout_id, kind, slug=slug, now=now))

    def _checked(self, rollout_id: str, kind: ControlKind, *, slug: str = "", now: bool = False) -> Control:
        """What a rollout would be told. Raises FleetError where it could not do it."""
        self._may_act(kind.value.replace("_", " "))
        rollout = self.get(rollout_id)
        if rollout.ended:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"it is {rollout.status.value}: there is nobody to tell",
                where=rollout_id,
                hint=f"fleet rollout resume {rollout_id} goes on with it",
            )
        control = self._control(kind, slug=slug, now=now)
        controls.check(rollout, control)
        return control

    def _control(self, kind: ControlKind, *, slug: str = "", plan_id: str = "", now: bool = False) -> Control:
        return Control(
            at=datetime.now(UTC),
            operator=self._settings.operator,
            kind=kind,
            slug=slug,
            plan_id=plan_id,
            now=now,
        )

    def _targets(self, plan_ids: Sequence[str]) -> tuple[Target, ...]:
        if not plan_ids:
            raise FleetError.of(
                ProblemKind.CONFLICT, "there is nothing to roll out", hint="fleet plan makes plans"
            )
        taken = {member.slug: other.id for other in self.going_on() for member in other.members}
        targets: dict[str, Target] = {}
        for plan_id in plan_ids:
            plan = self._runs.get(plan_id)
            slug = plan.operation.slug
            if told := _cannot_be_applied(plan):
                raise FleetError.of(ProblemKind.CONFLICT, told, where=plan_id, hint=f"fleet plan {slug}")
            if slug in targets:
                raise FleetError.of(
                    ProblemKind.CONFLICT, f"two plans for {slug}", where=plan_id, hint="Name one of them"
                )
            if slug in taken:
                raise FleetError.of(
                    ProblemKind.CONFLICT,
                    f"{slug} is in the rollout {taken[slug]}, which goes on",
                    where=plan_id,
                    hint="Wait for its end, or stop it",
                )
            creator = self._creator_of(slug)
            targets[slug] = Target(
                slug=slug, wave=creator.wave, account_id=creator.account_id, plan_id=plan_id
            )
        return tuple(targets.values())

    def _refuse_taken(self, rollout: Rollout, slugs: Sequence[str]) -> None:
        """Refuse to go on with creators who are in another rollout by now that goes on."""
        wanted = set(slugs) or {one.slug for one in rollout.members if one.status is not MemberStatus.APPLIED}
        for other in self.going_on():
            both = sorted(wanted & {one.slug for one in other.members}) if other.id != rollout.id else []
            if both:
                raise FleetError.of(
                    ProblemKind.CONFLICT,
                    f"{', '.join(both)}: in the rollout {other.id} by now, which goes on",
                    where=rollout.id,
                    hint="Wait for its end, or stop it",
                )

    def _may_act(self, what: str) -> None:
        if self._settings.read_only:
            raise FleetError.of(
                ProblemKind.DENIED,
                f"this console is read-only: {what} is refused",
                hint="Unset read_only in fleet.toml or FLEET_READ_ONLY",
            )

    def _spawn(self, folder: Path, life: IO[bytes]) -> None:
        """Start the process; the sign of life goes over to it, and is nowhere let go of in between."""
        self._children = [child for child in self._children if child.poll() is None]  # no zombies
        config = self._settings.config_file
        with (folder / "runner.log").open("ab") as log:
            self._children.append(
                subprocess.Popen(
                    [sys.executable, "-m", "fleet_tui.rollouts.runner", str(folder), str(life.fileno())],
                    cwd=self._settings.workspace,
                    env=dict(os.environ) | ({"FLEET_CONFIG": str(config)} if config else {}),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=[life.fileno()],
                )
            )


def _cannot_be_applied(plan: Run) -> str:
    """Why a run is no plan that can be rolled out; empty where it is one."""
    if plan.operation.kind is not OperationKind.PLAN or plan.status is not RunStatus.SUCCEEDED:
        return "it is not a plan that succeeded"
    if plan.operation.destroys:
        return f"it is a plan to destroy {plan.operation.slug}"
    if plan.plan is None or plan.plan.empty:
        return f"the plan for {plan.operation.slug} has nothing to apply"
    return ""
