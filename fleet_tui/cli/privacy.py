"""`fleet privacy`: what a creator's modules keep of one person, handed out or erased."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from fleet_tui.cli.asking import typed
from fleet_tui.cli.main import ATTENTION
from fleet_tui.cli.output import now, styled
from fleet_tui.fleet import Fleet
from fleet_tui.present.line import Span, Tone
from fleet_tui.privacy.model import Kept, ModuleReport, Outcome, Person, Standing
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

_TERMINAL = "-"
_TONES = {
    Standing.DONE: Tone.PLAIN,
    Standing.FAILED: Tone.TROUBLE,
    Standing.MISSING: Tone.CAUTION,
    Standing.WAITS: Tone.CAUTION,
    Standing.OFF: Tone.QUIET,
}


def _meaning(command: Command) -> Command:
    """The options that say who is meant."""
    for option in (
        click.option("--email", help="The person's proven e-mail address; - reads it from standard input."),
        click.option("--member", metavar="ID", help="The person's id as a member; - reads it likewise."),
    ):
        command = option(command)
    return command


def _said(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("say why", ctx, parameter)
    return value


@click.group()
def privacy() -> None:
    """What a creator's modules keep of one person: hand it out, or erase it.

    Who is known by an id is found by their proven address, too, and the other way round. Arguments can be
    seen by everybody on the machine and stay in the shell's history: give - and type the id or the address.
    """


@privacy.command()
@click.argument("slug")
@_meaning
@click.option("--out", metavar="FILE", help="A new file, for you alone to read; - is standard output.")
@click.option("--reason", default="", help="Why, as a ticket's number; kept in the journal.")
@click.pass_obj
def export(
    settings: Settings, slug: str, member: str | None, email: str | None, out: str | None, reason: str
) -> None:
    """Write all that SLUG's modules have of a person into a file, as JSON.

    Without --out the file is made here and named after the creator and the time.
    """
    person = _person(member, email)
    _check_reason(reason, person)
    target = out or f"privacy-{slug}-{now():%Y%m%dT%H%M%SZ}.json"
    with _opened(target) as file:
        fleet = Fleet(settings)
        try:
            outcome = fleet.people.export(slug, person, reason=reason)
        finally:
            fleet.stop()
        made = {"creator": slug, "made_at": now().isoformat(timespec="seconds")}
        content = outcome.model_dump(mode="json", include={"documents"})
        json.dump({**made, "incomplete": outcome.missing, **content}, file, indent=2, ensure_ascii=False)
        file.write("\n")
    _tell(outcome, "found")
    if target != _TERMINAL:
        click.echo(f"written to {target}", err=True)
    _end(outcome)


@privacy.command()
@click.argument("slug")
@_meaning
@click.option(
    "--reason", required=True, callback=_said, help="Why, as a ticket's number; kept in the journal."
)
@click.option("--yes", is_flag=True, help="Do not ask; needs --confirm.")
@click.option("--confirm", default="", metavar="SLUG", help="The creator's slug once more, with --yes.")
@click.pass_obj
def erase(
    settings: Settings,
    slug: str,
    member: str | None,
    email: str | None,
    reason: str,
    yes: bool,
    confirm: str,
) -> None:
    """Erase what SLUG's modules keep of a person. What a law wants kept stays, and is told.

    Shows first how much there is. It can be done again: what is gone stays gone.
    """
    person = _person(member, email)
    _check_reason(reason, person)
    fleet = Fleet(settings)
    try:
        _tell(fleet.people.look_for(slug, person), "found")
        _confirm(slug, yes=yes, confirm=confirm)
        outcome = fleet.people.erase(slug, person, reason=reason)
    finally:
        fleet.stop()
    click.echo("", err=True)
    _tell(outcome, "erased")
    _end(outcome)


def _at_terminal() -> bool:
    return sys.stdin.isatty()


def _person(member: str | None, email: str | None) -> Person:
    """Who is meant. Raises FleetError, which says nothing of what was typed."""
    typed = {
        "member": _typed("The member's id", member),
        "email": _typed("The person's e-mail address", email),
    }
    return Person.known_by(**typed)


def _typed(what: str, given: str | None) -> str | None:
    if given != "-":
        return given
    if _at_terminal():
        return str(click.prompt(what, err=True))
    return sys.stdin.readline()


def _check_reason(reason: str, person: Person) -> None:
    """The journal is kept: it must not tell who asked to be forgotten. Raises FleetError."""
    if person.is_told_in(reason):
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            "the reason tells who the person is, and the journal keeps it",
            hint="Give a ticket's number or a date instead; nothing was done",
        )


def _confirm(slug: str, *, yes: bool, confirm: str) -> None:
    if yes or confirm:
        if yes and confirm == slug:
            return
        answer = ""
    else:
        question = f"This cannot be taken back. Type {slug} to erase it"
        answer = typed(question) if _at_terminal() else ""
    if answer != slug:
        raise FleetError.of(
            ProblemKind.CONFLICT,
            "not confirmed, nothing was erased",
            where=slug,
            hint=f"Without a terminal: --yes --confirm {slug}",
        )


@contextmanager
def _opened(target: str) -> Iterator[IO[str]]:
    """A new file that only its owner can read; gone again when nothing was written.

    Raises:
        FleetError: CONFIGURATION, it is there already or cannot be made.
    """
    if target == _TERMINAL:
        yield sys.stdout
        return
    path = Path(target)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            f"the file cannot be made: {error.strerror}",
            where=target,
            hint="Name one that is not there yet; nothing was asked for",
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _tell(outcome: Outcome, did: str) -> None:
    """What became of the question, by module, on stderr: the data of these commands is the file."""
    width = max(len(report.module) for report in outcome.reports)
    for report in outcome.reports:
        state = (Span(f"{report.module:<{width}}  "), Span(_words_of(report, did), _TONES[report.standing]))
        click.echo(styled(state), err=True)
        for kept in report.kept:
            click.echo(styled((Span(f"{'':<{width}}  keeps {_kept(kept)}", Tone.QUIET),)), err=True)


def _words_of(report: ModuleReport, did: str) -> str:
    match report.standing:
        case Standing.DONE:
            return f"{report.records} {did}" if report.records else f"nothing {did}"
        case Standing.OFF:
            return "off"
        case _:
            return f"{report.standing.value}: {report.why}"


def _kept(kept: Kept) -> str:
    number = "" if kept.count is None else f"{kept.count} "
    return f"{number}{kept.what}: {kept.why}"


def _end(outcome: Outcome) -> None:
    """Exit code 1 where a module did not do its part."""
    if not outcome.complete:
        click.echo(f"not complete: {', '.join(outcome.missing)}. Do it again when that is mended", err=True)
        raise SystemExit(ATTENTION)
