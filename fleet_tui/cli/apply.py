"""`fleet apply`: applies exactly what was planned, once it is approved."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fleet_tui.cli.act import end, follow, print_plan
from fleet_tui.cli.asking import NOTHING_DONE, says_yes, typed
from fleet_tui.cli.plans import chosen, every_creator, follow_batch, of_batch, print_group, who
from fleet_tui.fleet import Fleet
from fleet_tui.operations.grouping import PlanGroup, grouped
from fleet_tui.operations.model import Run
from fleet_tui.present.plans import danger_word, named
from fleet_tui.present.runs import can_apply
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings


@click.command()
@who
@every_creator
@click.option("--plan", "plan_id", default="", help="The plan to apply; the newest one of SLUG without it.")
@click.option("--reason", default="", help="Why; kept in the journal.")
@click.option("--wait", is_flag=True, help="For one creator: wait while somebody else works there.")
@click.option("--yes", is_flag=True, help="Do not ask for one creator, unless data would be lost.")
@click.option(
    "--confirm",
    "confirmed",
    multiple=True,
    metavar="WORD",
    help="What would have to be typed: the slug, or `destroy N`, where data is lost; the number of creators "
    "for several. Once for each group.",
)
@click.pass_obj
def apply(
    settings: Settings,
    words: tuple[str, ...],
    everybody: bool,
    plan_id: str,
    reason: str,
    wait: bool,
    yes: bool,
    confirmed: tuple[str, ...],
) -> None:
    """Apply exactly the plans that were made last, once they are approved.

    A plan that has become stale is made anew and shown. Several creators are asked about by what their plans
    do, and are applied wave by wave: `fleet rollout` shows how that goes.
    """
    fleet = Fleet(settings)
    try:
        slugs = chosen(fleet, words, everybody=everybody)
        if len(slugs) > 1 or everybody:
            if plan_id:
                raise click.UsageError("--plan is for one creator")
            rollout = roll_out(fleet, slugs, reason=reason, yes=yes, confirmed=list(confirmed))
            if rollout is None:
                click.echo("nothing to apply")
            else:
                click.echo(f"{rollout}: wave by wave; fleet rollout attach {rollout} follows it")
            return
        run = _apply_one(
            fleet, slugs[0], plan_id, reason=reason, wait=wait, yes=yes, confirmed=list(confirmed)
        )
    finally:
        fleet.stop()
    if run is not None:
        end(run)


def _apply_one(
    fleet: Fleet, slug: str, plan_id: str, *, reason: str, wait: bool, yes: bool, confirmed: list[str]
) -> Run | None:
    """Apply a creator's plan and follow that; None where there was nothing to do."""
    planned = fleet.journals.get(plan_id) if plan_id else _newest_plan(fleet, slug)
    if planned.operation.slug != slug:
        raise FleetError.of(
            ProblemKind.CONFLICT, f"{plan_id} is a plan for {planned.operation.slug}", where=slug
        )
    if can_apply(planned) and (reason_why := fleet.planning.stale(planned.id)):
        click.echo(f"the plan is stale: {reason_why}; planning anew", err=True)
        planned = follow(fleet, fleet.plan(slug, reason=planned.operation.reason), quiet=False)
        end(planned)
    if planned.plan is None or planned.plan.empty:
        click.echo("nothing to apply")
        return None
    print_plan(planned)
    group = PlanGroup((planned,))
    question = f"Apply this to {slug} in account {planned.operation.account_id}?"
    if not _agreed(group, question, yes=yes, confirmed=confirmed):
        raise FleetError.of(ProblemKind.CONFLICT, NOTHING_DONE, where=slug)
    return follow(fleet, fleet.apply(planned.id, reason=reason, wait=wait), quiet=False)


def roll_out(
    fleet: Fleet, slugs: Sequence[str], *, reason: str, yes: bool, confirmed: list[str]
) -> str | None:
    """Ask about each group of plans, approve what was agreed to, and start to roll it out.

    Returns:
        The rollout's id; None where there was nothing to apply.

    Raises:
        FleetError: nothing was approved, or it cannot be started.
    """
    ready = [plan for plan in fleet.planning.plans(slugs) if can_apply(plan)]
    missing = sorted({*slugs} - {plan.operation.slug for plan in fleet.planning.plans(slugs)})
    if missing:
        click.echo(f"without a plan, and left out: {named(missing, most=20)}", err=True)
    ready = _made_anew(fleet, ready)
    if not ready:
        return None
    approved = agreed_to(ready, yes=yes, confirmed=confirmed)
    if not approved:
        raise FleetError.of(ProblemKind.CONFLICT, "nothing was approved, so nothing was done")
    return fleet.planning.roll_out(approved, reason=reason)


def agreed_to(plans: Sequence[Run], *, yes: bool, confirmed: list[str]) -> list[Run]:
    """Show each group of plans and ask about it; those that were agreed to."""
    approved: list[Run] = []
    for group in grouped(plans).groups:
        print_group(group)
        question = f"Apply this to {named(group.slugs)}?"
        if _agreed(group, question, yes=yes, confirmed=confirmed):
            approved += group.plans
        else:
            click.echo(f"left out: {named(group.slugs)}", err=True)
    return approved


def _made_anew(fleet: Fleet, plans: Sequence[Run]) -> list[Run]:
    """These plans, with a new one in place of each that is stale. Raises FleetError."""
    reasons = fleet.planning.stale_of([plan.id for plan in plans])
    for plan in plans:
        if plan.id in reasons:
            click.echo(f"{plan.operation.slug}: the plan is stale: {reasons[plan.id]}", err=True)
    stale = [plan.operation.slug for plan in plans if plan.id in reasons]
    kept = [plan for plan in plans if plan.id not in reasons]
    if not stale:
        return kept
    batch = follow_batch(fleet, fleet.planning.start(stale))
    anew = of_batch(fleet, batch)
    for plan in anew:
        if plan.problem is not None:
            click.echo(f"left out: {plan.problem.sentence}", err=True)
    return kept + [plan for plan in anew if can_apply(plan)]


def _newest_plan(fleet: Fleet, slug: str) -> Run:
    for plan in fleet.planning.plans([slug]):
        if plan.plan is not None and plan.finished:
            return plan
    raise FleetError.of(
        ProblemKind.NOT_FOUND, "there is no plan to apply", where=slug, hint=f"fleet plan {slug} makes one"
    )


def _agreed(group: PlanGroup, question: str, *, yes: bool, confirmed: list[str]) -> bool:
    """Ask in proportion: y/n for one creator, their number for several, a word of danger for what is lost.

    What was confirmed beforehand counts for one group, and is used up by it.
    """
    word = danger_word(group)
    if word is None:
        return yes or says_yes(question)
    if word in confirmed:
        confirmed.remove(word)
        return True
    lost = "This loses data. " if group.destructive else ""
    return typed(f"{question} {lost}Type {word} to apply it", option=f'--confirm "{word}"') == word
