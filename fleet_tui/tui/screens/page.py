"""What every screen has: header, keys, the ways to other screens, and how errors are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from fleet_tui.problems import FleetError, Problem, ProblemKind, refused_by_machine
from fleet_tui.tui.terminal import LEAST_HEIGHT, LEAST_WIDTH
from fleet_tui.tui.widgets.header import Header
from fleet_tui.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from fleet_tui.tui.app import FleetApp, FleetChange


def problem_of(error: BaseException) -> Problem:
    """The problem that an exception carries; anything else is our own fault, and is told as such."""
    if isinstance(error, FleetError):
        return error.problem
    if isinstance(error, OSError):
        return refused_by_machine("this cannot be done on this machine", error)
    return Problem(
        kind=ProblemKind.UNEXPECTED,
        what=f"{type(error).__name__}: {error}" if str(error) else type(error).__name__,
        hint="This is a fault of the program, please report it",
    )


class Page(Screen[None]):
    """A screen of the console.

    Subclasses give `body`, and take what they need of `fleet_arrived` and `time_passed`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "back")]

    def place(self) -> tuple[str, ...]:
        """Where one is, for the header."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        """What stands between header and keys."""
        raise NotImplementedError

    def fleet_arrived(self, changed: frozenset[str] | None) -> None:
        """There is a new picture in `fleet.fleet`; `changed` names the rows that differ (None: all may)."""

    def time_passed(self, now: datetime) -> None:
        """Ages have grown."""

    @property
    def fleet(self) -> FleetApp:
        """The application, by its own type."""
        return cast("FleetApp", self.app)

    def compose(self) -> ComposeResult:
        """Header, body, keys, and the note for terminals that are too small."""
        yield Header(("fleet", self.fleet.service.environment, *self.place()))
        yield from self.body()
        yield KeyBar()
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """Take the picture that is there, then every new one."""
        self.fleet.fleet_changed.subscribe(self, self._fleet_changed)
        self.fleet.ticked.subscribe(self, self._ticked)
        self._show_header()
        self.fleet_arrived(None)

    def on_screen_resume(self) -> None:
        """The header may be older than the fleet."""
        self._show_header()

    def on_resize(self, event: events.Resize) -> None:
        """Say so where the terminal is too small to be of use."""
        width, height = event.size
        small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        self.set_class(small, "-too-small")
        if small:
            self.query_one("#too-small", Static).update(
                f"This terminal is too small: {width}×{height}.\n"
                f"The console needs at least {LEAST_WIDTH}×{LEAST_HEIGHT}."
            )

    def _fleet_changed(self, change: FleetChange) -> None:
        self._show_header()
        self.fleet_arrived(change.changed)

    def _ticked(self, now: datetime) -> None:
        if self.is_current:
            self._show_header()
            self.time_passed(now)

    def _show_header(self) -> None:
        fleet = self.fleet
        self.query_one(Header).show(
            fleet.totals.totals,
            fleet.clock(),
            read_only=fleet.service.read_only,
            rollout=fleet.rollouts.line,
        )

    # Errors and refusals

    def tell(self, problem: Problem) -> None:
        """Show a problem for a while."""
        self.notify(problem.sentence, severity="error", timeout=12, markup=False)

    @on(Worker.StateChanged)
    def _worker_ended(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.worker_failed(problem_of(event.worker.error))

    def worker_failed(self, problem: Problem) -> None:
        """Work in the background ended with this problem."""
        self.tell(problem)

    def refused(self, action: str) -> bool:
        """Whether the console is read only; then that is said."""
        if not self.fleet.service.read_only:
            return False
        self.notify(
            f"This console is read-only: {action} is refused.", severity="warning", timeout=8, markup=False
        )
        return True

    def action_back(self) -> None:
        """Close this screen."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
