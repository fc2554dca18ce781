"""What a creator's page says, section by section. Each section is a list of lines for a width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import JsonValue

from fleet_tui.bookings.model import Booking, BookingQueue, BookingStatus
from fleet_tui.costs.model import CostReport
from fleet_tui.deploy.lease import LeaseStatus
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.deploy.modules import WAITING_OUTPUT
from fleet_tui.observatory.attention import attention
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.operations.model import Run
from fleet_tui.present.cells import facets_of
from fleet_tui.present.drift import in_lines
from fleet_tui.present.holders import lease_lines, lock_lines
from fleet_tui.present.line import Line, Span, Tone, fit, line
from fleet_tui.present.looks import seen
from fleet_tui.present.modules import half_made, modules_in_short
from fleet_tui.present.quantity import UNKNOWN, age, bitrate, count, days, dollars, money
from fleet_tui.present.spark import budget_bar, chart
from fleet_tui.present.states import (
    SEVERITY_TONE,
    booking_badge,
    deploy_badge,
    deploy_status_badge,
    doing_badge,
    run_badge,
    stream_badge,
)
from fleet_tui.streams.model import Series, StreamHealth

LABEL = 12
_CHART_ROWS = 3
_CHART_MOST = 60


def fact(label: str, *value: Span | str) -> Line:
    """`account     210000000001`: a quiet label before its value."""
    return line(Span(label.ljust(LABEL), Tone.QUIET), *(value or (Span(UNKNOWN, Tone.QUIET),)))


def overview(row: CreatorSnapshot, now: datetime, _width: int) -> list[Line]:
    """Who this is, and one line for each facet."""
    creator = row.creator
    if creator is None:
        return [
            (Span("! creator.toml cannot be used", Tone.TROUBLE),),
            *((Span(error.sentence, Tone.TROUBLE),) for error in row.errors),
            (Span("Correct the file; it is read again by itself.", Tone.PLAIN),),
        ]
    found = attention(row, now)
    lines: list[Line] = []
    if found is not None:
        lines += [(Span(f"! {reason}", SEVERITY_TONE[found.level]),) for reason in found.reasons]
        lines.append(())
    lines += [
        fact("site", f"https://{creator.domain}"),
        fact("account", f"{creator.account_id} · {creator.region}"),
        fact("contact", creator.contact),
        fact("wave", creator.wave.value),
        fact("enters by", creator.access.role_arn or creator.access.profile or "standard credentials"),
        fact("modules", *modules_in_short(row)),
        fact("budget", f"{dollars(creator.monthly_budget)} a month"),
    ]
    if creator.tags:
        lines.append(
            fact("tags", ", ".join(f"{name}={value}" for name, value in sorted(creator.tags.items())))
        )
    if row.run is not None and not row.run.finished:
        lines.append(
            fact("run", *doing_badge(row.run).line, Span(f" · {row.run.operation.operator}", Tone.QUIET))
        )
    ages = "  ".join(
        f"{facet.value} {age(look.seen_at, now, short=True)}" for facet, look in facets_of(row).items()
    )
    lines.append(fact("seen", Span(ages, Tone.QUIET)))
    return lines


def deploy(row: CreatorSnapshot, now: datetime, _width: int) -> list[Line]:
    """Deploy state, its lock, drift and last run, and the outputs but for what the modules' list tells."""

    def draw(state: DeployState) -> list[Line]:
        since = Span(f"  for {age(state.since, now)}", Tone.QUIET) if state.since else ""
        lines = [line(*deploy_badge(state, now).line, since)]
        if state.reason:
            lines.append((Span(state.reason),))
        if state.outdated and state.status is DeployStatus.DRIFTED:
            lines.append(deploy_status_badge(DeployStatus.OUT_OF_DATE).line)
        if state.lease:
            seen_lease = state.lease
            lines += lease_lines(seen_lease.lease, seen_lease.status, now - seen_lease.renewed_at, now)
        if state.lock:
            at_work = state.lease is not None and state.lease.status is LeaseStatus.HELD
            lines += lock_lines(state.lock, now, at_work=at_work)
        if state.applied_at:
            lines.append(fact("applied", f"{age(state.applied_at, now)} ago"))
        if state.resources:
            lines.append(
                fact(
                    "resources", f"{count(state.resources)} · Terraform {state.terraform_version or UNKNOWN}"
                )
            )
        if state.last_run:
            last = state.last_run
            text = " · ".join(part for part in (last.kind, last.outcome, last.summary, last.operator) if part)
            lines.append(fact("last run", text))
        if state.drift and state.drift.addresses:
            tone = Tone.CAUTION if state.drift.open(now) else Tone.QUIET
            lines.append(fact("drift", Span(f"found {age(state.drift.checked_at, now)} ago in", tone)))
            lines += in_lines(state.drift, now)
        lines += half_made(state.tainted, state.deposed)
        outputs = {name: value for name, value in state.outputs.items() if name != WAITING_OUTPUT}
        if outputs:
            lines += [(), (Span("Outputs", Tone.STRONG),)]
            longest = max(len(name) for name in outputs)
            for name, value in sorted(outputs.items()):
                lines.append(line(Span(name.ljust(longest + 2), Tone.QUIET), _output(value)))
        if state.addresses:
            lines += [(), (Span("Resources", Tone.STRONG),)]
            lines += [(Span(address, Tone.QUIET),) for address in state.addresses]
        return lines

    return seen(row.deploy, now, draw)


