"""Rollouts on the screen: what is shown, what each key tells them, and what it asks before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from fleet_tui.operations.model import OperationKind
from fleet_tui.present.rollouts import short_line
from fleet_tui.rollouts.model import MemberStatus, Rollout, RolloutStatus, Trouble
from fleet_tui.tui.rolloutwatch import UNFINISHED_TOLD, RolloutWatch
from fleet_tui.tui.screens.rollout import RolloutScreen
from fleet_tui.tui.screens.rollouts import RolloutsScreen
from fleet_tui.tui.screens.run import RunScreen
from fleet_tui.tui.terminal import desktop_note
from tests.tui.console import app_of, settle, text_of, told
from tests.tui.fake import SAFE_PLAN, FakeService
from tests.tui.fake_rollouts import at_work, request, stopped, watched
from tests.tui.sample import NOW, ago

WIDTHS = (60, 80, 120, 160)
HEIGHT = 34

TEXTS = (
    "asked for by ana@ops: 8 creators",
    "wave canary begins: 1 creator",
    "kasper: applied",
    "wave early begins: 2 creators",
    "jule-jazz: put back until the stream has ended – live since 13:12 UTC",
)


def opened(rollout: Rollout, *keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """The rollout on the screen, after these keys."""

    async def go(pilot: Pilot[None]) -> None:
        app = pilot.app
        service = app.service  # type: ignore[attr-defined]
        service.rollouts.put(rollout, *TEXTS)
        service.rollouts.put(stopped()) if rollout.id != stopped().id else None
        app.look_at_rollouts()  # type: ignore[attr-defined]
        await settle(pilot)
        app.open_rollout(rollout.id)  # type: ignore[attr-defined]
        await settle(pilot, until=lambda: "ana@ops" in text_of(app))
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return go


async def the_list(pilot: Pilot[None]) -> None:
    service = pilot.app.service  # type: ignore[attr-defined]
    service.rollouts.put(at_work())
    service.rollouts.put(stopped())
    pilot.app.look_at_rollouts()  # type: ignore[attr-defined]
    await settle(pilot)
    await pilot.press("O")
    await settle(pilot, until=lambda: "2 rollouts" in text_of(pilot.app))


@pytest.mark.parametrize("status", RolloutStatus)
def test_every_screen_tells_of_a_rollout_until_it_is_done_or_long_left_alone(status: RolloutStatus) -> None:
    watch, rollout = RolloutWatch(), at_work().model_copy(update={"status": status})
    watch.take([rollout], NOW)
    assert bool(watch.line) == (status is not RolloutStatus.SUCCEEDED)
    watch.take([rollout], NOW + UNFINISHED_TOLD)
    assert bool(watch.line) == (not rollout.ended)
    watch.take([at_work().model_copy(update={"request": request(0)}), rollout], NOW)
    assert watch.line == short_line(at_work())


SCREENS = {
    "rollouts": the_list,
    "rollout": opened(at_work()),
    "watched": opened(watched()),
    "stopped": opened(stopped()),
    "override": opened(at_work(), "down", "down", "down", "o"),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("screen", SCREENS)
def test_rollout_screen(screen: str, width: int, snap_compare: Callable[..., bool]) -> None:
    app = app_of(FakeService())
    assert snap_compare(app, terminal_size=(width, HEIGHT), run_before=SCREENS[screen])


async def after(rollout: Rollout, *keys: str, read_only: bool = False) -> tuple[FakeService, str, list[str]]:
    """What the service was told after these keys, what is on the screen, and what notes say."""
    service = FakeService(read_only=read_only)
    app = app_of(service)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(rollout, *keys)(pilot)
        notes, text = told(app), text_of(app)
    service.done = [done for done in service.done if done[0] not in ("start", "stop_", "look_closely")]
    return service, text, notes


def paused() -> Rollout:
    return at_work().model_copy(update={"status": RolloutStatus.PAUSED, "cause": "paused by ana@ops"})


def in_trouble() -> Rollout:
    trouble = Trouble(cause="the session has expired", since=ago(minutes=2))
    return at_work().model_copy(update={"trouble": trouble})


@pytest.mark.parametrize(
    ("rollout", "keys", "done"),
    [
        (at_work(), ("space",), ("pause",)),
        (paused(), ("space",), ("go_on",)),
        (in_trouble(), ("space",), ("go_on",)),
        (at_work(), ("x", "y"), ("stop",)),
        (at_work().model_copy(update={"status": RolloutStatus.STOPPING}), ("x", "y"), ("stop now",)),
        (stopped(), ("r", "8", "enter"), ("resume",)),
        (stopped(), ("t", "y"), ("resume", "kasper")),
    ],
)
async def test_what_a_key_tells_a_rollout(rollout, keys, done):
    service, _, _ = await after(rollout, *keys)
    what, *about = done
    assert (what, rollout.id, *about) in service.done


@pytest.mark.parametrize(
    ("rollout", "keys"),
    [
        (at_work(), ("x", "n")),
        (at_work(), ("r",)),
        (at_work(), ("o",)),  # kasper is applied
        (stopped(), ("space",)),
        (stopped(), ("x", "y")),
        (stopped(), ("r", "7", "enter")),
        (stopped(), ("r", "y")),
        (stopped(), ("t", "n")),
    ],
)
async def test_what_a_key_does_not_do(rollout, keys):
    service, _, _ = await after(rollout, *keys)
    assert not [done for done in service.done if done[0] in ("stop", "resume", "override", "pause", "go_on")]


async def test_an_override_asks_twice_and_wants_the_slug_typed():
    keys = ("down", "down", "down", "o", "y")
    service, text, _ = await after(at_work(), *keys)
    assert "Type jule-jazz" in text
    assert not [done for done in service.done if done[0] == "override"]
    service, _, _ = await after(at_work(), *keys, *"jule", "minus", *"jazz", "enter")
    assert ("override", at_work().id, "jule-jazz") in service.done


async def test_one_key_leaves_those_of_whom_there_is_something_to_see():
    app = app_of(FakeService())
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(at_work(), "w")(pilot)
        assert isinstance(app.screen, RolloutScreen)
        assert "worst first · 4 of 8 creators are shown" in text_of(app)
        assert list(app.screen._rows) == ["lena-lux", "pia-prisma", "jule-jazz", "otto-okto"]
        await pilot.press("w")
        await settle(pilot)
        assert len(app.screen._rows) == 8


async def test_resuming_names_whom_and_leaves_the_cancelled():
    members = tuple(
        one.model_copy(update={"status": MemberStatus.CANCELLED}) if one.slug == "quentin" else one
        for one in stopped().members
    )
    _, text, _ = await after(stopped().model_copy(update={"members": members}), "r")
    assert "7 creators" in text
    assert "kasper, mina-moor, jule-jazz" in text
    assert "1 cancelled stay as they are" in text


async def test_read_only_tells_nothing():
    service, _, notes = await after(at_work(), "space", "x", read_only=True)
    assert not [done for done in service.done if done[0] in ("pause", "stop")]
    assert any("read-only" in note for note in notes)


async def test_a_new_plan_is_read_before_it_is_approved():
    service = FakeService()
    app = app_of(service)
    rollout = at_work()
    run = service.begin(OperationKind.PLAN, "pia-prisma")
    service.finish(run.id, plan=SAFE_PLAN)
    members = tuple(
        one.model_copy(update={"plan_id": run.id}) if one.slug == "pia-prisma" else one
        for one in rollout.members
    )
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(rollout.model_copy(update={"members": members}), *["down"] * 6, "a")(pilot)
        await settle(pilot, until=lambda: "Apply this new plan to pia-prisma?" in text_of(app))
        assert "aws_sns_topic" in text_of(app)
        await pilot.press("y")
        await settle(pilot)
    assert ("approve", rollout.id, "pia-prisma") in service.done


async def test_enter_opens_the_run_of_a_creator():
    service = FakeService()
    app = app_of(service)
    run = service.begin(OperationKind.APPLY, "kasper")
    rollout = at_work()
    members = (rollout.members[0].model_copy(update={"run_id": run.id}), *rollout.members[1:])
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await opened(rollout.model_copy(update={"members": members}), "enter")(pilot)
        await settle(pilot, until=lambda: isinstance(app.screen, RunScreen))


async def test_the_head_of_every_screen_tells_of_it_and_its_end_is_announced(monkeypatch):
    service = FakeService()
    app = app_of(service)
    rollout = service.rollouts.put(at_work())
    rung: list[str] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append("bell"))
    async with app.run_test(size=(160, HEIGHT)) as pilot:
        app.look_at_rollouts()
        await settle(pilot, until=lambda: "rollout general 3/8" in text_of(app).splitlines()[0])
        assert rung == []
        service.rollouts.put(
            rollout.model_copy(update={"status": RolloutStatus.INCOMPLETE, "cause": "1 failed: lena-lux"})
        )
        app.look_at_rollouts()
        await settle(pilot, until=lambda: bool(rung))
        assert told(app) == ["Rollout incomplete: 3/8 applied: 1 failed: lena-lux"]
        await settle(pilot, until=lambda: "general 3/8 incomplete" in text_of(app).splitlines()[0])
        service.rollouts.put(rollout.model_copy(update={"status": RolloutStatus.SUCCEEDED}))
        app.look_at_rollouts()
        await settle(pilot, until=lambda: "rollout" not in text_of(app).splitlines()[0])


async def test_the_command_and_the_list_lead_to_a_rollout():
    service = FakeService()
    app = app_of(service)
    service.rollouts.put(at_work(), *TEXTS)
    async with app.run_test(size=(120, HEIGHT)) as pilot:
        await settle(pilot)
        await pilot.press("colon", *"rollouts", "enter")
        await settle(pilot, until=lambda: isinstance(app.screen, RolloutsScreen))
        await settle(pilot, until=lambda: "1 rollout" in text_of(app))
        await pilot.press("enter")
        await settle(pilot, until=lambda: isinstance(app.screen, RolloutScreen))


def test_a_desktop_note_holds_nothing_that_a_terminal_obeys():
    assert desktop_note("done\x1b]0;x\x07", in_tmux=False) == "\x1b]9;done]0;x\x07"
    assert desktop_note("done", in_tmux=True) == "\x1bPtmux;\x1b\x1b]9;done\x07\x1b\\"
