"""`fleet rollout`: plans applied to many creators, wave by wave, and what became of it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import click

from fleet_tui.cli.apply import agreed_to, roll_out
from fleet_tui.cli.asking import agree, agree_by_slug
from fleet_tui.cli.main import ATTENTION
from fleet_tui.cli.output import now, print_json, styled, table, terminal_width
from fleet_tui.cli.plans import chosen, end_batch, every_creator, follow_batch, of_batch, who
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import Run
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.rollouts import (
    age_cell,
    applied_cell,
    cause_cell,
    event_lines,
    member_cause,
    member_since_cell,
    member_slug_cell,
    member_status_cell,
    member_wave_cell,
    operator_cell,
    rollout_head,
    rows_of,
    status_cell,
    wave_cell,
    wave_lines,
    worst_first,
)
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.rollouts.model import MemberStatus, Rollout, RolloutStatus
from fleet_tui.settings import Settings

_LOOK_SECONDS = 0.5
_SHOWN = 40  # creators that are all shown

detached = click.option("--detach", is_flag=True, help="Do not follow it.")
as_json_option = click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
which = click.argument("rollout_id", metavar="[ID]", default="")


@click.group()
def rollout() -> None:
    """Apply approved plans wave by wave: canary, early, general.

    ID is the newest rollout where it is left out. A rollout is a process of its own: Ctrl+C leaves it going
    on.
    """


@rollout.command()
@who
@every_creator
@click.option("--plan", "plan_first", is_flag=True, help="Plan them first.")
@click.option("--reason", default="", help="Why; kept in every run's journal and record.")
@click.option("--yes", is_flag=True, help="Do not ask about a single creator, unless data would be lost.")
@click.option(
    "--confirm",
    "confirmed",
    multiple=True,
    metavar="WORD",
    help="What would have to be typed, once for each group of plans: see fleet apply.",
)
@detached
@as_json_option
@click.pass_obj
def start(
    settings: Settings,
    words: tuple[str, ...],
    everybody: bool,
    plan_first: bool,
    reason: str,
    yes: bool,
    confirmed: tuple[str, ...],
    detach: bool,
    as_json: bool,
) -> None:
    """Roll out the plans that were made last, once they are approved."""
    fleet = Fleet(settings)
    try:
        slugs = chosen(fleet, words, everybody=everybody)
        if plan_first:
            batch = follow_batch(fleet, fleet.planning.start(slugs, reason=reason))
            if not (runs := of_batch(fleet, batch)) or all(run.plan is None for run in runs):
                end_batch(runs, batch)
        begun_id = roll_out(fleet, slugs, reason=reason, yes=yes, confirmed=list(confirmed))
        if begun_id is None:
            click.echo("nothing to apply", err=True)
            return
        begun = fleet.rollouts.get(begun_id)
        if as_json:
            print_json(_json(begun))
        elif detach:
            click.echo(begun.id)
        if not detach:
            follow(fleet, begun)
    finally:
        fleet.stop()


@rollout.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@as_json_option
@click.pass_obj
def list_(settings: Settings, limit: int, as_json: bool) -> None:
    """The rollouts of this machine, newest first."""
    fleet = Fleet(settings)
    try:
        found = list(fleet.rollouts.all())[:limit]
    finally:
        fleet.stop()
    if as_json:
        print_json([_json(one) for one in found])
        return
    if not found:
        click.echo("there is no rollout on this machine; fleet rollout start begins one", err=True)
        return
    moment, why = now(), max(24, terminal_width() - 100)
    cells: list[list[Line]] = [
        [
            (Span(one.id),),
            status_cell(one, 12, moment),
            applied_cell(one, 7, moment),
            wave_cell(one, 7, moment),
            age_cell(one, 6, moment),
            operator_cell(one, 16, moment),
            cause_cell(one, why, moment),
        ]
        for one in found
    ]
    table(["ID", "STATUS", "APPLIED", "WAVE", "AGO", "BY", ""], cells)


@rollout.command()
@which
@click.option("--all", "everybody", is_flag=True, help="Every creator, also of many.")
@as_json_option
@click.pass_obj
def show(settings: Settings, rollout_id: str, everybody: bool, as_json: bool) -> None:
    """A rollout: its waves, its creators, what they wait for, why it stopped.

    Of many creators those are shown who failed, wait or are under way. Exits with 1 where it wants a person:
    incomplete, stopped, paused, or lost.
    """
    fleet = Fleet(settings)
    try:
        found = _find(fleet, rollout_id)
        runs = _runs_of(fleet, found)
    finally:
        fleet.stop()
    if as_json:
        print_json(_json(found))
    else:
        print_rollout(found, runs, everybody=everybody)
    end(found)


@rollout.command()
@which
@click.pass_obj
def attach(settings: Settings, rollout_id: str) -> None:
    """Follow a rollout to its end. Ctrl+C leaves it going on."""
    fleet = Fleet(settings)
    try:
        follow(fleet, _find(fleet, rollout_id))
    finally:
        fleet.stop()


@rollout.command()
@which
@click.pass_obj
def pause(settings: Settings, rollout_id: str) -> None:
    """Start nobody any more, until go-on; applies come to their end."""
    fleet = Fleet(settings)
    try:
        found = _find(fleet, rollout_id)
        fleet.rollouts.pause(found.id)
    finally:
        fleet.stop()
    click.echo(f"asked {found.id} to pause: {_under_way(found, 'come to their end')}")


@rollout.command("go-on")
@which
@click.pass_obj
def go_on(settings: Settings, rollout_id: str) -> None:
    """Go on after a pause, or try at once what is waited for."""
    fleet = Fleet(settings)
    try:
        found = _find(fleet, rollout_id)
        fleet.rollouts.go_on(found.id)
    finally:
        fleet.stop()
    click.echo(f"asked {found.id} to go on")


@rollout.command()
@which
@click.option("--now", "at_once", is_flag=True, help="Interrupt the applies, too, with one SIGINT each.")
@click.pass_obj
def stop(settings: Settings, rollout_id: str, at_once: bool) -> None:
    """Start nobody any more, and end. Applies come to their end, unless --now is given."""
    fleet = Fleet(settings)
    try:
        found = _find(fleet, rollout_id)
        fleet.rollouts.stop(found.id, now=at_once)
    finally:
        fleet.stop()
    fate = "are interrupted" if at_once else "come to their end"
    click.echo(f"asked {found.id} to stop: {_under_way(found, fate)}")


@rollout.command()
@click.argument("rollout_id", metavar="ID")
@click.argument("slugs", nargs=-1)
@detached
@click.pass_obj
def resume(settings: Settings, rollout_id: str, slugs: tuple[str, ...], detach: bool) -> None:
    """Go on with the failed and the unstarted, or with exactly these creators.

    Cancelled is not failed: a creator whose run somebody stopped is tried again only by name.
    """
    fleet = Fleet(settings)
    try:
        before = len(fleet.rollouts.events(rollout_id))
        found = fleet.rollouts.resume(rollout_id, slugs)
        _tell_cancelled(found)
        if detach:
            click.echo(found.id)
        else:
            follow(fleet, found, before)
    finally:
        fleet.stop()


@rollout.command()
@click.argument("rollout_id", metavar="ID")
@click.argument("slug")
@click.option("--confirm", default="", metavar="SLUG", help="Confirm by the creator's slug.")
@click.pass_obj
def override(settings: Settings, rollout_id: str, slug: str, confirm: str) -> None:
    """Apply to a creator who is live, or may be. Asks twice."""
    fleet = Fleet(settings)
    try:
        member = fleet.rollouts.may_override(rollout_id, slug)
        if not confirm:
            agree(
                f"{slug}: {member.cause or 'may be live'}. Apply all the same, with viewers watching?",
                where=slug,
                option=f"--confirm {slug}",
            )
        agree_by_slug(f"Type {slug} to go on", slug, given=confirm)
        fleet.rollouts.override(rollout_id, slug)
    finally:
        fleet.stop()
    click.echo(f"{slug} is applied next")


@rollout.command()
@click.argument("rollout_id", metavar="ID")
@click.argument("slugs", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask for a single creator, unless data would be lost.")
@click.option("--confirm", "confirmed", multiple=True, metavar="WORD", help="See fleet apply.")
@detached
@click.pass_obj
def approve(
    settings: Settings,
    rollout_id: str,
    slugs: tuple[str, ...],
    yes: bool,
    confirmed: tuple[str, ...],
    detach: bool,
) -> None:
    """Read and approve the new plans of creators that have to be asked again."""
    fleet = Fleet(settings)
    try:
        found = fleet.rollouts.get(rollout_id)
        plans = [fleet.journals.get(_to_ask(found, slug)) for slug in slugs]
        approved = agreed_to(plans, yes=yes, confirmed=list(confirmed))
        if not approved:
            raise FleetError.of(ProblemKind.CONFLICT, "nothing was approved, so nothing was done")
        before = len(fleet.rollouts.events(rollout_id))
        found = fleet.rollouts.approve(rollout_id, [plan.operation.slug for plan in approved])
        if not detach:
            follow(fleet, found, before)
    finally:
        fleet.stop()


def follow(fleet: Fleet, found: Rollout, seen: int = 0) -> None:
    """Print a rollout's journal on stderr as it grows, and the rollout at its end; ends with its code.

    Args:
        fleet: whose rollout.
        found: which.
        seen: how many events are not printed any more.
    """
    zone = now().astimezone().tzinfo
    try:
        while True:
            found = fleet.rollouts.get(found.id)
            for event in fleet.rollouts.events(found.id, seen):
                seen = event.seq
                for text in event_lines(event, zone):
                    click.echo(styled(text), err=True)
            if found.ended:
                break
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        click.echo(
            f"\nthe rollout goes on: fleet rollout attach {found.id}; fleet rollout stop {found.id} stops it",
            err=True,
        )
        raise SystemExit(ATTENTION) from None
    print_rollout(found, {})
    end(found)


def print_rollout(found: Rollout, runs: dict[str, Run | None], *, everybody: bool = False) -> None:
    """A rollout: head, waves, creators; of many only those of whom there is something to see."""
    moment, width = now().astimezone(), terminal_width()
    for text in [*rollout_head(found, moment, width), (), *wave_lines(found, moment, width), ()]:
        click.echo(styled(text))
    rows = rows_of(found, runs)
    shown = rows if everybody or len(rows) <= _SHOWN else worst_first(rows)
    cells: list[list[Line]] = [
        [
            member_status_cell(row, 20, moment),
            member_slug_cell(row, max(len(one.slug) for one in found.members), moment),
            member_wave_cell(row, 7, moment),
            member_since_cell(row, 6, moment),
            (Span(member_cause(row, moment), Tone.QUIET),),
        ]
        for row in shown.values()
    ]
    if cells:
        table(["STATUS", "CREATOR", "WAVE", "SINCE", ""], cells)
    if len(shown) < len(rows):
        click.echo(f"and {len(rows) - len(shown)} applied or not begun: fleet rollout show {found.id} --all")
    _tell_cancelled(found)
    to_ask = [one.slug for one in found.members if one.status is MemberStatus.TO_ASK]
    if to_ask:
        click.echo(f"read and approve the new plans: fleet rollout approve {found.id} {' '.join(to_ask)}")


def end(found: Rollout) -> None:
    """End with the exit code that the rollout deserves: 0 where it is done or goes on well."""
    if found.status not in (RolloutStatus.SUCCEEDED, RolloutStatus.RUNNING, RolloutStatus.STOPPING):
        raise SystemExit(ATTENTION)


def _tell_cancelled(found: Rollout) -> None:
    cancelled = [one.slug for one in found.members if one.status is MemberStatus.CANCELLED]
    if cancelled:
        click.echo(
            f"cancelled, and tried again only by name: fleet rollout resume {found.id} {' '.join(cancelled)}",
            err=True,
        )


def _under_way(found: Rollout, fate: str) -> str:
    return f"{len(found.active)} under way {fate}" if found.active else "nothing is under way"


def _find(fleet: Fleet, rollout_id: str) -> Rollout:
    """The rollout with this id; the newest one without it. Raises FleetError."""
    if rollout_id:
        return fleet.rollouts.get(rollout_id)
    if not (found := fleet.rollouts.all()):
        raise FleetError.of(
            ProblemKind.NOT_FOUND,
            "there is no rollout on this machine",
            hint="fleet rollout start begins one",
        )
    return found[0]


def _runs_of(fleet: Fleet, found: Rollout) -> dict[str, Run | None]:
    """The runs that go on; one that is only just being started is left out."""
    runs: dict[str, Run | None] = {}
    for member in found.active:
        with suppress(FleetError):
            runs[member.slug] = fleet.run(member.run_id)
    return runs


def _to_ask(found: Rollout, slug: str) -> str:
    """The id of the plan that a creator is to be asked about. Raises FleetError."""
    member = found.member(slug)
    if member is None or member.status is not MemberStatus.TO_ASK:
        raise FleetError.of(ProblemKind.CONFLICT, f"{slug} has nothing to be asked again", where=found.id)
    return member.plan_id


def _json(found: Rollout) -> dict[str, Any]:
    return found.model_dump(mode="json") | {"id": found.id}
