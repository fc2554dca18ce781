"""Bringing a creator live: the eight steps of one, and the list of all who are not live yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.onboarding.mail_rules import ProductionRequest
from fleet_tui.onboarding.model import Doing, Journey, Step, StepName
from fleet_tui.operations.model import Run
from fleet_tui.present import onboarding as present
from fleet_tui.present.line import Line, Span, Tone, fit, hang
from fleet_tui.problems import Problem
from fleet_tui.tui.content import content, one_line
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.page import Page

from fleet_tui.tui.widgets.grid import Column, Grid, Step as Width  # isort: skip

STEP_COLUMNS: tuple[Column[Step], ...] = (
    Column(("STEP",), (Width(18, 0),), present.numbered_cell),
    Column(("STATE",), (Width(12, 1),), present.step_state_cell),
    Column(("SINCE",), (Width(5, 3),), present.step_since_cell, right=True),
    Column(("WHAT WAS FOUND",), (Width(12, 2), Width(30, 4)), present.step_note_cell, stretch=200),
)

CREATOR_COLUMNS: tuple[Column[Journey], ...] = (
    Column(("CREATOR",), (Width(14, 0), Width(20, 6)), present.name_cell),
    Column(("DONE",), (Width(4, 4),), present.done_cell, right=True),
    Column(("STEP",), (Width(14, 2),), present.step_cell),
    Column(("STATE",), (Width(10, 1),), present.state_cell),
    Column(("SINCE",), (Width(5, 5),), present.since_cell, right=True),
    Column(("WAITS FOR",), (Width(12, 3), Width(30, 7)), present.note_cell, stretch=200),
)


class Steps(Grid[Step]):
    """The steps; enter does what the one under the cursor asks for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", "carry out")]


