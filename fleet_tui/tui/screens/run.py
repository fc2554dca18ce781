"""One run: its plan, its progress, its log as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.operations.model import Run, RunEvent
from fleet_tui.operations.telling import advance
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.runs import (
    can_apply,
    can_destroy,
    destroys_data,
    event_lines,
    plan_lines,
    plan_sentence,
    run_head,
)
from fleet_tui.present.states import run_badge
from fleet_tui.streams.model import StreamStatus
from fleet_tui.tui.content import content
from fleet_tui.tui.screens.confirm import ConfirmScreen, TypedConfirmScreen
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.widgets.loglines import LogLines

POLL_SECONDS = 0.3
QUIET_POLLS = 10  # after so many without news it is asked whether the run still lives


class RunScreen(Page):
    """Follows a run while it is on the screen; the run does not need it.

    Args:
        run: the run as it is known so far.
    """

    CSS_PATH: ClassVar[str] = "run.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "apply", "apply"),
        Binding("a", "destroy", "destroy"),
        Binding("c", "cancel", "cancel"),
        Binding("f,end", "follow", "follow log"),
        Binding("enter", "creator", "creator"),
    ]

    class News(Message):
        """Events that were not known yet, and the run itself where it was asked for."""

        def __init__(self, events: Sequence[RunEvent], run: Run | None) -> None:
            super().__init__()
            self.events = events
            self.run = run

    class Applying(Message):
        """The plan is being applied."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run
        self._after = 0
        self._polls_without_news = 0
        self._reading = False
        self._watched = not run.finished

    def place(self) -> tuple[str, ...]:
        """The creator and what is done."""
        row = self.fleet.fleet.rows.get(self._run.operation.slug)
        return (row.name if row else self._run.operation.slug, self._run.operation.kind.value)

    def body(self) -> Iterable[Widget]:
        """Head, plan, log."""
        yield Static(id="head")
        with VerticalScroll(id="plan-pane", can_focus=False) as pane:
            pane.border_title = "Plan"
            yield Static(id="plan")
        log = LogLines(id="log")
        log.border_title = "Log"
        yield log

    @property
    def log_lines(self) -> LogLines:
        """The log."""
        return self.query_one("#log", LogLines)

    def on_mount(self) -> None:
        """Read what is there, then what comes."""
        self.log_lines.focus()
        self._show()
        self._poll()
        self.set_interval(POLL_SECONDS, self._poll)

    def on_screen_resume(self) -> None:
        """Catch up at once."""
        self._poll()

    def time_passed(self, now: datetime) -> None:
        """The run takes its time."""
        self._show()

    def _poll(self) -> None:
        done = self._run.finished and self._after > 0 and self._polls_without_news > 0
        if self.is_current and not self._reading and not done:
            self._reading = True
            self._read(self._run.id, self._after, ask=self._polls_without_news >= QUIET_POLLS)

    @work(thread=True, exit_on_error=False, group="follow")
    def _read(self, run_id: str, after: int, *, ask: bool) -> None:
        events: Sequence[RunEvent] = ()
        run = None
        try:
            if ask:
                run = next((run for run in self.fleet.service.runs() if run.id == run_id), None)
            events = self.fleet.service.run_events(run_id, after)
        finally:
            self.post_message(self.News(events, run))

    @on(News)
    def _news(self, event: News) -> None:
        event.stop()
        self._reading = False
        self._polls_without_news = 0 if event.events or event.run else self._polls_without_news + 1
        # Between the question and the answer another reading may have been faster.
        fresh = [item for item in event.events if item.seq > self._after]
        if fresh:
            self._after = fresh[-1].seq
        before = self._run
        self._run = advance(self._run, fresh)
        if event.run is not None and event.run.finished and not self._run.finished:
            self._run = event.run
        zone = self.fleet.clock().tzinfo
        self.log_lines.add(line for item in fresh for line in event_lines(item, zone))
        if fresh or before is not self._run:
            self._show()
        if self._watched and self._run.finished:
            self._watched = False
            self._finished()

    def _finished(self) -> None:
        """Whoever looks elsewhere hears it."""
        self.app.bell()
        self.fleet.service.refresh({self._run.operation.slug})

    def _show(self) -> None:
        lines = run_head(self._run, self.fleet.clock(), self.size.width)
        if can_apply(self._run):
            lines.append((Span("a applies exactly this plan", Tone.WAITING),))
        elif can_destroy(self._run):
            lines.append((Span("a destroys all of this, and asks for the slug", Tone.WAITING),))
        self.query_one("#head", Static).update(content(lines))
        plan = self._run.plan
        pane = self.query_one("#plan-pane")
        pane.display = plan is not None and not plan.empty
        if plan is not None:
            self.query_one("#plan", Static).update(content(plan_lines(plan)))
        self.refresh_bindings()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is possible now is offered."""
        if action == "apply":
            return can_apply(self._run)
        if action == "destroy":
            return can_destroy(self._run)
        if action == "cancel":
            return not self._run.finished
        return True

    def action_follow(self) -> None:
        """To the end of the log, and stay there."""
        self.log_lines.follow()

    def action_creator(self) -> None:
        """Open the creator's page."""
        self.fleet.open_creator(self._run.operation.slug)

    def action_destroy(self) -> None:
        """Destroy all that this plan says, after the slug is typed."""
        self._carry_out(destroys=True)

    def action_apply(self) -> None:
        """Apply this plan, after a question that is as grave as what it could do."""
        self._carry_out(destroys=False)

    def _carry_out(self, *, destroys: bool) -> None:
        plan = self._run.plan
        if plan is None or self.refused("applying a plan"):
            return
        slug = self._run.operation.slug
        row = self.fleet.fleet.rows.get(slug)
        name = row.name if row else slug
        question = (
            f"Destroy everything of {name}: {plan_sentence(plan)}?"
            if destroys
            else f"Apply to {name}: {plan_sentence(plan)}?"
        )
        details: list[Line] = [(Span(f"account {self._run.operation.account_id}", Tone.QUIET),)]
        if row and row.stream.value and row.stream.value.status in (StreamStatus.LIVE, StreamStatus.UNWELL):
            then = "refused until the stream has ended" if destroys else "better wait for the stream to end"
            details.append((Span(f"! live right now: {then}", Tone.CAUTION),))
        details += [(Span(f"! {reason}", Tone.CAUTION),) for reason in plan.risk.reasons]

        def answered(yes: bool | None) -> None:
            if yes:
                self._apply(self._run.id, destroys=destroys)

        if destroys or destroys_data(plan):
            self.app.push_screen(TypedConfirmScreen(question, slug, details), answered)
        else:
            self.app.push_screen(ConfirmScreen(question, details), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="apply")
    def _apply(self, plan_id: str, *, destroys: bool) -> None:
        service = self.fleet.service
        self.post_message(self.Applying((service.destroy if destroys else service.apply)(plan_id)))

    @on(Applying)
    def _applying(self, event: Applying) -> None:
        event.stop()
        self.app.switch_screen(RunScreen(event.run))

    def action_cancel(self) -> None:
        """Ask the run to stop, after a question."""
        if self._run.finished or self.refused("cancelling a run"):
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._cancel(self._run.id)

        status = run_badge(self._run.status)
        details: list[Line] = [
            status.line,
            (Span("Terraform finishes what it has in hand, saves its state and stops."),),
        ]
        operation = self._run.operation
        self.app.push_screen(
            ConfirmScreen(f"Cancel {operation.kind.value} {operation.slug}?", details), answered
        )

    @work(thread=True, exclusive=True, exit_on_error=False, group="cancel")
    def _cancel(self, run_id: str) -> None:
        self.fleet.service.cancel(run_id)
