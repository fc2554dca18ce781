"""The fleet in one line: what is live, what is not well, what waits, what it costs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fleet_tui.deploy.model import DeployStatus
from fleet_tui.observatory.model import CreatorSnapshot, Progress
from fleet_tui.present.line import Line, Span, Tone, fit, spread, width_of
from fleet_tui.present.quantity import count, dollars
from fleet_tui.streams.model import StreamStatus


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over creators.

    Args:
        failed: creators with a failed deploy or a file that cannot be used.
        spent: month to date in US dollars, of those creators whose bill is known.
        budget: monthly budgets of the same creators.
        unbilled: creators whose month to date is not known.
    """

    live: int = 0
    unwell: int = 0
    approvals: int = 0
    failed: int = 0
    spent: Decimal = Decimal(0)
    budget: Decimal = Decimal(0)
    unbilled: int = 0

    def __iter__(self) -> Iterator[int | Decimal]:
        return iter(
            (self.live, self.unwell, self.approvals, self.failed, self.spent, self.budget, self.unbilled)
        )

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(mine + its for mine, its in zip(self, other, strict=True)))  # type: ignore[arg-type]

    def __sub__(self, other: Totals) -> Totals:
        return Totals(*(mine - its for mine, its in zip(self, other, strict=True)))  # type: ignore[arg-type]


def totals_of(row: CreatorSnapshot) -> Totals:
    """What one creator adds to the totals."""
    stream, deploy, queue, cost = row.stream.value, row.deploy.value, row.bookings.value, row.cost.value
    billed = cost is not None and cost.actual is not None
    return Totals(
        live=int(stream is not None and stream.status in (StreamStatus.LIVE, StreamStatus.UNWELL)),
        unwell=int(stream is not None and stream.status is StreamStatus.UNWELL),
        approvals=len(queue.pending) if queue else 0,
        failed=int(row.creator is None or (deploy is not None and deploy.status is DeployStatus.FAILED)),
        spent=cost.actual if cost and cost.actual is not None else Decimal(0),
        budget=cost.budget if cost and billed else Decimal(0),
        unbilled=int(not billed and row.creator is not None),
    )


class RunningTotals:
    """The totals of a fleet, kept up by looking only at the rows that changed."""

    def __init__(self) -> None:
        self.totals = Totals()
        self._shares: dict[str, Totals] = {}

    def update(self, rows: Mapping[str, CreatorSnapshot], changed: Collection[str] | None = None) -> None:
        """Take these rows; `changed` names those that differ or are gone (None: all may)."""
        if changed is None:
            self._shares = {slug: totals_of(row) for slug, row in rows.items()}
            self.totals = sum(self._shares.values(), Totals())
            return
        for slug in changed:
            before = self._shares.pop(slug, None)
            if before is not None:
                self.totals -= before
            row = rows.get(slug)
            if row is not None:
                self._shares[slug] = share = totals_of(row)
                self.totals += share


def totals_parts(totals: Totals) -> tuple[Line, ...]:
    """The totals as parts, most urgent first, so that a narrow line can leave out the last ones."""

    def part(glyph: str, number: int, word: str, tone: Tone) -> Line:
        return (Span(f"{glyph} {count(number)} {word}", tone if number else Tone.QUIET),)

    known = totals.budget > 0
    money = f"{dollars(totals.spent)} of {dollars(totals.budget)}" if known else "cost unknown"
    return (
        part("✗", totals.failed, "failed", Tone.TROUBLE),
        part("◐", totals.unwell, "unwell", Tone.CAUTION),
        part("⚑", totals.approvals, "approval" if totals.approvals == 1 else "approvals", Tone.WAITING),
        part("●", totals.live, "live", Tone.PLAIN),
        (Span(money, Tone.CAUTION if known and totals.spent > totals.budget else Tone.QUIET),),
    )


def progress_line(progress: Progress) -> Line:
    """`looked at 812 of 1,000 · 3 failed · 1 throttled`."""
    spans = [Span(f"looked at {count(progress.answered)} of {count(progress.total)}", Tone.QUIET)]
    if progress.failed:
        spans += [Span(" · ", Tone.QUIET), Span(f"{count(progress.failed)} failed", Tone.CAUTION)]
    if progress.throttled:
        spans += [Span(" · ", Tone.QUIET), Span(f"{count(progress.throttled)} throttled", Tone.CAUTION)]
    return tuple(spans)


def header_line(
    place: Sequence[str],
    totals: Totals,
    *,
    read_only: bool,
    now: datetime,
    width: int,
    rollout: Line = (),
) -> Line:
    """`fleet ▸ production ▸ all creators … ✗ 1 failed  ◐ 2 unwell … read-write  14:03` in `width` cells.

    What does not fit is left out from the calm end: first the mode where it allows everything, then money,
    the clock, what is live; never what has failed, nor that actions are refused. `rollout` tells of one that
    goes on.
    """
    mode = Span("read-only", Tone.CAUTION) if read_only else Span("read-write", Tone.QUIET)
    failed, unwell, approvals, live, money = totals_parts(totals)
    clock: Line = (Span(f"{now:%H:%M}", Tone.QUIET),)
    # In the order in which they are shown, each with its rank; the lowest rank leaves last.
    mode_rank = 0 if read_only else 6
    parts: list[tuple[int, Line]] = [
        (1, rollout),
        (3, live), (1, unwell), (2, approvals), (0, failed), (5, money), (mode_rank, (mode,)), (4, clock),
    ]  # fmt: skip

    def left(names: Sequence[str]) -> Line:
        crumbs = [span for name in names[:-1] for span in (Span(name), Span(" ▸ ", Tone.QUIET))]
        return (Span(" "), *crumbs, Span(names[-1], Tone.STRONG))

    def right(rank: int) -> Line:
        spans = [span for own, part in parts if part and own <= rank for span in (Span("  "), *part)]
        return (*spans[1:], Span(" "))

    # The program's own name goes before anything that waits for a person, the environment's after it.
    for names, ranks in ((place, (6, 5, 4, 3)), (place[1:] or place, (4, 3, 2)), (place[-1:], (2, 1))):
        for rank in ranks:
            if width_of(left(names)) + width_of(right(rank)) + 2 <= width:
                return spread(left(names), right(rank), width)
    urgent = right(0)
    return fit((*fit(left(place[-1:]), max(0, width - width_of(urgent))), *urgent), width)
