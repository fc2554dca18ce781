"""`fleet config`: where things are and what is in force."""

from __future__ import annotations

import click

from fleet_tui.cli.output import print_json
from fleet_tui.settings import Settings


@click.group()
def config() -> None:
    """The settings in force and the places where things are kept."""


@config.command()
@click.pass_obj
def show(settings: Settings) -> None:
    """Every setting in force, as JSON."""
    print_json(settings.model_dump(mode="json"))


@config.command()
@click.pass_obj
def path(settings: Settings) -> None:
    """Every place that is read or written."""
    for name, place in (
        ("settings", settings.config_file or "(none: defaults hold)"),
        ("workspace", settings.workspace),
        ("creators", settings.creators),
        ("journals and plans", settings.state / "runs"),
        ("approvals", settings.state / "approvals"),
        ("rollouts", settings.state / "rollouts"),
        ("last known picture", settings.cache / "seen.sqlite3"),
        ("Terraform's work folders", settings.cache / "work"),
        ("Lambda packages", settings.cache / "packages"),
    ):
        click.echo(f"{name + ':':26}{place}")
