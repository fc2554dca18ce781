"""`fleet`: opens the console, or does one thing and ends.

Exit codes are an interface: 0 fine; 1 something in the fleet needs attention, or the operation failed;
2 usage or configuration; 3 AWS could not be reached, try again. Data goes to stdout, the rest to stderr.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import click

from fleet_tui.problems import FleetError, Problem, ProblemKind, refused_by_machine

ATTENTION, USAGE, UNREACHABLE = 1, 2, 3

_CODES: Mapping[ProblemKind, int] = MappingProxyType(
    {
        ProblemKind.CONFIGURATION: USAGE,
        ProblemKind.MISSING_TOOL: USAGE,
        ProblemKind.MACHINE: USAGE,
        ProblemKind.NETWORK: UNREACHABLE,
        ProblemKind.THROTTLED: UNREACHABLE,
        ProblemKind.CREDENTIALS: UNREACHABLE,
        ProblemKind.SERVICE: UNREACHABLE,
    }
)

# Loaded when they are asked for: a command that shows what is cached must not wait for what it does not use.
_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "status": "look:status",
        "show": "show:show",
        "streams": "look:streams",
        "bookings": "bookings:bookings",
        "costs": "look:costs",
        "add": "onboard:add",
        "onboard": "onboard:onboard",
        "check": "onboard:check",
        "plan": "plans:plan",
        "plans": "plans:plans",
        "apply": "apply:apply",
        "rollout": "rollout:rollout",
        "destroy": "destroy:destroy",
        "runs": "runs:runs",
        "lease": "lease:lease",
        "unlock": "lease:unlock",
        "repair": "repair:repair",
        "push-state": "repair:push_state",
        "drift": "drift:drift",
        "state": "state:state",
        "frontend": "frontend:frontend",
        "failover": "failover:failover",
        "history": "look:history",
        "secrets": "secrets:secrets",
        "privacy": "privacy:privacy",
        "config": "config:config",
        "demo": "sandbox:demo",
        "sandbox": "sandbox:sandbox",
    }
)

_OF_THE_SANDBOX = frozenset({"demo", "sandbox"})


def _has_sandbox() -> bool:
    """Whether this is a checkout: an installed console comes without the embedded AWS."""
    return importlib.util.find_spec("fleet_tui.sandbox") is not None


class FleetGroup(click.Group):
    """The commands, each loaded when it is first needed; problems become a sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _COMMANDS if name not in _OF_THE_SANDBOX or _has_sandbox()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(f"fleet_tui.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FleetError as error:
            _end(ctx, error.problem)
        except BrokenPipeError:  # whoever reads has seen enough, as `| head` has: click ends without a word
            raise
        except OSError as error:
            _end(ctx, refused_by_machine("this cannot be done on this machine", error))


def _end(ctx: click.Context, problem: Problem) -> NoReturn:
    click.echo(f"fleet: {problem.sentence}", err=True)
    ctx.exit(exit_code(problem.kind))


def exit_code(kind: ProblemKind) -> int:
    """The exit code for a problem of this kind."""
    return _CODES.get(kind, ATTENTION)


@click.group(cls=FleetGroup, invoke_without_command=True)
@click.version_option(package_name="fleet-tui", prog_name="fleet")
@click.option("--read-only", is_flag=True, help="Refuse every action, here and where it is executed.")
@click.option("--verbose", is_flag=True, help="Say on stderr what is going on inside.")
@click.pass_context
def cli(ctx: click.Context, read_only: bool, verbose: bool) -> None:
    """The fleet of creators: deploy state, streams, approvals and cost, and the operations on them.

    Without a command the console opens.
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.CRITICAL, format="%(levelname)s %(name)s: %(message)s"
    )
    from fleet_tui.settings import load_settings

    settings = load_settings()
    ctx.obj = settings.model_copy(update={"read_only": settings.read_only or read_only})
    if ctx.invoked_subcommand is None:
        open_console(ctx.obj)


def open_console(settings: Any) -> None:
    """Open the console and stay in it until the operator leaves."""
    if not sys.stdout.isatty():
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            "the console needs a terminal",
            hint="fleet status prints the fleet without one",
        )
    from fleet_tui.fleet import Fleet
    from fleet_tui.tui.app import FleetApp

    fleet = Fleet(settings)
    try:
        FleetApp(fleet).run()
    finally:
        fleet.stop()


def main() -> None:
    """The entry point of the `fleet` script."""
    cli(prog_name="fleet")


if __name__ == "__main__":
    main()
