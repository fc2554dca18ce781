"""`fleet frontend`: the creators' sites, built, brought to their visitors, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import click

from fleet_tui.cli.act import end, follow
from fleet_tui.cli.asking import agree
from fleet_tui.cli.main import ATTENTION, exit_code
from fleet_tui.cli.output import now, print_json, styled, table
from fleet_tui.fleet import Fleet
from fleet_tui.frontend.model import SiteState
from fleet_tui.operations.model import Run
from fleet_tui.present.frontend import WANTS_A_PERSON, site_badge, site_lines, told_cells
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.quantity import age
from fleet_tui.present.states import problem_badge
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.settings import Settings

_AT_ONCE = 16


@click.group()
def frontend() -> None:
    """The creators' sites: build, deploy, go back, and what visitors see."""


@frontend.command()
@click.argument("slug")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the files into this folder, which has to be empty.",
)
@click.option("--offline", is_flag=True, help="Ask nobody; what needs the creator's API is left out.")
@click.option("--json", "as_json", is_flag=True, help="The list of files as JSON.")
@click.pass_obj
def build(settings: Settings, slug: str, out: Path | None, offline: bool, as_json: bool) -> None:
    """Build the site of SLUG on this machine and list its files; nothing is deployed."""
    fleet = Fleet(settings)
    try:
        site = fleet.frontends.build(slug, offline=offline)
    finally:
        fleet.stop()
    if out is not None:
        _write(out, site.contents)
    if as_json:
        print_json({"digest": site.manifest.digest, **site.manifest.model_dump(mode="json")})
    else:
        cells: list[list[Line]] = [
            [(Span(file.key),), (Span(f"{file.size:,}".rjust(7)),), (Span(file.cache_control, Tone.QUIET),)]
            for file in site.manifest.files
        ]
        table(["FILE", "  BYTES", "CACHE"], cells)
    for warning in site.warnings:
        click.echo(f"! {warning}", err=True)


@frontend.command()
@click.argument("slug")
@click.option("--reason", default="", help="Why; kept in the journal and the release.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="What became of it as JSON.")
@click.pass_obj
def deploy(settings: Settings, slug: str, reason: str, yes: bool, as_json: bool) -> None:
    """Build the site of SLUG and bring it to its visitors."""

    def start(fleet: Fleet, state: SiteState) -> Run:
        return fleet.frontends.deploy(slug, reason, seen=state.release)

    _run(settings, slug, start, "Deploy the site of", yes=yes, as_json=as_json)


@frontend.command()
@click.argument("slug")
@click.argument("release", default="")
@click.option("--reason", default="", help="Why; kept in the journal.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="What became of it as JSON.")
@click.pass_obj
def rollback(settings: Settings, slug: str, release: str, reason: str, yes: bool, as_json: bool) -> None:
    """Lead the visitors of SLUG back to RELEASE, or to the one before the one that they see."""

    def start(fleet: Fleet, state: SiteState) -> Run:
        return fleet.frontends.rollback(slug, release or state.previous, reason, seen=state.release)

    _run(settings, slug, start, f"Go back to {release or 'the release before'} at", yes=yes, as_json=as_json)


@frontend.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def history(settings: Settings, slug: str, as_json: bool) -> None:
    """What the visitors of SLUG were led to, newest first; what is kept can be gone back to."""
    fleet = Fleet(settings)
    try:
        found = fleet.frontends.history(slug)
    finally:
        fleet.stop()
    if as_json:
        print_json([told.model_dump(mode="json") for told in found])
        return
    if not found:
        click.echo(f"{slug}: nothing was deployed yet; fleet frontend deploy {slug} does it", err=True)
        return
    table(["RELEASE", "", "AGO", "BY", "WHY"], [told_cells(told, now()) for told in found])


@frontend.command()
@click.argument("slugs", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def status(settings: Settings, slugs: tuple[str, ...], as_json: bool) -> None:
    """What visitors see, and whether that is what would be built now; without SLUGS of the whole fleet.

    Exits with 1 when a site is out of date, or was not seen as it was built.
    """
    fleet = Fleet(settings)
    try:
        rows = fleet.snapshot().rows.values()
        wanted = slugs or [row.slug for row in rows if row.creator and row.creator.modules.s3_website]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip(wanted, pool.map(partial(_look, fleet), wanted), strict=True))
    finally:
        fleet.stop()
    if as_json:
        print_json({slug: _json(state) for slug, state in found.items()})
    elif len(slugs) == 1 and isinstance(state := found[slugs[0]], SiteState):
        for drawn in site_lines(state, now()):
            click.echo(styled(drawn))
    else:
        table(["CREATOR", "SITE", "FOR", "BY", "RELEASE"], [_cells(*one) for one in found.items()])
    _end(list(found.values()))


def _look(fleet: Fleet, slug: str) -> SiteState | Problem:
    try:
        return fleet.frontends.status(slug)
    except FleetError as error:
        return error.problem


def _json(state: SiteState | Problem) -> dict[str, object]:
    if isinstance(state, Problem):
        return {"problem": state.model_dump(mode="json")}
    return state.model_dump(mode="json")


def _cells(slug: str, state: SiteState | Problem) -> list[Line]:
    name: Line = (Span(slug, Tone.STRONG),)
    if isinstance(state, Problem):
        badge = problem_badge(state)
        return [name, (Span(f"{badge.glyph} {badge.word}: {state.sentence}", badge.tone),)]
    switch = state.current
    return [
        name,
        site_badge(state.status).line,
        (Span(age(switch.at if switch else None, now())),),
        (Span(switch.operator if switch else "", Tone.QUIET),),
        (Span(state.release),),
    ]


def _end(states: Sequence[SiteState | Problem]) -> None:
    """End with 1 when a person is needed, and with a problem's own code when nobody answered."""
    problems = [state for state in states if isinstance(state, Problem)]
    if problems and len(problems) == len(states):
        raise SystemExit(max(exit_code(problem.kind) for problem in problems))
    if problems or any(isinstance(one, SiteState) and one.status in WANTS_A_PERSON for one in states):
        raise SystemExit(ATTENTION)


def _run(
    settings: Settings,
    slug: str,
    start: Callable[[Fleet, SiteState], Run],
    question: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Show what there is, ask, start and follow."""
    fleet = Fleet(settings)
    try:
        state = fleet.frontends.status(slug)
        account = fleet.observatory.creator(slug).account_id
        if not yes:
            for drawn in site_lines(state, now()):
                click.echo(styled(drawn), err=True)
            agree(f"{question} {slug} in account {account}?", where=slug)
        run = follow(fleet, start(fleet, state), quiet=as_json)
    finally:
        fleet.stop()
    if as_json:
        print_json(run.model_dump(mode="json"))
    end(run)


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise FleetError.of(
            ProblemKind.CONFIGURATION, "the folder is not empty", where=str(folder), hint="Name another one"
        )
    for key, content in contents.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
