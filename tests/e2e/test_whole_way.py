"""From `fleet demo` on a fresh machine to a creator who is live: every part is the real one.

The tests build on each other in the order they stand in: what the first one provisions (for minutes, by
real Terraform) is what the others work with.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from textual.pilot import Pilot

from fleet_tui.deploy.model import DeployStatus
from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import Facet
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.model import OperationKind, RunStatus
from fleet_tui.registry import load
from fleet_tui.sandbox.director import pictures
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.sandbox.world import World
from fleet_tui.settings import load_settings
from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.approvals import ApprovalsScreen
from fleet_tui.tui.screens.run import RunScreen
from tests.e2e.house import Demo, client, inventory, terminal, wait_for

KASPER = ("210000000001", "eu-central-1")


def account(world: World, slug: str) -> tuple[str, str]:
    creator = load(world.workspace / "creators").get(slug)
    assert creator is not None
    return creator.account_id, creator.region


async def until(pilot: Pilot[None], condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Let the console run until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the console never came to be so"
        await pilot.pause(0.05)


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fleet_tui.cli.main", *words],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_without_a_terminal_the_first_wave_is_provisioned_and_the_fleet_printed(demo: Demo):
    assert demo.code == 0, demo.err
    lines = demo.out.splitlines()
    kasper = next(line for line in lines if line.startswith("Kasper Kast"))
    assert "up to date" in kasper
    assert any(line.startswith("Mina Moor") and "up to date" in line for line in lines)
    assert any(line.startswith("ron-rune") and "is not a region" in line for line in lines)
    assert "still to come" in demo.out
    assert "yara-yew" in demo.out.split("still to come")[1]
    assert "Traceback" not in demo.err


def test_what_was_provisioned_is_there_again_and_nothing_is_done_twice(inside: World, fleet: Fleet):
    before = [run.id for run in fleet.runs()]
    fleet.start()
    snapshot = wait_for(
        fleet,
        lambda now: all(
            now.rows[slug].deploy.value is not None and not now.rows[slug].deploy.cached
            for slug in ("kasper", "mina-moor")
        ),
    )
    for slug in ("kasper", "mina-moor"):
        assert snapshot.rows[slug].deploy.value.status is DeployStatus.UP_TO_DATE
    assert [run.id for run in fleet.runs()] == before
    kasper = load(inside.workspace / "creators").get("kasper")
    assert kasper is not None
    packages = [
        inside.workspace / "lambdas" / name.replace("-", "_") for name in kasper.modules.with_functions
    ]
    handlers = [path for package in packages for path in package.glob("handlers/[a-z]*.py")]
    functions = {f"kasper-{path.stem.replace('_', '-')}" for path in handlers}
    # Everybody may watch kasper: nobody needs a token to play.
    assert set(inventory(*KASPER)["functions"]) == functions - {"kasper-issue-playback-token"}


def test_the_command_line_says_the_same(inside: World):
    done = cli("status", "--json", "slug:kasper")
    kasper = json.loads(done.stdout)["creators"][0]
    assert kasper["deploy"]["value"]["status"] == "up_to_date"
    assert kasper["deploy"]["value"]["resources"] > 50
    assert kasper["stream"]["problem"] is None
    assert "stream_key_value" not in done.stdout
    costs = cli("costs", "slug:kasper", "--json")
    assert json.loads(costs.stdout)[0]["value"]["estimate"]


def book(fleet: Fleet, sponsor: str) -> str:
    """Book a placement as a sponsor does, through the public API, and send the picture."""
    creator = fleet.observatory.creator("kasper")
    endpoint = fleet.snapshot().rows["kasper"].deploy.value.outputs["api_endpoint"]
    url, headers = fleet._adapters.door.route(f"{endpoint}/bookings")
    start = datetime.now(UTC).date() + timedelta(days=200)
    answer = httpx.post(
        url,
        headers=headers,
        json={
            "sponsor": sponsor,
            "contact": "ads@example.com",
            "placement": "top",
            "start_day": start.isoformat(),
            "end_day": (start + timedelta(days=6)).isoformat(),
            "title": "Honey",
            "target_url": "https://example.com/honey",
            "creative_type": pictures.MEDIA_TYPE,
        },
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    assert creator.slug == "kasper"
    receipt = answer.json()
    form, picture = receipt["upload"], pictures.banner("top", sponsor)
    sent = httpx.post(form["url"], data=form["fields"], files={"file": picture}, timeout=30)
    assert sent.status_code == 204, sent.text
    own = headers | {"Booking-Token": receipt["token"]}
    deadline = time.monotonic() + 30
    while httpx.get(f"{url}/{receipt['id']}", headers=own, timeout=30).json()["creative"]["state"] != "ready":
        assert time.monotonic() < deadline, "the picture is not checked"
    return receipt["id"]


def stored(booking_id: str) -> dict:
    """The booking as it lies in the creator's own table, read past all of our code."""
    items = client("dynamodb", *KASPER).scan(TableName="kasper-sponsors")["Items"]
    return next(item for item in items if booking_id in item["pk"]["S"] and "status" in item)


