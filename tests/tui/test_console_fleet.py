"""The fleet screen, key by key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from textual import events
from textual.widgets import Input

from fleet_tui.observatory.model import Observation
from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.creator import CreatorScreen
from fleet_tui.tui.screens.fleet import FleetScreen
from fleet_tui.tui.screens.help import HelpScreen
from fleet_tui.tui.screens.runs import RunsScreen
from fleet_tui.tui.widgets.grid import Grid
from fleet_tui.tui.widgets.keybar import KeyBar
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import FakeService
from tests.tui.sample import NOW, cost, live, seen, small_fleet


def grid_of(app: FleetApp) -> Grid:
    return app.screen.query_one("#grid", Grid)


async def test_the_last_known_picture_is_drawn_before_the_service_starts() -> None:
    service = FakeService()
    app = app_of(service)
    drawn_before_start = []
    service.start = lambda: drawn_before_start.append(app.screen.query_one(Grid).size.width > 0)  # type: ignore[method-assign]
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        assert drawn_before_start == [True]
        assert "Kasper Kast" in text_of(app)


async def test_filter_as_you_type_then_keep_then_clear() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("slash", *"mina")
        await settle(pilot)
        assert grid_of(app).rows.order == ["mina-moor"]
        await pilot.press("enter")
        assert grid_of(app).has_focus
        await pilot.press("escape")
        assert len(grid_of(app).rows) == 12


async def test_a_filter_that_cannot_be_read_says_why_and_keeps_the_rows() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("slash", *"nosuch:x")
        await settle(pilot)
        assert "nosuch is not a field" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert "nosuch" not in text_of(app)
        assert len(grid_of(app).rows) == 12


async def test_sorting_keeps_the_cursor_on_its_creator_and_on_its_line() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("down", "down", "down")
        assert grid_of(app).cursor == "mina-moor"
        before = list(grid_of(app).rows.order)
        await pilot.press("colon", *"sort forecast", "enter")
        assert grid_of(app).rows.order != before
        assert grid_of(app).cursor == "mina-moor"
        assert "by forecast" in text_of(app)


async def test_worst_first_goes_together_with_a_filter() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("w")
        order = grid_of(app).rows.order
        assert order[0] == "mina-moor"
        assert "jule-jazz" not in order
        await pilot.press("slash", *"wave:early", "enter")
        assert grid_of(app).rows.order == ["mina-moor", "quentin"]
        await pilot.press("escape", "escape")
        assert len(grid_of(app).rows) == 12


async def test_held_rows_do_not_move() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(160, 24)) as pilot:
        await pilot.press("colon", *"sort forecast", "enter", "h")
        before = list(grid_of(app).rows.order)
        row = service.snapshot().rows["kasper"]
        service.change(replace(row, cost=seen(cost(84, 9_999, 150))))
        await settle(pilot, until=lambda: "$9,999" in text_of(app))
        assert grid_of(app).rows.order == before
        assert "order held" in text_of(app)
        await pilot.press("h")
        assert grid_of(app).rows.order[0] == "kasper"


async def test_marks_stay_with_their_creators_and_hidden_ones_are_counted() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("space", "space")
        assert grid_of(app).rows.marks == {"jule-jazz", "kasper"}
        await pilot.press("slash", *"kasper", "enter")
        await settle(pilot)
        assert "2 marked, 1 hidden" in text_of(app)
        await pilot.press("R")
        await settle(pilot)
        assert ("refresh", frozenset({"jule-jazz", "kasper"})) in service.done


async def test_only_lines_that_differ_are_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        grid = grid_of(app)
        painted: list[int] = []
        monkeypatch.setattr(grid, "_repaint_line", painted.append)
        monkeypatch.setattr(grid, "refresh", lambda *a, **k: painted.append(-1))
        rows = dict(service.snapshot().rows)
        grid.show(rows, set(rows))
        grid.tick(NOW)
        assert painted == []
        rows["kasper"] = replace(rows["kasper"], stream=seen(live(99_999)))
        grid.show(rows, {"kasper"})
        assert painted == [2]


async def test_a_burst_of_snapshots_arrives_whole() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        rows = service.snapshot().rows
        for viewers in range(50):
            service.change(replace(rows["kasper"], stream=seen(live(viewers))))
        service.change(replace(rows["ute-ufer"], cost=seen(cost(1, 7_777, 9_000))))
        await settle(pilot, until=lambda: "$7,777" in text_of(app) and " 49 " in text_of(app))


async def test_mouse_click_moves_the_cursor_and_a_second_one_opens() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.click("#grid", offset=(10, 4))
        assert grid_of(app).cursor == "mina-moor"
        await pilot.click("#grid", offset=(10, 4))
        await settle(pilot)
        assert isinstance(app.screen, CreatorScreen)


async def test_ways_to_the_other_screens_and_back() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(120, 24)) as pilot:
        for key, screen in (("o", RunsScreen), ("question_mark", HelpScreen), ("enter", CreatorScreen)):
            await pilot.press(key)
            await settle(pilot)
            assert isinstance(app.screen, screen)
            await pilot.press("escape")
            await settle(pilot)
            assert isinstance(app.screen, FleetScreen)


async def test_a_command_opens_a_creator_and_an_unknown_one_is_told() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("colon", *"creator kas", "tab", "enter")
        await settle(pilot)
        assert isinstance(app.screen, CreatorScreen)
        assert app.screen.slug == "kasper"
        await pilot.press("escape", "colon", *"frobnicate", "enter")
        await settle(pilot)
        assert told(app) == [':frobnicate is not a command here. "?" lists them.']


@pytest.mark.parametrize("sign", ["colon", "slash"])
async def test_what_is_typed_in_one_go_is_typed_into_the_prompt_and_presses_no_keys(sign: str) -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        for key in (sign, *"plan", "space", *"kasper"):  # as it comes over a slow line
            app.post_message(events.Key(key, " " if key == "space" else key))
        await settle(pilot)
        assert isinstance(app.screen, FleetScreen)
        assert app.screen.query_one("Prompt.-open Input", Input).value == "plan kasper"
        assert not service.runs()


async def test_ages_grow_with_the_clock() -> None:
    now = [NOW]
    app = app_of(FakeService(), clock=lambda: now[0])
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        assert " 40s " in text_of(app)
        now[0] = NOW + timedelta(minutes=5)
        app.ticked.publish(now[0])
        await settle(pilot, until=lambda: " 5m " in text_of(app))
        assert "14:08" in text_of(app)


@pytest.mark.parametrize("width", [52, 60, 80, 120, 160, 220])
async def test_resizing_keeps_names_and_trouble_in_view(width: int) -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(160, 24)) as pilot:
        await pilot.resize_terminal(width, 24)
        await settle(pilot)
        text = text_of(app)
        assert "Mina Moor" in text
        assert "≠ drifted 4" in text
        assert "◐ unwell" in text
        assert "2 failed" in text


async def test_a_terminal_that_is_too_small_says_so() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.resize_terminal(40, 10)
        await settle(pilot)
        assert "too small: 40×10" in text_of(app)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "Kasper Kast" in text_of(app)
        assert app.screen.query_one(KeyBar).display


async def test_ascii_draws_no_sign_that_is_not_ascii() -> None:
    app = app_of(FakeService(), ascii_only=True)
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        assert text_of(app).isascii()


async def test_a_fleet_without_anything_known_is_drawn() -> None:
    fleet = small_fleet()
    nothing = Observation()
    blank = {
        slug: replace(row, deploy=nothing, stream=nothing, bookings=nothing, cost=nothing)
        for slug, row in fleet.rows.items()
    }
    app = app_of(FakeService(replace(fleet, rows=blank)))
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        assert text_of(app).count("unknown") >= 11
        assert "cost unknown" in text_of(app)


async def test_budgets_are_summed_in_the_header() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        rows = small_fleet().rows.values()
        spent = sum((row.cost.value.actual or Decimal(0) for row in rows if row.cost.value), Decimal(0))
        assert f"${spent:,} of" in text_of(app)
