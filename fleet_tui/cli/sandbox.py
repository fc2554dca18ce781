"""`fleet demo` and `fleet sandbox`: the console on an embedded AWS with a sample fleet."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from pathlib import Path

import click

from fleet_tui.cli.look import print_fleet
from fleet_tui.cli.main import open_console
from fleet_tui.deploy.model import DeployStatus
from fleet_tui.deploy.terraform_cli import find_terraform
from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import CreatorSnapshot, Facet, FleetSnapshot
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Wave
from fleet_tui.sandbox.troubles import NEVER_DEPLOYED
from fleet_tui.sandbox.world import World
from fleet_tui.settings import Settings, load_settings

_STILL_SECONDS = 120.0
"""How long nothing may move: Terraform reports every few seconds, whatever it waits for."""
_LOOK_SECONDS = 0.3
_SETTLED = frozenset(
    {
        DeployStatus.UP_TO_DATE,
        DeployStatus.FAILED,
        DeployStatus.DRIFTED,
        DeployStatus.LOCKED,
        DeployStatus.OUT_OF_DATE,
    }
)


@click.command()
def demo() -> None:
    """Open the console on an embedded AWS with a sample fleet.

    The sample fleet is provisioned by Terraform while you watch, and kept for the next time. Without a
    terminal the first wave is provisioned and the fleet is printed.
    """
    world = World.of_checkout()
    interactive = sys.stdout.isatty()
    try:
        find_terraform()
    except FleetError as error:
        click.echo(
            f"fleet: {error.problem.sentence}. Until then the sample fleet stays unprovisioned.", err=True
        )
    with world.visit(whole_fleet=interactive) as variables:
        world.enter(variables)
        settings = load_settings()
        if interactive:
            open_console(settings)
            return
        fleet = Fleet(settings)
        try:
            fleet.start()
            snapshot = _await_first_wave(fleet)
        finally:
            fleet.stop()
    rows = list(snapshot.rows.values())
    print_fleet(snapshot, rows)
    to_come = [row.slug for row in rows if row.creator is not None and not _settled(row)]
    if to_come:
        click.echo(f"still to come: {', '.join(to_come)} (make demo in a terminal goes on with them)")


def _await_first_wave(fleet: Fleet) -> FleetSnapshot:
    """The fleet once its first wave is there, or as far as it came before nothing moved any more."""
    try:
        find_terraform()
        deadline = time.monotonic() + _STILL_SECONDS
    except FleetError:
        deadline = 0.0  # nothing will come
    said: set[str] = set()
    last: object = None
    while time.monotonic() < deadline:
        first = [
            row for row in fleet.snapshot().rows.values() if row.creator and row.creator.wave is Wave.CANARY
        ]
        if (now := [(row.run, row.deploy.value) for row in first]) != last:
            last, deadline = now, time.monotonic() + _STILL_SECONDS
        for row in first:
            if row.run is not None and row.run.id not in said:
                said.add(row.run.id)
                click.echo(f"{row.slug}: {row.run.operation.kind.value}", err=True)
        if all(_settled(row) for row in first):
            break
        time.sleep(_LOOK_SECONDS)
    fleet.observatory.look_once(list(fleet.snapshot().rows), tuple(Facet), seconds=30)
    return fleet.snapshot()


def _settled(row: CreatorSnapshot) -> bool:
    deploy = row.deploy.value
    return row.run is None and not row.deploy.cached and deploy is not None and deploy.status in _SETTLED


@click.group()
def sandbox() -> None:
    """The embedded AWS of the demo: reach it from a shell, begin anew, draw pictures of it."""


@sandbox.command(context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: tuple[str, ...]) -> None:
    """Run COMMAND in the sandbox, as in `fleet sandbox run fleet status`."""
    import subprocess

    world = World.of_checkout()
    with world.visit() as variables:
        world.enter(variables)
        ours = Path(sys.executable).parent  # so that `fleet` is found although nobody has activated the venv
        environ = os.environ | {"PATH": f"{ours}{os.pathsep}{os.environ.get('PATH', '')}"}
        raise SystemExit(subprocess.run(command, env=environ, check=False).returncode)


@sandbox.command()
def env() -> None:
    """Print the variables that lead into the running sandbox: eval "$(fleet sandbox env)"."""
    world = World.of_checkout()
    endpoint = world.endpoint()
    if endpoint is None:
        raise click.ClickException("the sandbox is not running: make demo opens it")
    for name, value in world.variables(endpoint).items():
        click.echo(f"export {name}={shlex.quote(value)}")


@sandbox.command()
def path() -> None:
    """Print the folder in which the sandbox is kept."""
    click.echo(World.of_checkout().folder)


@sandbox.command()
def stop() -> None:
    """Stop the sandbox now: runs in hand are cancelled, everything is saved."""
    click.echo("stopped" if World.of_checkout().dismiss() else "the sandbox is not running")


@sandbox.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Forget the sandbox; the next demo provisions it anew."""
    world = World.of_checkout()
    if world.kept():
        raise click.ClickException("the sandbox is in use: leave the console first")
    if not yes:
        click.confirm(f"Remove {world.folder}?", abort=True, err=True)
    shutil.rmtree(world.folder, ignore_errors=True)


@sandbox.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def screenshots(folder: Path) -> None:
    """Draw the pictures of the README into FOLDER, from the sandbox's standard scene."""
    from fleet_tui.cli.pictures import draw

    world = World.of_checkout()
    with world.visit() as variables:
        world.enter(variables)
        _await_whole_fleet(load_settings())
    while world.kept():
        time.sleep(_LOOK_SECONDS)  # it saves what it has, and leaves
    with world.visit(still=True) as variables:
        world.enter(variables)
        for picture in draw(load_settings(), folder):
            click.echo(picture)


def _await_whole_fleet(settings: Settings) -> None:
    """Wait until everybody is there who is to be there."""
    fleet = Fleet(settings)
    try:
        fleet.start()
        while waiting := [
            slug
            for slug, row in fleet.snapshot().rows.items()
            if row.creator is not None and slug not in NEVER_DEPLOYED and not _settled(row)
        ]:
            click.echo(f"still to come: {', '.join(waiting)}", err=True)
            time.sleep(10)
    finally:
        fleet.stop()
