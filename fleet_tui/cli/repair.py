"""`fleet repair`, `fleet push-state`: what a broken run has left for a person to decide."""

from __future__ import annotations

import click

from fleet_tui.cli.act import end, follow
from fleet_tui.cli.asking import agree
from fleet_tui.cli.main import ATTENTION
from fleet_tui.cli.output import print_json, table
from fleet_tui.fleet import Fleet
from fleet_tui.operations.mending import Leftovers
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings

_REASON = click.option("--reason", default="", help="Why; kept in the journal and in the record.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@click.argument("slug")
@click.argument("addresses", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that is half made.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@_REASON
@_YES
@click.pass_obj
def repair(
    settings: Settings,
    slug: str,
    addresses: tuple[str, ...],
    everything: bool,
    as_json: bool,
    reason: str,
    yes: bool,
) -> None:
    """What broken runs have left half made at SLUG, and what becomes of it.

    The next plan replaces what is half made. With ADDRESSES, or --all, it is taken as it is instead: right
    where only the answer of AWS was lost, and it works. Exits with 1 when something is left.
    """
    fleet = Fleet(settings)
    try:
        left = fleet.mending.leftovers(slug)
        chosen = left.tainted if everything else addresses
        if not chosen:
            _show(slug, left, as_json=as_json)
            return
        if unknown := sorted(set(chosen) - set(left.tainted)):
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                f"not half made: {', '.join(unknown)}",
                where=slug,
                hint=f"fleet repair {slug} lists what is",
            )
        for address in chosen:
            click.echo(f"  {address}", err=True)
        agree("Take as it is, and not have it replaced?", where=slug, yes=yes)
        run = follow(fleet, fleet.mending.take_as_is(slug, chosen, reason=reason), quiet=False)
    finally:
        fleet.stop()
    end(run)


@click.command(name="push-state")
@click.argument("slug")
@_REASON
@_YES
@click.pass_obj
def push_state(settings: Settings, slug: str, reason: str, yes: bool) -> None:
    """Bring a state that a run could not write back into the bucket of SLUG.

    It is pushed only onto the state that it follows, read back, and only then removed from this machine.
    """
    fleet = Fleet(settings)
    try:
        unsaved = fleet.mending.leftovers(slug).unsaved
        for file in unsaved:
            click.echo(f"  {file}", err=True)
        if unsaved:
            agree(f"Push into the bucket of {slug}?", where=slug, yes=yes)
        run = follow(fleet, fleet.mending.push_state(slug, reason=reason), quiet=False)
    finally:
        fleet.stop()
    end(run)


def _show(slug: str, left: Leftovers, *, as_json: bool) -> None:
    if as_json:
        print_json(left.model_dump(mode="json"))
    else:
        rows = [
            *(_row("half made", address, "the next plan replaces it") for address in left.tainted),
            *(
                _row("half replaced", address, "the next plan removes the old one")
                for address in left.deposed
            ),
            *(_row("state not saved", file, f"fleet push-state {slug}") for file in left.unsaved),
        ]
        if rows:
            table(["WHAT", "WHERE", "WHAT BECOMES OF IT"], rows)
        else:
            click.echo("nothing is left half made")
        if left.tainted:
            click.echo(f"fleet repair {slug} ADDRESS takes it as it is instead", err=True)
    if left != Leftovers():
        raise SystemExit(ATTENTION)


def _row(what: str, where: str, then: str) -> list[Line]:
    return [(Span(what, Tone.CAUTION),), (Span(where),), (Span(then, Tone.QUIET),)]
