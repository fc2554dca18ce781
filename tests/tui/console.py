"""How tests start the console and wait for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.pilot import Pilot

from fleet_tui.tui.app import FleetApp
from tests.tui.fake import FakeService
from tests.tui.sample import NOW

PATIENCE = 200  # turns of the event loop, each a few milliseconds


def app_of(
    service: FakeService, *, clock: Callable[[], datetime] = lambda: NOW, ascii_only: bool = False
) -> FleetApp:
    """The console over a fake fleet, at a fixed moment."""
    return FleetApp(service, clock=clock, ascii_only=ascii_only)


async def settle(pilot: Pilot[None], until: Callable[[], bool] | None = None) -> None:
    """Until work in the background has ended and the screen is drawn, or until a condition holds."""
    for _ in range(PATIENCE):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        if until is None or until():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to that:\n" + text_of(pilot.app))


def text_of(app: object) -> str:
    """What is on the screen, as text."""
    screen = app.screen  # type: ignore[attr-defined]
    width, height = app.size  # type: ignore[attr-defined]
    filters = app.get_line_filters()  # type: ignore[attr-defined]
    lines = []
    for strip in screen._compositor.render_strips():
        for line_filter in filters:
            strip = strip.apply_filter(line_filter, screen.styles.background)
        lines.append(strip.text)
    return "\n".join(line[:width] for line in lines[:height])


def told(app: FleetApp) -> list[str]:
    """What notifications say."""
    return [note.message for note in app._notifications]
