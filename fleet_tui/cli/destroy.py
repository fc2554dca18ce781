"""`fleet destroy`: everything of a creator, after a look at what that is."""

from __future__ import annotations

import click

from fleet_tui.cli.act import end, follow, print_plan
from fleet_tui.cli.asking import agree_by_slug
from fleet_tui.fleet import Fleet
from fleet_tui.present.runs import can_destroy
from fleet_tui.settings import Settings


@click.command()
@click.argument("slug")
@click.option("--reason", default="", help="Why; kept in the journal and in the record.")
@click.option("--plan-only", is_flag=True, help="Show what would be destroyed, and destroy nothing.")
@click.option(
    "--confirm", default="", metavar="SLUG", help="Confirm by the creator's slug, without a question."
)
@click.option("--wait", is_flag=True, help="Wait while somebody else works there.")
@click.pass_obj
def destroy(settings: Settings, slug: str, reason: str, plan_only: bool, confirm: str, wait: bool) -> None:
    """Destroy everything that Terraform has made for SLUG; what holds protected data, or is live, is refused.

    The state bucket stays, with all versions of the state and the records of what was done.
    """
    fleet = Fleet(settings)
    try:
        planned = follow(fleet, fleet.plan_destroy(slug, reason=reason), quiet=False)
        print_plan(planned)
        if plan_only or not can_destroy(planned):
            end(planned)
            return
        question = (
            f"This destroys everything of {slug} in account {planned.operation.account_id}. "
            f"Type {slug} to do it"
        )
        agree_by_slug(question, slug, given=confirm)
        run = follow(fleet, fleet.destroy(planned.id, reason=reason, wait=wait), quiet=False)
    finally:
        fleet.stop()
    end(run)