class OnboardingScreen(Page):
    """The eight steps of one creator.

    Args:
        slug: the creator's.
    """

    CSS_PATH: ClassVar[str] = "onboarding.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "check", "check again"),
        Binding("y", "copy", "copy records"),
        Binding("C", "creator", "creator", key_display="C"),
    ]

    class Judged(Message):
        """The steps are known.

        Args:
            journey: all of them.
            asked: whether everything was looked at for it.
        """

        def __init__(self, journey: Journey, *, asked: bool) -> None:
            super().__init__()
            self.journey = journey
            self.asked = asked

    class Requested(Message):
        """It is known what AWS would be told."""

        def __init__(self, request: ProductionRequest) -> None:
            super().__init__()
            self.request = request

    class CarriedOut(Message):
        """What a step asked for was begun, or is done."""

        def __init__(self, run: Run | None, step: Step) -> None:
            super().__init__()
            self.run = run
            self.step = step

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug
        self._journey: Journey | None = None
        self._checking = False
        self._left = False  # for a run, whose end is worth another look

    def place(self) -> tuple[str, ...]:
        """The creator's name."""
        row = self.fleet.fleet.rows.get(self.slug)
        return (row.name if row else self.slug, "onboarding")

    def body(self) -> Iterable[Widget]:
        """How far it is, the steps, and one of them."""
        yield Static(id="status")
        yield Steps(STEP_COLUMNS, self.fleet.clock(), empty="", markable=False, id="steps")
        with VerticalScroll(id="detail", can_focus=False):
            yield Static(id="step")

    @property
    def grid(self) -> Steps:
        """The steps."""
        return self.query_one("#steps", Steps)

    @property
    def step(self) -> Step | None:
        """The step under the cursor."""
        if self._journey is None or self.grid.cursor is None:
            return None
        return self._journey.step(StepName(self.grid.cursor))

    def on_mount(self) -> None:
        """Show what is known, then look."""
        self.grid.focus()
        self._read()
        self.action_check()

    def on_screen_resume(self) -> None:
        """A run may have ended in between."""
        if self._left:
            self._left = False
            self.action_check()

    def on_resize(self, event: events.Resize) -> None:
        """The detail is drawn for its width."""
        self.call_after_refresh(self._show)

    def fleet_arrived(self, changed: frozenset[str] | None) -> None:
        """The deploy state or a run may be another one."""
        if changed is not None and self.slug in changed:
            self._read()

    def time_passed(self, now: datetime) -> None:
        """Everything waits a little longer."""
        self.grid.tick(now)
        self._show()

    # Looking

    @work(thread=True, exclusive=True, exit_on_error=False, group="read")
    def _read(self) -> None:
        self.post_message(self.Judged(self.fleet.service.onboarding.journey(self.slug), asked=False))

    def action_check(self) -> None:
        """Look at everything again: account, bucket, SES, name servers, the open site."""
        if not self._checking:
            self._checking = True
            self._show()
            self._check()

    @work(thread=True, exclusive=True, exit_on_error=False, group="check")
    def _check(self) -> None:
        self.post_message(self.Judged(self.fleet.service.onboarding.check(self.slug), asked=True))

    @on(Judged)
    def _judged(self, event: Judged) -> None:
        event.stop()
        first = self._journey is None
        self._journey = event.journey
        if event.asked:
            self._checking = False
        self.grid.show({step.name.value: step for step in event.journey.steps})
        if first and event.journey.next is not None:
            self.grid.select(event.journey.next.name.value)
        self._show()

    def worker_failed(self, problem: Problem) -> None:
        """A check that broke is over."""
        self._checking = False
        self._show()
        super().worker_failed(problem)

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self.query_one("#detail").scroll_home(animate=False)
        self._show()

    def _show(self) -> None:
        width = max(1, self.size.width - 2)
        head: Line = present.journey_head(self._journey) if self._journey else ()
        looking = (Span("looking … ", Tone.WAITING),) if self._checking else ()
        self.query_one("#status", Static).update(one_line(fit((*looking, *head), width)))
        step = self.step
        lines = present.step_detail(step, self.fleet.clock()) if step else []
        room = max(20, self.size.width - 4)
        parts = [part for drawn in lines for part in (hang(drawn, room) if drawn else [()])]
        self.query_one("#detail").border_title = present.step_title(step.name) if step else ""
        self.query_one("#step", Static).update(content(parts))
        self.refresh_bindings()

    # Acting

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is possible now is offered."""
        if action == "copy":
            return self.step is not None and bool(self.step.records)
        return True

    def action_creator(self) -> None:
        """Open the creator's page."""
        self.fleet.open_creator(self.slug)

    def action_copy(self) -> None:
        """Copy the records of this step, one a line."""
        step = self.step
        if step is None or not step.records:
            return
        self.app.copy_to_clipboard("\n".join(record.line for record in step.records))
        number = len(step.records)
        self.notify(f"{number} {'record' if number == 1 else 'records'} copied.", timeout=3, markup=False)

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        step = self.step
        if step is None:
            return
        if step.doing is None:
            self.notify(step.action or "There is nothing to do for this step.", timeout=5, markup=False)
        elif step.doing is Doing.APPLY:
            self._read_plan(step.target)
        elif self.refused("bringing a creator live"):
            return
        elif step.doing is Doing.PLAN:
            self._carry_out(step)
        elif step.doing is Doing.ASK_FOR_PRODUCTION:
            self._request()
        else:
            self._ask(step, self._details(step))

    def _details(self, step: Step) -> list[Line]:
        row = self.fleet.fleet.rows.get(self.slug)
        if row is None or row.creator is None:
            return []
        creator = row.creator
        match step.doing:
            case Doing.CREATE_BACKEND:
                return [
                    (Span(f"{creator.state_bucket} in account {creator.account_id}"),),
                    (Span("Terraform keeps its state in it: versioned, encrypted. Then the plan begins."),),
                ]
            case Doing.SET_PRODUCTION | Doing.SET_DOMAIN_READY:
                return [(Span("The next plan brings it into the account; nothing changes before that."),)]
        return [(Span(f"https://{creator.domain}"),)]

    def _ask(self, step: Step, details: Sequence[Line]) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self._carry_out(step)

        words = present.doing_words(step.doing) if step.doing else ""
        self.app.push_screen(ConfirmScreen(f"{words[:1].upper()}{words[1:]}?", details), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="request")
    def _request(self) -> None:
        self.post_message(self.Requested(self.fleet.service.onboarding.request(self.slug)))

    @on(Requested)
    def _requested(self, event: Requested) -> None:
        event.stop()
        step = self.step
        if step is None or step.doing is not Doing.ASK_FOR_PRODUCTION:
            return
        request = event.request
        self._ask(
            step,
            [
                (
                    Span(
                        f"{request.mail_type} · {request.website} · they answer {request.contact}", Tone.QUIET
                    ),
                ),
                (),
                (Span(request.use_case),),
            ],
        )

    @work(thread=True, exclusive=True, exit_on_error=False, group="carry-out")
    def _carry_out(self, step: Step) -> None:
        run = self.fleet.service.onboarding.carry_out(self.slug, step.name)
        self.post_message(self.CarriedOut(run, step))

    @work(thread=True, exclusive=True, exit_on_error=False, group="carry-out")
    def _read_plan(self, plan_id: str) -> None:
        run = next((run for run in self.fleet.service.runs() if run.id == plan_id), None)
        if run is not None and self.step is not None:
            self.post_message(self.CarriedOut(run, self.step))

    @on(CarriedOut)
    def _carried_out(self, event: CarriedOut) -> None:
        event.stop()
        if event.run is not None:
            self._left = True
            self.fleet.open_run(event.run)
            return
        words = present.doing_words(event.step.doing) if event.step.doing else ""
        self.notify(f"Done: {words}.", timeout=5, markup=False)
        self.action_check()


