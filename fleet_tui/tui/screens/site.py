"""A creator's site: what visitors see, what would change, and what can be gone back to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.frontend.model import SiteState, SiteStatus, Told
from fleet_tui.operations.model import Run
from fleet_tui.present import frontend as present
from fleet_tui.present.line import hang
from fleet_tui.problems import Problem
from fleet_tui.tui.content import content
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.widgets.grid import Column, Grid, Step

COLUMNS: tuple[Column[Told], ...] = (
    Column(("RELEASE",), (Step(28, 0),), present.release_cell),
    Column(("",), (Step(10, 1),), present.fate_cell),
    Column(("AGO",), (Step(7, 2),), present.ago_cell, right=True),
    Column(("BY",), (Step(8, 3), Step(16, 5)), present.by_cell),
    Column(("WHY",), (Step(12, 4),), present.why_cell, stretch=200),
)


class Switches(Grid[Told]):
    """What visitors were led to; enter asks whether to go back to the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", show=False)]


class SiteScreen(Page):
    """The site of one creator.

    Args:
        slug: the creator's.
    """

    CSS_PATH: ClassVar[str] = "site.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "deploy", "deploy"),
        Binding("b", "rollback", "go back to this"),
        Binding("R", "refresh", "refresh", key_display="R"),
    ]

    class Looked(Message):
        """It is known what visitors see."""

        def __init__(self, state: SiteState, history: Sequence[Told]) -> None:
            super().__init__()
            self.state = state
            self.history = history

    class Started(Message):
        """A deployment, or the way back, has been started."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug
        self._state: SiteState | None = None
        self._problem: Problem | None = None
        self._history: dict[str, Told] = {}

    def place(self) -> tuple[str, ...]:
        """The creator, and their site."""
        return (self._creator_name, "site")

    def body(self) -> Iterable[Widget]:
        """What visitors see, above what they saw before."""
        yield Static(id="state")
        yield Switches(COLUMNS, self.fleet.clock(), empty="", markable=False, id="list")

    @property
    def grid(self) -> Switches:
        """The history."""
        return self.query_one("#list", Switches)

    @property
    def _creator_name(self) -> str:
        row = self.fleet.fleet.rows.get(self.slug)
        return row.name if row else self.slug

    @property
    def _account(self) -> str:
        row = self.fleet.fleet.rows.get(self.slug)
        return row.creator.account_id if row and row.creator else ""

    def on_mount(self) -> None:
        """Look at it."""
        self.grid.focus()
        self._draw()

    def on_screen_resume(self) -> None:
        """A run may have come in between."""
        self._look()

    @work(thread=True, exclusive=True, exit_on_error=False, group="site")
    def _look(self) -> None:
        frontends = self.fleet.service.frontends
        self.post_message(self.Looked(frontends.status(self.slug), frontends.history(self.slug)))

    @on(Looked)
    def _looked(self, event: Looked) -> None:
        event.stop()
        self._state, self._problem = event.state, None
        self._history = {told.switch.run_id: told for told in event.history}
        self.grid.show(self._history)
        self._draw()

    def worker_failed(self, problem: Problem) -> None:
        """Tell it; where nothing is known yet, it stays on the page."""
        self._problem = problem
        self._draw()
        self.tell(problem)

    def time_passed(self, now: datetime) -> None:
        """Ages have grown."""
        self.grid.tick(now)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Long lines go on in the next one."""
        self._draw()

    def _draw(self) -> None:
        width = max(1, self.size.width - 2)
        site = self._state or self._problem
        lines = [part for drawn in present.looked_at(site, self.fleet.clock()) for part in hang(drawn, width)]
        self.query_one("#state", Static).update(content(lines))
        self.refresh_bindings()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is possible now is offered."""
        if action == "deploy":
            return self._state is not None and self._state.status is not SiteStatus.NO_BUCKET
        if action == "rollback":
            told = self._chosen
            return told is not None and told.kept and not told.current
        return True

    @property
    def _chosen(self) -> Told | None:
        return self._history.get(self.grid.cursor or "")

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        if self.check_action("rollback", ()):
            self.action_rollback()

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self.refresh_bindings()

    def action_deploy(self) -> None:
        """Deploy, after a question."""
        state = self._state
        if state is None or self.refused("deploying a site"):
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._deploy(state.release)

        question, details = present.deploy_question(state, self._creator_name, self._account)
        self.app.push_screen(ConfirmScreen(question, details), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="deploy")
    def _deploy(self, seen: str) -> None:
        self.post_message(self.Started(self.fleet.service.frontends.deploy(self.slug, seen=seen)))

    def action_rollback(self) -> None:
        """Lead visitors to the release under the cursor, after a question."""
        state, told = self._state, self._chosen
        if state is None or told is None or self.refused("leading visitors back"):
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._rollback(told.switch.release, state.release)

        question, details = present.rollback_question(
            told, self._creator_name, self._account, self.fleet.clock()
        )
        self.app.push_screen(ConfirmScreen(question, details), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="deploy")
    def _rollback(self, release: str, seen: str) -> None:
        run = self.fleet.service.frontends.rollback(self.slug, release, seen=seen)
        self.post_message(self.Started(run))

    @on(Started)
    def _started(self, event: Started) -> None:
        event.stop()
        self.fleet.open_run(event.run)

    def action_refresh(self) -> None:
        """Look again."""
        self._look()
