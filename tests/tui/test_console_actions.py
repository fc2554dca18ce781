"""Approving, rejecting, planning, applying, cancelling; and being refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from fleet_tui.bookings.model import BookingQueue
from fleet_tui.operations.model import EventKind, OperationKind, RunStatus
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.approvals import ApprovalsScreen
from fleet_tui.tui.screens.confirm import ConfirmScreen, TypedConfirmScreen
from fleet_tui.tui.screens.creator import CreatorScreen
from fleet_tui.tui.screens.run import RunScreen
from fleet_tui.tui.widgets.loglines import LogLines
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import DANGEROUS_PLAN, TAKEN, FakeService
from tests.tui.sample import LUMEN, seen


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def done(service: FakeService, *words: str) -> list[tuple[object, ...]]:
    return [entry for entry in service.done if entry[0] in words]


# Approvals


async def test_approving_asks_first_and_selects_the_next_one() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 30)) as pilot:
        await press(pilot, "a", "a")
        assert isinstance(app.screen, ConfirmScreen)
        assert "Rivalo Games also waits for top" in text_of(app)
        await press(pilot, "n")
        assert not done(service, "approve")
        await press(pilot, "a", "y")
        assert done(service, "approve") == [("approve", "kasper", "bk-0001")]
        assert isinstance(app.screen, ApprovalsScreen)
        assert app.screen.row is not None
        assert app.screen.row.booking.id == "bk-0002"
        assert "Keksfabrik Nord approved" in text_of(app)
        assert "3 bookings wait" in text_of(app)


async def test_enter_is_no() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 30)) as pilot:
        await press(pilot, "a", "a", "enter")
        assert not done(service, "approve")


async def test_a_decided_booking_does_not_come_back_with_an_older_picture() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 30)) as pilot:
        await press(pilot, "a", "a", "y")
        row = service.snapshot().rows["kasper"]
        service.change(replace(row))  # the picture still lists it as pending
        await settle(pilot)
        assert isinstance(app.screen, ApprovalsScreen)
        assert app.screen.grid.rows.order[0] == "kasper/bk-0002"
        service.change(replace(row, bookings=seen(BookingQueue(pending=(LUMEN,)))))
        await settle(pilot, until=lambda: len(app.screen.grid.rows) == 2)  # type: ignore[attr-defined]


async def test_rejecting_with_a_template_and_with_words_of_ones_own() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 30)) as pilot:
        await press(pilot, "a", "r", "2", "enter")
        await press(pilot, "r", "tab", *"too loud", "enter")
        assert done(service, "reject") == [
            ("reject", "kasper", "bk-0001", "The placement is taken on these days"),
            ("reject", "kasper", "bk-0002", "too loud"),
        ]


async def test_rejecting_needs_a_reason_and_can_be_left() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 30)) as pilot:
        await press(pilot, "a", "r", "tab", "enter")
        assert "A reason is needed" in text_of(app)
        await press(pilot, "escape")
        assert not done(service, "reject")
        assert isinstance(app.screen, ApprovalsScreen)


async def test_somebody_else_was_first() -> None:
    service = FakeService()
    service.refusal = TAKEN
    app = app_of(service)
    async with app.run_test(size=(140, 30)) as pilot:
        await press(pilot, "a", "a", "y")
        assert "decided first by somebody else" in text_of(app)
        assert told(app) == [TAKEN.sentence]
        assert ("refresh", frozenset({"kasper"})) in service.done
        assert app.screen.row.booking.id == "bk-0002"  # type: ignore[attr-defined, union-attr]


async def test_a_decision_that_fails_stays_undecided() -> None:
    service = FakeService()
    service.refusal = Problem(kind=ProblemKind.NETWORK, what="no answer within 10 s", where="kasper")
    app = app_of(service)
    async with app.run_test(size=(140, 30)) as pilot:
        await press(pilot, "a", "a", "y")
        assert told(app) == ["kasper: no answer within 10 s"]
        assert app.screen.row.booking.id == "bk-0001"  # type: ignore[attr-defined, union-attr]
        assert "on its way" not in text_of(app)


async def test_a_fault_of_our_own_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    service = FakeService()
    monkeypatch.setattr(service.bookings, "approve", lambda slug, booking: 1 / 0)
    app = app_of(service)
    async with app.run_test(size=(140, 30)) as pilot:
        await press(pilot, "a", "a", "y")
        assert told(app) == [
            "ZeroDivisionError: division by zero. This is a fault of the program, please report it"
        ]
        assert "on its way" not in text_of(app)


async def test_next_and_previous_and_the_narrow_inbox() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "a")
        assert "creative" not in text_of(app)
        await press(pilot, "enter", "n")
        assert "https://assets.example/lumen.png" in text_of(app)
        await press(pilot, "N")
        assert "https://assets.example/keksfabrik.png" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ApprovalsScreen)
        assert "creative" not in text_of(app)


# Runs


async def plan_kasper(pilot: Pilot[None]) -> None:
    await press(pilot, "down", "p")
    await settle(pilot, until=lambda: isinstance(pilot.app.screen, RunScreen))
    await settle(pilot, until=lambda: "succeeded" in text_of(pilot.app))


async def test_plan_read_confirm_apply_and_follow_to_the_end() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await plan_kasper(pilot)
        assert done(service, "plan") == [("plan", "kasper", False)]
        text = text_of(app)
        assert "2 to create, 1 to change" in text
        assert "module.ivs_streaming[0].aws_ivs_channel.this  type, tags" in text
        await press(pilot, "a")
        assert "live right now" in text_of(app)
        await press(pilot, "enter")
        assert not done(service, "apply")
        await press(pilot, "a", "y")
        await settle(pilot, until=lambda: "1/3" in text_of(app))
        ((_, plan_id),) = done(service, "apply")
        assert str(plan_id).endswith("plan-kasper")
        run = service.runs()[0]
        service.write(run.id, EventKind.LOG, "Apply complete!", severity="info")
        service.finish(run.id)
        await settle(pilot, until=lambda: "✓ succeeded  apply kasper" in text_of(app))
        assert "Apply complete!" in app.screen.query_one(LogLines).text
        assert ("refresh", frozenset({"kasper"})) in service.done


async def test_what_destroys_data_asks_for_the_slug() -> None:
    service = FakeService()
    service.plan_summary = DANGEROUS_PLAN
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await plan_kasper(pilot)
        assert "data is lost" in text_of(app)
        await press(pilot, "a")
        assert isinstance(app.screen, TypedConfirmScreen)
        await press(pilot, "y", "enter")
        assert "Nothing is done" in text_of(app)
        await press(pilot, "backspace", *"kasper", "enter")
        await settle(pilot, until=lambda: bool(done(service, "apply")))


async def test_without_a_bucket_it_is_asked_whether_to_make_one() -> None:
    service = FakeService()
    service.without_backend = {"kasper"}
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await press(pilot, "down", "p")
        await settle(pilot, until=lambda: isinstance(app.screen, ConfirmScreen))
        assert "No state bucket yet in account 210000000001" in text_of(app)
        await press(pilot, "n")
        assert not done(service, "plan")
        await press(pilot, "p")
        await settle(pilot, until=lambda: isinstance(app.screen, ConfirmScreen))
        await press(pilot, "y")
        await settle(pilot, until=lambda: isinstance(app.screen, RunScreen))
        assert done(service, "plan") == [("plan", "kasper", True)]


async def test_cancelling_asks_and_is_not_failure() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await settle(pilot)
        run = service.begin(OperationKind.APPLY, "kasper")
        app.open_run(run)
        await settle(pilot, until=lambda: "running" in text_of(app))
        await press(pilot, "c", "n")
        assert not done(service, "cancel")
        await press(pilot, "c", "y")
        await settle(pilot, until=lambda: "⊘ cancelled" in text_of(app))
        await press(pilot, "c")
        assert len(done(service, "cancel")) == 1


async def test_a_run_whose_process_is_gone_is_lost() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await settle(pilot)
        run = service.begin(OperationKind.APPLY, "kasper")
        app.open_run(run)
        await settle(pilot, until=lambda: "running" in text_of(app))
        service._runs[run.id] = run.model_copy(update={"status": RunStatus.LOST})
        await settle(pilot, until=lambda: "⚠ lost" in text_of(app))


async def test_planning_a_creator_that_is_being_worked_on_opens_that_run() -> None:
    service = FakeService()
    run = service.begin(OperationKind.APPLY, "otto-okto")
    row = service.snapshot().rows["otto-okto"]
    service.change(replace(row, run=run))
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await press(pilot, "down", "down", "down", "down", "down", "p")
        assert isinstance(app.screen, RunScreen)
        assert not done(service, "plan")


async def test_an_invalid_creator_cannot_be_planned() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await press(pilot, "colon", *"plan ron-rune", "enter")
        assert told(app) == ["ron-rune cannot be planned: its creator.toml has to be corrected first."]
        assert not done(service, "plan")


async def test_a_plan_that_cannot_start_says_why() -> None:
    service = FakeService()
    service.refusal = Problem(
        kind=ProblemKind.MISSING_TOOL, what="terraform is not installed", hint="Install it"
    )
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await press(pilot, "p")
        await settle(pilot, until=lambda: bool(told(app)))
        assert told(app) == ["terraform is not installed. Install it"]


async def test_operations_open_a_run() -> None:
    service = FakeService()
    service.plan("kasper")
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await press(pilot, "o")
        await settle(pilot, until=lambda: "2 to create, 1 to change" in text_of(app))
        await press(pilot, "enter")
        await settle(pilot, until=lambda: "Initializing the backend" in text_of(app))


# Read only


@pytest.mark.parametrize("keys", [("p",), ("a", "a"), ("a", "r")])
async def test_read_only_refuses_with_a_sentence(keys: tuple[str, ...]) -> None:
    service = FakeService(read_only=True)
    app = app_of(service)
    async with app.run_test(size=(140, 34)) as pilot:
        await press(pilot, *keys)
        assert len(told(app)) == 1
        assert told(app)[0].startswith("This console is read-only: ")
        assert not done(service, "plan", "approve", "reject")
        assert "read-only" in text_of(app).splitlines()[0]


# Creator


async def test_a_creator_is_looked_at_closely_while_its_page_is_open() -> None:
    service = FakeService()
    app: FleetApp = app_of(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, CreatorScreen)
        assert done(service, "look_closely")[-1] == ("look_closely", "kasper")
        await press(pilot, "4")
        assert "1920×1080 at 30 fps" in text_of(app)
        await press(pilot, "tab")
        assert "Keksfabrik Nord" in text_of(app)
        await press(pilot, "escape")
        assert done(service, "look_closely")[-1] == ("look_closely", None)


@pytest.mark.parametrize("width", [60, 80])
async def test_the_bar_always_names_the_section_that_is_shown(width: int) -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(width, 24)) as pilot:
        await press(pilot, "down", "enter")
        for number, name in enumerate(CreatorScreen.NAMES, start=1):
            assert f"{number} {name}" in text_of(app).splitlines()[1]
            await press(pilot, "tab")
        assert "1 overview" in text_of(app).splitlines()[1]


async def test_a_module_that_is_switched_off_is_to_be_removed_before_anybody_has_looked_again() -> None:
    service = FakeService()
    row = service.snapshot().rows["kasper"]
    assert row.creator is not None
    app = app_of(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down", "enter", "2")
        assert "sponsor-system  ✓ up" in text_of(app)
        off = row.creator.modules.model_copy(update={"sponsor_system": None})
        service.change(replace(row, creator=row.creator.model_copy(update={"modules": off})))
        await settle(pilot, until=lambda: "sponsor-system  × to be removed  3 resources" in text_of(app))
