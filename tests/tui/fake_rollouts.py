"""Rollouts without processes: the console's side of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Wave
from fleet_tui.rollouts.model import (
    Look,
    MemberStatus,
    Policy,
    Rollout,
    RolloutEvent,
    RolloutEventKind,
    RolloutRequest,
    RolloutStatus,
    StreamState,
    Target,
)
from fleet_tui.rollouts.telling import begun
from tests.tui.sample import NOW, OPERATOR, ago

if TYPE_CHECKING:
    from tests.tui.fake import FakeService

REFUSED = Problem(
    kind=ProblemKind.TERRAFORM,
    what="creating S3 Bucket (lena-lux-assets): the name is taken",
    where="lena-lux: terraform apply",
    hint="The run's log has the whole story; mend the cause, then plan again",
)
WAVES = {
    "kasper": Wave.CANARY,
    "mina-moor": Wave.EARLY,
    "quentin": Wave.EARLY,
    "jule-jazz": Wave.GENERAL,
    "lena-lux": Wave.GENERAL,
    "otto-okto": Wave.GENERAL,
    "pia-prisma": Wave.GENERAL,
    "theo-takt": Wave.GENERAL,
}


def request(number: int = 1, reason: str = "player 3.2") -> RolloutRequest:
    return RolloutRequest(
        id=f"20261122T1340{number:02}.000-rollout-00{number:02}",
        operator=OPERATOR,
        reason=reason,
        approval="20261122T133900.000-approval-0001",
        requested_at=ago(minutes=23 * number),
        policy=Policy(parallel=2, healthy_minutes=10, max_failed_share=0.25),
        targets=tuple(
            Target(slug=slug, wave=wave, account_id="210000000001", plan_id=f"plan-{slug}")
            for slug, wave in WAVES.items()
        ),
    )


def at_work() -> Rollout:
    """In the last wave: one applied, one failing, one live, one to be asked again."""
    rollout = begun(request())
    applied = {"status": MemberStatus.APPLIED, "ended_at": ago(minutes=8), "since": ago(minutes=8)}
    told: dict[str, dict[str, object]] = {
        "kasper": applied | {"ended_at": ago(minutes=20), "since": ago(minutes=20), "run_id": "r-kasper"},
        "mina-moor": applied | {"before": look(StreamState.WELL), "overridden": True},
        "quentin": applied,
        "jule-jazz": {
            "status": MemberStatus.PUT_BACK,
            "cause": "live since 13:12 UTC",
            "since": ago(minutes=5),
        },
        "lena-lux": {
            "status": MemberStatus.FAILED,
            "cause": REFUSED.what,
            "problem": REFUSED,
            "since": ago(minutes=1),
            "ended_at": ago(minutes=1),
        },
        "otto-okto": {
            "status": MemberStatus.APPLYING,
            "run_id": "20261122T140001-otto-okto",
            "since": ago(minutes=2),
        },
        "pia-prisma": {
            "status": MemberStatus.TO_ASK,
            "cause": "the new plan is another one than was approved",
            "since": ago(minutes=3),
        },
    }
    members = tuple(member.model_copy(update=told.get(member.slug, {})) for member in rollout.members)
    return rollout.model_copy(update={"members": members, "opened": tuple(Wave), "legs": 1})


def watched() -> Rollout:
    """The canary is applied and watched."""
    rollout = begun(request())
    first = rollout.members[0].model_copy(
        update={"status": MemberStatus.APPLIED, "ended_at": ago(minutes=4), "since": ago(minutes=4)}
    )
    return rollout.model_copy(update={"members": (first, *rollout.members[1:]), "opened": (Wave.CANARY,)})


def stopped() -> Rollout:
    """Stopped by a failed canary."""
    rollout = begun(request(2, "new tables"))
    failed = rollout.members[0].model_copy(
        update={"status": MemberStatus.FAILED, "cause": REFUSED.what, "since": ago(minutes=40)}
    )
    return rollout.model_copy(
        update={
            "members": (failed, *rollout.members[1:]),
            "opened": (Wave.CANARY,),
            "status": RolloutStatus.STOPPED,
            "cause": "1 of 1 in wave canary failed, none may (kasper: the name is taken)",
            "finished_at": ago(minutes=40),
        }
    )


def look(state: StreamState) -> Look:
    return Look(at=NOW, since=NOW, state=state)


class FakeRollouts:
    """Rollouts that a test puts there."""

    def __init__(self, service: FakeService) -> None:
        self._service = service
        self.known: dict[str, Rollout] = {}
        self._events: dict[str, list[RolloutEvent]] = {}

    def put(self, rollout: Rollout, *texts: str) -> Rollout:
        """There is this rollout, and its journal says this, too."""
        self.known[rollout.id] = rollout
        events = self._events.setdefault(rollout.id, [])
        for text in texts:
            at = rollout.request.requested_at + timedelta(minutes=len(events))
            events.append(RolloutEvent(seq=len(events) + 1, at=at, kind=RolloutEventKind.LOG, text=text))
        return rollout

    def all(self) -> Sequence[Rollout]:
        return sorted(self.known.values(), key=lambda one: one.request.requested_at, reverse=True)

    def get(self, rollout_id: str) -> Rollout:
        if rollout_id not in self.known:
            raise FleetError.of(ProblemKind.NOT_FOUND, f"there is no rollout {rollout_id} here")
        return self.known[rollout_id]

    def events(self, rollout_id: str, after: int = 0) -> Sequence[RolloutEvent]:
        return [event for event in self._events[rollout_id] if event.seq > after]

    def pause(self, rollout_id: str) -> None:
        self._did("pause", rollout_id)

    def go_on(self, rollout_id: str) -> None:
        self._did("go_on", rollout_id)

    def stop(self, rollout_id: str, *, now: bool = False) -> None:
        self._did("stop now" if now else "stop", rollout_id)

    def override(self, rollout_id: str, slug: str) -> None:
        self._did("override", rollout_id, slug)

    def approve(self, rollout_id: str, slugs: Sequence[str]) -> Rollout:
        self._did("approve", rollout_id, *slugs)
        return self.get(rollout_id)

    def resume(self, rollout_id: str, slugs: Sequence[str] = ()) -> Rollout:
        self._did("resume", rollout_id, *slugs)
        return self.get(rollout_id)

    def _did(self, what: str, *about: str) -> None:
        self._service.done.append((what, *about))
