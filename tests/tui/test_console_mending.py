"""Mending what a broken run has left: offered where there is something, shown, asked, and done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from fleet_tui.deploy.model import DeployStatus
from fleet_tui.operations.mending import Leftovers
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.run import RunScreen
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import FakeService
from tests.tui.fake_mending import ALIAS, CHANNEL, KEPT
from tests.tui.sample import seen as looked


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def left(service: FakeService, leftovers: Leftovers) -> None:
    """Kasper as he is seen after a broken run."""
    service.mending.left = leftovers
    row = service.snapshot().rows["kasper"]
    assert row.deploy.value is not None
    reason = "its state waits on this machine: fleet push-state kasper" if leftovers.unsaved else "half made"
    update = {"status": DeployStatus.FAILED, "reason": reason, "tainted": leftovers.tainted}
    deploy = row.deploy.value.model_copy(update=update | {"unsaved": len(leftovers.unsaved)})
    service.change(replace(row, deploy=looked(deploy)))


def mended(service: FakeService) -> list[tuple[object, ...]]:
    return [entry for entry in service.done if entry[0] in ("take", "push")]


@pytest.mark.parametrize("width", [60, 120])
async def test_what_is_half_made_is_taken_as_it_is_after_a_question(width: int) -> None:
    service = FakeService()
    left(service, Leftovers(tainted=(ALIAS, CHANNEL)))
    app = app_of(service)
    async with app.run_test(size=(width, 34)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        await press(pilot, "m")
        assert isinstance(app.screen, ConfirmScreen)
        assert "the next plan replaces it" in text_of(app)
        await press(pilot, "n")
        assert mended(service) == []
        await press(pilot, "m", "y")
        assert mended(service) == [("take", "kasper", (ALIAS, CHANNEL))]
        assert isinstance(app.screen, RunScreen)


async def test_a_state_that_waits_goes_first() -> None:
    service = FakeService()
    left(service, Leftovers(tainted=(ALIAS,), unsaved=(KEPT,)))
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        assert "fleet push-state kasper" in text_of(app)
        await press(pilot, "m")
        assert "left by 20261122T135107.000-apply-kasper-9f3a" in text_of(app)
        await press(pilot, "y")
        assert mended(service) == [("push", "kasper")]


async def test_where_nothing_is_left_nothing_is_offered() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        assert app.screen.check_action("mend", ()) is False
        await press(pilot, "m")
        assert not isinstance(app.screen, ConfirmScreen)


async def test_it_may_have_been_mended_meanwhile() -> None:
    service = FakeService()
    left(service, Leftovers(tainted=(ALIAS,)))
    service.mending.left = Leftovers()
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        await press(pilot, "m")
        assert told(app) == ["Nothing is half made."]
        assert mended(service) == []


async def test_a_read_only_console_mends_nothing() -> None:
    service = FakeService(read_only=True)
    left(service, Leftovers(tainted=(ALIAS,)))
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        await press(pilot, "m")
        assert mended(service) == []
        assert not isinstance(app.screen, ConfirmScreen)
