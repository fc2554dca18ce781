"""`fleet bookings`: the queue over all creators, and decisions on it."""

from __future__ import annotations

import click

from fleet_tui.bookings.model import Booking, BookingStatus, CreativeState
from fleet_tui.cli.asking import agree
from fleet_tui.cli.look import LOOK_SECONDS, end_if_nobody_answers, look, looking
from fleet_tui.cli.main import ATTENTION
from fleet_tui.cli.output import print_json, table
from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import Facet
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.quantity import age, days, money
from fleet_tui.present.states import creative_badge
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings


class _DefaultsToList(click.Group):
    """`fleet bookings kasper` lists, as `fleet bookings list kasper` does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first not in self.commands and first != "--help":
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_DefaultsToList)
def bookings() -> None:
    """The sponsor bookings of all creators: list them, approve and reject."""


@bookings.command("list")
@looking
@click.pass_obj
def list_pending(settings: Settings, query: tuple[str, ...], as_json: bool, cached: bool) -> None:
    """Pending bookings, oldest first. Exits with 1 when a creator's queue could not be read."""
    snapshot, rows = look(settings, query, (Facet.BOOKINGS,), cached=cached)
    queue = [(row, booking) for row in rows if row.bookings.value for booking in row.bookings.value.pending]
    queue.sort(key=lambda pair: pair[1].created_at)
    if as_json:
        print_json([{"slug": row.slug} | booking.model_dump(mode="json") for row, booking in queue])
    else:
        cells: list[list[Line]] = []
        for row, booking in queue:
            rivals = row.bookings.value.conflicts.get(booking.id, ()) if row.bookings.value else ()
            cells.append(
                [
                    (Span(row.slug, Tone.STRONG),),
                    (Span(booking.id),),
                    (Span(booking.sponsor),),
                    (Span(booking.placement),),
                    (Span(days(booking.start_day, booking.end_day)),),
                    (Span(money(booking.price.total, booking.price.currency).rjust(10)),),
                    (Span(age(booking.created_at, snapshot.taken_at)),),
                    (Span(_caution(booking, rivals), Tone.CAUTION),),
                ]
            )
        table(["CREATOR", "ID", "SPONSOR", "PLACEMENT", "DAYS", "PRICE", "WAITING", ""], cells)
        for row in rows:
            if row.bookings.problem:
                click.echo(row.bookings.problem.sentence, err=True)
    problems = [[row.bookings.problem] if row.bookings.problem else [] for row in rows if row.creator]
    end_if_nobody_answers(problems)
    if any(problems):
        raise SystemExit(ATTENTION)


def _caution(booking: Booking, rivals: tuple[str, ...]) -> str:
    """What stands against an approval."""
    state = booking.creative.state
    picture = [] if state is CreativeState.READY else [f"picture {creative_badge(state).word}"]
    return "; ".join([*picture, *([f"conflicts with {', '.join(rivals)}"] if rivals else [])])


@bookings.command()
@click.argument("booking_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def approve(settings: Settings, booking_id: str, yes: bool) -> None:
    """Approve a pending booking."""
    _decide(settings, booking_id, "", yes=yes)


@bookings.command()
@click.argument("booking_id")
@click.option("--reason", required=True, help="What the sponsor is told.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reject(settings: Settings, booking_id: str, reason: str, yes: bool) -> None:
    """Reject a pending booking."""
    _decide(settings, booking_id, reason, yes=yes)


def _decide(settings: Settings, booking_id: str, reason: str, *, yes: bool) -> None:
    fleet = Fleet(settings)
    try:
        slug, booking = _find(fleet, booking_id)
        verb = "Reject" if reason else "Approve"
        agree(
            f"{verb} {booking.sponsor}, {booking.placement}, {days(booking.start_day, booking.end_day)}, "
            f"{money(booking.price.total, booking.price.currency)} for {slug}?",
            where=slug,
            yes=yes,
        )
        if reason:
            decided = fleet.bookings.reject(slug, booking, reason)
        else:
            decided = fleet.bookings.approve(slug, booking)
        click.echo(f"{decided.id} {decided.status.value}")
    finally:
        fleet.stop()


def _find(fleet: Fleet, booking_id: str) -> tuple[str, Booking]:
    fleet.observatory.look_once(list(fleet.snapshot().rows), (Facet.BOOKINGS,), seconds=LOOK_SECONDS)
    rows = fleet.snapshot().rows.values()
    for row in rows:
        for booking in row.bookings.value.pending if row.bookings.value else ():
            if booking.id == booking_id and booking.status is BookingStatus.PENDING:
                return row.slug, booking
    unread = [row.slug for row in rows if row.bookings.problem]
    aside = f" (could not be read: {', '.join(unread)})" if unread else ""
    raise FleetError.of(
        ProblemKind.NOT_FOUND,
        f"no pending booking {booking_id}{aside}",
        hint="fleet bookings lists what is pending",
    )