async def test_approving_in_the_console_changes_the_item_through_the_creators_own_lambda(
    inside: World, fleet: Fleet
):
    fleet.observatory.look_once(["kasper"], list(fleet.observatory._observers), seconds=60)
    booking_id = book(fleet, "Hive & Sons")
    assert stored(booking_id)["status"]["S"] == "pending"
    app = FleetApp(fleet)
    async with app.run_test(size=(160, 45)) as pilot:
        fleet.refresh(["kasper"])
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ApprovalsScreen))
        screen = app.screen
        assert isinstance(screen, ApprovalsScreen)
        await until(pilot, lambda: any(item.booking.id == booking_id for item in screen.rows.values()))
        while screen.row.booking.id != booking_id:
            await pilot.press("down")
        await pilot.press("a")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("y")
        await until(
            pilot, lambda: any(run.operation.target == booking_id and run.finished for run in fleet.runs())
        )
    item = stored(booking_id)
    assert item["status"]["S"] == "approved"
    run = next(run for run in fleet.runs() if run.operation.target == booking_id)
    assert (run.operation.kind, run.status) == (OperationKind.APPROVE, RunStatus.SUCCEEDED)
    slots = [
        item["pk"]["S"]
        for item in client("dynamodb", *KASPER).scan(TableName="kasper-sponsors")["Items"]
        if item["pk"]["S"].startswith("SLOT#top#")
    ]
    assert len(slots) >= 7


@pytest.fixture(scope="module")
def denied(inside: World) -> Iterator[Future[subprocess.CompletedProcess[str]]]:
    """An apply that goes on by itself, while others are in the console, until it ends in a denial."""
    emulator = Emulator.running(inside.aws)
    assert emulator is not None
    emulator.call(
        "faults/set",
        {
            "account": account(inside, "finn-flut")[0],
            "service": "dynamodb",
            "operation": "CreateTable",
            "status": 400,
            "code": "AccessDeniedException",
            "message": "explicit deny in a service control policy",
        },
    )

    def plan_and_apply() -> subprocess.CompletedProcess[str]:
        planned = cli("plan", "finn-flut", "--create-backend")
        return planned if planned.returncode else cli("apply", "finn-flut", "--yes")

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(plan_and_apply)


