"""How a run is followed to its end, and how its plan is told."""

from __future__ import annotations

import time

import click

from fleet_tui.cli.main import ATTENTION, exit_code
from fleet_tui.cli.output import styled, table
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import EventKind, Run, RunEvent, RunStatus
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.runs import cost_sentence
from fleet_tui.present.states import action_badge, risk_badge

_LOOK_SECONDS = 0.2


def follow(fleet: Fleet, run: Run, *, quiet: bool) -> Run:
    """Print a run's journal as it grows, until it ends.

    Ctrl+C leaves the run going on, and says how to come back to it.
    """
    seen = 0
    try:
        while True:
            current = fleet.run(run.id)
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
        [
            action_badge(change.action).line,
            (Span(change.address),),
            (Span(", ".join(change.changed), Tone.QUIET),),
        ]
        for change in summary.changes
    ]
    table(["ACTION", "RESOURCE", "ATTRIBUTES"], cells)
    click.echo(
        f"{summary.add} to add, {summary.change} to change, {summary.destroy} to destroy · "
        + styled(risk_badge(summary.risk.level).line)
    )
    for reason in summary.risk.reasons:
        click.echo(f"  {reason}")
    if summary.cost is not None:
        click.echo(cost_sentence(summary.cost))


def end(run: Run) -> None:
    """End with the exit code that the run deserves."""
    if run.status is RunStatus.SUCCEEDED:
        return
    if run.problem is not None:
        raise SystemExit(exit_code(run.problem.kind))
    raise SystemExit(ATTENTION)
