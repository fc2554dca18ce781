"""Reading a saved plan with its values, in memory only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from fleet_tui.deploy.terraform_cli import command, find_terraform, flag, terraform_environment
from fleet_tui.operations.planjson import PlanJson, read_plan
from fleet_tui.problems import FleetError, ProblemKind

T = TypeVar("T")


async def show(plan_file: Path, *, root: Path, work: Path, slug: str) -> PlanJson:
    """The changes of a saved plan; arguments and errors as of `show_as`."""
    return await show_as(read_plan, plan_file, root=root, work=work, slug=slug)


async def show_as(
    read: Callable[[Mapping[str, Any]], T], plan_file: Path, *, root: Path, work: Path, slug: str
) -> T:
    """What is read from a saved plan.

    Terraform prints sensitive values in clear, so what it prints goes through a pipe and nowhere else. It
    needs the provider for that, and no credentials.

    Args:
        read: takes the plan as Terraform's JSON has it; what it gives back must not hold secrets.
        plan_file: the saved plan.
        root: the initialised root module that it was made in.
        work: folder of Terraform's CLI configuration.
        slug: the creator's.

    Raises:
        FleetError: Terraform cannot read the plan, or says something that is not in its format.
    """
    base = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_LOG"))}
    process = await asyncio.create_subprocess_exec(
        *command(find_terraform(), "show", str(plan_file), json=flag(), no_color=flag()),
        cwd=root,
        env=terraform_environment(base, work),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        printed, _ = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it changes nothing, and its provider goes with it
        await process.wait()
        raise
    try:
        if process.returncode != 0:
            raise ValueError
        return await asyncio.to_thread(lambda: read(json.loads(printed)))
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without the cause: its text could hold a value.
        raise FleetError.of(
            ProblemKind.TERRAFORM,
            f"the saved plan cannot be read (terraform show ended with exit code {process.returncode})",
            where=f"{slug}: terraform show",
            hint="Plan again; if it stays so, compare Terraform's version with the one in docs/SETUP.md",
        ) from None
