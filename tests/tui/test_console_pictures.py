"""Every screen at every width, as pictures; and once in the other themes and signs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from fleet_tui.operations.model import EventKind, OperationKind
from fleet_tui.tui.app import FleetApp
from tests.tui.console import app_of, settle
from tests.tui.fake import FakeService

WIDTHS = (60, 80, 120, 160)
HEIGHT = 34

Way = Callable[[Pilot[None]], Awaitable[None]]


def keys(*presses: str) -> Way:
    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        for press in presses:
            await pilot.press(press)
            await settle(pilot)

    return go


async def a_running_apply(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, FleetApp)
    service = app.service
    assert isinstance(service, FakeService)
    await settle(pilot)
    run = service.begin(OperationKind.APPLY, "kasper")
    service.write(
        run.id, EventKind.PROGRESS, "module.monitoring[0].aws_sns_topic.this: Creating...", done=0, total=3
    )
    service.write(run.id, EventKind.LOG, "Warning: Argument is deprecated", severity="warning")
    service.write(
        run.id, EventKind.PROGRESS, "module.monitoring[0].aws_sns_topic.this: Created", done=1, total=3
    )
    app.open_run(run)
    await settle(
        pilot, until=lambda: bool(app.screen.query("#log")) and "Created" in app.screen.log_lines.text
    )  # type: ignore[attr-defined]


async def a_plan(pilot: Pilot[None]) -> None:
    await keys("down", "p")(pilot)
    await settle(
        pilot,
        until=lambda: (
            bool(pilot.app.screen.query("#plan-pane")) and pilot.app.screen.query_one("#plan-pane").display
        ),
    )
    await settle(pilot)


async def some_runs(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, FleetApp)
    app.service.plan("kasper")
    app.service.plan("mina-moor")
    await keys("o")(pilot)


SCREENS: dict[str, Way] = {
    "fleet": keys("down", "space"),
    "worst-first": keys("w"),
    "filter": keys("slash", *"stream:liv"),
    "creator": keys("down", "down", "down", "enter"),
    "modules": keys(*["down"] * 7, "enter", "2"),
    "approvals": keys("a"),
    "booking": keys("a", "enter"),
    "approve": keys("a", "a"),
    "reject": keys("a", "r"),
    "plan": a_plan,
    "run": a_running_apply,
    "operations": some_runs,
    "help": keys("question_mark"),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("screen", SCREENS)
def test_screen(screen: str, width: int, snap_compare: Callable[..., bool]) -> None:
    app = app_of(FakeService(read_only=False))
    assert snap_compare(app, terminal_size=(width, HEIGHT), run_before=SCREENS[screen])


@pytest.mark.parametrize("theme", ["fleet-light", "fleet-dark-safe", "fleet-light-safe"])
def test_theme(theme: str, snap_compare: Callable[..., bool]) -> None:
    app = app_of(FakeService())
    app.theme = theme
    assert snap_compare(app, terminal_size=(120, HEIGHT), run_before=keys("down"))


def test_ascii(snap_compare: Callable[..., bool]) -> None:
    app = app_of(FakeService(), ascii_only=True)
    assert snap_compare(app, terminal_size=(120, HEIGHT), run_before=keys("down"))


def test_no_color(snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app_of(FakeService()), terminal_size=(120, HEIGHT), run_before=keys("down"))


def test_read_only(snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_of(FakeService(read_only=True)), terminal_size=(80, HEIGHT), run_before=keys("p"))