def _output(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(_output(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={_output(item)}" for name, item in value.items())
    return UNKNOWN if value is None else str(value)


def stream(row: CreatorSnapshot, now: datetime, width: int) -> list[Line]:
    """The stream: what is not well and what to do about it, what the encoder sends, charts, events."""

    def draw(health: StreamHealth) -> list[Line]:
        when = f"for {age(health.started_at, now)}" if health.started_at else ""
        if not health.started_at and health.ended_at:
            when = f"since {age(health.ended_at, now)}"
        lines = [line(*stream_badge(health).line, f"  {when}" if when else "")]
        for finding in health.findings:
            tone = SEVERITY_TONE[finding.severity]
            lines += [(Span(f"! {finding.what}", tone),), line("  ", finding.advice)]
        if health.started_at:
            lines.append(fact("viewers", count(health.viewers)))
        if health.ingest:
            ingest = health.ingest
            lines += [
                fact("encoder", ingest.encoder or UNKNOWN),
                fact(
                    "video",
                    f"{ingest.width}×{ingest.height} at {ingest.target_framerate:g} fps · "
                    f"{bitrate(ingest.target_bitrate_bps)} · {ingest.video_codec or UNKNOWN}",
                ),
                fact(
                    "audio",
                    f"{ingest.audio_channels} ch · {ingest.audio_sample_rate_hz / 1000:g} kHz · "
                    f"{bitrate(ingest.audio_bitrate_bps)} · {ingest.audio_codec or UNKNOWN}",
                ),
            ]
        target = health.ingest.target_bitrate_bps if health.ingest else 0
        rate = health.ingest.target_framerate if health.ingest else 0
        lines += _chart(health.bitrate, "bitrate", bitrate, target, width)
        lines += _chart(health.framerate, "frame rate", lambda value: f"{value:.1f} fps", rate, width)
        lines += _chart(health.keyframe_interval, "keyframes", lambda value: f"every {value:.1f} s", 4, width)
        lines += _chart(health.viewers_over_time, "viewers", count, 0, width)
        if health.events:
            lines += [(), (Span("Events", Tone.STRONG),)]
            lines += [
                line(Span(f"{age(event.at, now)} ago".ljust(LABEL), Tone.QUIET), event.name)
                for event in health.events
            ]
        return lines

    return seen(row.stream, now, draw)


def _chart(
    series: Series | None, label: str, unit: Callable[[float], str], usual: float, width: int
) -> list[Line]:
    """A series as columns from zero to its highest or its usual value; the last value beside the label."""
    if series is None or not series.values:
        return []
    top = max(*series.values, usual)
    span = series.points[-1][0] - series.points[0][0]
    rows = chart(series.values, max(1, min(width, _CHART_MOST)), _CHART_ROWS, top=top)
    caption = fact(
        label,
        Span(unit(series.values[-1]), Tone.STRONG),
        Span(f"  up to {unit(top)}, {span / 60:.0f} min", Tone.QUIET),
    )
    return [(), caption, *((Span(row, Tone.FAINT),) for row in rows)]


def bookings(row: CreatorSnapshot, now: datetime, width: int) -> list[Line]:
    """What waits for a decision, and what is booked."""

    def draw(queue: BookingQueue) -> list[Line]:
        if not queue.available:
            return [(Span("The sponsor system is off, or was never deployed.", Tone.QUIET),)]
        lines: list[Line] = []
        if not queue.pending:
            lines.append((Span("Nothing waits for a decision.", Tone.QUIET),))
        for item in (*queue.pending, *queue.upcoming):
            lines += _booking(item, now, width, conflicts=len(queue.conflicts.get(item.id, ())))
        return lines

    return seen(row.bookings, now, draw)


def _booking(item: Booking, now: datetime, width: int, *, conflicts: int) -> list[Line]:
    badge = booking_badge(item.status)
    clash = Span(f"  ! {conflicts} conflict{'s' if conflicts > 1 else ''}", Tone.CAUTION) if conflicts else ""
    amount = money(item.price.total, item.price.currency)
    first = line(*fit(badge.line, 12), Span(item.sponsor, Tone.STRONG), clash)
    second = f"{item.placement} · {days(item.start_day, item.end_day)} · {amount}"
    if item.status is BookingStatus.PENDING:
        second += f" · waiting {age(item.created_at, now)}"
    return [fit(first, width), line(" " * 12, Span(second, Tone.QUIET))]


def cost(row: CreatorSnapshot, now: datetime, width: int) -> list[Line]:
    """Month to date, forecast and budget; then every line of the estimate with its basis."""

    def draw(report: CostReport) -> list[Line]:
        tone = Tone.TROUBLE if report.over_budget else Tone.PLAIN
        spent = report.actual or report.forecast * 0
        lines = [
            fact("month", dollars(report.actual, cents=True)),
            fact("yesterday", dollars(report.yesterday, cents=True)),
            fact("forecast", Span(dollars(report.forecast, cents=True), tone),
                 Span("  ! over budget" if report.over_budget else "", tone)),
            fact("budget", dollars(report.budget, cents=True)),
            (Span(budget_bar(spent, report.forecast, report.budget, max(1, min(40, width))), tone),),
            (),
            (Span(f"Estimate for the whole month, prices of {report.price_book:%-d %b %Y}", Tone.STRONG),),
        ]  # fmt: skip
        name = max((len(item.service) for item in report.estimate), default=0) + 2
        for item in report.estimate:
            amount = dollars(item.total, cents=True).rjust(10)
            basis = f"  {item.basis} · {item.confidence.value}"
            lines.append(line(item.service.ljust(name), amount, Span(basis, Tone.QUIET)))
        lines.append(
            (Span("total".ljust(name) + dollars(report.estimated_total, cents=True).rjust(10), Tone.STRONG),)
        )
        if report.actual_by_service:
            asked = f"Billed so far, asked {age(report.actual_as_of, now)} ago"
            lines += [(), (Span(asked, Tone.STRONG),)]
            name = max(len(service) for service, _ in report.actual_by_service) + 2
            lines += [
                line(service.ljust(name), dollars(amount, cents=True).rjust(10))
                for service, amount in report.actual_by_service
            ]
        return lines

    return seen(row.cost, now, draw)


def activity(runs: Sequence[Run], now: datetime) -> list[Line]:
    """The runs on this creator, newest first."""
    if not runs:
        return [(Span("No runs on this machine yet.", Tone.QUIET),)]
    return [
        line(
            *fit(run_badge(run.status).line, 13),
            Span(run.operation.kind.value.ljust(9), Tone.STRONG),
            Span(f"{age(run.operation.requested_at, now)} ago · {run.operation.operator}", Tone.QUIET),
            Span(f" · {run.operation.reason}" if run.operation.reason else "", Tone.QUIET),
        )
        for run in runs
    ]
