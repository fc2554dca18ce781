"""`fleet lease`, `fleet unlock`: who holds a creator, and breaking it."""

from __future__ import annotations

import click

from fleet_tui.cli.act import end, follow
from fleet_tui.cli.asking import agree_by_slug
from fleet_tui.cli.main import ATTENTION
from fleet_tui.cli.output import now, print_json, styled
from fleet_tui.deploy.lease import LeaseStatus
from fleet_tui.fleet import Fleet
from fleet_tui.operations.unlocking import to_break
from fleet_tui.present.holders import breaking_lines, holders_lines
from fleet_tui.settings import Settings

_REASON = click.option("--reason", default="", help="Why; kept in the journal and in the record.")
_CONFIRM = click.option(
    "--confirm", default="", metavar="SLUG", help="Confirm by the creator's slug, without a question."
)


@click.command()
@click.argument("slug")
@click.argument("action", type=click.Choice(["show", "break"]), default="show")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@_REASON
@_CONFIRM
@click.pass_obj
def lease(settings: Settings, slug: str, action: str, as_json: bool, reason: str, confirm: str) -> None:
    """Who holds SLUG: the lease of fleet's own runs, and Terraform's lock; with `break`, as `fleet unlock`.

    Exits with 1 when it is held by a run that is dead, or by Terraform alone.
    """
    if action == "break":
        _break(settings, slug, reason=reason, confirm=confirm)
        return
    fleet = Fleet(settings)
    try:
        holders = fleet.locks.look(slug)
    finally:
        fleet.stop()
    if as_json:
        print_json(holders.model_dump(mode="json"))
    else:
        for line in holders_lines(holders, now()):
            click.echo(styled(line))
    if holders.held and holders.status is not LeaseStatus.HELD:
        raise SystemExit(ATTENTION)


@click.command()
@click.argument("slug")
@_REASON
@_CONFIRM
@click.pass_obj
def unlock(settings: Settings, slug: str, reason: str, confirm: str) -> None:
    """Break what keeps others from SLUG: the lease, Terraform's lock, or both.

    Shows who holds it and since when, and asks. Of a run that is still at work only the lease is broken: it
    stops in order then, and lets go of Terraform's lock itself.
    """
    _break(settings, slug, reason=reason, confirm=confirm)


def _break(settings: Settings, slug: str, *, reason: str, confirm: str) -> None:
    fleet = Fleet(settings)
    try:
        holders = fleet.locks.look(slug)
        for line in holders_lines(holders, now()):
            click.echo(styled(line), err=True)
        if not holders.held:
            click.echo("nothing is held", err=True)
            return
        shown = to_break(holders)
        for line in breaking_lines(holders, shown):
            click.echo(styled(line), err=True)
        agree_by_slug(f"Type {slug} to break it", slug, given=confirm)
        run = follow(fleet, fleet.locks.break_off(slug, shown, reason=reason), quiet=False)
    finally:
        fleet.stop()
    end(run)
