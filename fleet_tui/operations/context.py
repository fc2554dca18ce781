"""What every kind of run works with: its journal, the way into AWS, and Terraform."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from fleet_tui.aws import AwsDoor
from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.packages import AWS_ARM64, HOST, Artifacts, build
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.terraform_cli import command, find_terraform, flag, terraform_environment
from fleet_tui.deploy.variables import STATE_KEY, artifact_variables, backend_config, creator_variables
from fleet_tui.operations.holding import Holding
from fleet_tui.operations.journal import JournalWriter, read_events
from fleet_tui.operations.model import EventKind, Operation, PlanSummary
from fleet_tui.operations.outputs import (
    began,
    output_name,
    outputs_of,
    told_since,
    verb_of,
    without_secrets,
)
from fleet_tui.operations.process import TerraformProcess
from fleet_tui.operations.reading import OutputReader, broken_off, killed, problem_of
from fleet_tui.operations.recovery_lock import release_lock
from fleet_tui.operations.savedplans import PLAN_FILE as PLAN_FILE  # for the kinds of runs
from fleet_tui.operations.unsaved import set_aside
from fleet_tui.operations.workfolder import WorkFolder
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator
from fleet_tui.secrecy import Redactor
from fleet_tui.settings import Settings

# Resources in hand at once. Nearly all of a run is waiting for AWS, and with Terraform's own 10 the long
# waits (a bucket's lifecycle takes 55 s) stand in each other's way.
PARALLELISM = 30

_HARMLESS = frozenset({"init", "plan", "show"})  # commands that write nothing

# A colleague's plan holds Terraform's lock for some seconds, and is no reason to fail.
_LOCKING = frozenset({"plan", "apply"})
_LOCK_TIMEOUT = "20s"


class Cancelled(Exception):  # noqa: N818 - not an error
    """The operator stopped the run."""


class TerraformKilledError(FleetError):
    """Terraform is gone without an end of its own; what it had made may be in no state."""


async def _nothing() -> None:
    """What is to be done before something is written, for runs that hold no lease."""


class RunContext:
    """One run, as its kind sees it.

    Args:
        settings: the console's settings.
        folder: the run's folder.
        operation: what was asked for.
        journal: where every step is written.
        adopted: the process that began the run is gone, and this one takes it up.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        operation: Operation,
        journal: JournalWriter,
        *,
        adopted: bool = False,
    ) -> None:
        self.adopted = adopted
        self.settings = settings
        self.folder = folder
        self.operation = operation
        self.journal = journal
        self.door = AwsDoor(operator=operation.operator)
        self.digest = ConfigurationDigest(settings.workspace)
        self.buckets = StateBuckets(self.door, self.digest)
        self.records = self.buckets.records
        self.lease: Holding | None = None  # of runs that write
        self.about_to_write: Callable[[], Awaitable[None]] = _nothing
        self._process = TerraformProcess(folder)

    @property
    def work(self) -> Path:
        """The folder of all creators' work folders."""
        return self.settings.cache / "work"

    @property
    def sources(self) -> Path:
        """The workspace's Terraform."""
        return self.settings.workspace / "terraform"

    def say(self, text: str, *, severity: str = "info") -> None:
        """Write a line into the journal."""
        self.journal.write(EventKind.LOG, text, severity=severity)

    def interrupt(self) -> bool:
        """Stop the run with one SIGINT to Terraform; False when Terraform is not running."""
        return self._process.interrupt()

    def work_folder(self, creator: Creator) -> WorkFolder:
        """Where Terraform works on the creator's root module."""
        return WorkFolder(self.work / creator.slug / "creator")

    async def prepare(self, creator: Creator) -> WorkFolder:
        """The creator's work folder, filled from the workspace and initialised. Raises FleetError."""
        folder = self.work_folder(creator)
        variables = await self._variables(creator)
        backend = backend_config(creator, STATE_KEY, emulated=self.settings.emulated)
        folder.fill(self.sources, "creator", variables, backend)
        if folder.needs_init():
            folder.forget_initialised()
            await self.terraform(creator, folder, "init", reconfigure=flag(), backend_config="backend.json")
            folder.mark_initialised()
        return folder

    async def terraform(
        self,
        creator: Creator,
        folder: WorkFolder,
        verb: str,
        *arguments: str,
        total: int = 0,
        **options: Any,
    ) -> list[dict[str, Any]]:
        """Run one Terraform command and put what it says into the journal.

        Args:
            creator: whose account it works in.
            folder: where it works.
            verb: the sub-command.
            arguments: positional ones.
            total: how many resources there are to change, for the progress.
            options: by name, see `command`.

        Returns:
            Its machine-readable lines; none for commands that have none.

        Raises:
            FleetError: it failed.
            Cancelled: it was told to stop, and did before it was done.
        """
        if verb not in _HARMLESS:
            await self.about_to_write()
        credentials = await asyncio.to_thread(self.door.environment, creator)
        output = self.folder / output_name(len(outputs_of(self.folder)) + 1, verb)
        self.say(began(verb))
        hide = _redactor(creator, credentials)
        reader = OutputReader(self.journal, total, quiet=verb == "init")
        options = {"no_color": flag(), "input": False} | options
        if verb in _LOCKING:
            options["lock_timeout"] = _LOCK_TIMEOUT
        code = await self._process.run(
            command(find_terraform(), verb, *arguments, **options),
            cwd=folder.root,
            env=terraform_environment(credentials, self.settings.cache / "terraform"),
            output=output,
            on_line=lambda line: reader.read(hide(line)),
        )
        without_secrets(output, hide)
        await asyncio.to_thread(self._keep_unsaved, folder)
        # What writes and came to its end in spite of the interrupt has done all of it.
        stopped = self._process.interrupted or reader.stopped
        if stopped and not (verb not in _HARMLESS and code == 0):
            raise Cancelled
        if code < 0:
            await asyncio.to_thread(release_lock, self, creator, [self.folder])
            raise TerraformKilledError(killed(creator.slug, verb, -code))
        if code != 0 and not (verb == "plan" and code == 2):
            reader.tell_all()
            raise FleetError(problem_of(creator.slug, verb, code, reader.errors))
        return reader.lines

    async def follow_terraform(self, creator: Creator, folder: WorkFolder, *, total: int = 0) -> None:
        """Follow the apply that an earlier process of this run began, to its end.

        Args:
            creator: whose account it works in.
            folder: where it works.
            total: as in `terraform`.

        Raises:
            TerraformKilledError: it is gone, and has not said how it ended.
            FleetError: it failed.
            Cancelled: it was told to stop, and did before it was done.
        """
        outputs = outputs_of(self.folder)
        if not outputs:
            raise TerraformKilledError(broken_off(creator.slug, self.operation.kind))
        verb = verb_of(outputs[-1])
        reader = OutputReader(self.journal, total, quiet=verb == "init", told=told_since(self.folder, verb))
        hide = _redactor(creator)
        await self._process.follow(outputs[-1], lambda line: reader.read(hide(line)))
        without_secrets(outputs[-1], hide)
        await asyncio.to_thread(self._keep_unsaved, folder)
        if reader.finished and not reader.errors:
            return
        if reader.stopped:
            raise Cancelled
        if reader.errors:
            raise FleetError(problem_of(creator.slug, verb, 1, reader.errors))
        await asyncio.to_thread(release_lock, self, creator, [self.folder])
        raise TerraformKilledError(killed(creator.slug, verb))

    def _keep_unsaved(self, folder: WorkFolder) -> None:
        if kept := set_aside(self.settings.state, self.operation.slug, folder, self.operation.id):
            self.say(
                f"the state could not be written to the bucket; it is kept: {kept}. "
                f"fleet push-state {self.operation.slug} brings it back",
                severity="error",
            )

    async def _variables(self, creator: Creator) -> dict[str, JsonValue]:
        self.say("building the Lambda packages")
        artifacts = await asyncio.to_thread(self._build)
        return (
            creator_variables(creator)
            | artifact_variables(
                runtime=artifacts.runtime,
                architecture=artifacts.architecture,
                layer=artifacts.layer,
                packages=artifacts.packages,
            )
            | {"configuration_digest": self.digest.of(creator), "emulated": self.settings.emulated}
        )

    def _build(self) -> Artifacts:
        target = HOST if self.settings.lambda_target == "host" else AWS_ARM64
        return build(self.settings.workspace / "lambdas", self.settings.cache / "packages", target)


def newest_plan(folder: Path) -> PlanSummary | None:
    """What the plan in this run's folder would change, by its journal; None where it has not come to that."""
    plans = [event.plan for event in read_events(folder) if event.plan]
    return plans[-1] if plans else None


def _redactor(creator: Creator, *environments: Mapping[str, str]) -> Redactor:
    """Hides what is secret and known here: the operator's and the run's credentials, the external id."""
    names = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    known = [found.get(name) for found in (os.environ, *environments) for name in names]
    return Redactor([creator.access.external_id, *known])
