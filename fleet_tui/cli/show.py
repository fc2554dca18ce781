"""`fleet show`: everything that is known about one creator, as the console's page shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click

from fleet_tui.cli.look import LOOK_SECONDS, finish
from fleet_tui.cli.output import print_json, row_json, styled, terminal_width
from fleet_tui.fleet import Fleet
from fleet_tui.frontend.model import SiteState
from fleet_tui.observatory.model import CreatorSnapshot, Facet
from fleet_tui.present import sections
from fleet_tui.present.frontend import looked_at
from fleet_tui.present.line import Line, Span, Tone, hang
from fleet_tui.present.modules import modules
from fleet_tui.problems import FleetError, Problem
from fleet_tui.settings import Settings

_INDENT = 2

Draw = Callable[[CreatorSnapshot, datetime, int], list[Line]]

_SECTIONS: tuple[tuple[str, Draw], ...] = (
    ("Overview", sections.overview),
    ("Modules", modules),
    ("Deploy", sections.deploy),
    ("Stream", sections.stream),
    ("Bookings", sections.bookings),
    ("Cost", sections.cost),
)


@click.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.option("--cached", is_flag=True, help="Show what was last seen; ask nobody.")
@click.pass_obj
def show(settings: Settings, slug: str, as_json: bool, cached: bool) -> None:
    """Everything about SLUG: its modules, deploy state, stream, bookings, cost, site and runs.

    Exits with 1 when something needs attention.
    """
    fleet = Fleet(settings)
    try:
        if slug not in fleet.snapshot().rows:
            fleet.observatory.creator(slug)  # says that there is none
        if not cached:
            fleet.look_closely(slug)
            if not fleet.observatory.look_once([slug], tuple(Facet), seconds=LOOK_SECONDS):
                click.echo(f"not everything answered within {LOOK_SECONDS:.0f} seconds", err=True)
        snapshot = fleet.snapshot()
        runs = [run for run in fleet.runs() if run.operation.slug == slug]
        site = None if cached else _site(fleet, snapshot.rows[slug])
    finally:
        fleet.stop()
    row, now = snapshot.rows[slug], snapshot.taken_at
    if as_json:
        print_json(row_json(row, now) | {"site": site.model_dump(mode="json") if site else None})
    else:
        width = terminal_width() - _INDENT
        for title, draw in _SECTIONS if row.creator else _SECTIONS[:1]:
            print_section(title, draw(row, now, width), width)
        if site is not None:
            print_section("Site", looked_at(site, now), width)
        if row.creator:
            print_section("Activity", sections.activity(runs, now), width)
    finish([row], now)


def _site(fleet: Fleet, row: CreatorSnapshot) -> SiteState | Problem | None:
    """What visitors of the creator's site get, or why that cannot be told; None where there is no site."""
    if row.creator is None or row.creator.modules.s3_website is None:
        return None
    try:
        return fleet.frontends.status(row.slug)
    except FleetError as error:
        return error.problem


def print_section(title: str, lines: list[Line], width: int) -> None:
    """Print a part of the page under its title, in at most `width` columns beside its indent."""
    click.echo(styled((Span(title, Tone.STRONG),)))
    for drawn in lines:
        for part in hang(drawn, width):
            click.echo((" " * _INDENT + styled(part)).rstrip())
    click.echo()
