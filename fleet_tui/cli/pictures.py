"""Draws the pictures of the README: the real console, driven by its keys, in the sandbox's world."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from textual.pilot import Pilot

from fleet_tui.fleet import Fleet
from fleet_tui.settings import Settings
from fleet_tui.tui.app import FleetApp

_LOOK_SECONDS = 90.0
_WIDE, _NARROW = (160, 40), (80, 24)

Drive = Callable[[Pilot[None]], Awaitable[None]]


async def _fleet(pilot: Pilot[None]) -> None:
    await pilot.press("down", "down", "down")


async def _worst_first(pilot: Pilot[None]) -> None:
    await pilot.press("w")


async def _creator(pilot: Pilot[None]) -> None:
    await pilot.press("slash", *"slug:mina-moor", "enter", "enter")


async def _approvals(pilot: Pilot[None]) -> None:
    await pilot.press("a")


async def _operations(pilot: Pilot[None]) -> None:
    await pilot.press("o")


async def _drift(pilot: Pilot[None]) -> None:
    await pilot.press("colon", *"drift lena-lux", "enter")


async def _onboarding(pilot: Pilot[None]) -> None:
    await pilot.press("colon", *"onboarding yara-yew", "enter")


async def _plan(pilot: Pilot[None]) -> None:
    """The plan that changes back what somebody has changed by hand."""
    app = pilot.app
    assert isinstance(app, FleetApp)  # noqa: S101 - made below
    run = app.service.plan("lena-lux", reason="change back what was changed by hand")
    app.open_run(run)
    deadline = time.monotonic() + _LOOK_SECONDS
    while not run.finished and time.monotonic() < deadline:
        await pilot.pause(0.3)
        run = next(known for known in app.service.runs() if known.id == run.id)


async def _help(pilot: Pilot[None]) -> None:
    await pilot.press("question_mark")


PICTURES: tuple[tuple[str, tuple[int, int], Drive], ...] = (
    ("fleet", (160, 22), _fleet),
    ("worst-first-80", _NARROW, _worst_first),
    ("creator", _WIDE, _creator),
    ("approvals", _WIDE, _approvals),
    ("operations", _WIDE, _operations),
    ("drift", _WIDE, _drift),
    ("onboarding", _WIDE, _onboarding),
    ("plan", _WIDE, _plan),
    ("help", _WIDE, _help),
)


def draw(settings: Settings, folder: Path) -> Iterator[Path]:
    """Draw every picture as SVG.

    Args:
        settings: of the world that is drawn.
        folder: where the pictures go.

    Yields:
        The path of each picture once it is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, size, drive in PICTURES:
        path = folder / f"{name}.svg"
        path.write_text(asyncio.run(_draw(settings, size, drive)), encoding="utf-8")
        yield path


async def _draw(settings: Settings, size: tuple[int, int], drive: Drive) -> str:
    fleet = Fleet(settings)
    app = FleetApp(fleet)
    try:
        async with app.run_test(size=size) as pilot:
            deadline = time.monotonic() + _LOOK_SECONDS
            while app.fleet.progress.answered < app.fleet.progress.total and time.monotonic() < deadline:
                await pilot.pause(0.1)
            await drive(pilot)
            await pilot.pause(1.0)
            return app.export_screenshot()
    finally:
        fleet.stop()
