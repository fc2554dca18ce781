"""One rollout: its waves, its creators and what they wait for, its log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.operations.model import Run
from fleet_tui.present import rollouts as cells
from fleet_tui.present.line import Line, Span, Tone, hang
from fleet_tui.present.runs import destroys_data, plan_lines
from fleet_tui.problems import FleetError
from fleet_tui.rollouts.model import Member, MemberStatus, Rollout, RolloutEvent, RolloutStatus
from fleet_tui.rollouts.telling import to_resume
from fleet_tui.tui.content import content
from fleet_tui.tui.screens.confirm import ConfirmScreen, TypedConfirmScreen
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.service import RolloutService
from fleet_tui.tui.widgets.grid import Column, Grid, Step
from fleet_tui.tui.widgets.loglines import LogLines

POLL_SECONDS = 0.5
NAMED = 12  # creators that a question names

COLUMNS: tuple[Column[cells.MemberRow], ...] = (
    Column(("STATUS",), (Step(15, 0), Step(17, 3)), cells.member_status_cell),
    Column(("CREATOR",), (Step(12, 1), Step(24, 6)), cells.member_slug_cell),
    Column(("WAVE",), (Step(7, 5),), cells.member_wave_cell),
    Column(("SINCE",), (Step(7, 4),), cells.member_since_cell, right=True),
    Column(("WAITS FOR, OR WHY",), (Step(16, 2),), cells.member_cause_cell, stretch=200),
)


class RolloutScreen(Page):
    """Follows a rollout while it is on the screen; the rollout does not need it.

    Args:
        rollout_id: which.
    """

    CSS_PATH: ClassVar[str] = "rollout.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause_or_go_on", "pause, go on"),
        Binding("x", "stop", "stop"),
        Binding("r", "resume", "resume"),
        Binding("t", "again", "try this one"),
        Binding("w", "worst_first", "worst first"),
        Binding("o", "override", "override"),
        Binding("a", "approve", "approve"),
        Binding("c", "creator", "creator"),
    ]

    class News(Message):
        """The rollout, and the events that were not known yet."""

        def __init__(self, rollout: Rollout, events: Sequence[RolloutEvent]) -> None:
            super().__init__()
            self.rollout = rollout
            self.events = events

    class RunFound(Message):
        """The run of a creator, to be opened."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    class PlanFound(Message):
        """The new plan of a creator, to be approved."""

        def __init__(self, slug: str, run: Run) -> None:
            super().__init__()
            self.slug = slug
            self.run = run

    def __init__(self, rollout_id: str) -> None:
        super().__init__()
        self._rollout_id = rollout_id
        self._rollout: Rollout | None = None
        self._rows: dict[str, cells.MemberRow] = {}
        self._worst_first = False
        self._after = 0
        self._reading = False

    def place(self) -> tuple[str, ...]:
        """Rollout."""
        return ("rollout",)

    def body(self) -> Iterable[Widget]:
        """Head, waves, creators, the one under the cursor, log."""
        yield Static(id="head")
        yield Static(id="waves")
        empty = "nobody failed, waits or is under way; w shows everybody"
        yield Grid[cells.MemberRow](COLUMNS, self.fleet.clock(), empty=empty, markable=False, id="list")
        yield Static(id="about")
        log = LogLines(id="log")
        log.border_title = "Log"
        yield log

    @property
    def grid(self) -> Grid[cells.MemberRow]:
        """The creators."""
        return self.query_one("#list", Grid)

    @property
    def log_lines(self) -> LogLines:
        """The log."""
        return self.query_one("#log", LogLines)

    @property
    def _service(self) -> RolloutService:
        return self.fleet.service.rollouts

    @property
    def _member(self) -> Member | None:
        """The creator under the cursor."""
        slug = self.grid.cursor
        return self._rollout.member(slug) if self._rollout is not None and slug is not None else None

    def on_mount(self) -> None:
        """Read what is there, then what comes."""
        self.grid.focus()
        self._poll()
        self.set_interval(POLL_SECONDS, self._poll)

    def on_screen_resume(self) -> None:
        """Catch up at once."""
        self._poll()

    def time_passed(self, now: datetime) -> None:
        """It takes its time."""
        self.grid.tick(now)
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Lines break elsewhere now."""
        self.call_after_refresh(self._show)

    def fleet_arrived(self, changed: frozenset[str] | None) -> None:
        """Runs have come further."""
        self._show()

    def _poll(self) -> None:
        if self.is_current and not self._reading:
            self._reading = True
            self._read(self._after)

    @work(thread=True, exit_on_error=False, group="follow")
    def _read(self, after: int) -> None:
        try:
            fresh = self._service.events(self._rollout_id, after)
            self.post_message(self.News(self._service.get(self._rollout_id), fresh))
        finally:
            self._reading = False

    @on(News)
    def _news(self, event: News) -> None:
        event.stop()
        fresh = [item for item in event.events if item.seq > self._after]
        if event.rollout == self._rollout and not fresh:
            return
        self._rollout = event.rollout
        if fresh:
            self._after = fresh[-1].seq
            zone = self.fleet.clock().tzinfo
            self.log_lines.add(line for item in fresh for line in cells.event_lines(item, zone))
        self._show()

    def _show(self) -> None:
        rollout = self._rollout
        if rollout is None:
            return
        now, width = self.fleet.clock(), self.size.width - 2
        self.query_one("#head", Static).update(content(cells.rollout_head(rollout, now, width)))
        fleet = self.fleet.fleet.rows
        runs = {one.slug: fleet[one.slug].run for one in rollout.active if one.slug in fleet}
        rows = cells.rows_of(rollout, runs)
        self._rows = cells.worst_first(rows) if self._worst_first else rows
        waves = cells.wave_lines(rollout, now, width)
        if self._worst_first:
            told = f"worst first · {len(self._rows)} of {len(rows)} creators are shown"
            waves.append((Span(told, Tone.WAITING),))
        self.query_one("#waves", Static).update(content(waves))
        self.grid.show(self._rows)
        self._show_member()

    def _show_member(self) -> None:
        row = self._rows.get(self.grid.cursor or "")
        about = content(hang(cells.about(row, self.fleet.clock()), self.size.width - 2)) if row else ""
        self.query_one("#about", Static).update(about)
        self.refresh_bindings()

    # What is possible

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is possible now is offered."""
        rollout, member = self._rollout, self._member
        if action not in _POSSIBLE:
            return True
        return rollout is not None and _POSSIBLE[action](rollout, member)

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self._show_member()

    # Ways on

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        member = self._member
        if member is None:
            return
        run_id = member.plan_id if member.status is MemberStatus.TO_ASK else member.run_id
        self._find(run_id or member.plan_id)

    @work(thread=True, exclusive=True, exit_on_error=False, group="find")
    def _find(self, run_id: str) -> None:
        run = next((run for run in self.fleet.service.runs() if run.id == run_id), None)
        if run is not None:
            self.post_message(self.RunFound(run))

    @on(RunFound)
    def _run_found(self, event: RunFound) -> None:
        event.stop()
        self.fleet.open_run(event.run)

    def action_worst_first(self) -> None:
        """Only those of whom there is something to see, or everybody again."""
        self._worst_first = not self._worst_first
        self._show()

    def action_creator(self) -> None:
        """Open the creator's page."""
        if self.grid.cursor:
            self.fleet.open_creator(self.grid.cursor)

    # What is told to it

    def action_pause_or_go_on(self) -> None:
        """Start nobody any more; or go on, or try at once what is waited for."""
        if self._rollout is None or self.refused("pausing a rollout"):
            return
        if self._rollout.status is RolloutStatus.RUNNING and self._rollout.trouble is None:
            self._do(lambda: self._service.pause(self._rollout_id), "Nothing more is started.")
        else:
            self._do(lambda: self._service.go_on(self._rollout_id), "It goes on.")

    def action_stop(self) -> None:
        """Stop; the second time the applies, too."""
        rollout = self._rollout
        if rollout is None or self.refused("stopping a rollout"):
            return
        under_way = [member.slug for member in rollout.active]
        if rollout.status is not RolloutStatus.STOPPING:
            details = [_line(f"{len(under_way)} under way come to their end; nobody else is begun.")]
            self._ask(
                ConfirmScreen("Stop the rollout?", details),
                lambda: self._service.stop(self._rollout_id),
                "It stops.",
            )
            return
        self._ask(
            _scaled("Interrupt what is under way?", under_way, "Terraform saves its state and stops."),
            lambda: self._service.stop(self._rollout_id, now=True),
            "Asked them to stop.",
        )

    def action_resume(self) -> None:
        """Go on with the failed and the unstarted."""
        if self._rollout is None or self.refused("resuming a rollout"):
            return
        slugs = to_resume(self._rollout)
        cancelled = sum(one.status is MemberStatus.CANCELLED for one in self._rollout.members)
        note = f"{cancelled} cancelled stay as they are: t tries one of them." if cancelled else ""
        self._ask(
            _scaled("Go on with the failed and the unstarted?", slugs, note),
            lambda: self._service.resume(self._rollout_id),
            "It goes on.",
        )

    def action_again(self) -> None:
        """Go on with the creator under the cursor alone."""
        member = self._member
        if member is None or self.refused("resuming a rollout"):
            return
        badge = cells.member_badge(member.status)
        self._ask(
            ConfirmScreen(f"Go on with {member.slug} alone?", [badge.line, _line(member.cause)]),
            lambda: self._service.resume(self._rollout_id, [member.slug]),
            "It goes on.",
        )

    def action_override(self) -> None:
        """Apply to a creator who may be live: asked twice."""
        member = self._member
        if member is None or self.refused("overriding"):
            return
        question = f"{member.slug} may be live: apply all the same, with viewers watching?"

        def sure(yes: bool | None) -> None:
            if yes:
                self._ask(
                    TypedConfirmScreen(question, member.slug, [_line(member.cause)]),
                    lambda: self._service.override(self._rollout_id, member.slug),
                    f"{member.slug} is applied next.",
                )

        self.app.push_screen(ConfirmScreen(question, [_line(member.cause)]), sure)

    def action_approve(self) -> None:
        """Read the new plan of the creator under the cursor, and approve it."""
        member = self._member
        if member is not None and not self.refused("approving a plan"):
            self._find_plan(member.slug, member.plan_id)

    @work(thread=True, exclusive=True, exit_on_error=False, group="find")
    def _find_plan(self, slug: str, plan_id: str) -> None:
        run = next((run for run in self.fleet.service.runs() if run.id == plan_id), None)
        if run is not None:
            self.post_message(self.PlanFound(slug, run))

    @on(PlanFound)
    def _plan_found(self, event: PlanFound) -> None:
        event.stop()
        plan = event.run.plan
        if plan is None:
            return
        question = f"Apply this new plan to {event.slug}?"
        lines = plan_lines(plan)
        screen: Screen[bool] = (
            TypedConfirmScreen(question, event.slug, lines)
            if destroys_data(plan)
            else ConfirmScreen(question, lines)
        )
        self._ask(
            screen, lambda: self._service.approve(self._rollout_id, [event.slug]), f"{event.slug} goes on."
        )

    def _ask(self, screen: Screen[bool], act: Callable[[], object], told: str) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self._do(act, told)

        self.app.push_screen(screen, answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="tell")
    def _do(self, act: Callable[[], object], told: str) -> None:
        act()
        self.app.call_from_thread(self.notify, told, timeout=4, markup=False)


