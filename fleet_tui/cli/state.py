"""`fleet state`: the versions of a creator's state: listed, compared, restored, exported."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from fleet_tui.cli.asking import agree_by_slug
from fleet_tui.cli.output import now, print_json, styled, table, terminal_width
from fleet_tui.fleet import Fleet
from fleet_tui.present.line import Line, Span, Tone, hang
from fleet_tui.present.quantity import age
from fleet_tui.present.state import difference_lines, in_short, size, version_badge, writer
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings
from fleet_tui.statecare.states import NEWEST

_TERMINAL = "-"
_SECRETS = "This file holds secrets in clear. Keep it to yourself, and delete it when you are done."


@click.group()
def state() -> None:
    """The state of a creator and its versions, as the state bucket keeps them.

    A version is named by its serial, by its id in the bucket, or by the word `newest`.
    """


@state.command()
@click.argument("slug")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def versions(settings: Settings, slug: str, limit: int, as_json: bool) -> None:
    """The versions of SLUG's state, newest first: when, what is in it, which run wrote it and for whom."""
    fleet = Fleet(settings)
    try:
        found = fleet.care.states.versions(slug, limit)
    finally:
        fleet.stop()
    if as_json:
        print_json([version.model_dump(mode="json") for version in found])
        return
    if not found:
        click.echo(f"{slug} has no state yet; fleet onboard {slug} shows what comes first", err=True)
        return
    cells: list[list[Line]] = [
        [
            version_badge(version).line,
            (Span("–" if version.serial is None else str(version.serial).rjust(6), Tone.STRONG),),
            (Span(age(version.written_at, now()).rjust(7)),),
            (Span(("–" if version.serial is None else f"{version.resources:,}").rjust(9)),),
            (Span(size(version.size).rjust(9)),),
            writer(version),
            (Span(version.id, Tone.QUIET),),
        ]
        for version in found
    ]
    table(["", "SERIAL", "AGO", "RESOURCES", "SIZE", "WRITTEN BY", "VERSION"], cells)


@state.command()
@click.argument("slug")
@click.argument("earlier")
@click.argument("later", default=NEWEST)
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def compare(settings: Settings, slug: str, earlier: str, later: str, as_json: bool) -> None:
    """What happened to SLUG's state from the version EARLIER to LATER (the newest without it).

    Values that are secrets are not shown.
    """
    fleet = Fleet(settings)
    try:
        found = fleet.care.states.compare(slug, earlier, later)
    finally:
        fleet.stop()
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    width = terminal_width()
    for drawn in difference_lines(found, width):
        for part in hang(drawn, width):
            click.echo(styled(part))


@state.command()
@click.argument("slug")
@click.argument("version")
@click.option("--reason", required=True, help="Why; kept in the records.")
@click.option(
    "--confirm", default="", metavar="SLUG", help="Confirm by the creator's slug, without a question."
)
@click.pass_obj
def restore(settings: Settings, slug: str, version: str, reason: str, confirm: str) -> None:
    """Make an older VERSION of SLUG's state the newest.

    Nothing in the account changes: what was made since is there all the same, and the next plan
    has to be read with that in mind. The version that is the newest now stays in the bucket.
    """
    from fleet_tui.cli.act import end, follow

    fleet = Fleet(settings)
    try:
        found = fleet.care.states.change_of(slug, version)
        if found is not None and found.empty:
            click.echo(f"{slug}: the newest version says the same; nothing to restore", err=True)
            return
        width = terminal_width()
        for drawn in difference_lines(found, width) if found else ():
            for part in hang(drawn, width):
                click.echo(styled(part), err=True)
        change = f"become this: {in_short(found)}" if found else "be there again"
        question = f"The state would {change}. Type {slug} to restore it"
        agree_by_slug(question, slug, given=confirm)
        run = follow(fleet, fleet.care.states.restore(slug, version, reason=reason), quiet=False)
    finally:
        fleet.stop()
    end(run)


@state.command()
@click.argument("slug")
@click.option("--version", default=NEWEST, show_default=True, help="Its serial or its id.")
@click.option("--out", metavar="FILE", help="A new file, for you alone to read; - is standard output.")
@click.option("--redacted", is_flag=True, help="Names only, no values.")
@click.pass_obj
def export(settings: Settings, slug: str, version: str, out: str | None, redacted: bool) -> None:
    """Write SLUG's state into a file. It holds secrets in clear, unless it is --redacted."""
    fleet = Fleet(settings)
    try:
        target = out or f"state-{slug}-{now():%Y%m%dT%H%M%SZ}.json"
        if target != _TERMINAL:
            _refuse_existing(Path(target))
        content = fleet.care.states.export(slug, version=version, without_values=redacted)
    finally:
        fleet.stop()
    if target == _TERMINAL:
        sys.stdout.write(content)
    else:
        _write(Path(target), content)
        click.echo(f"written to {target}", err=True)
    if not redacted:
        click.echo(_SECRETS, err=True)


@state.command()
@click.argument("slug")
@click.option("--reason", required=True, help="Why; kept in the journal.")
@click.option(
    "--confirm", default="", metavar="SLUG", help="Confirm by the creator's slug, without a question."
)
@click.pass_obj
def adopt(settings: Settings, slug: str, reason: str, confirm: str) -> None:
    """Take the state that is there for SLUG's right one, whatever was known before.

    For when a run refuses to work because the state is another one, an older one, or gone, and you know why.
    """
    fleet = Fleet(settings)
    try:
        question = f"Every run works on the state that is there from now on. Type {slug} to take it"
        agree_by_slug(question, slug, given=confirm)
        mark = fleet.care.states.adopt(slug, reason=reason)
    finally:
        fleet.stop()
    click.echo(
        f"{slug}: serial {mark.serial}, lineage {mark.lineage}"
        if mark
        else f"{slug}: there is no state; the next apply begins a new one"
    )


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise FleetError.of(
            ProblemKind.CONFIGURATION, "the file is there already", where=str(path), hint="Name another one"
        )


def _write(path: Path, content: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
    except OSError as error:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            f"the file cannot be written: {(error.strerror or 'unknown error').lower()}",
            where=str(path),
        ) from error
