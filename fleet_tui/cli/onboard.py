"""`fleet add`, `fleet onboard`, `fleet check`: bringing creators live."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import click

from fleet_tui.cli.act import end, follow, print_plan
from fleet_tui.cli.asking import agree, says_yes, told
from fleet_tui.cli.main import ATTENTION, UNREACHABLE
from fleet_tui.cli.output import now, print_json, styled, table, terminal_width
from fleet_tui.fleet import Fleet
from fleet_tui.onboarding.facade import Onboarding, todo
from fleet_tui.onboarding.model import Check, Doing, Journey, Outcome, Step, StepName, StepState
from fleet_tui.operations.model import RiskLevel, RunStatus
from fleet_tui.present import onboarding as present
from fleet_tui.present.line import Line, Span, Tone, hang
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.drafting import MODULES, SELLING, USUAL_MODULES, Draft
from fleet_tui.registry.model import IVS_REGIONS, Language, Wave
from fleet_tui.registry.modules import CURRENCIES, ChannelType
from fleet_tui.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

# What is asked for on a terminal where no option says it, in this order.
_ASKED: tuple[tuple[str, str], ...] = (
    ("name", "Display name"),
    ("slug", "Slug (name of the folder, part of every AWS name)"),
    ("domain", "Domain"),
    ("account_id", "AWS account id (twelve digits)"),
    ("region", f"Region (IVS is in {', '.join(sorted(IVS_REGIONS))})"),
    ("contact", "The creator's e-mail address"),
    ("role_arn", "Role that operators take on in the account"),
    ("budget", "Budget, US dollars a month"),
    ("tiers", "Tiers of membership, each with its price a month"),
    ("imprint", "Imprint of the newsletter: name and address"),
)
# What is asked for only where one of these modules is on.
_OF_MODULES: Mapping[str, str] = MappingProxyType({"tiers": "membership", "imprint": "newsletter"})
_INDENT = 2
_CHANGING_THE_FILE = frozenset({Doing.SET_PRODUCTION, Doing.SET_DOMAIN_READY})
_ROUNDS = 20  # more than there are things to do for the eight steps


def _fields(command: Command) -> Command:
    """The options of a new creator."""
    options = (
        click.option("--account", "account_id", default="", metavar="ID", help="AWS account, twelve digits."),
        click.option("--region", default="", help="AWS region; most creators' one without it."),
        click.option("--contact", default="", metavar="EMAIL", help="The creator's address."),
        click.option("--language", default="en", type=click.Choice([one.value for one in Language])),
        click.option("--wave", default="general", type=click.Choice([one.value for one in Wave])),
        click.option("--budget", default="", metavar="USD", help="US dollars a month."),
        click.option("--profile", default="", help="AWS profile that leads into the account."),
        click.option("--role-arn", default="", help="Role to take on instead."),
        click.option("--external-id", default="", help="What the role's trust policy asks for."),
        click.option(
            "--module", "modules", multiple=True, type=click.Choice(MODULES),
            help=f"A module that is on; without any: {', '.join(USUAL_MODULES)}.",
        ),
        click.option(
            "--channel-type", default="STANDARD", type=click.Choice([one.value for one in ChannelType])
        ),
        click.option(
            "--currency", default="EUR", type=click.Choice(CURRENCIES), help=f"Of {', '.join(SELLING)}."
        ),
        click.option(
            "--tiers", default="", metavar="TIERS",
            help='Of membership, with their prices a month: "Bee 5, Queen 9.90".',
        ),
        click.option("--imprint", default="", help="Name and address at the foot of the newsletter."),
        click.option("--failover", default="", metavar="REGION", help="A second region; none without it."),
        click.option("--tagline", default="", help="Below the name, on the site."),
        click.option("--primary", default="", metavar="COLOUR", help="Of the site, such as #e0a526."),
        click.option("--accent", default="", metavar="COLOUR"),
        click.option("--background", default="", metavar="COLOUR"),
    )  # fmt: skip
    for option in reversed(options):  # the one that is given last is listed first
        command = option(command)
    return command


@click.command()
@click.argument("slug", default="")
@click.argument("name", default="")
@click.argument("domain", default="")
@_fields
@click.option("--check-account", is_flag=True, help="Enter the account before anything is written.")
@click.option("--dry-run", is_flag=True, help="Print the file and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def add(settings: Settings, /, check_account: bool, dry_run: bool, yes: bool, **given: Any) -> None:
    """Add a creator: `fleet add kasper "Kasper Kast" kasper.live --account 210000000001 …`.

    Writes creators/SLUG/creator.toml and nothing else; fleet onboard SLUG goes on from there. On a terminal
    what is missing is asked for; elsewhere it is an error.
    """
    draft = Draft(**{**given, "modules": given["modules"] or USUAL_MODULES})
    fleet = Fleet(settings)
    try:
        onboarding = fleet.onboarding
        draft = _completed(onboarding, draft, ask=sys.stdin.isatty() and not yes)
        text = onboarding.text(draft)
        if dry_run:
            click.echo(text, nl=False)
            return
        if check_account:
            identity = onboarding.prove(draft)
            click.echo(f"account {identity.account_id} entered as {identity.arn}", err=True)
        if not yes:
            click.echo(text, err=True)
            for drawn in present.cost_lines(onboarding.estimate(draft)):
                click.echo(styled(drawn), err=True)
            agree(f"Write creators/{draft.slug}/creator.toml?", where=draft.slug)
        onboarding.add(draft)
    finally:
        fleet.stop()
    click.echo(
        f"creators/{draft.slug}/creator.toml is written; fleet onboard {draft.slug} shows what comes next"
    )
    for drawn in hang(present.left_line(draft), terminal_width()):
        click.echo(styled(drawn), err=True)


def _completed(onboarding: Onboarding, draft: Draft, *, ask: bool) -> Draft:
    """The draft with what follows from it, and with what somebody types where they can be asked.

    Raises:
        FleetError: kind CONFIGURATION; something is wrong or missing, and nobody can be asked.
    """
    for field, question in _ASKED if ask else ():
        if not _wanted(field, draft):
            continue
        while (message := onboarding.complaints(draft).get(field)) or not getattr(draft, field):
            if getattr(draft, field):
                click.echo(f"{field} {message}", err=True)
            empty = draft.model_copy(update={field: ""})
            proposal = getattr(onboarding.suggestion(empty), field) or None
            draft = draft.model_copy(update={field: told(question, proposal)})
    draft = onboarding.suggestion(draft)
    if wrong := onboarding.complaints(draft):
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            "; ".join(f"{field} {message}" for field, message in wrong.items()),
            where=draft.slug or "fleet add",
            hint="fleet add --help lists the options; nothing was written",
        )
    return draft


def _wanted(field: str, draft: Draft) -> bool:
    """Whether this field is asked for: a profile makes a role needless, and some belong to a module."""
    module = _OF_MODULES.get(field)
    return not (field == "role_arn" and draft.profile) and (module is None or module in draft.modules)


@click.command()
@click.argument("slug", default="")
@click.option("--run", "run_it", is_flag=True, help="Carry out what can be done now, step by step.")
@click.option("--yes", is_flag=True, help="With --run: do not ask, unless data would be lost.")
@click.option("--cached", is_flag=True, help="Show what was last seen; ask nobody.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def onboard(settings: Settings, slug: str, run_it: bool, yes: bool, cached: bool, as_json: bool) -> None:
    """The eight steps of SLUG, and what to do next; without SLUG everybody who is not live yet.

    Every step is looked at again, name servers and SES included. Exits with 0 when nothing is left to do, 1
    when something is to do or is waited for, 3 when the account could not be reached.
    """
    if run_it and (cached or not slug):
        raise click.UsageError("--run needs a SLUG, and looks for itself")
    fleet = Fleet(settings)
    try:
        if not slug:
            journeys = fleet.onboarding.journeys()
        elif run_it:
            journeys = (carry_out_all(fleet, slug, yes=yes, quiet=as_json),)
        else:
            journeys = (fleet.onboarding.journey(slug) if cached else fleet.onboarding.check(slug),)
    finally:
        fleet.stop()
    if as_json:
        found = [journey.model_dump(mode="json") | {"live": journey.live} for journey in journeys]
        print_json(found[0] if slug else found)
    elif slug:
        _print_journey(journeys[0])
    else:
        _print_list(journeys)
    _end(journeys)


@click.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def check(settings: Settings, slug: str, as_json: bool) -> None:
    """The go-live checks of SLUG: certificate, page, API, player, chat. Suited to cron.

    Exits with 1 when a check fails or waits, 3 when something could not be asked.
    """
    fleet = Fleet(settings)
    try:
        report = fleet.onboarding.check_live(slug)
    finally:
        fleet.stop()
    if as_json:
        print_json({"slug": slug, **report.model_dump(mode="json")})
    else:
        _print_checks(report.checks)
    outcomes = {one.outcome for one in report.checks}
    if outcomes & {Outcome.FAILED, Outcome.WAITING}:
        raise SystemExit(ATTENTION)
    if Outcome.UNKNOWN in outcomes:
        raise SystemExit(UNREACHABLE)


def carry_out_all(fleet: Fleet, slug: str, *, yes: bool, quiet: bool) -> Journey:
    """Do one thing after the other, looking at everything again in between, until nothing can be done.

    A thing is tried once: what is still to do after that wants a person. What changes creator.toml comes
    first, so that one plan brings all of it, and is worth another plan.
    """
    tried: set[tuple[StepName, Doing | None, str]] = set()
    for _ in range(_ROUNDS):
        journey = fleet.onboarding.check(slug)
        ready = [one for one in journey.steps if _can_be_done(one) and _key(one) not in tried]
        step = min(ready, key=lambda one: one.doing not in _CHANGING_THE_FILE, default=None)
        if step is None or not _agreed(fleet, journey, step, yes=yes):
            return journey
        if step.doing in _CHANGING_THE_FILE:
            tried = {key for key in tried if key[1] is not Doing.PLAN}
        tried.add(_key(step))
        _carry_out(fleet, journey, step, quiet=quiet)
    return fleet.onboarding.check(slug)


def _can_be_done(step: Step) -> bool:
    return step.doing is not None and step.state in (StepState.TO_DO, StepState.FAILED)


def _key(step: Step) -> tuple[StepName, Doing | None, str]:
    return step.name, step.doing, step.target


def _agreed(fleet: Fleet, journey: Journey, step: Step, *, yes: bool) -> bool:
    """Shows what would be done and asks, as far as that is needed: plans change nothing."""
    if step.doing in (Doing.PLAN, None):
        return True
    if step.doing is Doing.APPLY:
        plan = fleet.journals.get(step.target)
        if plan.plan is not None and plan.plan.risk.level is RiskLevel.DESTRUCTIVE:
            click.echo(
                f"{journey.slug}: the plan loses data; read it, then fleet apply {journey.slug}", err=True
            )
            return False
        if not yes:
            print_plan(plan)
    if step.doing is Doing.ASK_FOR_PRODUCTION and not yes:
        request = fleet.onboarding.request(journey.slug)
        click.echo(f"{request.mail_type}, {request.website}, answers to {request.contact}:", err=True)
        click.echo(request.use_case, err=True)
    question = f"{journey.name}, {present.step_title(step.name)}: {present.doing_words(step.doing)}?"
    return yes or says_yes(question)


def _carry_out(fleet: Fleet, journey: Journey, step: Step, *, quiet: bool) -> None:
    doing = present.doing_words(step.doing) if step.doing else ""
    click.echo(f"{journey.slug}: {doing}", err=True)
    run = fleet.onboarding.carry_out(journey.slug, step.name)
    if run is not None:
        ended = follow(fleet, run, quiet=quiet)
        if ended.status is not RunStatus.SUCCEEDED:
            end(ended)


def _print_journey(journey: Journey) -> None:
    width, at = terminal_width() - _INDENT, now()
    click.echo(styled((Span(journey.name, Tone.STRONG), Span(f"  {journey.domain}", Tone.QUIET))))
    click.echo(styled(present.journey_head(journey)))
    click.echo()
    for step in journey.steps:
        click.echo(styled(present.step_line(step, width, at)).rstrip())
    for step in journey.steps:
        if not step.settled and (step.found or step.records or step.checks):
            click.echo()
            click.echo(styled((Span(present.step_title(step.name), Tone.STRONG),)))
            for drawn in present.step_detail(step, at, by="--run"):
                for part in hang(drawn, width) if drawn else [()]:
                    click.echo((" " * _INDENT + styled(part)).rstrip())


def _print_checks(checks: Sequence[Check]) -> None:
    for drawn in present.check_lines(checks):
        for part in hang(drawn, terminal_width()):
            click.echo(styled(part))


def _print_list(journeys: Sequence[Journey]) -> None:
    at = now()
    rows: list[list[Line]] = [
        [
            (Span(journey.slug, Tone.STRONG),),
            (Span(f"{journey.done}/{len(journey.steps)}"),),
            (Span(present.step_title(step.name)),),
            present.step_badge(step).line,
            present.since_cell(journey, 5, at),
            (Span(present.step_note(step)),),
        ]
        for journey, step in todo(journeys)
    ]
    table(["CREATOR", "DONE", "STEP", "STATE", "SINCE", ""], rows)
    click.echo(f"{len(rows)} not live yet" if rows else "everybody is live")


def _end(journeys: Sequence[Journey]) -> None:
    left = [journey for journey in journeys if not journey.live]
    if left and all(journey.step(StepName.ACCOUNT).state is StepState.UNKNOWN for journey in left):
        raise SystemExit(UNREACHABLE)
    if left:
        raise SystemExit(ATTENTION)