def _line(text: str) -> Line:
    return (Span(text, Tone.PLAIN),)


def _scaled(question: str, slugs: Sequence[str], note: str) -> Screen[bool]:
    """A question about several creators, whose number has to be typed; y or n for a single one."""
    shown = ", ".join(slugs[:NAMED]) + (f" and {len(slugs) - NAMED} more" if len(slugs) > NAMED else "")
    details = [_line(shown), *([_line(note)] if note else [])]
    if len(slugs) > 1:
        return TypedConfirmScreen(f"{question} {len(slugs)} creators", str(len(slugs)), details)
    return ConfirmScreen(question, details)


def _can_resume(rollout: Rollout) -> bool:
    return rollout.ended and (rollout.status is RolloutStatus.LOST or bool(to_resume(rollout)))


def _can_be_tried(rollout: Rollout, member: Member | None) -> bool:
    if not rollout.ended or member is None:
        return False
    try:
        return bool(to_resume(rollout, [member.slug]))
    except FleetError:
        return False


def _is(member: Member | None, *statuses: MemberStatus) -> bool:
    return member is not None and member.status in statuses


_Possible = Callable[[Rollout, Member | None], bool]
_POSSIBLE: dict[str, _Possible] = {
    "pause_or_go_on": lambda rollout, _: rollout.status in (RolloutStatus.RUNNING, RolloutStatus.PAUSED),
    "stop": lambda rollout, _: not rollout.ended and not rollout.interrupting,
    "resume": lambda rollout, _: _can_resume(rollout),
    "again": _can_be_tried,
    "override": lambda rollout, member: not rollout.ended and _is(member, MemberStatus.PUT_BACK),
    "approve": lambda rollout, member: _is(member, MemberStatus.TO_ASK),
    "creator": lambda rollout, member: member is not None,
}
