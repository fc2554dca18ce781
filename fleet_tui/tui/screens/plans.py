"""Plans: what would be done to whom, put together by what it is, approved once for all who share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message

from fleet_tui.operations.grouping import Grouped, PlanGroup, grouped
from fleet_tui.operations.model import Run
from fleet_tui.planning.batches import Batch, BatchProgress
from fleet_tui.present import plans as cells
from fleet_tui.present.line import Line, Span, Tone, spread
from fleet_tui.present.plans import PlanRow, named
from fleet_tui.present.runs import cost_sentence, plan_sentence
from fleet_tui.problems import Problem
from fleet_tui.streams.model import StreamStatus
from fleet_tui.tui.planning import PlanningPage
from fleet_tui.tui.screens.confirm import ConfirmScreen, TypedConfirmScreen
from fleet_tui.tui.screens.detail import DetailPage
from fleet_tui.tui.widgets.grid import Column, Step

POLL_SECONDS = 1.0

COLUMNS: tuple[Column[PlanRow], ...] = (
    Column(("RISK",), (Step(15, 0),), cells.risk_cell),
    Column(("CREATORS",), (Step(8, 1),), cells.creators_cell, right=True),
    Column(("WHAT",), (Step(18, 2), Step(25, 5)), cells.what_cell, stretch=30),
    Column(("MONTH",), (Step(9, 3),), cells.cost_cell, right=True),
    Column(("AGE",), (Step(4, 4),), cells.age_cell, right=True),
    Column(("WHO",), (Step(16, 6),), cells.names_cell, stretch=40),
)


class PlansScreen(DetailPage[PlanRow], PlanningPage):
    """The groups of plans that wait, and one of them in full."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["detail.tcss", "plans.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", "approve"),
        Binding("p", "again", "plan again"),
        Binding("x", "stop", "stop planning"),
        Binding("c", "creator", "creator"),
    ]
    COLUMNS = COLUMNS
    EMPTY = "no plan waits to be applied"
    WIDE = 110

    class Read(Message):
        """The plans have been read, and how far the batch is."""

        def __init__(self, plans: Sequence[Run], batch: Batch | None, progress: BatchProgress | None) -> None:
            super().__init__()
            self.plans = plans
            self.batch = batch
            self.progress = progress

    class Checked(Message):
        """It is known which plans of a group have become stale."""

        def __init__(self, group: PlanGroup, stale: Mapping[str, str]) -> None:
            super().__init__()
            self.group = group
            self.stale = stale

    class RolledOut(Message):
        """Approved plans are being applied."""

        def __init__(self, rollout_id: str, number: int) -> None:
            super().__init__()
            self.rollout_id = rollout_id
            self.number = number

    class Applying(Message):
        """One approved plan is being applied."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def __init__(self) -> None:
        super().__init__()
        self._found: Grouped | None = None
        self._batch: Batch | None = None
        self._progress: BatchProgress | None = None
        self._note: Line = ()

    def place(self) -> tuple[str, ...]:
        """The plans."""
        return ("plans",)

    @property
    def making(self) -> bool:
        """Whether plans are being made."""
        return self._progress is not None and not self._progress.finished

    def on_mount(self) -> None:
        """Read now and then."""
        self._read()
        self.set_interval(POLL_SECONDS, self._poll)

    def on_screen_resume(self) -> None:
        """A plan may have come in between."""
        self._read()

    def _poll(self) -> None:
        if self.is_current:
            self._read()

    @work(thread=True, exclusive=True, exit_on_error=False, group="plans")
    def _read(self) -> None:
        planning = self.fleet.service.planning
        batch = planning.newest()
        progress = planning.progress(batch) if batch else None
        self.post_message(self.Read(planning.plans(), batch, progress))

    @on(Read)
    def _plans_read(self, event: Read) -> None:
        event.stop()
        was_making = self.making
        found = grouped(event.plans)
        same = self._found == found and self._progress == event.progress
        self._batch, self._progress, self._found = event.batch, event.progress, found
        if was_making and not self.making:
            self.app.bell()
        if same:
            return
        self.show_rows(cells.rows_of(found))

    def status(self) -> Line:
        """What waits, and what is being planned."""
        if self._found is None:
            return ()
        left: Line = (Span(cells.grouped_sentence(self._found), Tone.QUIET),)
        if self._note:
            left = self._note
        if not self.making or self._progress is None:
            return left
        right: Line = (Span(f"↻ {cells.progress_sentence(self._progress)}", Tone.STRONG),)
        return spread(right, left, self.size.width - 2)

    def detail(self, row: PlanRow, width: int) -> list[Line]:
        """The group."""
        return cells.row_lines(row, self.fleet.clock(), width)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is possible now is offered."""
        if action == "approve":
            return self.row is not None and isinstance(self.row.group, PlanGroup)
        if action in ("again", "creator"):
            return self.row is not None
        return self.making if action == "stop" else True

    def open_row(self, row: PlanRow) -> None:
        """The first plan of the group."""
        self.fleet.open_run(row.plans[0])

    def action_creator(self) -> None:
        """Open the first creator's page."""
        if self.row is not None:
            self.fleet.open_creator(self.row.group.slugs[0])

    def action_again(self) -> None:
        """Plan the creators of this row again."""
        if self.row is not None:
            self.plan_many(self.row.group.slugs)

    def action_stop(self) -> None:
        """Stop the plans that are being made, after a question."""
        batch = self._batch
        if batch is None or not self.making or self.refused("stopping plans"):
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._stop(batch.id)

        self.app.push_screen(
            ConfirmScreen("Stop the plans that are being made?", [(Span("What is planned stays."),)]),
            answered,
        )

    @work(thread=True, exclusive=True, exit_on_error=False, group="stop")
    def _stop(self, batch_id: str) -> None:
        self.fleet.service.planning.stop(batch_id)

    def action_approve(self) -> None:
        """Approve the group under the cursor; first it is asked whether its plans are what they were."""
        if self.row is None or not isinstance(self.row.group, PlanGroup) or self.refused("approving plans"):
            return
        self._say("… asking whether these plans are still what would be done", Tone.STRONG)
        self._check(self.row.group)

    @work(thread=True, exclusive=True, exit_on_error=False, group="check")
    def _check(self, group: PlanGroup) -> None:
        stale = self.fleet.service.planning.stale_of([plan.id for plan in group.plans])
        self.post_message(self.Checked(group, stale))

    @on(Checked)
    def _checked(self, event: Checked) -> None:
        event.stop()
        self._say("")
        if event.stale:
            self._plan_stale(event.group, event.stale)
        else:
            self._ask(event.group)

    def _plan_stale(self, group: PlanGroup, stale: Mapping[str, str]) -> None:
        slugs = [plan.operation.slug for plan in group.plans if plan.id in stale]
        reason = next(iter(stale.values()))
        self._say(f"! stale, planned anew: {named(slugs)} ({reason})", Tone.CAUTION)
        self.start_batch(slugs)

    def _ask(self, group: PlanGroup) -> None:
        plan = group.summary
        details: list[Line] = [(Span(named(group.slugs, most=12)),)]
        if hidden := self.hidden_in_fleet(group.slugs):
            told = f"! hidden by the filter of the fleet: {named(hidden, most=12)}"
            details.append((Span(told, Tone.CAUTION),))
        if live := [slug for slug in group.slugs if self._may_be_live(slug)]:
            wait = "better wait" if len(group.plans) == 1 else "put back until the stream ends"
            details.append((Span(f"! live, or nobody can say: {named(live)}: {wait}", Tone.CAUTION),))
        details.append((Span(cost_sentence(plan.cost), Tone.QUIET),))
        details += [(Span(f"! {reason}", Tone.CAUTION),) for reason in plan.risk.reasons[:10]]
        if len(plan.risk.reasons) > 10:
            details.append((Span(f"! and {len(plan.risk.reasons) - 10} reasons more", Tone.CAUTION),))

        def answered(yes: bool | None) -> None:
            if yes:
                self._say("… approved, and being started", Tone.STRONG)
                self._apply(group)

        question = f"Apply to {cells.creators(len(group.plans))}: {plan_sentence(plan)}?"
        word = cells.danger_word(group)
        if word is None:
            self.app.push_screen(ConfirmScreen(question, details), answered)
        else:
            self.app.push_screen(TypedConfirmScreen(question, word, details), answered)

    def _may_be_live(self, slug: str) -> bool:
        row = self.fleet.fleet.rows.get(slug)
        health = row.stream.value if row else None
        return health is None or health.status in (StreamStatus.LIVE, StreamStatus.UNWELL)

    @work(thread=True, exclusive=True, exit_on_error=False, group="apply")
    def _apply(self, group: PlanGroup) -> None:
        service = self.fleet.service
        if len(group.plans) == 1:
            self.post_message(self.Applying(service.apply(group.plans[0].id)))
            return
        reason = group.plans[0].operation.reason
        rollout_id = service.planning.roll_out(group.plans, reason=reason)
        self.post_message(self.RolledOut(rollout_id, len(group.plans)))

    @on(Applying)
    def _applying(self, event: Applying) -> None:
        event.stop()
        self._say("")
        self.fleet.open_run(event.run)

    @on(RolledOut)
    def _rolled_out(self, event: RolledOut) -> None:
        event.stop()
        self._say(f"✓ {cells.creators(event.number)} approved", Tone.STRONG)
        self.fleet.open_rollout(event.rollout_id)

    def worker_failed(self, problem: Problem) -> None:
        """What was on its way is not any more."""
        self._say("")
        super().worker_failed(problem)

    def _say(self, text: str, tone: Tone = Tone.QUIET) -> None:
        self._note = (Span(text, tone),) if text else ()
        self.draw()
