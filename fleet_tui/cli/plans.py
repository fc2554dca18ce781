"""`fleet plan`, `fleet plans`: what an apply would do, for one creator and for many."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from typing import Any

import click

from fleet_tui.cli.act import end, follow, print_plan
from fleet_tui.cli.main import ATTENTION, exit_code
from fleet_tui.cli.output import now, print_json, styled, table, terminal_width
from fleet_tui.fleet import Fleet
from fleet_tui.observatory.query import QueryError, parse
from fleet_tui.operations.grouping import Grouped, PlanGroup, grouped
from fleet_tui.operations.model import Run, RunStatus
from fleet_tui.planning.batches import Batch
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.plans import (
    PlanRow,
    age_cell,
    cost_cell,
    creators_cell,
    group_lines,
    grouped_sentence,
    names_cell,
    progress_sentence,
    risk_cell,
    rows_of,
    what_cell,
)
from fleet_tui.present.quantity import UNKNOWN
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings

NAME = 6  # digits of a fingerprint that are shown
_LOOK_SECONDS = 0.3
_SLUG = re.compile(r"[a-z0-9-]+")

every_creator = click.option("--all", "everybody", is_flag=True, help="Every creator.")
who = click.argument("words", nargs=-1, metavar="[SLUG... | QUERY]")


@click.command()
@who
@every_creator
@click.option("--reason", default="", help="Why; kept in the journal.")
@click.option(
    "--create-backend", is_flag=True, help="Make the state bucket first, if there is none; one creator."
)
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.pass_obj
def plan(
    settings: Settings,
    words: tuple[str, ...],
    everybody: bool,
    reason: str,
    create_backend: bool,
    as_json: bool,
) -> None:
    """Plan creators: what an apply would do. Plans are kept for a day, and `fleet apply` applies them.

    Several are planned at once, as many as this machine is good for, and are told together where they would
    do the same. Ctrl+C leaves them going on.
    """
    fleet = Fleet(settings)
    try:
        slugs = chosen(fleet, words, everybody=everybody)
        if len(slugs) == 1 and words:
            _plan_one(fleet, slugs[0], reason=reason, create_backend=create_backend, as_json=as_json)
            return
        if create_backend:
            raise click.UsageError("--create-backend is for one creator")
        batch = follow_batch(fleet, fleet.planning.start(slugs, reason=reason))
        runs = of_batch(fleet, batch)
    finally:
        fleet.stop()
    _tell(grouped(runs), batch, as_json=as_json)
    end_batch(runs, batch)


@click.command()
@who
@click.option("--group", default="", metavar="FINGERPRINT", help="All of one group; its beginning is enough.")
@click.option("--stop", is_flag=True, help="Stop the plans that are being made.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def plans(settings: Settings, words: tuple[str, ...], group: str, stop: bool, as_json: bool) -> None:
    """The plans that wait to be applied, put together by what they do."""
    fleet = Fleet(settings)
    try:
        if stop:
            newest = fleet.planning.newest()
            if newest is None:
                raise FleetError.of(ProblemKind.NOT_FOUND, "no plans are being made")
            fleet.planning.stop(newest.id)
            click.echo(f"asked {newest.id} to stop")
            return
        slugs = chosen(fleet, words, everybody=not words)
        found = grouped(fleet.planning.plans(slugs))
    finally:
        fleet.stop()
    if group:
        one = found.group_of(group)
        if one is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                f'no group, or more than one, begins with "{group}"',
                hint="fleet plans lists them",
            )
        print_json(_group_json(one)) if as_json else print_group(one)
        return
    _tell(found, None, as_json=as_json)


def chosen(fleet: Fleet, words: Sequence[str], *, everybody: bool) -> list[str]:
    """The creators that are meant: by their slugs, or by a query over the last known picture.

    Raises:
        click.UsageError: nobody is named, or the query cannot be read.
        FleetError: nobody is like that.
    """
    rows = fleet.snapshot().rows
    if everybody == bool(words):
        raise click.UsageError("name creators by slug or by a query, or say --all")
    if words and all(word in rows for word in words):
        return list(dict.fromkeys(words))
    try:
        wanted = parse(" ".join(words))
    except QueryError as error:
        raise click.UsageError(str(error)) from error
    taken_at = fleet.snapshot().taken_at
    slugs = [slug for slug, row in rows.items() if row.creator and wanted.matches(row, taken_at)]
    if not slugs:
        raise nobody(words)
    return slugs


def nobody(words: Sequence[str]) -> FleetError:
    """The error for slugs or a query that no creator matches."""
    told = f'there is no creator "{words[0]}"' if len(words) == 1 and _SLUG.fullmatch(words[0]) else None
    return FleetError.of(
        ProblemKind.NOT_FOUND,
        told or f"no creator is like {' '.join(words)}",
        hint="fleet status lists all of them",
    )


def follow_batch(fleet: Fleet, batch: Batch) -> Batch:
    """Tell on stderr how far a batch is, until it ends. Ctrl+C leaves it going on."""
    told = ""
    try:
        while True:
            batch = fleet.planning.batch(batch.id)
            progress = fleet.planning.progress(batch)
            if (sentence := progress_sentence(progress)) != told:
                told = sentence
                _tell_progress(told, last=progress.finished)
            if progress.finished:
                return batch
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        click.echo(
            "\nplanning goes on: fleet plans shows what is there, fleet plans --stop stops it", err=True
        )
        raise SystemExit(ATTENTION) from None


def print_groups(found: Grouped) -> None:
    """The groups of plans as a table, and what there is to do with them."""
    rows = list(rows_of(found).values())
    if rows:
        wide = terminal_width()
        cells: list[list[Line]] = [
            [
                risk_cell(row, 15, now()),
                creators_cell(row, 8, now()),
                cost_cell(row, 10, now()),
                age_cell(row, 6, now()),
                names_cell(row, 40 if wide >= 120 else 24, now()),
                what_cell(row, max(24, wide - 110), now()),
            ]
            for row in rows
        ]
        named = [[(_group_name(row),), *line] for row, line in zip(rows, cells, strict=True)]
        table(["GROUP", "RISK", "CREATORS", "MONTH", "AGE", "WHO", "WHAT"], named)
    click.echo(grouped_sentence(found))
    if found.empty:
        click.echo(f"{len(found.empty)} with nothing to change")
    if found.going:
        click.echo(f"{len(found.going)} not planned to the end yet")


def print_group(group: PlanGroup) -> None:
    """All of a group."""
    for line in group_lines(group, now(), terminal_width()):
        click.echo(styled(line))


def _tell_progress(sentence: str, *, last: bool) -> None:
    """On stderr: in a terminal in one line that is written over, elsewhere each in a line of its own."""
    if sys.stderr.isatty():
        click.echo(f"\r{sentence}\x1b[K", nl=last, err=True)
    else:
        click.echo(sentence, err=True)


def of_batch(fleet: Fleet, batch: Batch) -> list[Run]:
    """The runs of a batch, those that could not be started left out."""
    return fleet.planning.find(batch.runs.values())


def end_batch(runs: Sequence[Run], batch: Batch) -> None:
    """End with the exit code that a batch of plans deserves."""
    problems = [run.problem for run in runs if run.status is not RunStatus.SUCCEEDED]
    problems += batch.refused.values()
    incomplete = len(runs) + len(batch.refused) < len(batch.request.slugs)
    if not problems and not incomplete:
        return
    codes = {exit_code(problem.kind) if problem else ATTENTION for problem in problems}
    everybody = len(problems) == len(batch.request.slugs)
    raise SystemExit(codes.pop() if everybody and len(codes) == 1 else ATTENTION)


def _plan_one(fleet: Fleet, slug: str, *, reason: str, create_backend: bool, as_json: bool) -> None:
    run = follow(fleet, fleet.plan(slug, reason=reason, create_backend=create_backend), quiet=as_json)
    if as_json:
        print_json(run.model_dump(mode="json"))
    elif run.plan is not None:
        print_plan(run)
    end(run)


def _tell(found: Grouped, batch: Batch | None, *, as_json: bool) -> None:
    refused = batch.refused if batch else {}
    if as_json:
        print_json(
            {
                "batch": batch.id if batch else None,
                "groups": [_group_json(group) for group in found.groups],
                "failed": [
                    {
                        "problem": group.problem.model_dump(mode="json") if group.problem else None,
                        "creators": group.slugs,
                    }
                    for group in found.failed
                ],
                "refused": {slug: problem.model_dump(mode="json") for slug, problem in refused.items()},
                "empty": [plan.operation.slug for plan in found.empty],
                "going": [plan.operation.slug for plan in found.going],
            }
        )
        return
    print_groups(found)
    for slug, problem in refused.items():
        click.echo(f"{slug}: not planned: {problem.sentence}")


def _group_json(group: PlanGroup) -> dict[str, Any]:
    summary = group.summary
    return {
        "fingerprint": group.fingerprint,
        "creators": group.slugs,
        "plans": [plan.id for plan in group.plans],
        "destructive": group.destructive,
        "risk": summary.risk.model_dump(mode="json"),
        "changes": [change.model_dump(mode="json") for change in summary.changes],
        "outputs_changed": summary.outputs_changed,
        "cost": summary.cost.model_dump(mode="json") if summary.cost else None,
        "monthly": group.monthly,
    }


def _group_name(row: PlanRow) -> Span:
    """By what a group is named; plans that failed have no name."""
    return Span(row.key[:NAME] if isinstance(row.group, PlanGroup) else UNKNOWN, Tone.QUIET)
