"""The inbox: every booking that waits for a decision, of all creators."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

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
from fleet_tui.tui.content import content, one_line
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.screens.reject import RejectScreen
from fleet_tui.tui.widgets.grid import Column, Grid, Step

WIDE = 110  # from here on the booking stands beside the list

COLUMNS: tuple[Column[InboxItem], ...] = (
    Column(("WAITING",), (Step(7, 1),), waiting_cell, right=True),
    Column(("SPONSOR",), (Step(14, 0), Step(20, 7)), sponsor_cell, stretch=14),
    Column(("CREATOR",), (Step(10, 2), Step(14, 6)), creator_cell, stretch=10),
    Column(("PLACE",), (Step(7, 3),), placement_cell),
    Column(("DAYS",), (Step(12, 5),), days_cell),
    Column(("PRICE",), (Step(10, 4),), price_cell, right=True),
)


class ApprovalsScreen(Page):
    """List and detail; a decision is made without leaving."""

    CSS_PATH: ClassVar[str] = "approvals.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", "approve"),
        Binding("r", "reject", "reject"),
        Binding("n,right", "step(1)", "next"),
        Binding("N,left", "step(-1)", "previous", key_display="N"),
        Binding("c", "creator", "creator"),
        Binding("R", "refresh", "refresh", key_display="R"),
    ]

    class Decided(Message):
        """A decision has been taken, here or by somebody else."""

        def __init__(self, item: InboxItem, booking: Booking | None, problem: Problem | None) -> None:
            super().__init__()
            self.item = item
            self.booking = booking
            self.problem = problem

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[str, InboxItem] = {}
        self._deciding: set[str] = set()
        # Versions decided on here: the pictures that follow may still show them as pending for a while.
        self._decided: dict[str, int] = {}
        self._note: Line = ()

    def place(self) -> tuple[str, ...]:
        """The inbox."""
        return ("approvals",)

    def body(self) -> Iterable[Widget]:
        """The list, and one booking."""
        yield Static(id="status")
        with Horizontal(id="panes"):
            yield Grid[InboxItem](
                COLUMNS, self.fleet.clock(), empty="nothing waits for a decision", markable=False, id="list"
            )
            with VerticalScroll(id="detail", can_focus=False):
                yield Static(id="booking")

    @property
    def grid(self) -> Grid[InboxItem]:
        """The list."""
        return self.query_one("#list", Grid)

    @property
    def item(self) -> InboxItem | None:
        """The booking under the cursor."""
        return self._items.get(self.grid.cursor or "")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.grid.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Both side by side where there is room, one after the other where there is not."""
        self.set_class(event.size.width < WIDE, "-narrow")

    def fleet_arrived(self, changed: frozenset[str] | None) -> None:
        """Take the bookings that are pending now."""
        pending = inbox(self.fleet.fleet.rows.values())
        self._decided = {
            key: version
            for key, version in self._decided.items()
            if key in pending and pending[key].booking.version <= version
        }
        shown = {key: item for key, item in pending.items() if key not in self._decided}
        differ = {key for key in self._items.keys() | shown.keys() if self._items.get(key) != shown.get(key)}
        self._items = shown
        self.grid.show(shown, differ)
        self._show()

    def time_passed(self, now: datetime) -> None:
        """Everybody waits a little longer."""
        self.grid.tick(now)
        self._show()

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self.query_one("#detail").scroll_home(animate=False)
        self._show()

    def _show(self) -> None:
        number = len(self._items)
        waits = f"{count(number)} {'booking waits' if number == 1 else 'bookings wait'} for a decision"
        status: Line = (Span(waits if number else "Nothing waits for a decision", Tone.QUIET),)
        place = self.grid.rows.place(self.grid.cursor)
        if place is not None:
            status = (*status, Span(f" · {place + 1} of {number}", Tone.QUIET))
        if self._note:
            status = (*status, Span("   "), *self._note)
        self.query_one("#status", Static).update(one_line(status))
        lines = [] if self.item is None else booking_detail(self.item, self.fleet.clock())
        if self.item is not None and self.item.key in self._deciding:
            lines = [(Span("↻ the decision is on its way", Tone.STRONG),), (), *lines]
        self.query_one("#booking", Static).update(content(lines))

    # Moving

    def action_step(self, step: int) -> None:
        """The next booking, or the one before."""
        self.grid.action_move(step)

    @on(Grid.Opened)
    def _opened(self) -> None:
        if self.has_class("-narrow") and not self.has_class("-reading"):
            self.add_class("-reading")
        else:
            self.action_creator()

    def action_back(self) -> None:
        """From the booking to the list, from the list to where one came from."""
        if self.has_class("-reading"):
            self.remove_class("-reading")
        else:
            super().action_back()

    def action_creator(self) -> None:
        """Open the creator's page."""
        if self.item is not None:
            self.fleet.open_creator(self.item.slug, "bookings")

    def action_refresh(self) -> None:
        """Ask the creators of all pending bookings again."""
        slugs = {item.slug for item in self._items.values()}
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
        item = self.item
        if item is None or item.key in self._deciding or self.refused(action):
            return None
        return item

    def worker_failed(self, problem: Problem) -> None:
        """A decision that broke is not on its way any more."""
        self._deciding.clear()
        self._show()
        super().worker_failed(problem)

    def _begin(self, item: InboxItem) -> None:
        self._note = ()
        self._deciding.add(item.key)
        self._show()

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
            self._show()
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
        self._show()
        if not self._items:
            self.remove_class("-reading")

    def _look_again(self, slug: str) -> None:
        self.run_worker(
            lambda: self.fleet.service.refresh({slug}), thread=True, exit_on_error=False, group="refresh"
        )
