"""`fleet failover`: which of a creator's two regions takes writes, and naming the other one."""

from __future__ import annotations

import click

from fleet_tui.cli.asking import agree_by_slug
from fleet_tui.cli.main import ATTENTION
from fleet_tui.cli.output import print_json
from fleet_tui.deploy.failover import WritingRegion
from fleet_tui.fleet import Fleet
from fleet_tui.settings import Settings


@click.command()
@click.argument("slug")
@click.option("--to", metavar="REGION", help="Have this region take the writes.")
@click.option("--reason", default="", help="Why; kept in the journal.")
@click.option("--confirm", default="", metavar="SLUG", help="Confirm by the slug, without a question.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def failover(settings: Settings, slug: str, to: str | None, reason: str, confirm: str, as_json: bool) -> None:
    """Which region of SLUG takes writes; with --to, name another one.

    Exits with 1 while it is not the creator's first region, or the two regions do not agree.
    """
    fleet = Fleet(settings)
    try:
        region = fleet.failover.look(slug)
        if to is not None and to != region.writes:
            _tell(slug, region, err=True)
            click.echo(_consequence(region, to), err=True)
            agree_by_slug(f"Type {slug} to have {to} take the writes", slug, given=confirm)
            region = fleet.failover.name(slug, to, region, reason=reason)
    finally:
        fleet.stop()
    if as_json:
        print_json(region.model_dump(mode="json"))
    else:
        _tell(slug, region, err=False)
    if (to is None and region.writes != region.first) or region.first_agrees is False:
        raise SystemExit(ATTENTION)


def _tell(slug: str, region: WritingRegion, *, err: bool) -> None:
    role = "its first region" if region.writes == region.first else "its second region"
    click.echo(f"{slug}: {region.writes}, {role}, takes writes", err=err)
    if region.first_agrees is None:
        click.echo(f"{region.first} does not answer", err=err)
    elif not region.first_agrees:
        click.echo(f"{region.first} has not heard of it yet: copies take a second", err=err)


def _consequence(region: WritingRegion, to: str) -> str:
    if to == region.second:
        return (
            f"{to} will take writes. What {region.first} took in its last second and did not hand on arrives "
            "when it is back; until it is named again, it reads only."
        )
    return (
        f"{region.writes} will refuse writes at once; {to} takes them within a second, if it has caught up."
    )
