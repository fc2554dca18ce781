"""`fleet secrets`: what a creator's functions need and no file may hold."""

from __future__ import annotations

import sys

import click

from fleet_tui.cli.output import now, print_json, table
from fleet_tui.fleet import Fleet
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.quantity import age
from fleet_tui.settings import Settings


@click.group()
def secrets() -> None:
    """The secrets that a creator's functions read, such as Stripe's keys: list them, fill them."""


@secrets.command("list")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@click.pass_obj
def list_secrets(settings: Settings, slug: str, as_json: bool) -> None:
    """Which secrets SLUG has, and whether somebody has filled them. Values are never shown."""
    fleet = Fleet(settings)
    try:
        found = fleet.secrets.listed(slug)
    finally:
        fleet.stop()
    if as_json:
        print_json([secret.model_dump(mode="json") for secret in found])
        return
    cells: list[list[Line]] = [
        [
            (Span(secret.name, Tone.STRONG),),
            (Span("filled") if secret.filled else Span("waiting for a value", Tone.WAITING),),
            (Span(age(secret.changed_at, now())),),
        ]
        for secret in found
    ]
    table(["SECRET", "STATE", "AGE"], cells)


@secrets.command("set")
@click.argument("slug")
@click.argument("name")
@click.pass_obj
def set_secret(settings: Settings, slug: str, name: str) -> None:
    """Fill the secret NAME of SLUG, as shop/stripe-secret-key.

    The value is asked for without being shown, or read from a pipe; it is no argument, because arguments
    can be seen by everybody on the machine.
    """
    if sys.stdin.isatty():
        value = click.prompt(f"{name} of {slug}", hide_input=True, err=True)
    else:
        value = sys.stdin.read().rstrip("\r\n")
    fleet = Fleet(settings)
    try:
        fleet.secrets.fill(slug, name, value)
    finally:
        fleet.stop()
    click.echo(f"{name} of {slug} is filled")
