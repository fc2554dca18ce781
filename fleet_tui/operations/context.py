"""What every kind of run works with: its journal, the way into AWS, and Terraform."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from fleet_tui.aws import AwsDoor
from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.packages import AWS_ARM64, HOST, Artifacts, build
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.terraform_cli import command, find_terraform, flag, terraform_environment
from fleet_tui.deploy.variables import STATE_KEY, artifact_variables, backend_config, creator_variables
from fleet_tui.operations.journal import JournalWriter, read_events
from fleet_tui.operations.model import EventKind, Operation, PlanSummary
from fleet_tui.operations.process import TerraformProcess
from fleet_tui.operations.reading import OutputReader, problem_of
from fleet_tui.operations.workfolder import WorkFolder
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings

PLAN_FILE = "plan.bin"

# Resources in hand at once. Nearly all of a run is waiting for AWS, and with Terraform's own 10 the long
# waits (a bucket's lifecycle takes 55 s) stand in each other's way.
PARALLELISM = 30


class Cancelled(Exception):  # noqa: N818 - not an error
    """The operator stopped the run."""


class RunContext:
    """One run, as its kind sees it.

    Args:
        settings: the console's settings.
        folder: the run's folder.
        operation: what was asked for.
        journal: where every step is written.
    """

    def __init__(
        self, settings: Settings, folder: Path, operation: Operation, journal: JournalWriter
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.operation = operation
        self.journal = journal
        self.door = AwsDoor(operator=operation.operator)
        self.digest = ConfigurationDigest(settings.workspace)
        self.buckets = StateBuckets(self.door, self.digest)
        self._process = TerraformProcess()

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
        credentials = await asyncio.to_thread(self.door.environment, creator)
        self.say(f"terraform {verb}")
        reader = OutputReader(self.journal, total, quiet=verb == "init")
        options = {"no_color": flag(), "input": False} | options
        code = await self._process.run(
            command(find_terraform(), verb, *arguments, **options),
            cwd=folder.root,
            env=terraform_environment(credentials, self.settings.cache / "terraform"),
            on_line=reader.read,
        )
        if (folder.root / "errored.tfstate").exists():
            self.say(
                f"the state could not be written to the bucket: keep {folder.root / 'errored.tfstate'}",
                severity="error",
            )
        # An apply that came to its end in spite of the interrupt has done all of it.
        if self._process.interrupted and not (verb == "apply" and code == 0):
            raise Cancelled
        if code != 0 and not (verb == "plan" and code == 2):
            reader.tell_all()
            raise FleetError(problem_of(creator.slug, verb, code, reader.errors))
        return reader.lines

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
