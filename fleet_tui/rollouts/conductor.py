"""Carries a rollout out: looks, asks the rules what to do, writes it down, does it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from fleet_tui.operations.model import Operation, PlanSummary, Run, RunStatus
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.rollouts import controls, rules
from fleet_tui.rollouts.journal import RolloutJournal, once_there_is_room, read_controls, read_events
from fleet_tui.rollouts.judging import judged, moved
from fleet_tui.rollouts.looking import Looking, check_of, look_at
from fleet_tui.rollouts.model import (
    UNSTARTED,
    Check,
    Look,
    Member,
    MemberStatus,
    Observations,
    Rollout,
    RolloutEvent,
    RolloutEventKind,
    RolloutStatus,
    StreamState,
)
from fleet_tui.rollouts.records import record_of, write_record
from fleet_tui.rollouts.service import RolloutFleet
from fleet_tui.rollouts.streams import is_fresh
from fleet_tui.rollouts.telling import advance, fold
from fleet_tui.rollouts.waves import next_wave
from fleet_tui.rollouts.wording import member_text

TICK_SECONDS = 1.0
WATCH_EVERY = timedelta(seconds=15)
WATCHED_FOR = timedelta(minutes=15)  # after an apply, where a wave does not have to be healthy for longer
MOST_COMPARED = 50  # creators not applied yet whose streams are watched beside those that were
TAKEN_UP_WITHIN = timedelta(seconds=60)
_GOING_ON = {"status": RunStatus.RUNNING}
_LOOKERS = 8


class Conductor:
    """One rollout, carried out.

    Args:
        fleet: what runs are started on.
        folder: the rollout's folder.
        journal: the rollout's; this is its one writer.
        clock: the current time with its zone.
    """

    def __init__(
        self,
        fleet: RolloutFleet,
        folder: Path,
        journal: RolloutJournal,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fleet = fleet
        self._folder = folder
        self._journal = journal
        self._clock = clock
        self._pool = ThreadPoolExecutor(_LOOKERS, thread_name_prefix="look")
        self._checks: Looking[Check] = Looking(self._pool)
        self._looks: Looking[Look] = Looking(self._pool)
        self._plans: dict[str, PlanSummary | None] = {}
        self._lost: dict[str, datetime] = {}
        self._end = ""
        self._seen = Observations()
        rollout = fold(read_events(folder), alive=True)
        if rollout is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND, "the journal does not begin with a request", where=str(folder)
            )
        self.rollout: Rollout = rollout

    def run(self) -> RolloutStatus:
        """Carry it out to its end; or until its folder is removed, when there is nobody left to tell."""
        try:
            while not self.rollout.ended and self._folder.is_dir():
                if not self.step():
                    time.sleep(TICK_SECONDS)
        finally:
            self.close()
        return self.rollout.status

    def close(self) -> None:
        """Wait for the looks that are being taken."""
        self._pool.shutdown(cancel_futures=True)

    def step(self) -> bool:
        """Look, decide and act once.

        Returns:
            Whether anything was done, so that it is worth deciding again at once.
        """
        told = self.rollout
        self._obey()
        if self._end and self.rollout.status in (RolloutStatus.RUNNING, RolloutStatus.PAUSED):
            self._act(rules.SetStatus(RolloutStatus.STOPPING, self._end))
        self._observe()
        for action in rules.next_actions(self.rollout, self._seen, self._clock()):
            self._act(action)
        return self.rollout is not told

    def wait_for_looks(self) -> None:
        """Until every look that was begun has been taken."""
        self._checks.wait()
        self._looks.wait()

    def end_soon(self, cause: str) -> None:
        """Begin nothing more from the next step on. Safe to call from a signal handler."""
        self._end = cause

    # -- looking ------------------------------------------------------------------------------------

    def _observe(self) -> None:
        checks = dict(self._seen.checks) | self._checks.taken()
        streams = dict(self._seen.streams)
        for look in (*((slug, check.stream) for slug, check in checks.items()), *self._looks.taken().items()):
            if look[0] not in streams or streams[look[0]].at < look[1].at:
                streams[look[0]] = look[1]
        baselines = dict(self._seen.baselines)
        for member in self.rollout.members:
            unapplied = member.status in UNSTARTED or member.before is None
            if member.slug in streams and unapplied:
                baselines.setdefault(member.slug, streams[member.slug])
        active = self.rollout.active
        self._seen = Observations(
            checks=checks,
            runs={member.run_id: self._run(member.run_id) for member in active if member.run_id},
            plans={
                member.approved_plan_id: self._plan(member.approved_plan_id)
                for member in active
                if member.status is MemberStatus.REPLANNING
            },
            streams=streams,
            baselines=baselines,
        )
        self._watch()

    def _watch(self) -> None:
        """Look at the streams of those that were applied lately, and of some that were not, now and then."""
        now = self._clock()
        applied = [one.slug for one in self.rollout.members if self._to_watch(one, now)]
        if not applied:
            return
        others = [one.slug for one in self.rollout.members if one.status in UNSTARTED][:MOST_COMPARED]
        for slug in (*applied, *others):
            before = self._seen.streams.get(slug)
            if before is None or not is_fresh(before.at, now, WATCH_EVERY):
                self._looks.begin(slug, partial(look_at, self._fleet, slug, before, self._clock))

    def _to_watch(self, member: Member, now: datetime) -> bool:
        if member.status is not MemberStatus.APPLIED:
            return False
        if next_wave(self.rollout) is not None:
            return True  # by what is seen then the next wave begins
        look = self._seen.streams.get(member.slug)
        if look is None or look.state not in (StreamState.OFF, StreamState.WELL):
            return True
        policy = timedelta(minutes=self.rollout.request.policy.healthy_minutes)
        return now - (member.ended_at or member.since) <= max(policy, WATCHED_FOR)

    def _run(self, run_id: str) -> Run | None:
        """The run; one whose process is gone counts as going on as long as another may yet take it up."""
        try:
            run = self._fleet.run(run_id)
        except FleetError as error:
            if error.problem.kind is ProblemKind.NOT_FOUND:
                return None
            raise
        if run.status is not RunStatus.LOST or run.finished_at is not None or run.started_at is None:
            return run
        since = self._lost.setdefault(run_id, self._clock())
        return run if self._clock() - since >= TAKEN_UP_WITHIN else run.model_copy(update=_GOING_ON)

    def _plan(self, plan_id: str) -> PlanSummary | None:
        if plan_id not in self._plans:
            run = self._run(plan_id)
            self._plans[plan_id] = run.plan if run is not None else None
        return self._plans[plan_id]

    # -- acting -------------------------------------------------------------------------------------

    def _obey(self) -> None:
        """Take what operators have told since."""
        for control in read_controls(self._folder, self.rollout.told):
            if control is None:
                self._write(RolloutEventKind.TOLD, "(a request that cannot be read)", severity="warning")
                continue
            refused = controls.refusal(self.rollout, control)
            text = f"{control.operator}: {control.kind.value.replace('_', ' ')} {control.slug}".rstrip()
            self._write(
                RolloutEventKind.TOLD,
                f"{text} – refused: {refused}" if refused else text,
                control=control,
                severity="warning" if refused else "info",
            )
            if not refused:
                for action in controls.obeyed(self.rollout, control, self._clock()):
                    self._act(action)

    def _act(self, action: rules.Action) -> None:
        match action:
            case rules.CheckMember(slug):
                self._check(slug)
            case rules.Change(member, severity):
                self._put(member, severity)
            case rules.Apply(member):
                self._begin(member, self._apply)
            case rules.Replan(member):
                self._begin(member, self._replan)
            case rules.Interrupt(member):
                self._interrupt(member)
            case rules.OpenWave(wave):
                count = len(self.rollout.of_wave(wave))
                self._write(
                    RolloutEventKind.WAVE,
                    f"wave {wave.value} begins: {count} {'creator' if count == 1 else 'creators'}",
                    wave=wave,
                )
            case rules.SetTrouble(trouble):
                self._write(
                    RolloutEventKind.TROUBLE,
                    f"nothing is started: {trouble.cause}" if trouble else "what was in the way is over",
                    trouble=trouble,
                    severity="warning" if trouble else "info",
                )
            case rules.SetStatus(status, cause, now):
                severity = "info" if status is RolloutStatus.RUNNING else "warning"
                self._write(RolloutEventKind.STATUS, cause, status=status, now=now, severity=severity)
            case rules.Finish(status, cause):
                self._finish(status, cause)

    def _finish(self, status: RolloutStatus, cause: str) -> None:
        """Write the record before the end: who is killed in between leaves both to whoever resumes."""
        kind = RolloutEventKind.FINISHED
        end = RolloutEvent(seq=0, at=self._clock(), kind=kind, text=cause, status=status)
        record = record_of(advance(self.rollout, [end]), read_events(self._folder))
        once_there_is_room(lambda: write_record(self._folder, record))
        severity = "info" if status is RolloutStatus.SUCCEEDED else "warning"
        self._write(kind, cause, status=status, severity=severity)

    def _check(self, slug: str) -> None:
        member = self.rollout.member(slug)
        if member is not None:
            before = self._seen.streams.get(slug)
            self._checks.begin(slug, partial(check_of, self._fleet, member, before, self._clock))

    def _begin(self, member: Member, start: Callable[[Member, Callable[[Operation], None]], Run]) -> None:
        """Start a run; its id is in the journal before there is a process, so that none is started twice."""
        announced = False

        def announce(operation: Operation) -> None:
            nonlocal announced
            announced = True
            ids = {"run_id": operation.id, "run_ids": (*member.run_ids, operation.id)}
            self._put(member.model_copy(update=ids))

        try:
            start(member, announce)
        except FleetError as error:
            known = self.rollout.member(member.slug)
            if announced and known is not None:
                self._put(judged(known, error.problem, self._clock()), "error")
            elif error.problem.kind is ProblemKind.CONFLICT:  # somebody else was first
                waiting = moved(member, MemberStatus.TO_DO, self._clock(), cause=error.problem.what)
                self._put(waiting.model_copy(update={"again_at": self._clock() + rules.FRESH}))
            else:
                self._put(judged(member, error.problem, self._clock()), "error")

    def _apply(self, member: Member, announce: Callable[[Operation], None]) -> Run:
        request = self.rollout.request
        return self._fleet.apply(
            member.plan_id,
            reason=request.reason,
            approval=member.approval,
            rollout=request.id,
            announce=announce,
        )

    def _replan(self, member: Member, announce: Callable[[Operation], None]) -> Run:
        request = self.rollout.request
        return self._fleet.plan(member.slug, reason=request.reason, rollout=request.id, announce=announce)

    def _interrupt(self, member: Member) -> None:
        try:
            self._fleet.cancel(member.run_id)
        except FleetError:
            return  # it is just beginning, or has just ended: the next step sees which
        self._put(member.model_copy(update={"interrupted": True}), "warning")

    def _put(self, member: Member, severity: str = "info") -> None:
        self._write(RolloutEventKind.MEMBER, member_text(member), member=member, severity=severity)

    def _write(self, kind: RolloutEventKind, text: str, **fields: object) -> None:
        self.rollout = advance(self.rollout, [self._journal.write(kind, text, **fields)])
