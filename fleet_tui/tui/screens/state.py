"""The state of a creator: its versions, what differs between them, and an older one made the newest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.deploy.statediff import StateDifference
from fleet_tui.deploy.versions import StateVersion
from fleet_tui.operations.model import Run
from fleet_tui.present.line import Line, Span, Tone, hang
from fleet_tui.present.quantity import count
from fleet_tui.present.state import (
    difference_lines,
    in_short,
    resources_cell,
    serial_cell,
    size_cell,
    version_cell,
    writer_cell,
    written_cell,
)
from fleet_tui.problems import Problem
from fleet_tui.tui.content import content, one_line
from fleet_tui.tui.screens.confirm import TypedConfirmScreen
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.widgets.grid import Column, Grid, Step

_REASON = "restored in the console"
_TOLD = 12  # lines of the difference in the question; all of it is on the page

COLUMNS: tuple[Column[StateVersion], ...] = (
    Column(("VERSION",), (Step(10, 0),), version_cell),
    Column(("SERIAL",), (Step(6, 1),), serial_cell, right=True),
    Column(("AGO",), (Step(7, 2),), written_cell, right=True),
    Column(("RESOURCES",), (Step(9, 3),), resources_cell, right=True),
    Column(("SIZE",), (Step(9, 5),), size_cell, right=True),
    Column(("WRITTEN BY",), (Step(12, 4), Step(24, 6)), writer_cell, stretch=60),
)


class StateScreen(Page):
    """Versions above, a comparison below.

    Args:
        slug: the creator.
    """

    CSS_PATH: ClassVar[str] = "state.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "compare", "compare with newest"),
        Binding("space", "grid_mark", "mark to compare"),
        Binding("r", "restore", "restore"),
        Binding("c", "creator", "creator"),
        Binding("R", "refresh", "refresh", key_display="R"),
    ]

    class Listed(Message):
        """The versions have been read."""

        def __init__(self, versions: Sequence[StateVersion]) -> None:
            super().__init__()
            self.versions = versions

    class Compared(Message):
        """It is known what differs.

        Args:
            earlier: a version.
            later: the one it was compared with.
            restoring: the question is whether `later` is to be restored.
        """

        def __init__(
            self, earlier: StateVersion, later: StateVersion, difference: StateDifference, *, restoring: bool
        ) -> None:
            super().__init__()
            self.earlier = earlier
            self.later = later
            self.difference = difference
            self.restoring = restoring

    class Restoring(Message):
        """The run that restores has been started."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug
        self._versions: dict[str, StateVersion] | None = None
        self._compared: tuple[str, StateDifference] | None = None
        self._marked: str | None = None

    def place(self) -> tuple[str, ...]:
        """The creator's state."""
        row = self.fleet.fleet.rows.get(self.slug)
        return (row.name if row else self.slug, "state")

    def body(self) -> Iterable[Widget]:
        """Versions, and what differs."""
        yield Static(id="status")
        with Vertical(id="panes"):
            yield Grid[StateVersion](
                COLUMNS, self.fleet.clock(), empty="there is no state yet", markable=False, id="list"
            )
            with VerticalScroll(id="detail", can_focus=False):
                yield Static(id="difference")

    @property
    def grid(self) -> Grid[StateVersion]:
        """The versions."""
        return self.query_one("#list", Grid)

    @property
    def version(self) -> StateVersion | None:
        """The version under the cursor."""
        return (self._versions or {}).get(self.grid.cursor or "")

    @property
    def newest(self) -> StateVersion | None:
        """The state as it is now."""
        return next((one for one in (self._versions or {}).values() if one.newest), None)

    def on_mount(self) -> None:
        """Read the versions."""
        self.grid.focus()
        self._show()
        self._list()

    def on_screen_resume(self) -> None:
        """A run may have written another one."""
        self._list()

    def on_resize(self, event: events.Resize) -> None:
        """What differs is drawn for its width."""
        self.call_after_refresh(self._show)

    def time_passed(self, now: datetime) -> None:
        """Ages have grown."""
        self.grid.tick(now)

    @work(thread=True, exclusive=True, exit_on_error=False, group="list")
    def _list(self) -> None:
        self.post_message(self.Listed(self.fleet.service.care.states.versions(self.slug)))

    @on(Listed)
    def _listed(self, event: Listed) -> None:
        event.stop()
        self._versions = {version.id: version for version in event.versions}
        self.grid.show(self._versions)
        self._show()

    def worker_failed(self, problem: Problem) -> None:
        """Say it where the versions would stand, too."""
        super().worker_failed(problem)
        if self._versions is None:
            self._versions = {}
            self._show()

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self.refresh_bindings()

    def _show(self) -> None:
        self.query_one("#status", Static).update(one_line(self._status()))
        width = max(20, self.query_one("#detail").content_size.width or self.size.width - 4)
        lines: list[Line] = [
            (Span("enter tells what happened from a version to the newest one;", Tone.QUIET),),
            (Span("space marks one, and enter then compares it with another one.", Tone.QUIET),),
        ]
        if self._compared is not None:
            head, difference = self._compared
            drawn = difference_lines(difference, width)
            lines = [(Span(head, Tone.STRONG), Span(f"  {in_short(difference)}", Tone.QUIET)), ()]
            lines += [part for one in drawn for part in hang(one, width)]
        self.query_one("#difference", Static).update(content(lines))
        self.refresh_bindings()

    def _status(self) -> Line:
        if self._versions is None:
            return (Span("reading the versions from the state bucket", Tone.QUIET),)
        number = len(self._versions)
        told = Span(f"{count(number)} version{'' if number == 1 else 's'} of the state", Tone.QUIET)
        marked = self._versions.get(self._marked or "")
        mark = Span(f" · serial {marked.serial} marked", Tone.WAITING) if marked else Span("")
        return (told, mark)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is possible with the version under the cursor is offered."""
        version = self.version if self.is_mounted else None
        if action == "restore":
            return version is not None and not version.newest and not version.removed
        if action in ("compare", "grid_mark"):
            return version is not None and not version.removed
        return True

    def action_grid_mark(self) -> None:
        """Mark the version under the cursor as the one to compare with, or take the mark back."""
        if self.version is not None:
            self._marked = None if self._marked == self.version.id else self.version.id
            self._show()

    @on(Grid.Opened)
    def _opened(self) -> None:
        self.action_compare()

    def action_compare(self) -> None:
        """Compare the version under the cursor with the marked one, or with the newest."""
        version, versions = self.version, self._versions or {}
        other = versions.get(self._marked or "") or self.newest
        if version is None or version.removed or other is None or other.removed:
            return
        earlier, later = sorted((version, other), key=lambda one: one.written_at)
        self._compare(earlier, later, restoring=False)

    @work(thread=True, exclusive=True, exit_on_error=False, group="compare")
    def _compare(self, earlier: StateVersion, later: StateVersion, *, restoring: bool) -> None:
        difference = self.fleet.service.care.states.compare(self.slug, earlier.id, later.id)
        self.post_message(self.Compared(earlier, later, difference, restoring=restoring))

    @on(Compared)
    def _differs(self, event: Compared) -> None:
        event.stop()
        if event.restoring:
            self._ask(event.later, event.difference)
            return
        head = f"from serial {event.earlier.serial} to serial {event.later.serial}"
        self._compared = (head, event.difference)
        self.query_one("#detail").scroll_home(animate=False)
        self._show()

    def action_restore(self) -> None:
        """Make the version under the cursor the newest, after telling what that would do."""
        version, newest = self.version, self.newest
        if version is None or version.newest or version.removed or self.refused("restoring a state"):
            return
        if newest is None or newest.removed:
            self._ask(version, None)
        else:
            self._compare(newest, version, restoring=True)

    def _ask(self, version: StateVersion, difference: StateDifference | None) -> None:
        details: list[Line] = [
            (
                Span(
                    "Nothing in the account changes. What was made since is there all the same, and the next "
                    "plan has to be read with that in mind."
                ),
            ),
        ]
        if difference is not None:
            details += [(), (Span(f"The state would change: {in_short(difference)}", Tone.CAUTION),)]
            details += difference_lines(difference, self.size.width)[:_TOLD]

        def answered(yes: bool | None) -> None:
            if yes:
                self._restore(version.id)

        self.app.push_screen(
            TypedConfirmScreen(f"Make serial {version.serial} the state again?", self.slug, details), answered
        )

    @work(thread=True, exclusive=True, exit_on_error=False, group="restore")
    def _restore(self, version_id: str) -> None:
        run = self.fleet.service.care.states.restore(self.slug, version_id, reason=_REASON)
        self.post_message(self.Restoring(run))

    @on(Restoring)
    def _restoring(self, event: Restoring) -> None:
        event.stop()
        self.fleet.open_run(event.run)

    def action_creator(self) -> None:
        """Open the creator's page."""
        self.fleet.open_creator(self.slug, "deploy")

    def action_refresh(self) -> None:
        """Read the versions again."""
        self._list()
