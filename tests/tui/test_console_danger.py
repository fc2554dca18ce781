"""Breaking leases and locks, and destroying: shown, typed, and refused where it has to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from fleet_tui.deploy.lease import LeaseStatus
from fleet_tui.deploy.model import DeployStatus
from fleet_tui.operations.model import EventKind, OperationKind
from fleet_tui.operations.telling import WAITING
from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.confirm import TypedConfirmScreen
from fleet_tui.tui.screens.run import RunScreen
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import FakeService
from tests.tui.fake_locks import DEAD, HELD, LOCK, seen
from tests.tui.sample import seen as looked


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def held(service: FakeService, status: LeaseStatus, seconds: float) -> None:
    """Kasper as the bucket shows him while somebody holds the lease."""
    row = service.snapshot().rows["kasper"]
    assert row.deploy.value is not None
    word = DeployStatus.DEPLOYING if status is LeaseStatus.HELD else DeployStatus.FAILED
    reason = "apply by ben@ops" if status is LeaseStatus.HELD else "the apply by ben@ops broke off"
    deploy = row.deploy.value.model_copy(
        update={"lease": seen(status, seconds), "lock": LOCK, "status": word, "reason": reason}
    )
    service.change(replace(row, deploy=looked(deploy)))


def broken(service: FakeService) -> list[tuple[object, ...]]:
    return [entry for entry in service.done if entry[0] in ("break", "destroy", "plan_destroy")]


async def command(pilot: Pilot[None], text: str) -> None:
    await press(pilot, "colon", *text, "enter")


async def test_a_dead_holder_is_shown_and_broken_by_the_slug() -> None:
    service = FakeService()
    held(service, LeaseStatus.DEAD, 340)
    service.locks.holders = DEAD
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        assert "⚠ dead, was ben@ops" in text_of(app)
        await press(pilot, "u")
        assert isinstance(app.screen, TypedConfirmScreen)
        assert "make sure that no Terraform works there" in text_of(app)
        await press(pilot, *"kaspar", "enter")
        assert broken(service) == []
        app.screen.query_one("#token").value = ""  # type: ignore[attr-defined]
        await press(pilot, *"kasper", "enter")
        assert broken(service) == [("break", "kasper", 7, LOCK.id)]
        assert isinstance(app.screen, RunScreen)


async def test_of_a_holder_at_work_only_the_lease_is_broken() -> None:
    service = FakeService()
    service.locks.holders = HELD
    held(service, LeaseStatus.HELD, 4)
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        assert app.screen.check_action("unlock", ()) is False  # it is as it should be
        await press(pilot, "escape")
        await command(pilot, "unlock kasper")
        assert "signs of life" in text_of(app)
        assert "Terraform's lock stays" in text_of(app)
        await press(pilot, *"kasper", "enter")
        assert broken(service) == [("break", "kasper", 7, None)]


async def test_where_nothing_is_held_there_is_nothing_to_break() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        await press(pilot, "u")
        assert app.screen.check_action("unlock", ()) is False
        await press(pilot, "escape")
        await command(pilot, "unlock kasper")
        assert told(app) == ["Nobody holds kasper: there is nothing to break."]


async def test_everything_is_destroyed_by_a_plan_that_was_read_and_the_slug() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        await command(pilot, "destroy kasper")
        await settle(pilot, until=lambda: "2 to destroy" in text_of(app))
        assert "a destroys all of this" in text_of(app)
        assert "a destroy" in text_of(app).splitlines()[-1]
        await press(pilot, "a")
        assert isinstance(app.screen, TypedConfirmScreen)
        await press(pilot, "escape")
        assert [entry[0] for entry in broken(service)] == ["plan_destroy"]
        await press(pilot, "a", *"kasper", "enter")
        assert [entry[0] for entry in broken(service)] == ["plan_destroy", "destroy"]
        assert not [entry for entry in service.done if entry[0] == "apply"]


@pytest.mark.parametrize("text", ["destroy kasper", "unlock kasper"])
async def test_a_console_that_only_reads_refuses(text: str) -> None:
    service = FakeService(read_only=True)
    service.locks.holders = DEAD
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        await command(pilot, text)
        assert "read-only" in told(app)[0]
        assert broken(service) == []


async def test_a_run_that_waits_for_a_lease_says_for_whose() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        run = service.begin(OperationKind.APPLY, "kasper")
        service.write(
            run.id,
            EventKind.LOG,
            f"{WAITING}the lease is held by ben@ops since 14:03 UTC",
            severity="warning",
        )
        app.open_run(run)
        await settle(pilot, until=lambda: text_of(app).count("held by ben@ops") == 2)
        service.write(run.id, EventKind.LOG, "lease 8 taken")
        await settle(pilot, until=lambda: text_of(app).count("held by ben@ops") == 1)


def opened(holders: LeaseStatus, seconds: float, *keys: str) -> Callable[[Pilot[None]], object]:
    async def go(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, FleetApp)
        assert isinstance(app.service, FakeService)
        app.service.locks.holders = HELD if holders is LeaseStatus.HELD else DEAD
        await settle(pilot)
        held(app.service, holders, seconds)
        app.open_creator("kasper", "deploy")
        await settle(pilot)
        await press(pilot, *keys)

    return go


@pytest.mark.parametrize("width", [60, 80, 120, 160])
@pytest.mark.parametrize("screen", ["held", "unlock"])
def test_screen(screen: str, width: int, snap_compare: Callable[..., bool]) -> None:
    way = opened(LeaseStatus.HELD, 4) if screen == "held" else opened(LeaseStatus.DEAD, 340, "u")
    assert snap_compare(app_of(FakeService()), terminal_size=(width, 34), run_before=way)
