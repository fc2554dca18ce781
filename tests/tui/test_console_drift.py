"""Drift and states in the console: found, shown, accepted, compared, restored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.confirm import ConfirmScreen, TypedConfirmScreen
from fleet_tui.tui.screens.drift import DriftScreen
from fleet_tui.tui.screens.letbe import LetBeScreen
from fleet_tui.tui.screens.run import RunScreen
from fleet_tui.tui.screens.state import StateScreen
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import FakeService
from tests.tui.fake_care import CHANNEL, POLICY, TABLE

HEIGHT = 34
Way = Callable[[Pilot[None]], Awaitable[None]]


def console(*, read_only: bool = False) -> tuple[FakeService, FleetApp]:
    service = FakeService(read_only=read_only)
    service.care.fill()
    return service, app_of(service)


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def open_drift(pilot: Pilot[None], *keys: str) -> None:
    await settle(pilot)
    app = pilot.app
    assert isinstance(app, FleetApp)
    app.action_drift()
    await settle(pilot)
    await press(pilot, *keys)


async def open_state(pilot: Pilot[None], *keys: str) -> None:
    await settle(pilot)
    app = pilot.app
    assert isinstance(app, FleetApp)
    app.open_state("kasper")
    await settle(pilot, until=lambda: "214" in text_of(app))
    await press(pilot, *keys)


def select(app: FleetApp, address: str) -> None:
    assert isinstance(app.screen, DriftScreen)
    app.screen.grid.select(next(key for key in app.screen.grid.rows.order if key.endswith(address)))


def done(service: FakeService, word: str) -> list[tuple[object, ...]]:
    return [entry for entry in service.done if entry[0] == word]


async def the_channel(pilot: Pilot[None]) -> None:
    """The detail is below the list where there is room, and behind enter where there is not."""
    await open_drift(pilot, "down", "down", "down", *(["enter"] if pilot.app.size.width < 100 else []))


async def a_question(pilot: Pilot[None]) -> None:
    await open_drift(pilot, "down", "down", "down", "a")


async def compared(pilot: Pilot[None]) -> None:
    await open_state(pilot, "down", "enter")


SCREENS: dict[str, Way] = {
    "drift": open_drift,
    "channel": the_channel,
    "accept": a_question,
    "let-be": lambda pilot: open_drift(pilot, "l"),
    "state": compared,
    "restore": lambda pilot: open_state(pilot, "down", "r"),
}


@pytest.mark.parametrize("width", [60, 80, 120, 160])
@pytest.mark.parametrize("screen", ["drift", "channel", "state"])
def test_page(screen: str, width: int, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(console()[1], terminal_size=(width, HEIGHT), run_before=SCREENS[screen])


@pytest.mark.parametrize(("screen", "width"), [("accept", 120), ("let-be", 60), ("restore", 120)])
def test_question(screen: str, width: int, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(console()[1], terminal_size=(width, HEIGHT), run_before=SCREENS[screen])


async def test_the_worst_comes_first_and_what_is_let_be_last() -> None:
    _, app = console()
    async with app.run_test(size=(160, HEIGHT)) as pilot:
        await open_drift(pilot)
        assert isinstance(app.screen, DriftScreen)
        classes = [app.screen.rows[key].resource.worst.value for key in app.screen.grid.rows.order]
        assert classes == ["gone", "access", "access", "behaviour", "cosmetic"]
        text = text_of(app)
        assert "1 gone, 2 access, 1 behaviour · 1 let be · 2 creators" in text
        assert "never checked" in text


async def test_secret_values_are_hidden_and_the_rest_stands_side_by_side() -> None:
    _, app = console()
    async with app.run_test(size=(160, HEIGHT)) as pilot:
        await open_drift(pilot)
        select(app, CHANNEL)
        await settle(pilot)
        text = text_of(app)
        assert "AS APPLIED" in text
        line = next(line for line in text.splitlines() if "latency_mode" in line and "LOW" in line)
        assert line.index("LOW") < line.index("NORMAL")
        assert "changed (hidden)" in text
        assert "creator.toml: modules.ivs-streaming.latency_mode" in text


async def test_checking_looks_at_the_marked_creators_alone() -> None:
    service, app = console()
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "space", "d")
        assert isinstance(app.screen, DriftScreen)
        await settle(pilot, until=lambda: "2 checked" in text_of(app))
        marked = done(service, "check_drift")[0][1]
        assert len(marked) == 2
        assert {("refresh", frozenset({slug})) for slug in marked} <= set(service.done)


async def test_a_drift_that_a_setting_carries_is_written_after_showing_the_file() -> None:
    service, app = console()
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await open_drift(pilot)
        select(app, CHANNEL)
        await press(pilot, "a")
        assert isinstance(app.screen, ConfirmScreen)
        assert '+latency_mode = "NORMAL"' in text_of(app)
        await press(pilot, "n")
        assert not done(service, "accept_drift")
        await press(pilot, "a", "y")
        assert done(service, "accept_drift") == [("accept_drift", "mina-moor", CHANNEL)]


async def test_what_no_setting_carries_is_let_be_with_days_and_a_reason() -> None:
    service, app = console()
    service.care.nothing_carries = True
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await open_drift(pilot)
        select(app, POLICY)
        await press(pilot, "a")
        assert isinstance(app.screen, LetBeScreen)
        assert "No key of creator.toml carries this drift" in text_of(app)
        assert "terraform/modules/private-bucket/main.tf" in text_of(app)
        await press(pilot, "enter")
        assert "A reason is needed" in text_of(app)
        app.screen.query_one("#days", Input).value = "400"
        await press(pilot, *"audit", "enter")
        assert "1 to 365" in text_of(app)
        app.screen.query_one("#days", Input).value = "14"
        await press(pilot, "enter")
        assert done(service, "let_be") == [("let_be", "lena-lux", POLICY, 14, "audit")]


async def test_what_is_let_be_is_taken_back_by_the_same_key() -> None:
    service, app = console()
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await open_drift(pilot)
        select(app, TABLE)
        await settle(pilot)
        assert "let be by ben@ops" in text_of(app)
        await press(pilot, "l")
        assert done(service, "take_back") == [("take_back", "mina-moor", TABLE)]


async def test_a_version_is_restored_only_when_the_slug_is_typed() -> None:
    service, app = console()
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await open_state(pilot)
        await press(pilot, "r")  # the newest cannot be restored
        assert isinstance(app.screen, StateScreen)
        await press(pilot, "down", "r")
        assert isinstance(app.screen, TypedConfirmScreen)
        assert "1 added, 1 removed, 1 changed" in text_of(app)
        await press(pilot, *"kaspe", "enter")
        assert not done(service, "restore_state")
        await press(pilot, "r", "enter")
        assert done(service, "restore_state") == [("restore_state", "kasper", "v2")]
        assert isinstance(app.screen, RunScreen)


async def test_two_versions_are_compared_the_older_one_first() -> None:
    service, app = console()
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await open_state(pilot, "down", "space", "down", "enter")
        assert done(service, "compare_states") == [("compare_states", "kasper", "v1", "v2")]
        assert "from serial 41 to serial 58" in text_of(app)
        assert "passphrase  changed (hidden)" in text_of(app)


async def test_a_read_only_console_looks_at_nothing_and_changes_nothing() -> None:
    service, app = console(read_only=True)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await open_drift(pilot, "d", "a", "l")
        app.screen.dismiss()
        await open_state(pilot, "down", "r")
        assert not any(
            done(service, word) for word in ("check_drift", "accept_drift", "let_be", "restore_state")
        )
        assert len(told(app)) == 4
