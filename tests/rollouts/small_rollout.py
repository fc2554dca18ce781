"""A rollout on the small fleet: real processes, the real Terraform, streams of the embedded AWS."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from fleet_tui.fleet import Fleet
from fleet_tui.operations.journal import is_alive
from fleet_tui.problems import FleetError
from fleet_tui.rollouts.model import Rollout
from tests.small_fleet import REGION, SmallFleet, ended

T = TypeVar("T")
_LOOK_SECONDS = 0.1


def set_rollout(small: SmallFleet, *, healthy_minutes: float, parallel: int = 2) -> None:
    """How rollouts of this fleet go."""
    file = small.root / "fleet.toml"
    file.write_text(
        f"{file.read_text()}[rollout]\nhealthy_minutes = {healthy_minutes}\nparallel = {parallel}\n"
    )


def let_stream(small: SmallFleet, slug: str) -> str:
    """Give a creator the streaming module and a channel; returns the channel's ARN."""
    file = small.root / "creators" / slug / "creator.toml"
    file.write_text(f"{file.read_text()}[modules.ivs-streaming]\n")
    channel: str = small.client("ivs", slug).create_channel(name=slug)["channel"]["arn"]
    return channel


def stream(small: SmallFleet, slug: str, channel: str, *, on: bool) -> None:
    """Start or end the creator's stream."""
    place = {"account": small.accounts[slug], "region": REGION, "channel_arn": channel}
    small.emulator.call("streams/start" if on else "streams/end", place)


def plans(fleet: Fleet, slugs: list[str], at_once: int = 2) -> list[str]:
    """A plan for each creator, `at_once` at a time; returns their ids."""
    ids = []
    for first in range(0, len(slugs), at_once):
        started = [fleet.plan(slug) for slug in slugs[first : first + at_once]]
        for run in started:
            plan = ended(fleet, run)
            assert plan.plan is not None, plan.problem
            ids.append(plan.id)
    return ids


def until(ask: Callable[[], T], what: str, seconds: float = 120) -> T:
    """What is asked for, once it is there."""
    deadline = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < deadline, f"it never came to that: {what}"
        time.sleep(_LOOK_SECONDS)
    return found


def comes_to(fleet: Fleet, rollout: Rollout, seconds: float = 120, **statuses: str) -> Rollout:
    """The rollout once these creators have these statuses."""

    def asked() -> Rollout | None:
        now = fleet.rollouts.get(rollout.id)
        return now if statuses.items() <= statuses_of(now).items() else None

    try:
        return until(asked, f"{statuses}", seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{told(fleet, rollout)}") from None


def ended_rollout(fleet: Fleet, rollout: Rollout, seconds: float = 120) -> Rollout:
    """The rollout once it has ended."""

    def asked() -> Rollout | None:
        now = fleet.rollouts.get(rollout.id)
        return now if now.ended else None

    try:
        return until(asked, "its end", seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{told(fleet, rollout)}") from None


def statuses_of(rollout: Rollout) -> Mapping[str, str]:
    """The creators' statuses by slug."""
    return {member.slug: member.status.value for member in rollout.members}


def told(fleet: Fleet, rollout: Rollout) -> str:
    """The journal, for whoever reads a failed test."""
    return "\n".join(f"{event.kind} {event.text}" for event in fleet.rollouts.events(rollout.id))


def has_begun(fleet: Fleet, run_id: str) -> bool:
    """Whether the run's process is at work; a rollout tells of a run before there is one."""
    try:
        return fleet.run(run_id).started_at is not None
    except FleetError:
        return False


def kill(fleet: Fleet, rollout: Rollout) -> None:
    """SIGKILL to the process of the rollout, and to nothing else."""
    pid = fleet.rollouts.get(rollout.id).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_alive(fleet.rollouts.folder(rollout.id)), "its death")
