"""Bringing a creator live from the console: the steps, the list, and the form for a new creator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fleet_tui.onboarding.model import Production, StepName
from fleet_tui.operations.model import OperationKind, PlanSummary, RunStatus
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.drafting import MODULES
from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.onboarding import OnboardingListScreen, OnboardingScreen
from fleet_tui.tui.screens.run import RunScreen
from fleet_tui.tui.screens.wizard import ModuleList, WizardScreen
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import FakeService
from tests.tui.fake_onboarding import WRONG_ACCOUNT, facts, mail, on_the_way, open_site, unborn

WIDTHS = (60, 80, 120, 160)
HEIGHT = 34
ROWS = (
    ("jule-jazz", "Jule Jazz", open_site),
    ("suse-sol", "Suse Sol", facts),
    ("ute-ufer", "Ute Ufer", unborn),
)
NELE = {"name": "Nele Nix", "account_id": "290000000042", "budget": "150"}


def service_with(**more: object) -> FakeService:
    """Three creators who are not live yet: one new, one in the middle, one whose site is open."""
    service = FakeService(**more)  # type: ignore[arg-type]
    for slug, name, made in ROWS:
        service.onboarding.facts[slug] = made(on_the_way(slug, name))
    return service


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def opened(pilot: Pilot[None], slug: str, step: StepName | None = None) -> OnboardingScreen:
    """The steps of a creator, with the cursor on one of them."""
    app = pilot.app
    assert isinstance(app, FleetApp)
    await settle(pilot)
    app.open_onboarding(slug)
    await settle(pilot)
    screen = app.screen
    assert isinstance(screen, OnboardingScreen)
    if step is not None:
        screen.grid.select(step.value)
        await settle(pilot)
    return screen


async def fill(pilot: Pilot[None], **values: str) -> None:
    """Type into the form's fields."""
    for name, value in values.items():
        pilot.app.screen.query_one(f"#{name}", Input).value = value
        await settle(pilot)


def done(service: FakeService, *words: str) -> list[tuple[object, ...]]:
    return [entry for entry in service.done if entry[0] in words]


# Steps


async def test_the_steps_are_reached_from_the_creators_page_and_begin_with_what_can_be_done() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        app.open_creator("suse-sol")
        await press(pilot, "b")
        assert isinstance(app.screen, OnboardingScreen)
        assert app.screen.step is not None
        assert app.screen.step.name is StepName.MAIL
        assert done(service, "check") == [("check", "suse-sol")]
        assert "5 of 8 done" in text_of(app)


async def test_asking_aws_shows_what_is_written_and_asks_first() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(pilot, "suse-sol")
        await press(pilot, "enter")
        assert isinstance(app.screen, ConfirmScreen)
        assert "TRANSACTIONAL" in text_of(app)
        assert "Suse Sol streams live" in text_of(app)
        await press(pilot, "enter")
        assert not done(service, "carry_out")
        await press(pilot, "enter", "y")
        assert done(service, "carry_out") == [("carry_out", "suse-sol", "mail", "ask_for_production")]
        assert len(done(service, "check")) == 2  # looked at again by itself


async def test_the_records_are_copied_one_a_line() -> None:
    app = app_of(service_with())
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(pilot, "suse-sol", StepName.DNS)
        await press(pilot, "y")
        lines = app.clipboard.splitlines()
        assert lines[0] == "suse.live NS ns-1.awsdns-01.org"
        assert lines[-1] == "_3f2a.suse.live CNAME _9c1b.acm-validations.aws"
        assert told(app) == [f"{len(lines)} records copied."]


async def test_a_step_that_waits_says_what_to_do_and_does_nothing() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(pilot, "suse-sol", StepName.DNS)
        await press(pilot, "enter")
        assert told(app) == ["Make the list at the registrar exactly the name servers below"]
        assert not done(service, "carry_out")


async def test_the_bucket_is_asked_for_and_its_run_is_followed_then_looked_at_again() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(pilot, "ute-ufer")
        await press(pilot, "enter")
        assert "fleet-state-210000000012-eu-central-1" in text_of(app)
        await press(pilot, "y")
        assert done(service, "carry_out") == [("carry_out", "ute-ufer", "backend", "create_backend")]
        assert isinstance(app.screen, RunScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, OnboardingScreen)
        assert len(done(service, "check")) == 2


