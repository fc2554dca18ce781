"""`fleet status`, `fleet streams`, `fleet costs`: what the fleet is like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import click

from fleet_tui.cli.main import ATTENTION, UNREACHABLE, exit_code
from fleet_tui.cli.output import print_json, row_json, snapshot_json, styled, table, terminal_width
from fleet_tui.fleet import Fleet
from fleet_tui.observatory.attention import attention
from fleet_tui.observatory.model import CreatorSnapshot, Facet, FleetSnapshot
from fleet_tui.observatory.query import QueryError, parse
from fleet_tui.present.cells import (
    age_cell,
    approvals_cell,
    cost_cell,
    creator_cell,
    deploy_cell,
    stream_cell,
    trouble_line,
    wave_cell,
)
from fleet_tui.present.line import Line, Span, Tone, plain
from fleet_tui.present.quantity import age, count, dollars
from fleet_tui.present.states import UNSEEN, problem_badge, stream_badge
from fleet_tui.present.totals import Totals, progress_line, totals_of, totals_parts
from fleet_tui.problems import Problem
from fleet_tui.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

LOOK_SECONDS = 60.0


def looking(command: Command) -> Command:
    """The options that every looking command has."""
    for option in (
        click.argument("query", nargs=-1),
        click.option("--json", "as_json", is_flag=True, help="JSON for programs."),
        click.option("--cached", is_flag=True, help="Show what was last seen; ask nobody."),
    ):
        command = option(command)
    return command


def look(
    settings: Settings, query: Sequence[str], facets: Sequence[Facet], *, cached: bool
) -> tuple[FleetSnapshot, list[CreatorSnapshot]]:
    """Look at the fleet once, or read what was last seen, and pick the rows that a query asks for.

    Raises:
        click.UsageError: the query cannot be read.
    """
    try:
        wanted = parse(" ".join(query))
    except QueryError as error:
        raise click.UsageError(str(error)) from error
    fleet = Fleet(settings)
    try:
        if not cached:
            slugs = list(fleet.snapshot().rows)
            if not fleet.observatory.look_once(slugs, facets, seconds=LOOK_SECONDS):
                click.echo(f"not everybody answered within {LOOK_SECONDS:.0f} seconds", err=True)
        snapshot = fleet.snapshot()
    finally:
        fleet.stop()
    return snapshot, [row for row in snapshot.rows.values() if wanted.matches(row, snapshot.taken_at)]


def finish(rows: Sequence[CreatorSnapshot], now: datetime) -> None:
    """End with the exit code that the rows deserve."""
    creators = [row for row in rows if row.creator is not None]
    end_if_nobody_answers([[problem for _, problem in row.problems] for row in creators])
    if any(attention(row, now) for row in rows):
        raise SystemExit(ATTENTION)


def end_if_nobody_answers(problems: Sequence[Sequence[Problem]]) -> None:
    """End with the exit code for `try again` when every creator has problems and all are of that kind.

    Args:
        problems: those of each creator.
    """
    if problems and all(
        of_one and all(exit_code(problem.kind) == UNREACHABLE for problem in of_one) for of_one in problems
    ):
        raise SystemExit(UNREACHABLE)


@click.command()
@looking
@click.pass_obj
def status(settings: Settings, query: tuple[str, ...], as_json: bool, cached: bool) -> None:
    """All creators, or those that QUERY asks for: deploy state, stream, approvals and cost.

    Exits with 1 when something needs attention.
    """
    snapshot, rows = look(settings, query, tuple(Facet), cached=cached)
    if as_json:
        print_json(snapshot_json(snapshot, rows))
    else:
        print_fleet(snapshot, rows)
    finish(rows, snapshot.taken_at)


def print_fleet(snapshot: FleetSnapshot, rows: Sequence[CreatorSnapshot]) -> None:
    """Print the fleet as the console's grid shows it, then the totals and what needs a person."""
    now, wide = snapshot.taken_at, terminal_width() >= 150
    columns: list[tuple[str, int, Callable[[CreatorSnapshot, int, datetime], Line]]] = [
        ("CREATOR", 14, creator_cell),
        *([("WAVE", 7, wave_cell)] if wide else []),
        ("DEPLOY", 22, deploy_cell),
        ("STREAM", 46 if wide else 28, stream_cell),
        ("APPROVALS", 19 if wide else 10, approvals_cell),
        ("MONTH · FORECAST · BUDGET" if wide else "MONTH", 32 if wide else 15, cost_cell),
        ("AGE", 6, age_cell),
    ]
    shown: list[list[Line]] = []
    for row in rows:
        trouble = trouble_line(row)
        if trouble is not None:
            shown.append([(Span(row.slug),), trouble])
            continue
        shown.append([draw(row, width, now) for _, width, draw in columns])
    table([head for head, _, _ in columns], shown)
    totals = [plain(part) for part in totals_parts(sum(map(totals_of, rows), Totals()))]
    click.echo()
    click.echo(" · ".join([*totals, plain(progress_line(snapshot.progress))]))
    needy = [(row, found) for row in rows if (found := attention(row, now))]
    for row, found in sorted(needy, key=lambda pair: -pair[1].score):
        click.echo(f"  {row.slug}: {'; '.join(found.reasons)}")


