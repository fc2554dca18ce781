"""The inbox: every booking that waits for a decision, of all creators."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message

from fleet_tui.bookings.model import Booking, BookingStatus
from fleet_tui.present.inbox import (
    InboxItem,
    booking_detail,
    creator_cell,
    days_cell,
    inbox,
    placement_cell,
    price_cell,
    sponsor_cell,
    waiting_cell,
)
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.quantity import count, days, money
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.detail import DetailPage
from fleet_tui.tui.screens.reject import RejectScreen
from fleet_tui.tui.widgets.grid import Column, Step

COLUMNS: tuple[Column[InboxItem], ...] = (
    Column(("WAITING",), (Step(7, 1),), waiting_cell, right=True),
    Column(("SPONSOR",), (Step(14, 0), Step(20, 7)), sponsor_cell, stretch=14),
    Column(("CREATOR",), (Step(10, 2), Step(14, 6)), creator_cell, stretch=10),
    Column(("PLACE",), (Step(7, 3),), placement_cell),
    Column(("DAYS",), (Step(12, 5),), days_cell),
    Column(("PRICE",), (Step(10, 4),), price_cell, right=True),
)


class ApprovalsScreen(DetailPage[InboxItem]):
    """List and detail; a decision is made without leaving."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["detail.tcss", "approvals.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", "approve"),
        Binding("r", "reject", "reject"),
        Binding("n,right", "step(1)", "next"),
        Binding("N,left", "step(-1)", "previous", key_display="N"),
        Binding("c", "creator", "creator"),
        Binding("R", "refresh", "refresh", key_display="R"),
    ]
    COLUMNS = COLUMNS
    EMPTY = "nothing waits for a decision"
    WIDE = 110

    class Decided(Message):
        """A decision has been taken, here or by somebody else."""

        def __init__(self, item: InboxItem, booking: Booking | None, problem: Problem | None) -> None:
            super().__init__()
            self.item = item
            self.booking = booking
            self.problem = problem

    def __init__(self) -> None:
        super().__init__()
        self._deciding: set[str] = set()
        # Versions decided on here: the pictures that follow may still show them as pending for a while.
        self._decided: dict[str, int] = {}
        self._note: Line = ()

    def place(self) -> tuple[str, ...]:
        """The inbox."""
        return ("approvals",)

    def fleet_arrived(self, changed: frozenset[str] | None) -> None:
        """Take the bookings that are pending now."""
        pending = inbox(self.fleet.fleet.rows.values())
        self._decided = {
            key: version
            for key, version in self._decided.items()
            if key in pending and pending[key].booking.version <= version
        }
        self.show_rows({key: item for key, item in pending.items() if key not in self._decided})

    def status(self) -> Line:
        """How many wait, and where in them one is."""
        number = len(self.rows)
        waits = f"{count(number)} {'booking waits' if number == 1 else 'bookings wait'} for a decision"
        status: Line = (Span(waits if number else "Nothing waits for a decision", Tone.QUIET),)
        place = self.grid.rows.place(self.grid.cursor)
        if place is not None:
            status = (*status, Span(f" · {place + 1} of {number}", Tone.QUIET))
        return (*status, Span("   "), *self._note) if self._note else status

    def detail(self, row: InboxItem, width: int) -> list[Line]:
        """The booking."""
        lines = booking_detail(row, self.fleet.clock())
        if row.key in self._deciding:
            return [(Span("↻ the decision is on its way", Tone.STRONG),), (), *lines]
        return lines

    # Moving

    def action_step(self, step: int) -> None:
        """The next booking, or the one before."""
        self.grid.action_move(step)

    def open_row(self, row: InboxItem) -> None:
        """The creator's page."""
        self.fleet.open_creator(row.slug, "bookings")

    def action_creator(self) -> None:
        """Open the creator's page."""
        if self.row is not None:
            self.open_row(self.row)

    def action_refresh(self) -> None:
        """Ask the creators of all pending bookings again."""
        slugs = {item.slug for item in self.rows.values()}
        self.run_worker(
            lambda: self.fleet.service.refresh(slugs or None),
            thread=True,
            exit_on_error=False,
            group="refresh",
        )

    # Deciding

    def action_approve(self) -> None:
        """Approve the booking under the cursor, after a question."""
        item = self._ready("approving a booking")
        if item is None:
            return
        booking = item.booking
        details: list[Line] = [
            (Span(f"{booking.placement} · {days(booking.start_day, booking.end_day)}"),),
            (Span(f"{money(booking.price.total, booking.price.currency)} · {item.creator}"),),
        ]
        for rival in item.rivals:
            state = "also waits for" if rival.status is BookingStatus.PENDING else "already has"
            clash = f"! {rival.sponsor} {state} {rival.placement}, {days(rival.start_day, rival.end_day)}"
            details.append((Span(clash, Tone.CAUTION),))

        def answered(yes: bool | None) -> None:
            if yes:
                self._begin(item)
                self._approve(item)

        self.app.push_screen(ConfirmScreen(f"Approve {booking.sponsor}?", details), answered)

    def action_reject(self) -> None:
        """Reject the booking under the cursor, with a reason."""
        item = self._ready("rejecting a booking")
        if item is None:
            return

        def answered(reason: str | None) -> None:
            if reason:
                self._begin(item)
                self._reject(item, reason)

        self.app.push_screen(RejectScreen(f"{item.booking.sponsor} at {item.creator}"), answered)

    def _ready(self, action: str) -> InboxItem | None:
        item = self.row
        if item is None or item.key in self._deciding or self.refused(action):
            return None
        return item

    def worker_failed(self, problem: Problem) -> None:
        """A decision that broke is not on its way any more."""
        self._deciding.clear()
        self.draw()
        super().worker_failed(problem)

    def _begin(self, item: InboxItem) -> None:
        self._note = ()
        self._deciding.add(item.key)
        self.draw()

    # Not exclusive: the next booking can be decided while this one is on its way.
    @work(thread=True, exit_on_error=False, group="decide")
    def _approve(self, item: InboxItem) -> None:
        try:
            booking = self.fleet.service.bookings.approve(item.slug, item.booking)
        except FleetError as error:
            self.post_message(self.Decided(item, None, error.problem))
        else:
            self.post_message(self.Decided(item, booking, None))

    @work(thread=True, exit_on_error=False, group="decide")
    def _reject(self, item: InboxItem, reason: str) -> None:
        try:
            booking = self.fleet.service.bookings.reject(item.slug, item.booking, reason)
        except FleetError as error:
            self.post_message(self.Decided(item, None, error.problem))
        else:
            self.post_message(self.Decided(item, booking, None))

    @on(Decided)
    def _decided_now(self, event: Decided) -> None:
        event.stop()
        item = event.item
        self._deciding.discard(item.key)
        if event.problem is not None and event.problem.kind is not ProblemKind.CONFLICT:
            self.tell(event.problem)
            self.draw()
            return
        self._decided[item.key] = item.booking.version
        if event.problem is not None:
            note = (
                f"! Not done: {item.booking.sponsor} was decided first by somebody else. {event.problem.what}"
            )
            self.notify(event.problem.sentence, title="Somebody was first", severity="warning", markup=False)
            self._look_again(item.slug)
        else:
            word = event.booking.status.value if event.booking else "decided"
            note = f"✓ {item.booking.sponsor} {word}"
        self.fleet_arrived(None)
        self._note = (Span(note, Tone.CAUTION if event.problem else Tone.STRONG),)
        self.draw()
        if not self.rows:
            self.remove_class("-reading")

    def _look_again(self, slug: str) -> None:
        self.run_worker(
            lambda: self.fleet.service.refresh({slug}), thread=True, exit_on_error=False, group="refresh"
        )