async def test_a_plan_is_opened_to_be_read_and_not_applied_from_here() -> None:
    service = service_with()
    plan = service.begin(OperationKind.PLAN, "ute-ufer")
    service.finish(plan.id, RunStatus.SUCCEEDED, plan=PlanSummary(add=3))
    before = service.onboarding.facts["ute-ufer"]
    memory = before.memory.model_copy(update={"bucket_ready": True})
    service.onboarding.facts["ute-ufer"] = replace(
        before, plan=next(run for run in service.runs() if run.id == plan.id), memory=memory
    )
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(pilot, "ute-ufer", StepName.INFRASTRUCTURE)
        await press(pilot, "enter")
        assert isinstance(app.screen, RunScreen)
        assert not done(service, "carry_out", "apply")


async def test_read_only_looks_and_does_nothing() -> None:
    service = service_with(read_only=True)
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(pilot, "ute-ufer")
        await press(pilot, "enter")
        assert isinstance(app.screen, OnboardingScreen)
        assert "read-only" in told(app)[0]
        assert done(service, "check")
        assert not done(service, "carry_out")


async def test_a_check_that_breaks_is_told_and_can_be_made_again() -> None:
    service = service_with()
    service.onboarding.refusal = Problem(kind=ProblemKind.NETWORK, what="no answer", where="suse-sol")
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(pilot, "suse-sol")
        assert told(app) == ["suse-sol: no answer"]
        service.onboarding.refusal = None
        await press(pilot, "c")
        assert len(done(service, "check")) == 2
        assert "looking" not in text_of(app)


async def test_what_aws_grants_is_seen_at_the_next_check() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(pilot, "suse-sol", StepName.MAIL)
        before = service.onboarding.facts["suse-sol"]
        granted = mail(on_the_way(), production=Production.GRANTED, per_day=50_000, per_second=14)
        memory = before.memory.model_copy(update={"mail": granted})
        service.onboarding.facts["suse-sol"] = replace(before, memory=memory)
        await press(pilot, "c")
        assert "enter production = true in creator.toml" in text_of(app)
        assert "50,000 messages a day" in text_of(app)


# List


async def test_everybody_who_is_not_live_is_listed_and_opened() -> None:
    app = app_of(service_with())
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "colon", *"onb", "enter")
        assert isinstance(app.screen, OnboardingListScreen)
        assert "3 creators are not live yet" in text_of(app)
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, OnboardingScreen)
        assert app.screen.slug == "suse-sol"


async def test_a_creator_named_in_the_command_is_opened_at_once() -> None:
    app = app_of(service_with())
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "colon", *"onboarding", "space", *"ute-ufer", "enter")
        assert isinstance(app.screen, OnboardingScreen)
        assert app.screen.slug == "ute-ufer"


# The form


async def test_a_new_creator_is_written_after_a_question_and_goes_on_to_the_steps() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert isinstance(app.screen, WizardScreen)
        await fill(pilot, **NELE)
        assert "ready: ctrl+o writes the file" in text_of(app)
        await press(pilot, "ctrl+o")
        assert isinstance(app.screen, ConfirmScreen)
        assert "Write creators/nele-nix/creator.toml?" in text_of(app)
        assert "a month" in text_of(app)
        await press(pilot, "n")
        assert not done(service, "add")
        await press(pilot, "ctrl+o", "y")
        assert done(service, "add") == [("add", "nele-nix")]
        assert isinstance(app.screen, OnboardingScreen)
        assert app.screen.slug == "nele-nix"


async def test_what_is_wrong_is_said_while_it_is_typed_and_not_before() -> None:
    app = app_of(service_with())
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert "is missing" not in text_of(app)
        await press(pilot, *"Nele", "enter")  # the cursor leaves the name
        await fill(pilot, account_id="2100000000")
        assert "is not an account id: twelve digits" in text_of(app)
        await fill(pilot, account_id="210000000001")
        assert '"210000000001" is the account of kasper' in text_of(app)
        await fill(pilot, region="us-east-2")
        assert "has no IVS" in text_of(app)


