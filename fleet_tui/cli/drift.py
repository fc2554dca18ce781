"""`fleet drift`: what was changed behind Terraform's back, and what to do about it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from fleet_tui.cli.act import end, follow
from fleet_tui.cli.apply import apply
from fleet_tui.cli.asking import agree
from fleet_tui.cli.look import LOOK_SECONDS, end_if_nobody_answers
from fleet_tui.cli.main import ATTENTION
from fleet_tui.cli.output import now, print_json, styled, terminal_width
from fleet_tui.cli.plans import nobody
from fleet_tui.deploy.drift import DriftedResource, DriftReport
from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import Facet
from fleet_tui.observatory.query import QueryError, parse
from fleet_tui.present.drift import diff_lines, in_short, resource_lines
from fleet_tui.present.line import Line, Span, Tone, hang, line
from fleet_tui.present.quantity import age
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings
from fleet_tui.statecare.model import Checked
from fleet_tui.statecare.sweep import alone

_INDENT = 2


@click.command()
@click.argument("query", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="All creators.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.option("--cached", is_flag=True, help="Show what the last checks found; ask nobody.")
@click.option("--repair", is_flag=True, help="Plan what changes it back, and ask before it is applied.")
@click.option("--accept", metavar="ADDRESS", default="", help="Take the drift of this resource into code.")
@click.option("--take-back", metavar="ADDRESS", default="", help="Let this drift be no longer.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="With --accept and --reason: let it be until this day, as 2026-12-24.",
)
@click.option("--reason", default="", help="Why; kept in the journal.")
@click.option("--yes", is_flag=True, help="With --accept: do not ask.")
@click.pass_obj
def drift(
    settings: Settings,
    query: tuple[str, ...],
    everybody: bool,
    as_json: bool,
    cached: bool,
    repair: bool,
    accept: str,
    take_back: str,
    until: datetime | None,
    reason: str,
    yes: bool,
) -> None:
    """Look for drift: in the creators that QUERY asks for, in those whose slugs are given, or in --all.

    Says nothing where nothing has drifted, as cron wants it. Exits with 1 when something has drifted that
    nobody lets be, or a check failed, and with 3 when AWS could not be reached.
    """
    if until is not None and not accept:
        raise click.UsageError("--until goes with --accept")
    if sum(map(bool, (repair, accept, take_back))) > 1:
        raise click.UsageError("--repair, --accept and --take-back are for one at a time")
    fleet = Fleet(settings)
    try:
        slugs = _chosen(fleet, query, everybody=everybody)
        if repair or accept or take_back:
            slug = _only(slugs)
            if accept:
                _accept(fleet, slug, accept, until=until, reason=reason, yes=yes)
                return
            if take_back:
                fleet.care.drift.take_back(slug, take_back)
                _look_again(fleet, slug)
                click.echo(f"{take_back}: let be no longer")
                return
        if cached:
            found = [_as_seen(fleet, slug) for slug in slugs]
            _print(found, as_json=as_json)
            for one in found:
                if one.report is None:
                    click.echo(f"{one.slug}: nobody has looked for drift yet", err=True)
        else:
            with alone(settings.state):
                found = _look(fleet, slugs, reason=reason, as_json=as_json)
    finally:
        fleet.stop()
    if repair:
        _repair(settings, found[0], reason)
    else:
        _end(found)


def _chosen(fleet: Fleet, query: Sequence[str], *, everybody: bool) -> list[str]:
    snapshot = fleet.snapshot()
    if everybody == bool(query):
        raise click.UsageError("say whom: slugs, a query, or --all")
    if everybody or all(word in snapshot.rows for word in query):
        return list(snapshot.rows) if everybody else list(dict.fromkeys(query))
    try:
        wanted = parse(" ".join(query))
    except QueryError as error:
        raise click.UsageError(str(error)) from error
    found = [row.slug for row in snapshot.rows.values() if wanted.matches(row, snapshot.taken_at)]
    if not found:
        raise nobody(query)
    return found


def _only(slugs: Sequence[str]) -> str:
    if len(slugs) != 1:
        raise click.UsageError("drift is repaired or accepted for one creator at a time")
    return slugs[0]


def _look(fleet: Fleet, slugs: Sequence[str], *, reason: str, as_json: bool) -> list[Checked]:
    found: list[Checked] = []
    for one in fleet.care.drift.check_all(slugs, reason=reason):
        found.append(one)
        if not as_json:
            _print_one(one)
    if as_json:
        _print(found, as_json=True)
    elif sys.stderr.isatty():
        quiet = sum(one.report is not None and not one.report.resources for one in found)
        click.echo(f"{len(found)} checked, nothing has drifted in {quiet} of them", err=True)
    return found


def _as_seen(fleet: Fleet, slug: str) -> Checked:
    """What the last check on this machine found, or what was last seen of the record beside the state."""
    row = fleet.snapshot().rows[slug]
    seen = row.deploy.value.drift if row.deploy.value else None
    report = fleet.care.drift.report(slug)
    if report is not None and (seen is None or report.checked_at > seen.checked_at):
        return Checked(slug, None, report)
    if seen is None:
        return Checked(slug, None)
    findings = report.findings if report else ()
    return Checked(
        slug,
        None,
        DriftReport(slug=slug, checked_at=seen.checked_at, resources=seen.resources, findings=findings),
    )


def _print(found: Sequence[Checked], *, as_json: bool) -> None:
    if as_json:
        print_json([_json(one) for one in found])
        return
    for one in found:
        _print_one(one)


def _json(one: Checked) -> dict[str, Any]:
    report = one.report
    values = {finding.address: finding.attributes for finding in report.findings} if report else {}
    return {
        "slug": one.slug,
        "run": one.run.id if one.run else None,
        "checked_at": report.checked_at.isoformat() if report else None,
        "problem": one.problem.model_dump(mode="json") if one.problem else None,
        "never_deployed": one.never_deployed,
        "drift": [
            resource.model_dump(mode="json")
            | {
                "let_be": resource.known(now()),
                "changes": [
                    attribute.model_dump(mode="json") for attribute in values.get(resource.address, ())
                ],
            }
            for resource in (report.resources if report else ())
        ],
    }


def _print_one(one: Checked) -> None:
    """One creator as a tree; nothing where there is nothing to say."""
    if one.problem is not None:
        if not one.never_deployed:
            told = one.problem.sentence.removeprefix(f"{one.slug}: ")
            click.echo(styled((Span(f"{one.slug}  ! {told}", Tone.TROUBLE),)))
        return
    report = one.report
    if report is None or not report.resources:
        return
    width = terminal_width() - _INDENT
    short = in_short(report.resources, now())
    when = Span(f"  checked {age(report.checked_at, now())} ago", Tone.QUIET)
    click.echo(styled(line(Span(one.slug, Tone.STRONG), f"  {short}", when)))
    values = {finding.address: finding for finding in report.findings}
    for resource in report.resources:
        _print_lines(resource_lines(resource, values.get(resource.address), now(), width), width)


def _print_lines(lines: Sequence[Line], width: int) -> None:
    for drawn in lines:
        for part in hang(drawn, width) if drawn else [()]:
            click.echo((" " * _INDENT + styled(part)).rstrip())


def _open(one: Checked) -> list[DriftedResource]:
    resources = one.report.resources if one.report else ()
    return [resource for resource in resources if not resource.known(now())]


def _end(found: Sequence[Checked]) -> None:
    there = [one for one in found if not one.never_deployed]
    end_if_nobody_answers([[one.problem] if one.problem else [] for one in there])
    if any(one.problem or _open(one) for one in there):
        raise SystemExit(ATTENTION)


def _repair(settings: Settings, one: Checked, reason: str) -> None:
    """Plan and apply as always; what no plan changes back is said."""
    if one.problem is not None:
        _end([one])
        return
    drifted = _open(one)
    for resource in drifted:
        if not resource.repaired:
            click.echo(f"no plan changes {resource.address} back: do it by hand", err=True)
    if not any(resource.repaired for resource in drifted):
        _end([one])
        return
    why = reason or "drift is changed back"
    fleet = Fleet(settings)
    try:
        end(follow(fleet, fleet.plan(one.slug, reason=why), quiet=False))
    finally:
        fleet.stop()
    words = [one.slug, "--reason", why]
    apply.main(words, prog_name="fleet apply", standalone_mode=False, obj=settings)


def _look_again(fleet: Fleet, slug: str) -> None:
    """So that what was last seen has what was just written."""
    fleet.observatory.look_once([slug], (Facet.DEPLOY,), seconds=LOOK_SECONDS)


def _accept(fleet: Fleet, slug: str, address: str, *, until: datetime | None, reason: str, yes: bool) -> None:
    if until is not None:
        fleet.care.drift.let_be(slug, address, until=until.replace(tzinfo=UTC), reason=reason)
        _look_again(fleet, slug)
        click.echo(f"{address}: let be until {until:%Y-%m-%d}, or until it changes again")
        return
    proposal = fleet.care.drift.proposal(slug, address)
    _print_lines(diff_lines(proposal.diff), terminal_width() - _INDENT)
    for attribute in proposal.left:
        place = proposal.finding.place or "the configuration"
        click.echo(f"  {attribute.path} is no setting of creator.toml: it is written in {place}", err=True)
    if not proposal.carried:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            "no key of creator.toml carries this drift",
            where=f"{slug}: {address}",
            hint="Change the Terraform module for all creators, repair it (--repair), or let it be for a "
            "while (--until DATE --reason WHY)",
        )
    agree(f"Write this into {slug}'s creator.toml?", where=slug, yes=yes)
    fleet.care.drift.accept(slug, proposal, reason=reason)
    click.echo(f"written; fleet plan {slug} shows what is left, and an apply brings the state up to it")
