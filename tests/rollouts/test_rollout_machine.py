"""Whatever happens in whatever order, a rollout keeps its promises."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fleet_tui.operations.model import RunStatus
from fleet_tui.rollouts.model import ACTIVE, ControlKind, MemberStatus, RolloutStatus
from fleet_tui.rollouts.telling import fold, to_resume
from tests.rollouts.stage import LIVE, NO_ANSWER, OFFLINE, REFUSED, STARVING, THROTTLED, Stage, summary

SLUGS = ("anna", "ben", "cleo", "dan", "eva")
who = st.sampled_from(SLUGS)


class RolloutMachine(RuleBasedStateMachine):
    """A rollout of a few creators to which everything happens that can."""

    @initialize(
        waves=st.lists(st.sampled_from(["canary", "early", "general"]), min_size=5, max_size=5),
        parallel=st.integers(1, 3),
        minutes=st.sampled_from([0.0, 1.0]),
        share=st.sampled_from([0.0, 0.1, 0.5]),
    )
    def begin(self, waves, parallel, minutes, share):
        self.folder = Path(tempfile.mkdtemp(prefix="rollout-"))
        self.stage = Stage(
            self.folder,
            dict(zip(SLUGS, waves, strict=True)),
            parallel=parallel,
            healthy_minutes=minutes,
            max_failed_share=share,
        )
        self.judged = 0
        self.stage.settle()

    def teardown(self):
        if hasattr(self, "stage"):
            self.stage.kill()
            self.stage.journal.close()
            shutil.rmtree(self.folder)

    def going_on(self, slug: str) -> bool:
        member = self.stage.member(slug)
        run = self.stage.fleet.runs.get(member.run_id)
        return member.status in ACTIVE and run is not None and not run.finished

    # What happens

    @rule(slug=who)
    def run_succeeds(self, slug):
        if self.going_on(slug):
            run = self.stage.fleet.unfinished(slug)
            plan = summary("aws_a.this", "aws_b.this") if "plan" in run.id else None
            self.stage.end(slug, plan=plan and plan.model_dump())

    @rule(slug=who)
    def new_plan_differs(self, slug):
        if self.going_on(slug) and self.stage.member(slug).status is MemberStatus.REPLANNING:
            self.stage.end(slug, plan=summary("aws_c.this").model_dump())

    @rule(slug=who, problem=st.sampled_from([REFUSED, NO_ANSWER, THROTTLED]))
    def run_fails(self, slug, problem):
        if self.going_on(slug):
            self.stage.end(slug, RunStatus.FAILED, problem=problem)

    @rule(slug=who)
    def run_is_cancelled(self, slug):
        if self.going_on(slug):
            self.stage.end(slug, RunStatus.CANCELLED)

    @rule(slug=who, stream=st.sampled_from([OFFLINE, LIVE, STARVING, NO_ANSWER]))
    def stream_changes(self, slug, stream):
        self.stage.fleet.streams[slug] = stream
        self.stage.settle()

    @rule(slug=who, why=st.sampled_from(["", "the state has moved on since"]))
    def plan_ages(self, slug, why):
        self.stage.fleet.stale_plans[self.stage.member(slug).plan_id] = why
        self.stage.settle()

    @rule(seconds=st.sampled_from([20, 60, 180]))
    def time_passes(self, seconds):
        self.stage.later(seconds=seconds)

    @rule(kind=st.sampled_from([ControlKind.PAUSE, ControlKind.GO_ON, ControlKind.STOP]), now=st.booleans())
    def somebody_says(self, kind, now):
        if not self.stage.rollout.ended:
            self.stage.tell(kind, now=now)

    @rule(slug=who, kind=st.sampled_from([ControlKind.OVERRIDE, ControlKind.APPROVE]))
    def somebody_says_of(self, slug, kind):
        if not self.stage.rollout.ended:
            self.stage.tell(kind, slug, plan_id=self.stage.member(slug).plan_id)

    @precondition(lambda self: not self.stage.rollout.ended)
    @rule()
    def process_is_killed_and_resumed(self):
        self.resume()

    @precondition(lambda self: self.stage.rollout.ended)
    @rule()
    def it_is_resumed(self):
        self.resume()

    def resume(self):
        self.stage.kill()
        before = fold(self.stage.events, alive=False)
        wanted = {
            member.slug
            for member in before.members
            if member.status in (MemberStatus.FAILED, MemberStatus.TO_DO, MemberStatus.PUT_BACK)
        }
        assert set(to_resume(before)) == wanted
        untouched = {one.slug: one for one in before.members if one.slug not in wanted}
        started = len(self.stage.fleet.started)
        self.stage.resume()
        begun = {slug for kind, slug in self.stage.fleet.started[started:] if kind == "apply"}
        assert begun <= wanted | {
            slug for slug, one in untouched.items() if one.status is MemberStatus.REPLANNING
        }

    # What always holds

    @invariant()
    def nobody_is_in_two_places(self):
        if hasattr(self, "stage"):
            running = [run.operation.slug for run in self.stage.fleet.runs.values() if not run.finished]
            assert len(running) == len(set(running))
            active = [member.slug for member in self.stage.rollout.active]
            assert set(running) <= set(active)
            assert len(active) <= self.stage.request.policy.parallel

    @invariant()
    def a_wave_begins_after_a_healthy_one(self):
        if not hasattr(self, "stage"):
            return
        events = self.stage.events
        for event in events[self.judged :]:
            if event.wave is None:
                continue
            before = fold(events[: event.seq - 1], alive=True)
            assert before.waves.index(event.wave) == len(before.opened)
            assert not before.active
            for wave in before.opened:
                members = before.of_wave(wave)
                assert not any(member.status is MemberStatus.TO_DO for member in members)
                ends = [
                    one.ended_at for one in members if one.status is MemberStatus.APPLIED and one.ended_at
                ]
                assert any(member.status is MemberStatus.APPLIED for member in members)
                minutes = self.stage.request.policy.healthy_minutes
                assert all(event.at - end >= timedelta(minutes=minutes) for end in ends)
        self.judged = len(events)

    @invariant()
    def who_may_be_live_is_never_begun_unless_somebody_wants_it(self):
        if hasattr(self, "stage"):
            for member in self.stage.rollout.members:
                if member.status is MemberStatus.APPLYING and not member.overridden:
                    assert member.before is not None
                    assert not member.before.may_be_live

    @invariant()
    def the_end_is_the_end(self):
        if hasattr(self, "stage") and self.stage.rollout.ended:
            started = len(self.stage.fleet.started)
            self.stage.later(minutes=3)
            assert self.stage.rollout.ended
            assert len(self.stage.fleet.started) == started
            assert not self.stage.rollout.active

    @invariant()
    def stopping_starts_nothing(self):
        if hasattr(self, "stage") and self.stage.rollout.status is RolloutStatus.STOPPING:
            started = len(self.stage.fleet.started)
            self.stage.later(minutes=1)
            assert len(self.stage.fleet.started) == started

    @invariant()
    def the_journal_tells_it_all(self):
        if hasattr(self, "stage"):
            assert fold(self.stage.events, alive=True) == self.stage.rollout


RolloutMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestRolloutMachine = RolloutMachine.TestCase