class OnboardingListScreen(Page):
    """Everybody who is not live yet, and what each waits for."""

    CSS_PATH: ClassVar[str] = "onboarding.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "app.add", "new creator"),
        Binding("R", "refresh", "look again", key_display="R"),
    ]

    class Listed(Message):
        """The journeys have been read."""

        def __init__(self, journeys: Sequence[Journey]) -> None:
            super().__init__()
            self.journeys = journeys

    def place(self) -> tuple[str, ...]:
        """Onboarding."""
        return ("onboarding",)

    def body(self) -> Iterable[Widget]:
        """A status line and the list."""
        yield Static(id="status")
        yield Grid[Journey](
            CREATOR_COLUMNS, self.fleet.clock(), empty="everybody is live", markable=False, id="list"
        )

    @property
    def grid(self) -> Grid[Journey]:
        """The list."""
        return self.query_one("#list", Grid)

    def on_mount(self) -> None:
        """Read what is remembered of everybody."""
        self.grid.focus()
        self.query_one("#status", Static).update(one_line((Span("looking …", Tone.QUIET),)))

    def on_screen_resume(self) -> None:
        """Somebody may be further now."""
        self.action_refresh()

    def time_passed(self, now: datetime) -> None:
        """Everybody waits a little longer."""
        self.grid.tick(now)

    @work(thread=True, exclusive=True, exit_on_error=False, group="read")
    def action_refresh(self) -> None:
        """Read what is remembered of everybody again."""
        self.post_message(self.Listed(self.fleet.service.onboarding.journeys()))

    @on(Listed)
    def _listed(self, event: Listed) -> None:
        event.stop()
        # Whom a person can help comes first, and the mapping's order is the list's.
        self.grid.show({one.slug: one for one in event.journeys})
        number = len(event.journeys)
        told = f"{number} {'creator is' if number == 1 else 'creators are'} not live yet" if number else ""
        self.query_one("#status", Static).update(one_line((Span(told or "Everybody is live.", Tone.QUIET),)))

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.app.push_screen(OnboardingScreen(event.key))
