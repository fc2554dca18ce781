"""The site of a creator in the console: seen, deployed, gone back from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.tui.app import FleetApp
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.run import RunScreen
from fleet_tui.tui.screens.site import SiteScreen
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import FakeService
from tests.tui.fake_frontends import BEFORE, NEWEST

UNREACHED = Problem(kind=ProblemKind.NETWORK, what="no answer", where="kasper: s3", hint="Try again")


def of_site(service: FakeService) -> list[tuple[object, ...]]:
    return [entry for entry in service.done if "site" in str(entry[0])]


async def open_site(pilot: Pilot[None], slug: str = "kasper") -> None:
    assert isinstance(pilot.app, FleetApp)
    pilot.app.open_site(slug)
    await settle(pilot)


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


@pytest.mark.parametrize(
    ("keys", "width"),
    [((), 60), ((), 80), ((), 120), ((), 160), (("d",), 60)],
    ids=["site-60", "site-80", "site-120", "site-160", "deploy-60"],
)
def test_pictures(keys: tuple[str, ...], width: int, snap_compare: Callable[..., bool]) -> None:
    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await open_site(pilot)
        await press(pilot, *keys)

    assert snap_compare(app_of(FakeService()), terminal_size=(width, 24), run_before=go)


async def test_the_creators_page_shows_the_site_and_leads_to_it() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(140, 60)) as pilot:
        app.open_creator("kasper")
        await settle(pilot)
        assert "to change   index.html, theme.css" in text_of(app)
        await press(pilot, "s")
        assert isinstance(app.screen, SiteScreen)
        assert "Contact form" in text_of(app)


async def test_deploying_asks_and_says_what_visitors_see_now() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_site(pilot)
        await press(pilot, "d")
        assert isinstance(app.screen, ConfirmScreen)
        assert "changes index.html, theme.css" in text_of(app)
        await press(pilot, "enter")
        assert of_site(service) == []
        await press(pilot, "d", "y")
        assert of_site(service) == [("deploy site", "kasper", NEWEST)]
        assert isinstance(app.screen, RunScreen)


async def test_going_back_is_offered_where_it_is_possible() -> None:
    service = FakeService()
    app = app_of(service)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_site(pilot)
        await press(pilot, "b")  # the cursor is on what visitors see
        assert isinstance(app.screen, SiteScreen)
        await press(pilot, "down", "down", "b", "enter")  # that release is gone
        assert isinstance(app.screen, SiteScreen)
        await press(pilot, "up", "enter")
        assert "Nothing is built or uploaded." in text_of(app)
        await press(pilot, "y")
        assert of_site(service) == [("roll back site", "kasper", BEFORE, NEWEST)]
        assert isinstance(app.screen, RunScreen)


async def test_a_site_that_was_never_deployed_says_what_visitors_see_and_what_lacks() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(100, 30)) as pilot:
        await open_site(pilot, "mina-moor")
        assert "placeholder" in text_of(app)
        await press(pilot, "d")
        assert "in place of Terraform's page" in text_of(app)
        assert "! no imprint" in text_of(app)


async def test_where_it_cannot_be_looked_at_that_is_what_is_shown() -> None:
    service = FakeService()
    service.frontends.problem = UNREACHED
    app = app_of(service)
    async with app.run_test(size=(100, 60)) as pilot:
        app.open_creator("kasper", "site")
        await settle(pilot)
        assert "no answer" in text_of(app)
        assert told(app) == []
        await press(pilot, "s")
        assert "kasper: s3: no answer" in text_of(app)
        await press(pilot, "d")
        assert isinstance(app.screen, SiteScreen)


@pytest.mark.parametrize("keys", [("d",), ("down", "b")])
async def test_a_read_only_console_refuses(keys: tuple[str, ...]) -> None:
    service = FakeService(read_only=True)
    app = app_of(service)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_site(pilot)
        await press(pilot, *keys)
        assert isinstance(app.screen, SiteScreen)
        assert "read-only" in told(app)[-1]
        assert of_site(service) == []


async def test_a_site_is_opened_by_a_command() -> None:
    app = app_of(FakeService())
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "colon", *"site kasper", "enter")
        assert isinstance(app.screen, SiteScreen)
