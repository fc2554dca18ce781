"""The cells of the fleet's table, each drawn for the width it gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from fleet_tui.bookings.model import BookingQueue
from fleet_tui.costs.model import CostReport
from fleet_tui.deploy.model import DeployState
from fleet_tui.observatory.model import CreatorSnapshot, Facet, Observation
from fleet_tui.present.line import Line, Span, Tone, fit, in_tone, line, spread, subdued, width_of
from fleet_tui.present.quantity import UNKNOWN, age, bitrate, count, dollars
from fleet_tui.present.spark import OVER, budget_bar, sparkline
from fleet_tui.present.states import (
    CACHED_MARK,
    SEVERITY_TONE,
    STALE_MARK,
    UNSEEN,
    deploy_line,
    doing_badge,
    problem_badge,
    stream_badge,
)
from fleet_tui.streams.model import StreamHealth, StreamStatus

T = TypeVar("T")

STREAM_FULL = 49
STREAM_MIDDLE = 28
COST_FULL = 35
COST_MIDDLE = 18
_AMOUNT = 7
_FORECAST = 8
_BAR = 8
_SPACES = re.compile(r"\s+")
_NUMBER = 4
_WORTH_SHOWING = 14  # with less room than this, what a facet was before its problem says nothing


def observed(facet: Observation[T], width: int, draw: Callable[[T], Line]) -> Line:
    """A facet's cell: its value; its problem, followed by the value it last had; or unknown.

    A value that is stale or from disk is toned down unless it asks for a person.
    """
    value = None if facet.value is None else draw(facet.value)
    if facet.problem is not None:
        badge = problem_badge(facet.problem).line
        if value is None:
            return fit(badge, width)
        before = (Span(" was ", Tone.QUIET), *in_tone(_squeezed(value), Tone.QUIET))
        return fit((*badge, *before) if width - width_of(badge) >= _WORTH_SHOWING else badge, width)
    if value is None:
        return fit(UNSEEN.line if width >= 9 else line(Span(UNKNOWN, Tone.QUIET)), width)
    if facet.stale or facet.cached:
        value = subdued(value)
    return fit(value, width)


def _squeezed(pieces: Line) -> Line:
    """The pieces without the space that lines them up in a column."""
    return tuple(Span(_SPACES.sub(" ", span.text), span.tone) for span in pieces)


def mark(facet: Observation[Any]) -> str:
    """The sign before a cell: `⚠` stale, `~` from disk, a space otherwise."""
    if facet.stale:
        return STALE_MARK
    return CACHED_MARK if facet.cached and facet.value is not None else " "


def creator_cell(row: CreatorSnapshot, width: int, _now: datetime) -> Line:
    """The display name."""
    return fit((Span(row.name),), width)


def wave_cell(row: CreatorSnapshot, width: int, _now: datetime) -> Line:
    """The wave."""
    return fit((Span(row.creator.wave.value if row.creator else UNKNOWN, Tone.QUIET),), width)


def deploy_cell(row: CreatorSnapshot, width: int, now: datetime) -> Line:
    """`✓ up to date    2d`; a run in hand comes first, because it is newer than any look."""
    if row.run is not None and not row.run.finished:
        started = row.run.started_at or row.run.operation.requested_at
        aside = (Span(age(started, now, short=True), Tone.QUIET),)
        return spread(doing_badge(row.run).line, aside, width)

    def draw(state: DeployState) -> Line:
        aside = (
            (Span(age(state.since, now, short=True), Tone.QUIET),) if state.since and not state.lock else ()
        )
        return spread(deploy_line(state, now, width), aside, width)

    return observed(row.deploy, width, draw)


def stream_cell(row: CreatorSnapshot, width: int, now: datetime) -> Line:
    """`● live  1h 12m  1080p30  5.9 Mb/s ▅▆▆▇  1,204`, or what is not well about it."""
    return observed(row.stream, width, lambda health: _stream(health, width, now))


def _stream(health: StreamHealth, width: int, now: datetime) -> Line:
    badge = stream_badge(health)
    since = health.started_at or health.ended_at
    time = age(since, now) if since else ""
    if health.status in (StreamStatus.OFFLINE, StreamStatus.NO_CHANNEL):
        return spread(badge.line, (Span(time, Tone.QUIET),), min(width, 17))
    head = spread(badge.line, (Span(time, badge.tone if badge.tone is Tone.STRONG else Tone.PLAIN),), 17)
    finding = next(iter(sorted(health.findings, key=lambda item: item.severity.value, reverse=True)), None)
    if width < STREAM_MIDDLE:
        return spread(badge.line, (Span(time),), width)
    viewers = fit((Span(count(health.viewers)),), 7, right=True)
    if finding is not None:
        more = f" +{len(health.findings) - 1}" if len(health.findings) > 1 else ""
        why = (Span(finding.what + more, SEVERITY_TONE[finding.severity]),)
        if width < STREAM_FULL:
            return fit((*badge.line, Span(" "), *why), width)
        return (*head, Span(" "), *fit(why, width - 25), *viewers)
    picture = (Span(_picture(health)),)
    if width < STREAM_FULL:
        return (*spread(badge.line, (Span(time),), width - 8), Span(" "), *viewers)
    speed = health.bitrate.values if health.bitrate else ()
    target = float(health.ingest.target_bitrate_bps) if health.ingest else 0.0
    return (
        *head,
        Span(" "),
        *fit(picture, 8),
        *fit((Span(bitrate(speed[-1]) if speed else UNKNOWN),), 9, right=True),
        Span(" "),
        *fit((Span(sparkline(speed, width - 43, top=target), Tone.QUIET),), width - 43),
        *viewers,
    )


def _picture(health: StreamHealth) -> str:
    """`1080p30`, as far as it is known."""
    if health.ingest is None or not health.ingest.height:
        return UNKNOWN
    return f"{health.ingest.height}p{health.ingest.target_framerate:.0f}"


def approvals_cell(row: CreatorSnapshot, width: int, now: datetime) -> Line:
    """`3 · 2d 4h`: how many, and how long the oldest waits; `none` and `off` are not unknown."""

    def draw(queue: BookingQueue) -> Line:
        if not queue.available:
            return fit((Span("off", Tone.QUIET),), min(width, _NUMBER), right=True)
        pending = len(queue.pending)
        if not pending:
            return fit((Span("none", Tone.QUIET),), min(width, _NUMBER), right=True)
        number = fit((Span(count(pending), Tone.WAITING),), min(width, _NUMBER), right=True)
        if width <= _NUMBER:
            return number
        return (*number, Span(f" · {age(queue.oldest, now)}", Tone.WAITING))

    return observed(row.bookings, width, draw)


def cost_cell(row: CreatorSnapshot, width: int, _now: datetime) -> Line:
    """`$84 → $131 ━━━━───· $150`: month to date, forecast, budget."""

    def draw(report: CostReport) -> Line:
        over = report.over_budget
        tone = Tone.TROUBLE if over else Tone.PLAIN
        forecast = fit((Span(dollars(report.forecast), tone),), _FORECAST, right=True)
        if width < COST_MIDDLE:
            return (*forecast, Span(OVER if over else " ", tone))
        month = fit((Span(dollars(report.actual)),), _AMOUNT, right=True)
        head = (*month, Span(" → ", Tone.QUIET), *forecast)
        if width < COST_FULL:
            return (*head, Span(OVER if over and width > COST_MIDDLE else "", tone))
        bar = budget_bar(report.actual or report.forecast * 0, report.forecast, report.budget, _BAR)
        budget = fit((Span(dollars(report.budget), Tone.QUIET),), _AMOUNT, right=True)
        return (*head, Span(" "), Span(bar, tone if over else Tone.QUIET), Span(" "), *budget)

    return observed(row.cost, width, draw)


def age_cell(row: CreatorSnapshot, width: int, now: datetime) -> Line:
    """The age of what is stale, marked; else of the oldest facet.

    Costs count only when they are stale: they come a few times a day, and their hours would hide every
    other facet's minutes.
    """
    facets = facets_of(row)
    stale = [look.seen_at for look in facets.values() if look.stale and look.seen_at]
    if stale:
        return fit(
            (Span(f"{age(min(stale), now, short=True)} {STALE_MARK}", Tone.CAUTION),), width, right=True
        )
    seen = [look.seen_at for facet, look in facets.items() if facet is not Facet.COST and look.seen_at]
    text = age(min(seen), now, short=True) if seen else UNKNOWN
    return fit((Span(f"{text}  ", Tone.QUIET),), width, right=True)


def facets_of(row: CreatorSnapshot) -> dict[Facet, Observation[Any]]:
    """The four facets by name."""
    return {
        Facet.DEPLOY: row.deploy,
        Facet.STREAM: row.stream,
        Facet.BOOKINGS: row.bookings,
        Facet.COST: row.cost,
    }


def trouble_line(row: CreatorSnapshot) -> Line | None:
    """For a creator whose file cannot be used: the sentence that says why. None for all others."""
    if row.creator is not None:
        return None
    if not row.errors:
        return (Span("! creator.toml cannot be used", Tone.TROUBLE),)
    more = f"  (and {len(row.errors) - 1} more)" if len(row.errors) > 1 else ""
    return (Span(f"! {row.errors[0].sentence}{more}", Tone.TROUBLE),)