async def test_a_creator_who_was_never_deployed_is_planned_and_applied_in_the_console(
    inside: World, fleet: Fleet, denied: Future[subprocess.CompletedProcess[str]]
):
    yara = account(inside, "yara-yew")
    others = {slug: inventory(*account(inside, slug)) for slug in ("kasper", "mina-moor", "otto-okto")}
    assert not inventory(*yara)["buckets"]
    app = FleetApp(fleet)
    async with app.run_test(size=(160, 45)) as pilot:
        await until(
            pilot,
            lambda: (
                (row := app.fleet.rows["yara-yew"]).deploy.value is not None
                and row.deploy.value.status is DeployStatus.NEVER_DEPLOYED
            ),
        )
        await pilot.press("slash", *"slug:yara-yew", "enter")
        await pilot.pause()
        first = app.screen
        await pilot.press("p")
        await until(pilot, lambda: app.screen is not first)  # no state bucket yet: make it?
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        planning = app.screen
        assert isinstance(planning, RunScreen)
        await until(pilot, lambda: planning._run.finished, 240)
        assert planning._run.status is RunStatus.SUCCEEDED, planning._run.problem
        assert planning._run.plan.add > 50
        await pilot.press("a")
        await until(pilot, lambda: app.screen is not planning)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen is not planning)
        applying = app.screen
        assert isinstance(applying, RunScreen)
        await until(pilot, lambda: applying._run.done > 3, 120)  # it happens in view
        await until(pilot, lambda: applying._run.finished, 300)
        assert applying._run.status is RunStatus.SUCCEEDED, applying._run.problem
        await until(
            pilot, lambda: app.fleet.rows["yara-yew"].deploy.value.status is DeployStatus.UP_TO_DATE, 60
        )
    made = inventory(*yara)
    assert "yara-yew-sponsors" in made["tables"]
    assert "yara-yew-decide-booking" in made["functions"]
    assert made["channels"]
    for slug, before in others.items():
        assert inventory(*account(inside, slug)) == before, f"something has changed at {slug}"
    kinds = [run.operation.kind for run in fleet.runs() if run.operation.slug == "yara-yew"]
    assert kinds == [OperationKind.APPLY, OperationKind.PLAN]
    journal = "".join(event.model_dump_json() for run in fleet.runs() for event in fleet.run_events(run.id))
    assert "sk_eu-central-1" not in journal  # no stream key is ever written down


def test_a_plan_right_after_an_apply_has_nothing_to_change(inside: World):
    done = cli("plan", "kasper", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)["plan"]
    assert plan["changes"] == []
    assert plan["drift"] == []


def test_a_console_that_may_only_look_does_nothing(inside: World):
    before = runs_of_kasper()
    done = cli("--read-only", "plan", "kasper")
    assert done.returncode == 1
    assert "read-only" in done.stderr
    assert runs_of_kasper() == before


def runs_of_kasper() -> list[str]:
    return [run.id for run in Fleet(load_settings()).runs() if run.operation.slug == "kasper"]


async def test_a_denied_apply_says_why_and_a_cancelled_one_is_not_failed(
    inside: World, fleet: Fleet, denied: Future[subprocess.CompletedProcess[str]]
):
    refused = await asyncio.wrap_future(denied)
    assert refused.returncode == 1
    assert "service control policy" in refused.stderr
    fleet.observatory.look_once(["finn-flut"], (Facet.DEPLOY,), seconds=30)
    state = fleet.snapshot().rows["finn-flut"].deploy.value
    assert (state.status, state.lock) == (DeployStatus.FAILED, None)
    assert "service control policy" in state.reason

    emulator = Emulator.running(inside.aws)
    assert emulator is not None
    emulator.call("faults/clear", {"account": account(inside, "finn-flut")[0]})
    app = FleetApp(fleet)
    async with app.run_test(size=(80, 24)) as pilot:
        plan = fleet.plan("finn-flut")
        await until(pilot, lambda: fleet.journals.get(plan.id).finished, 120)
        run = fleet.apply(plan.id)
        app.open_run(run)
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen._run.done > 0, 120)
        screen = app.screen
        await pilot.press("c")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("y")
        await until(pilot, lambda: fleet.journals.get(run.id).finished, 120)
    assert fleet.journals.get(run.id).status is RunStatus.CANCELLED
    fleet.observatory.look_once(["finn-flut"], (Facet.DEPLOY,), seconds=30)
    state = fleet.snapshot().rows["finn-flut"].deploy.value
    assert state.lock is None
    assert state.status is not DeployStatus.UP_TO_DATE


@pytest.mark.parametrize(("columns", "lines"), [(160, 45), (80, 24)])
def test_in_a_terminal_the_console_opens_and_provisioning_goes_on_in_view(
    demo: Demo, columns: int, lines: int
):
    console = terminal(demo.cache, "demo", columns=columns, lines=lines)
    try:
        console.read_until("Kasper Kast", "up to date", "never deployed", "planning")
        console.write("q")
        assert console.wait() == 0
    finally:
        console.close()
        demo.world.dismiss()
    assert not demo.world.kept()
    assert all(run.finished for run in Journals(demo.world.folder / "state" / "sandbox").all())
