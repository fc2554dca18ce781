"""Twelve creators upgraded in three waves: by commands alone, and from the console.

One is live, one fails, and the rollout is killed in the middle and resumed.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from textual.pilot import Pilot

from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import OperationKind, RunStatus
from fleet_tui.rollouts.model import Rollout, RolloutStatus
from fleet_tui.rollouts.telling import to_resume
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.confirm import ConfirmScreen, TypedConfirmScreen
from fleet_tui.tui.screens.plans import PlansScreen
from fleet_tui.tui.screens.rollout import RolloutScreen
from tests.rollouts.small_rollout import (
    comes_to,
    ended_rollout,
    kill,
    let_stream,
    set_rollout,
    statuses_of,
    stream,
)
from tests.small_fleet import SmallFleet, small_fleet
from tests.tui.console import text_of

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]

WAVES = {"canary": ["anna", "ben"], "early": ["cleo", "dan", "eva", "finn"]}
WAVES["general"] = ["gina", "hugo", "ida", "jan", "kim", "leo"]
SLUGS = [slug for slugs in WAVES.values() for slug in slugs]
LIVE, FAILING = "dan", "ida"
PATIENCE = 600.0  # seconds


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        made = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, *SLUGS)
        set_rollout(made, healthy_minutes=0.02)
        yield made
    emulator.stop()


@pytest.fixture(scope="module")
def channel(small: SmallFleet) -> str:
    """The channel of the one who goes live; everybody is there in the first version."""
    want(small, "first")
    channel = let_stream(small, LIVE)
    fleet_command("plan", "--all")
    fleet_command("apply", "--all", "--confirm", "12")
    fleet_command("rollout", "attach")
    assert everybody_has(small, "first") == set(SLUGS)
    return channel


def want(small: SmallFleet, version: str) -> None:
    """Ask for another version everywhere."""
    for wave, slugs in WAVES.items():
        for slug in slugs:
            file = small.root / "creators" / slug / "creator.toml"
            streaming = "[modules.ivs-streaming]" in file.read_text()
            small.write(slug, wave=wave, change=version)
            if streaming:
                file.write_text(f"{file.read_text()}[modules.ivs-streaming]\n")


def everybody_has(small: SmallFleet, version: str) -> set[str]:
    """Whose parameters are all of this version."""
    return {slug for slug in SLUGS if [*small.parameters(slug).values()] == [version] * 3}


def fleet_command(*words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "fleet_tui.cli.main", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == code, f"fleet {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def refuse(small: SmallFleet, *, now: bool) -> None:
    """Have AWS refuse what is wanted for the failing creator, or no longer."""
    fault: dict[str, object] = {
        "account": small.accounts[FAILING],
        "service": "ssm",
        "operation": "PutParameter",
    }
    if now:
        fault |= {"status": 400, "code": "AccessDeniedException", "message": "no"}
    small.emulator.call("faults/set" if now else "faults/clear", fault)


def is_right(fleet: Fleet, small: SmallFleet, rollout: Rollout, version: str) -> None:
    """The end state and the records of a rollout that was killed and resumed."""
    last = fleet.rollouts.get(rollout.id)
    assert last.status is RolloutStatus.SUCCEEDED, statuses_of(last)
    assert everybody_has(small, version) == set(SLUGS)
    applies = [
        run
        for run in fleet.runs()
        if run.operation.kind is OperationKind.APPLY
        and run.operation.rollout == rollout.id
        and run.started_at is not None  # the kill may have come right before its process was started
    ]
    assert sorted(run.operation.slug for run in applies) == sorted([*SLUGS, FAILING])  # nobody else twice
    assert [run.operation.slug for run in applies if run.status is RunStatus.FAILED] == [FAILING]
    begun = {run.operation.slug: run.operation.requested_at for run in applies}
    assert max(begun[slug] for slug in WAVES["canary"]) < min(begun[slug] for slug in WAVES["early"])
    for slug in SLUGS:
        fleet_command("runs", "verify", slug)


async def test_from_the_console(small: SmallFleet, channel: str) -> None:
    want(small, "second")
    refuse(small, now=True)
    stream(small, LIVE, channel, on=True)
    fleet = small.fleet()
    app = FleetApp(fleet)
    async with app.run_test(size=(160, 45)) as pilot:
        await sees(pilot, lambda: "Leo" in text_of(app))
        await pilot.press("P")
        await sees(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await sees(pilot, lambda: isinstance(app.screen, PlansScreen))
        await sees(pilot, lambda: "12 creators: the same" in text_of(app))
        await pilot.press("a")
        await sees(pilot, lambda: isinstance(app.screen, TypedConfirmScreen))
        await pilot.press("1", "2", "enter")
        await sees(pilot, lambda: isinstance(app.screen, RolloutScreen))
        (rollout, *_) = fleet.rollouts.all()

        await asyncio.to_thread(comes_to, fleet, rollout, PATIENCE, anna="applied", cleo="applying")
        kill(fleet, rollout)
        await sees(pilot, lambda: "lost" in text_of(app))
        await pilot.press("r")
        await sees(pilot, lambda: isinstance(app.screen, TypedConfirmScreen))
        await pilot.press(*str(len(to_resume(fleet.rollouts.get(rollout.id)))), "enter")
        await asyncio.to_thread(
            comes_to, fleet, rollout, PATIENCE, **{FAILING: "failed", LIVE: "put_back", "leo": "applied"}
        )
        assert everybody_has(small, "second") == {*SLUGS} - {LIVE, FAILING}
        stream(small, LIVE, channel, on=False)
        first = await asyncio.to_thread(ended_rollout, fleet, rollout, PATIENCE)
        assert (first.status, first.cause) == (RolloutStatus.INCOMPLETE, f"1 failed: {FAILING}")

        refuse(small, now=False)
        await sees(pilot, lambda: "incomplete" in text_of(app))
        await pilot.press("r")
        await sees(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await asyncio.to_thread(ended_rollout, fleet, rollout, PATIENCE)
    await asyncio.to_thread(is_right, fleet, small, rollout, "second")
    fleet.stop()


def test_by_commands_alone(small: SmallFleet, channel: str) -> None:
    want(small, "third")
    refuse(small, now=True)
    stream(small, LIVE, channel, on=True)
    fleet_command("plan", "--all")
    (group,) = json.loads(fleet_command("plans", "--json"))["groups"]
    assert sorted(group["creators"]) == SLUGS
    fleet_command("rollout", "start", "--all", "--confirm", "12", "--reason", "third", "--detach")
    fleet = small.fleet()
    (rollout, *_) = fleet.rollouts.all()
    comes_to(fleet, rollout, PATIENCE, anna="applied", cleo="applying")
    kill(fleet, rollout)
    assert "lost" in fleet_command("rollout", "show", code=1)
    fleet_command("rollout", "resume", rollout.id, "--detach")
    comes_to(fleet, rollout, PATIENCE, **{FAILING: "failed", LIVE: "put_back", "leo": "applied"})
    stream(small, LIVE, channel, on=False)
    fleet_command("rollout", "attach", code=1)
    refuse(small, now=False)
    fleet_command("rollout", "resume", rollout.id)
    is_right(fleet, small, rollout, "third")
    fleet.stop()


async def sees(pilot: Pilot[None], sight: Callable[[], bool]) -> None:
    """Wait until the console looks so."""
    async with asyncio.timeout(PATIENCE):
        while not sight():
            await pilot.pause(0.1)
