"""Pending bookings of the whole fleet: the rows of the inbox, and one booking in full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fleet_tui.bookings.model import Booking, Creative
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.present.line import Line, Span, Tone, fit, line
from fleet_tui.present.quantity import age, days, money
from fleet_tui.present.sections import LABEL, fact
from fleet_tui.present.states import booking_badge, creative_badge


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One pending booking with what it stands beside.

    Args:
        slug, creator: whose site it is for.
        rivals: other bookings that want the same placement on a shared day.
        fresh: whether the list it comes from was seen without a problem and is not stale.
    """

    slug: str
    creator: str
    booking: Booking
    rivals: tuple[Booking, ...] = ()
    fresh: bool = True

    @property
    def key(self) -> str:
        """Unique in the fleet."""
        return f"{self.slug}/{self.booking.id}"


def inbox(rows: Iterable[CreatorSnapshot]) -> dict[str, InboxItem]:
    """All pending bookings by key, the one that waits longest first."""
    items = []
    for row in rows:
        queue = row.bookings.value
        if queue is None or not queue.pending:
            continue
        known = {item.id: item for item in (*queue.pending, *queue.upcoming)}
        fresh = row.bookings.problem is None and not row.bookings.stale and not row.bookings.cached
        for booking in queue.pending:
            rivals = tuple(known[other] for other in queue.conflicts.get(booking.id, ()) if other in known)
            items.append(InboxItem(row.slug, row.name, booking, rivals, fresh))
    items.sort(key=lambda item: (item.booking.created_at, item.key))
    return {item.key: item for item in items}


def waiting_cell(item: InboxItem, width: int, now: datetime) -> Line:
    """How long the sponsor has been waiting."""
    return fit((Span(age(item.booking.created_at, now), Tone.WAITING),), width, right=True)


def sponsor_cell(item: InboxItem, width: int, _now: datetime) -> Line:
    """Who wants to book; a conflict is marked."""
    clash = Span("! ", Tone.CAUTION) if item.rivals else ""
    return fit(line(clash, Span(item.booking.sponsor, Tone.STRONG)), width)


def creator_cell(item: InboxItem, width: int, _now: datetime) -> Line:
    """On whose site."""
    return fit((Span(item.creator),), width)


def placement_cell(item: InboxItem, width: int, _now: datetime) -> Line:
    """Where on the site."""
    return fit((Span(item.booking.placement),), width)


def days_cell(item: InboxItem, width: int, _now: datetime) -> Line:
    """From which day, for how many days."""
    length = (item.booking.end_day - item.booking.start_day).days + 1
    return fit((Span(f"{item.booking.start_day:%-d %b} · {length}d"),), width)


def price_cell(item: InboxItem, width: int, _now: datetime) -> Line:
    """The price."""
    return fit((Span(money(item.booking.price.total, item.booking.price.currency)),), width, right=True)


def booking_detail(item: InboxItem, now: datetime) -> list[Line]:
    """Everything that an operator needs to decide."""
    booking = item.booking
    price = booking.price
    lines: list[Line] = [
        (Span(booking.sponsor, Tone.STRONG),),
        line(Span(booking.title)),
        (),
        fact("creator", f"{item.creator} ({item.slug})"),
        fact("placement", booking.placement),
        fact("days", days(booking.start_day, booking.end_day)),
        fact("waiting", Span(age(booking.created_at, now), Tone.WAITING)),
        fact("contact", *([booking.contact] if booking.contact else [])),
        fact("leads to", *([booking.target_url] if booking.target_url else [])),
        fact("picture", *_picture(booking.creative)),
        (),
    ]
    label = max((len(item.label) for item in price.lines), default=5) + 2
    lines += [
        line(Span(part.label.ljust(label), Tone.QUIET), money(part.amount, price.currency).rjust(12))
        for part in price.lines
    ]
    total = money(price.total, price.currency).rjust(12)
    lines += [(Span("total".ljust(label) + total, Tone.STRONG),), ()]
    if item.rivals:
        wants = "other booking wants" if len(item.rivals) == 1 else "other bookings want"
        lines.append((Span(f"! {len(item.rivals)} {wants} this placement", Tone.CAUTION),))
        for rival in item.rivals:
            badge = booking_badge(rival.status)
            text = f"  {rival.sponsor} · {days(rival.start_day, rival.end_day)}"
            lines.append(line(*fit(badge.line, LABEL), text))
    else:
        lines.append((Span("✓ no other booking wants this placement on these days", Tone.QUIET),))
    if booking.creative_url:  # long, as it is signed
        lines += [(), (Span("the picture, for some minutes:", Tone.QUIET),), line(booking.creative_url)]
    if not item.fresh:
        lines += [(), (Span("⚠ this list may be out of date", Tone.CAUTION),)]
    return lines


def _picture(creative: Creative) -> Line:
    """`✓ ready · image/png, 728 × 90`, or why there is none."""
    known = f"{creative.type}, {creative.width} × {creative.height}" if creative.type else creative.refusal
    return line(*creative_badge(creative.state).line, f" · {known}" if known else "")
