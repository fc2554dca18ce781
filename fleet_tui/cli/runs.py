"""`fleet runs`: what was done here, what was recorded beside the states, and whether the records hold."""

from __future__ import annotations

import click

from fleet_tui.cli.act import end, follow, print_event, print_plan
from fleet_tui.cli.main import ATTENTION
from fleet_tui.cli.output import now, print_json, styled, table
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import Run
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.quantity import age
from fleet_tui.present.records import ENTRY_HEADS, chain_line, entry_cells, entry_lines
from fleet_tui.present.states import run_badge
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings


@click.group(invoke_without_command=True)
@click.option("--creator", "slug", default="", metavar="SLUG", help="The records of SLUG, from everywhere.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.pass_context
def runs(ctx: click.Context, slug: str, as_json: bool, limit: int) -> None:
    """What was done on this machine, newest first; with --creator what anybody did to SLUG, as recorded."""
    if ctx.invoked_subcommand is not None:
        return
    fleet = Fleet(ctx.obj)
    try:
        if slug:
            _print_records(fleet, slug, limit, as_json=as_json)
        else:
            _print_runs(list(fleet.runs())[:limit], as_json=as_json)
    finally:
        fleet.stop()


def _print_runs(found: list[Run], *, as_json: bool) -> None:
    if as_json:
        print_json([run.model_dump(mode="json", exclude={"plan"}) for run in found])
        return
    if not found:
        click.echo(
            "nothing was done on this machine yet; fleet runs --creator SLUG has the records", err=True
        )
        return
    cells: list[list[Line]] = [
        [
            (Span(run.id),),
            (Span(run.operation.kind.value, Tone.STRONG),),
            (Span(run.operation.slug),),
            run_badge(run.status).line,
            (Span(age(run.operation.requested_at, now())),),
            (Span(run.operation.operator, Tone.QUIET),),
            (Span(run.last_text[:60]),),
        ]
        for run in found
    ]
    table(["ID", "WHAT", "CREATOR", "STATUS", "AGO", "BY", ""], cells)


def _print_records(fleet: Fleet, slug: str, limit: int, *, as_json: bool) -> None:
    entries = fleet.records.entries(slug, limit)
    if as_json:
        print_json([entry.model_dump(mode="json") for entry in entries])
    elif not entries:
        click.echo(f"{slug} has no records yet", err=True)
    else:
        table(ENTRY_HEADS, [entry_cells(entry, now()) for entry in entries])


@runs.command()
@click.argument("run_id")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def show(settings: Settings, run_id: str, as_json: bool) -> None:
    """The journal of a run; of one from another machine its record beside the state."""
    fleet = Fleet(settings)
    try:
        try:
            run = fleet.journals.get(run_id)
        except FleetError as error:
            if error.problem.kind is not ProblemKind.NOT_FOUND:
                raise
            _print_record(fleet, run_id, as_json=as_json)
            return
        events = fleet.run_events(run_id)
    finally:
        fleet.stop()
    if as_json:
        print_json(
            run.model_dump(mode="json") | {"events": [event.model_dump(mode="json") for event in events]}
        )
    else:
        for event in events:
            print_event(event)
        if run.plan is not None:
            print_plan(run)
    end(run)


def _print_record(fleet: Fleet, run_id: str, *, as_json: bool) -> None:
    entry = fleet.records.entry(run_id)
    if as_json:
        print_json(entry.model_dump(mode="json"))
        return
    for line in entry_lines(entry, now().astimezone().tzinfo):
        click.echo(styled(line))


@runs.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def verify(settings: Settings, slug: str, as_json: bool) -> None:
    """Whether the records of SLUG are all there and as they were written. Exits with 1 when they are not."""
    fleet = Fleet(settings)
    try:
        count, broken = fleet.records.verify(slug)
    finally:
        fleet.stop()
    if as_json:
        print_json({"records": count, "break": broken.model_dump(mode="json") if broken else None})
    else:
        click.echo(styled(chain_line(count, broken)))
    if broken is not None:
        raise SystemExit(ATTENTION)


@runs.command()
@click.argument("run_id")
@click.pass_obj
def attach(settings: Settings, run_id: str) -> None:
    """Follow a run to its end. Ctrl+C leaves it running."""
    fleet = Fleet(settings)
    try:
        run = follow(fleet, fleet.journals.get(run_id), quiet=False)
    finally:
        fleet.stop()
    end(run)


@runs.command()
@click.argument("run_id")
@click.pass_obj
def cancel(settings: Settings, run_id: str) -> None:
    """Stop a run: Terraform saves its state and lets go of the lock."""
    fleet = Fleet(settings)
    try:
        fleet.cancel(run_id)
    finally:
        fleet.stop()
    click.echo(f"asked {run_id} to stop")