async def test_writing_too_early_leads_to_what_is_wrong() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "n", *"Nele", "ctrl+o")
        assert isinstance(app.screen, WizardScreen)
        assert app.focused is app.screen.query_one("#account_id")
        assert text_of(app).count("is missing") >= 3
        assert not done(service, "add")


async def test_what_was_typed_is_not_thrown_away_without_a_question() -> None:
    app = app_of(service_with())
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "escape")
        assert not isinstance(app.screen, WizardScreen)
        await press(pilot, "n", "N", "escape")
        assert "Leave without writing the file?" in text_of(app)
        await press(pilot, "n")
        assert isinstance(app.screen, WizardScreen)
        await press(pilot, "escape", "y")
        assert not isinstance(app.screen, WizardScreen)


async def test_the_price_follows_the_modules() -> None:
    app = app_of(service_with())
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert "IVS output" in text_of(app)
        modules = app.screen.query_one(ModuleList)
        modules.focus()
        modules.highlighted = 2
        await press(pilot, "space")
        assert "ivs-streaming" not in modules.chosen
        assert "IVS output" not in text_of(app)
        modules.highlighted = 10
        await press(pilot, "enter")
        assert "newsletter" in modules.chosen
        assert app.screen.query_one("#field-imprint").display


async def test_prices_a_second_region_and_colours_are_checked_while_they_are_typed() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, 60)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        await fill(pilot, **NELE)
        assert not app.screen.query_one("#field-tiers").display
        modules = app.screen.query_one(ModuleList)
        modules.focus()
        modules.highlighted = MODULES.index("membership")
        await press(pilot, "space")
        assert app.screen.query_one("#field-tiers").display
        assert app.screen.query_one("#field-currency").display
        assert "ready: ctrl+o" in text_of(app)  # with the tier that is proposed
        await fill(pilot, tiers="Bee", failover="eu-central-1", primary="red")
        assert '"Bee" is no name with a price, such as Bee 5' in text_of(app)
        assert "is the region that it is to stand in for" in text_of(app)
        assert '"red" is not a colour' in text_of(app)
        await press(pilot, "ctrl+o")
        assert app.focused is app.screen.query_one("#tiers")


async def test_the_answers_stay_in_sight_where_the_details_do_not_fit() -> None:
    app = app_of(service_with())
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        await fill(pilot, **NELE)
        await press(pilot, "ctrl+o")
        assert "y yes" in text_of(app)
        assert "left to the file" not in text_of(app)
        await press(pilot, "pagedown", "pagedown")
        assert "left to the file" in text_of(app)
        assert "y yes" in text_of(app)


async def test_the_account_is_tried_before_anything_is_written() -> None:
    service = service_with()
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        await fill(pilot, **NELE)
        await press(pilot, "ctrl+t")
        assert "account 290000000042 entered as assumed-role/FleetOperator/ana" in text_of(app)
        service.onboarding.refusal = WRONG_ACCOUNT
        await press(pilot, "ctrl+t")
        assert "the way in leads to account 210000000007" in text_of(app)
        await press(pilot, "ctrl+g")
        assert app.screen.query_one("#external_id", Input).value.startswith("fleet-")


async def test_a_read_only_console_adds_nobody() -> None:
    service = service_with(read_only=True)
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        await fill(pilot, **NELE)
        await press(pilot, "ctrl+o")
        assert isinstance(app.screen, WizardScreen)
        assert "read-only" in told(app)[0]


# Pictures


async def the_steps(pilot: Pilot[None]) -> None:
    await opened(pilot, "suse-sol", StepName.DNS)


async def the_checks(pilot: Pilot[None]) -> None:
    await opened(pilot, "jule-jazz", StepName.LIVE)


async def the_list(pilot: Pilot[None]) -> None:
    await settle(pilot)
    await press(pilot, "colon", *"onboarding", "enter")


async def the_form(pilot: Pilot[None]) -> None:
    await settle(pilot)
    await press(pilot, "n", *"Nele")
    await fill(pilot, account_id="2900000000")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("way", [the_steps, the_checks, the_list, the_form])
def test_onboarding_screen(way: Callable[..., object], width: int, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_of(service_with()), terminal_size=(width, HEIGHT), run_before=way)
