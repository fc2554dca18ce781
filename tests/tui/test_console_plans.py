"""Planning many, reading what they would do, and approving it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from fleet_tui.planning.batches import BatchProgress
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.confirm import ConfirmScreen, TypedConfirmScreen
from fleet_tui.tui.screens.plans import PlansScreen
from fleet_tui.tui.screens.run import RunScreen
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import FakeService

WIDTHS = (60, 80, 120, 160)
HEIGHT = 34


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def planned(**more: bool) -> tuple[FakeService, FleetApp]:
    service = FakeService(**more)
    service.planning.some()
    return service, app_of(service)


def details(app: FleetApp) -> str:
    """What a question is asked on, whatever else is on the screen."""
    return str(app.screen.query_one("#details Static", Static).render())


def group(app: FleetApp) -> str:
    """The group that is read, wherever its lines break."""
    return " ".join(str(app.screen.query_one("#full", Static).render()).split())


def done(service: FakeService, *words: str) -> list[tuple[object, ...]]:
    return [entry for entry in service.done if entry[0] in words]


async def test_marked_creators_are_planned_together_and_the_hidden_ones_are_named() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        await settle(pilot)
        for slug in ("kasper", "mina-moor", "otto-okto"):
            app.screen.grid.select(slug)  # type: ignore[attr-defined]
            await press(pilot, "space")
        await press(pilot, "slash", *"slug:kasper", "enter", "p")
        assert isinstance(app.screen, ConfirmScreen)
        assert "Plan 3 creators?" in text_of(app)
        assert "hidden by the filter: mina-moor, otto-okto" in text_of(app)
        await press(pilot, "enter")
        assert not done(service, "plan_many")
        await press(pilot, "p", "y")
        assert done(service, "plan_many") == [("plan_many", ("kasper", "mina-moor", "otto-okto"))]
        assert isinstance(app.screen, PlansScreen)
        assert "planned 0 of 3 · 2 running" in text_of(app)


async def test_all_that_are_shown_are_planned_but_for_those_that_cannot_be() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(120, 34)) as pilot:
        await press(pilot, "P")
        assert "left out, creator.toml has to be corrected: ron-rune" in text_of(app)
        await press(pilot, "y")
        ((_, slugs),) = done(service, "plan_many")
        assert "ron-rune" not in slugs
        assert len(slugs) == len(service.snapshot().rows) - 1


async def test_what_destroys_comes_first_then_the_largest() -> None:
    _, app = planned()
    async with app.run_test(size=(160, 34)) as pilot:
        await press(pilot, "v")
        assert isinstance(app.screen, PlansScreen)
        summaries = [row.plans for row in app.screen.rows.values()]
        assert [len(plans) for plans in summaries] == [2, 5, 1, 2]
        assert "5 creators: the same 2 changes; 3 differ" in text_of(app)
        assert "for hash_key: its data is lost" in group(app)
        await press(pilot, "down")
        assert "no longer stands behind its firewall" in group(app)
        assert "-$9.00/month each, at list prices" in group(app)
        assert "-$45.00/month all together" in group(app)


async def test_several_are_approved_by_their_number_and_rolled_out() -> None:
    service, app = planned()
    async with app.run_test(size=(160, 40)) as pilot:
        await press(pilot, "v", "down", "a")
        assert isinstance(app.screen, TypedConfirmScreen)
        assert "Apply to 5 creators" in text_of(app)
        assert "put back until the stream ends" in details(app)
        await press(pilot, "4", "enter")
        assert not done(service, "roll_out")
        await press(pilot, "backspace", "5", "enter")
        assert done(service, "roll_out") == [
            ("roll_out", ("kasper", "mina-moor", "otto-okto", "pia-prisma", "suse-sol"))
        ]


async def test_what_loses_data_is_approved_by_a_word_of_danger() -> None:
    service, app = planned()
    async with app.run_test(size=(160, 40)) as pilot:
        await press(pilot, "v", "a", "2", "enter")
        assert not done(service, "roll_out")
        assert isinstance(app.screen, TypedConfirmScreen)
        await press(pilot, "backspace", *"destroy", "space", "2", "enter")
        assert done(service, "roll_out") == [("roll_out", ("jule-jazz", "nico-nova"))]


async def test_one_creator_is_applied_at_once() -> None:
    service, app = planned()
    service._runs = {run.id: run for run in service.planning.found}
    async with app.run_test(size=(160, 40)) as pilot:
        await press(pilot, "v", "down", "down", "a")
        assert isinstance(app.screen, ConfirmScreen)
        await press(pilot, "y")
        assert done(service, "apply", "roll_out") == [("apply", "20261122T140000-plan-lena-lux")]
        assert isinstance(app.screen, RunScreen)


async def test_creators_that_the_fleets_filter_hides_are_named_before_anything_is_applied() -> None:
    _, app = planned()
    async with app.run_test(size=(160, 40)) as pilot:
        await press(pilot, "slash", *"slug:kasper", "enter", "v", "down", "a")
        hidden = "hidden by the filter of the fleet: mina-moor, otto-okto, pia-prisma, suse-sol"
        assert hidden in details(app)


async def test_a_stale_plan_is_never_asked_about_but_planned_anew() -> None:
    service, app = planned()
    service.planning.stale = {"20261122T140000-plan-mina-moor": "the state has moved on since"}
    async with app.run_test(size=(160, 40)) as pilot:
        await press(pilot, "v", "down", "a")
        assert isinstance(app.screen, PlansScreen)
        assert done(service, "plan_many", "roll_out") == [("plan_many", ("mina-moor",))]
        assert "stale, planned anew: mina-moor" in text_of(app)


async def test_when_nobody_can_say_whether_a_plan_is_stale_nothing_is_asked() -> None:
    service, app = planned()

    def fails(_: object) -> object:
        from fleet_tui.problems import FleetError

        raise FleetError(Problem(kind=ProblemKind.NETWORK, what="no answer"))

    service.planning.stale_of = fails  # type: ignore[method-assign, assignment]
    async with app.run_test(size=(160, 40)) as pilot:
        await press(pilot, "v", "down", "a")
        assert isinstance(app.screen, PlansScreen)
        assert "no answer" in "".join(told(app))
        assert "asking whether" not in text_of(app)


async def test_plans_that_failed_can_be_planned_again_and_not_approved() -> None:
    service, app = planned()
    async with app.run_test(size=(160, 40)) as pilot:
        await press(pilot, "v", "end", "a")
        assert isinstance(app.screen, PlansScreen)
        assert "Sign in again" in text_of(app)
        await press(pilot, "p", "y")
        assert done(service, "plan_many") == [("plan_many", ("quentin", "theo-takt"))]


async def test_planning_is_stopped_after_a_question_and_only_while_it_goes_on() -> None:
    service, app = planned()
    service.planning.start(["kasper", "otto-okto"])
    async with app.run_test(size=(120, 34)) as pilot:
        await press(pilot, "v", "x", "y")
        assert done(service, "stop_batch") == [("stop_batch", "b1")]
        service.planning.far = BatchProgress(total=2, planned=1, cancelled=1, finished=True)
        await settle(pilot, until=lambda: not app.screen.making)  # type: ignore[attr-defined]
        await press(pilot, "x")
        assert isinstance(app.screen, PlansScreen)


async def test_a_read_only_console_refuses_all_of_it() -> None:
    service, app = planned(read_only=True)
    async with app.run_test(size=(120, 34)) as pilot:
        await press(pilot, "P")
        await press(pilot, "v", "a", "p")
        assert isinstance(app.screen, PlansScreen)
        assert len(told(app)) == 3
        assert not done(service, "plan_many", "roll_out", "apply")


async def test_on_a_narrow_screen_enter_reads_the_group_and_escape_leaves_it() -> None:
    _, app = planned()
    async with app.run_test(size=(60, 34)) as pilot:
        await press(pilot, "v", "down", "enter")
        assert "no longer stands behind" in group(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, PlansScreen)
        assert "5" in text_of(app)


# Pictures


def keys(*presses: str) -> Callable[[Pilot[None]], object]:
    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, *presses)
        for typed in pilot.app.screen.query(Input):
            typed.cursor_blink = False  # a picture must not depend on when it is taken
        await settle(pilot)

    return go


PICTURES = [*((screen, width) for screen in ("plans", "group") for width in WIDTHS), ("approve", 80)]


@pytest.mark.parametrize(("screen", "width"), PICTURES)
def test_picture(screen: str, width: int, snap_compare: Callable[..., bool]) -> None:
    service, app = planned()
    service.planning.start([f"creator-{number}" for number in range(300)])
    service.planning.far = BatchProgress(total=300, planned=112, failed=3, running=2)
    narrow = ("enter",) if width < 110 else ()
    ways = {"plans": ("v",), "group": ("v", "down", *narrow), "approve": ("v", "a")}
    assert snap_compare(app, terminal_size=(width, HEIGHT), run_before=keys(*ways[screen]))