@click.command()
@looking
@click.pass_obj
def streams(settings: Settings, query: tuple[str, ...], as_json: bool, cached: bool) -> None:
    """The channels: what is live, how well, and why not. Exits with 1 when a stream is unwell."""
    snapshot, rows = look(settings, query, (Facet.STREAM,), cached=cached)
    now = snapshot.taken_at
    rows = [row for row in rows if row.creator is not None]
    if as_json:
        unseen = {"modules": None, "deploy": None, "bookings": None, "cost": None}
        print_json([row_json(row, now) | unseen for row in rows])
    else:
        cells: list[list[Line]] = []
        for row in rows:
            health = row.stream.value
            if row.stream.problem is not None:
                badge, why = problem_badge(row.stream.problem), row.stream.problem.sentence
            elif health is None:
                badge, why = UNSEEN, ""
            else:
                badge = stream_badge(health)
                why = "; ".join(f"{finding.what}: {finding.advice}" for finding in health.findings)
            since = health and (health.started_at or health.ended_at)
            cells.append(
                [
                    (Span(row.slug, Tone.STRONG),),
                    badge.line,
                    (Span(age(since, now) if since else ""),),
                    (Span(count(health.viewers) if health and health.stream_id else ""),),
                    (Span(why),),
                ]
            )
        table(["CREATOR", "STREAM", "SINCE", "VIEWERS", "WHY"], cells)
    unwell = any(row.stream.value and row.stream.value.findings for row in rows)
    problems = [[row.stream.problem] if row.stream.problem else [] for row in rows]
    end_if_nobody_answers(problems)
    if unwell or any(problems):
        raise SystemExit(ATTENTION)


@click.command()
@looking
@click.pass_obj
def costs(settings: Settings, query: tuple[str, ...], as_json: bool, cached: bool) -> None:
    """What the creators cost this month, by service. Exits with 1 when a forecast is over its budget."""
    snapshot, rows = look(settings, query, (Facet.COST,), cached=cached)
    rows = [row for row in rows if row.creator is not None]
    if as_json:
        print_json([row_json(row, snapshot.taken_at)["cost"] | {"slug": row.slug} for row in rows])
    else:
        cells: list[list[Line]] = []
        total = Decimal(0)
        for row in rows:
            report = row.cost.value
            if report is None:
                why = row.cost.problem.sentence if row.cost.problem else "not looked at yet"
                cells.append([(Span(row.slug, Tone.STRONG),), *[(Span("–", Tone.QUIET),)] * 4, (Span(why),)])
                continue
            total += report.forecast
            over = Tone.TROUBLE if report.over_budget else Tone.PLAIN
            top = ", ".join(
                f"{service} {dollars(amount, cents=True)}"
                for service, amount in (
                    report.actual_by_service or [(line.service, line.total) for line in report.estimate]
                )[:3]
            )
            cells.append(
                [
                    (Span(row.slug, Tone.STRONG),),
                    (Span(dollars(report.actual, cents=True).rjust(9)),),
                    (Span(dollars(report.estimated_total, cents=True).rjust(9)),),
                    (Span(dollars(report.forecast, cents=True).rjust(9), over),),
                    (Span(dollars(report.budget).rjust(7)),),
                    (Span(("over budget: " if report.over_budget else "") + top, over),),
                ]
            )
        table(["CREATOR", "THIS MONTH", "ESTIMATE", "FORECAST", "BUDGET", "MOST OF IT"], cells)
        click.echo(styled((Span(f"forecast for the month: {dollars(total, cents=True)}", Tone.STRONG),)))
    if any(row.cost.value and row.cost.value.over_budget for row in rows):
        raise SystemExit(ATTENTION)


@click.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 10_000))
@click.pass_obj
def history(settings: Settings, slug: str, as_json: bool, limit: int) -> None:
    """What has changed for SLUG, as consoles on this machine saw it, newest first."""
    fleet = Fleet(settings)
    try:
        fleet.observatory.creator(slug)
        changes = fleet.history(slug, limit)
        now = fleet.snapshot().taken_at
    finally:
        fleet.stop()
    if as_json:
        print_json(
            [{"at": at.isoformat(), "facet": facet.value, "what": what} for at, facet, what in changes]
        )
        return
    table(
        ["AGO", "WHAT", ""],
        [
            [(Span(age(at, now)),), (Span(facet.value, Tone.QUIET),), (Span(what),)]
            for at, facet, what in changes
        ],
    )
