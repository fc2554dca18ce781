"""`fleet plan`, `fleet apply`, `fleet runs`: operations and what became of them."""

from __future__ import annotations

import time

import click

from fleet_tui.cli.main import ATTENTION, exit_code
from fleet_tui.cli.output import now, print_json, styled, table
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import EventKind, OperationKind, RiskLevel, Run, RunEvent, RunStatus
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.quantity import age
from fleet_tui.present.states import action_badge, risk_badge, run_badge
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings

_LOOK_SECONDS = 0.2


@click.command()
@click.argument("slug")
@click.option("--reason", default="", help="Why; kept in the journal.")
@click.option("--create-backend", is_flag=True, help="Make the state bucket first, if there is none.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.pass_obj
def plan(settings: Settings, slug: str, reason: str, create_backend: bool, as_json: bool) -> None:
    """Plan a creator: what an apply would do. The plan is kept, and `fleet apply SLUG` applies it."""
    fleet = Fleet(settings)
    try:
        run = follow(fleet, fleet.plan(slug, reason=reason, create_backend=create_backend), quiet=as_json)
    finally:
        fleet.stop()
    if as_json:
        print_json(run.model_dump(mode="json"))
    elif run.plan is not None:
        print_plan(run)
    end(run)


@click.command()
@click.argument("slug")
@click.option("--plan", "plan_id", default="", help="The plan to apply; the newest one of SLUG without it.")
@click.option("--reason", default="", help="Why; kept in the journal.")
@click.option("--yes", is_flag=True, help="Do not ask, unless data would be lost.")
@click.option(
    "--confirm", default="", metavar="SLUG", help="Confirm a plan that loses data, by the creator's slug."
)
@click.pass_obj
def apply(settings: Settings, slug: str, plan_id: str, reason: str, yes: bool, confirm: str) -> None:
    """Apply exactly the plan that was made last for SLUG."""
    fleet = Fleet(settings)
    try:
        planned = fleet.journals.get(plan_id) if plan_id else _newest_plan(fleet, slug)
        if planned.operation.slug != slug:
            raise FleetError.of(
                ProblemKind.CONFLICT, f"{plan_id} is a plan for {planned.operation.slug}", where=slug
            )
        if planned.plan is None or planned.plan.empty:
            click.echo("nothing to apply")
            return
        print_plan(planned)
        _confirm(planned, slug, yes=yes, confirm=confirm)
        run = follow(fleet, fleet.apply(planned.id, reason=reason), quiet=False)
    finally:
        fleet.stop()
    end(run)


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.pass_context
def runs(ctx: click.Context, as_json: bool, limit: int) -> None:
    """What was done on this machine, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    fleet = Fleet(ctx.obj)
    found = list(fleet.runs())[:limit]
    fleet.stop()
    if as_json:
        print_json([run.model_dump(mode="json", exclude={"plan"}) for run in found])
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


@runs.command()
@click.argument("run_id")
@click.pass_obj
def show(settings: Settings, run_id: str) -> None:
    """The journal of a run."""
    fleet = Fleet(settings)
    try:
        run = fleet.journals.get(run_id)
        for event in fleet.run_events(run_id):
            print_event(event)
    finally:
        fleet.stop()
    if run.plan is not None:
        print_plan(run)
    end(run)


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


def follow(fleet: Fleet, run: Run, *, quiet: bool) -> Run:
    """Print a run's journal as it grows, until it ends.

    Ctrl+C leaves the run going on, and says how to come back to it.
    """
    seen = 0
    try:
        while True:
            current = fleet.journals.get(run.id)
            for event in fleet.run_events(run.id, seen):
                seen = event.seq
                if not quiet:
                    print_event(event)
            if current.finished:
                return current
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        click.echo(
            f"\nthe run goes on: fleet runs attach {run.id}; fleet runs cancel {run.id} stops it", err=True
        )
        raise SystemExit(ATTENTION) from None


def print_event(event: RunEvent) -> None:
    """One line of a journal, on stderr: the data of these commands is the plan."""
    if not event.text:
        return
    tone = {"error": Tone.TROUBLE, "warning": Tone.CAUTION}.get(event.severity, Tone.PLAIN)
    progress = f"[{event.done}/{event.total}] " if event.kind is EventKind.PROGRESS and event.total else ""
    click.echo(f"{event.at:%H:%M:%S} {styled((Span(progress + event.text, tone),))}", err=True)


def print_plan(run: Run) -> None:
    """What a plan would do, by resource, with its risk."""
    summary = run.plan
    if summary is None:
        return
    cells: list[list[Line]] = [
        [action_badge(change.action).line, (Span(change.address),)] for change in summary.changes
    ]
    table(["ACTION", "RESOURCE"], cells)
    click.echo(
        f"{summary.add} to add, {summary.change} to change, {summary.destroy} to destroy · "
        + styled(risk_badge(summary.risk.level).line)
    )
    for reason in summary.risk.reasons:
        click.echo(f"  {reason}")


def end(run: Run) -> None:
    """End with the exit code that the run deserves."""
    if run.status is RunStatus.SUCCEEDED:
        return
    if run.problem is not None:
        raise SystemExit(exit_code(run.problem.kind))
    raise SystemExit(ATTENTION)


def _newest_plan(fleet: Fleet, slug: str) -> Run:
    for run in fleet.runs():
        if run.operation.slug == slug and run.operation.kind in (OperationKind.PLAN, OperationKind.APPLY):
            if run.operation.kind is OperationKind.PLAN and run.status is RunStatus.SUCCEEDED:
                return run
            break
    raise FleetError.of(
        ProblemKind.NOT_FOUND, "there is no plan to apply", where=slug, hint=f"fleet plan {slug}"
    )


def _confirm(planned: Run, slug: str, *, yes: bool, confirm: str) -> None:
    """Ask in proportion: y/n for what only makes and changes, the slug for what loses data."""
    risk = planned.plan.risk.level if planned.plan else RiskLevel.NONE
    if risk is RiskLevel.DESTRUCTIVE:
        typed = confirm or click.prompt(f"This loses data. Type {slug} to apply it", default="", err=True)
        if typed != slug:
            raise FleetError.of(ProblemKind.CONFLICT, "not confirmed, nothing was done", where=slug)
    elif not yes:
        click.confirm(
            f"Apply this to {slug} in account {planned.operation.account_id}?", abort=True, err=True
        )
