"""The fleet: one line a creator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.present.cells import trouble_line
from fleet_tui.present.line import Line, Span, Tone, fit, spread, width_of
from fleet_tui.present.plans import creators
from fleet_tui.present.quantity import count
from fleet_tui.present.totals import progress_line
from fleet_tui.tui.commands import complete_command, read_command
from fleet_tui.tui.content import one_line
from fleet_tui.tui.danger import DangerPage
from fleet_tui.tui.view import View
from fleet_tui.tui.widgets.grid import Grid
from fleet_tui.tui.widgets.grid.fleet_columns import FLEET_COLUMNS
from fleet_tui.tui.widgets.prompt import Prompt


class FleetScreen(DangerPage):
    """All creators, filtered and sorted as the operator wants them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "app.approvals", "approvals"),
        Binding("p", "plan", "plan"),
        Binding("P", "plan_shown", "plan all shown", key_display="P", show=False),
        Binding("v", "app.plans", "plans"),
        Binding("slash", "filter", "filter", priority=True),  # see Prompt.open
        Binding("w", "worst_first", "worst first"),
        Binding("s", "sort", "sort"),
        Binding("colon", "command", "command", priority=True),
        Binding("h", "hold", "hold order"),
        Binding("d", "drift", "drift"),
        Binding("n", "app.add", "new creator"),
        Binding("R", "refresh", "refresh", key_display="R"),
        Binding("escape", "back", "clear", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.view = View()

    def place(self) -> tuple[str, ...]:
        """All creators."""
        return ("all creators",)

    def body(self) -> Iterable[Widget]:
        """Status line, grid, and the two prompts."""
        yield Static(id="status")
        yield Grid[CreatorSnapshot](
            FLEET_COLUMNS, self.fleet.clock(), spanning=trouble_line, empty="no creator matches", id="grid"
        )
        yield Prompt(
            "/", self.view.complete, placeholder="state:failed cost>50 queue>0   enter keeps, esc clears",
            id="filter",
        )  # fmt: skip
        yield Prompt(
            ":",
            self._complete_command,
            placeholder="approvals, runs, creator kasper, sort cost, q",
            id="command",
        )

    @property
    def grid(self) -> Grid[CreatorSnapshot]:
        """The grid."""
        return self.query_one("#grid", Grid)

    def on_mount(self) -> None:
        """Keys go to the grid."""
        self.grid.focus()

    def on_resize(self, event: events.Resize) -> None:
        """The status line is drawn for its width."""
        self.call_after_refresh(self._show_status)

    def fleet_arrived(self, changed: frozenset[str] | None) -> None:
        """Draw what differs."""
        self.grid.show(self.fleet.fleet.rows, changed)
        self._show_status()

    def time_passed(self, now: datetime) -> None:
        """Draw the ages that differ."""
        self.grid.tick(now)

    # Status line

    def _show_status(self) -> None:
        width = self.size.width - 2
        left = progress_line(self.fleet.fleet.progress)
        if self.view.error:
            left = (Span(self.view.error, Tone.CAUTION),)
        self.query_one("#status", Static).update(one_line(self._status(left, width)))

    def _status(self, left: Line, width: int) -> Line:
        rows = self.grid.rows
        parts: list[Span] = []
        if rows.held:
            parts.append(Span("order held", Tone.WAITING))
        if self.view.worst_first:
            parts.append(Span("worst first", Tone.WAITING))
        elif self.view.sort is not None:
            parts.append(Span(f"by {self.view.sort}", Tone.QUIET))
        if self.view.text:
            parts.append(Span(f"/{self.view.text}", Tone.WAITING))
        if rows.marks:
            hidden = f", {len(rows.hidden_marks)} hidden" if rows.hidden_marks else ""
            parts.append(Span(f"{len(rows.marks)} marked{hidden}", Tone.WAITING))
        shown = f"{count(len(rows))} shown" if len(rows) != rows.total else creators(rows.total)
        parts.append(Span(shown, Tone.QUIET))
        right: list[Span] = []
        for index, part in enumerate(parts):
            right += [Span(" · ", Tone.QUIET), part] if index else [part]
        if width_of(left) + width_of(tuple(right)) + 1 > width and not self.view.error:
            return fit(tuple(right), width, right=True)
        return spread(left, tuple(right), width)

    # Filter, order

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one("#filter", Prompt).open(self.view.text)

    @on(Prompt.Changed, "#filter")
    def _filter_changed(self, event: Prompt.Changed) -> None:
        if self.view.set_text(event.text):
            self._arrange()
        self._show_status()

    @on(Prompt.Submitted, "#filter")
    def _filter_kept(self, event: Prompt.Submitted) -> None:
        if self.view.set_text(event.text):
            self.query_one("#filter", Prompt).close()
            self.grid.focus()
            self._arrange()
        self._show_status()

    @on(Prompt.Cancelled, "#filter")
    def _filter_cancelled(self) -> None:
        self.query_one("#filter", Prompt).close()
        self.grid.focus()
        self.view.forget_error()
        self._clear_filter()

    def _clear_filter(self) -> None:
        self.view.set_text("")
        self._arrange()

    def action_worst_first(self) -> None:
        """Only what needs a person, the worst first; again: as before."""
        self.view.worst_first = not self.view.worst_first
        self._arrange()

    def action_sort(self) -> None:
        """The next order."""
        self.view.next_sort()
        self._arrange()

    def _arrange(self) -> None:
        clock = self.fleet.clock
        self.grid.rows.sort(self.view.sort_key(clock))
        self.grid.filter(self.view.matches(clock))
        self._show_status()

    def action_hold(self) -> None:
        """Hold the order, or let rows move to where they belong."""
        self.grid.hold(not self.grid.rows.held)
        self._show_status()

    @on(Grid.MarksChanged)
    def _marks_changed(self) -> None:
        self._show_status()

    def action_back(self) -> None:
        """Take back what was set last: marks, worst first, filter."""
        if self.grid.rows.marks:
            self.grid.clear_marks()
        elif self.view.worst_first:
            self.action_worst_first()
        elif self.view.text:
            self._clear_filter()

    # Ways on

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        self.fleet.open_creator(event.key)

    @property
    def hidden(self) -> frozenset[str]:
        """Creators whom the filter hides."""
        return frozenset(self.fleet.fleet.rows).difference(self.grid.rows.order)

    def action_plan(self) -> None:
        """Plan the marked creators, or the one under the cursor."""
        if self.grid.rows.marks:
            self.plan_many(sorted(self.grid.rows.marks))
        elif self.grid.cursor is not None:
            self.plan(self.grid.cursor)

    def action_plan_shown(self) -> None:
        """Plan every creator that is shown."""
        self.plan_many(list(self.grid.rows.order))

    def action_drift(self) -> None:
        """Look for drift in the marked creators, or in the one under the cursor."""
        slugs = self.grid.rows.marks or ({self.grid.cursor} if self.grid.cursor else set())
        if slugs:
            self.fleet.open_drift(frozenset(slugs), check=True)

    def action_refresh(self) -> None:
        """Look at the marked creators now, or at the one under the cursor."""
        slugs = self.grid.rows.marks or ({self.grid.cursor} if self.grid.cursor else set())
        self._look_again(frozenset(slugs))

    def _look_again(self, slugs: frozenset[str] | None) -> None:
        self.run_worker(
            lambda: self.fleet.service.refresh(slugs), thread=True, exit_on_error=False, group="refresh"
        )
        told = "every creator" if slugs is None else ", ".join(sorted(slugs))
        if slugs is not None and len(slugs) > 3:
            told = creators(len(slugs))
        self.notify(f"Looking at {told} again.", timeout=3, markup=False)

    # Commands

    def action_command(self) -> None:
        """Type a command."""
        self.query_one("#command", Prompt).open()

    def _complete_command(self, text: str) -> str | None:
        return complete_command(
            text,
            slugs=list(self.fleet.fleet.rows),
            sorts=list(self.view.sorts),
            themes=[name for name in self.app.available_themes if name.startswith("fleet")],
        )

    @on(Prompt.Cancelled, "#command")
    def _command_cancelled(self) -> None:
        self.query_one("#command", Prompt).close()
        self.grid.focus()

    @on(Prompt.Submitted, "#command")
    def _command_submitted(self, event: Prompt.Submitted) -> None:
        self._command_cancelled()
        if event.text.strip() and not self._run_command(event.text):
            self.notify(
                f':{event.text.strip()} is not a command here. "?" lists them.',
                severity="warning",
                markup=False,
            )

    def _run_command(self, text: str) -> bool:
        command = read_command(text)
        if command is None:
            return False
        name, argument = command
        known = argument in self.fleet.fleet.rows
        if name == "creator" and known:
            self.grid.select(argument)
            self.fleet.open_creator(argument)
        elif name == "onboarding" and known:
            self.fleet.open_onboarding(argument)
        elif name == "plan" and (known or not argument):
            self.plan(argument or self.grid.cursor or "")
        elif name == "sort" and argument in self.view.sorts:
            self.view.sort = argument
            self._arrange()
        elif name == "theme" and argument in self.app.available_themes:
            self.app.theme = argument
        elif name in ("destroy", "unlock") and known:
            getattr(self, name)(argument)
        elif name == "drift" and (known or not argument):
            self.fleet.open_drift(frozenset({argument}) if known else None)
        elif name == "site" and known:
            self.fleet.open_site(argument)
        elif name == "state" and known:
            self.fleet.open_state(argument)
        elif name == "refresh":
            self._look_again(frozenset({argument}) if known else None)
        elif name in ("add", "approvals", "plans", "rollouts", "runs", "help", "fleet", "onboarding"):
            getattr(self.fleet, f"action_{name}")()
        elif name == "quit":
            self.app.exit()
        else:
            return False
        return True
