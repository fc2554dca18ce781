"""What a run does: prove the account, make ready, and let Terraform work, each step in the journal.

A plan is saved in the run's own folder; an apply takes exactly that plan. How a run ended is also written
beside the creator's state, where every operator's console reads it.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from fleet_tui.aws import AwsDoor
from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.model import Drift, LastRun
from fleet_tui.deploy.packages import AWS_ARM64, HOST, Artifacts, build
from fleet_tui.deploy.second_region import left_behind
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.terraform_cli import command, find_terraform, flag, terraform_environment
from fleet_tui.deploy.variables import (
    BACKEND_STATE_KEY,
    STATE_KEY,
    artifact_variables,
    backend_config,
    backend_variables,
    creator_variables,
)
from fleet_tui.operations.journal import JournalWriter, read_events
from fleet_tui.operations.model import EventKind, Operation, OperationKind, PlanSummary
from fleet_tui.operations.planlines import destroyed, parse_line, progress_text, summarise
from fleet_tui.operations.process import TerraformProcess
from fleet_tui.operations.slots import only_one, slot
from fleet_tui.operations.workfolder import WorkFolder
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry import load
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings

PLAN_FILE = "plan.bin"

# Resources in hand at once. Nearly all of a run is waiting for AWS, and with Terraform's own 10 the long
# waits (a bucket's lifecycle takes 55 s) stand in each other's way.
PARALLELISM = 30


class Cancelled(Exception):  # noqa: N818 - not an error
    """The operator stopped the run."""


class TerraformRun:
    """One plan or apply.

    Args:
        settings: the console's settings.
        folder: the run's folder.
        operation: what was asked for.
        journal: where every step is written.
    """

    def __init__(
        self, settings: Settings, folder: Path, operation: Operation, journal: JournalWriter
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._operation = operation
        self._journal = journal
        self._process = TerraformProcess()
        self._door = AwsDoor(operator=operation.operator)
        self._digest = ConfigurationDigest(settings.workspace)
        self._buckets = StateBuckets(self._door, self._digest)

    def interrupt(self) -> bool:
        """Stop the run with one SIGINT to Terraform; False when Terraform is not running."""
        return self._process.interrupt()

    async def carry_out(self) -> str:
        """Do what was asked for.

        Returns:
            One sentence for the journal's last line; empty where all is said.

        Raises:
            FleetError: it did not work; what was done up to then stands in the journal.
            Cancelled: the operator stopped it.
        """
        creator = self._creator()
        work = self._settings.cache / "work"
        self._say("waiting for a free place among the runs of this machine")
        async with (
            only_one(work / f"{creator.slug}.lock"),
            slot(self._settings.state / "slots", self._settings.parallel_runs),
        ):
            await asyncio.to_thread(self._door.prove_account, creator)
            self._say(f"account {creator.account_id} proved")
            match self._operation.kind:
                case OperationKind.PLAN:
                    return await self._plan(creator, work)
                case OperationKind.APPLY:
                    return await self._apply(creator, work)
                case kind:
                    raise FleetError.of(ProblemKind.UNEXPECTED, f"a {kind.value} is not done by Terraform")

    def _creator(self) -> Creator:
        creator = load(self._settings.creators).get(self._operation.slug)
        if creator is None:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                "creator.toml is missing or cannot be used",
                where=self._operation.slug,
                hint="fleet status says what is wrong with it",
            )
        if creator.account_id != self._operation.account_id:
            raise FleetError.of(
                ProblemKind.WRONG_ACCOUNT,
                f"creator.toml says account {creator.account_id}, asked for was {self._operation.account_id}",
                where=creator.slug,
                hint="Ask again",
            )
        return creator

    # -- the operations -----------------------------------------------------------------------------

    async def _make_backend(self, creator: Creator, work: Path) -> None:
        """Make the state bucket with the state in the work folder, then move that state into the bucket.

        Broken off anywhere, it is finished the next time: the state stays in the folder until it has moved.
        """
        if await asyncio.to_thread(self._buckets.ready, creator):
            self._say(f"state bucket {creator.state_bucket} is there already")
            return
        self._say(f"making the state bucket {creator.state_bucket}")
        folder = WorkFolder(work / creator.slug / "backend")
        variables = backend_variables(creator) | {"emulated": self._settings.emulated}
        terraform = self._settings.workspace / "terraform"
        folder.fill(terraform, "backend", variables, None)
        await self._terraform(creator, folder, "init", reconfigure=flag())
        await self._terraform(creator, folder, "apply", auto_approve=flag(), json=flag())
        backend = backend_config(creator, BACKEND_STATE_KEY, emulated=self._settings.emulated)
        folder.fill(terraform, "backend", variables, backend)
        await self._terraform(
            creator, folder, "init", migrate_state=flag(), force_copy=flag(), backend_config="backend.json"
        )
        for leftover in folder.root.glob("terraform.tfstate*"):
            leftover.unlink()  # the bucket has it now, and a second copy would only grow old

    async def _plan(self, creator: Creator, work: Path) -> str:
        ready = await asyncio.to_thread(self._buckets.ready, creator)
        if not ready and self._operation.target != OperationKind.BACKEND:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                f"the state bucket {creator.state_bucket} is not there yet, or was not made to its end",
                where=creator.slug,
                hint="Plan again and let it be made (fleet plan --create-backend)",
            )
        if not ready:
            await self._make_backend(creator, work)
        elif problem := left_behind(creator, await asyncio.to_thread(self._buckets.outputs, creator)):
            raise FleetError(problem)
        folder = WorkFolder(work / creator.slug / "creator")
        variables = await self._variables(creator)
        backend = backend_config(creator, STATE_KEY, emulated=self._settings.emulated)
        folder.fill(self._settings.workspace / "terraform", "creator", variables, backend)
        if folder.needs_init():
            await self._terraform(creator, folder, "init", reconfigure=flag(), backend_config="backend.json")
            folder.mark_initialised()
        forget_plans(self._folder.parent, creator.slug)
        lines = await self._terraform(
            creator,
            folder,
            "plan",
            json=flag(),
            detailed_exitcode=flag(),
            parallelism=PARALLELISM,
            out=str(self._folder / PLAN_FILE),
        )
        summary = summarise(lines)
        self._journal.write(EventKind.PLANNED, _in_words(summary), plan=summary)
        if problem := await asyncio.to_thread(self._protected, creator, summary):
            self._say(problem.sentence, severity="warning")
        await asyncio.to_thread(self._record_plan, creator, summary)
        return ""  # it has just been said

    async def _apply(self, creator: Creator, work: Path) -> str:
        plan_folder = self._folder.parent / self._operation.target
        plan_file = plan_folder / PLAN_FILE
        folder = WorkFolder(work / creator.slug / "creator")
        if not plan_file.is_file() or not folder.root.is_dir():
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                "the saved plan is gone",
                where=self._operation.target,
                hint="Plan again",
            )
        summary_of_plan = _newest_plan(plan_folder)
        if summary_of_plan and (
            problem := await asyncio.to_thread(self._protected, creator, summary_of_plan)
        ):
            raise FleetError(problem)
        started = datetime.now(UTC)
        await asyncio.to_thread(self._record_run, creator, "running", started, "")
        outcome, summary = "failed", ""
        try:
            await self._terraform(
                creator, folder, "apply", str(plan_file), json=flag(), parallelism=PARALLELISM
            )
            outcome = "succeeded"
        except FleetError as error:
            summary = error.problem.what
            raise
        except (Cancelled, asyncio.CancelledError):
            outcome = "cancelled"
            raise
        finally:
            plan_file.unlink(missing_ok=True)  # it was used, or is stale now; and it holds secrets
            await asyncio.to_thread(self._record_run, creator, outcome, started, summary)
        return "applied"

    # -- Terraform ----------------------------------------------------------------------------------

    async def _variables(self, creator: Creator) -> dict[str, JsonValue]:
        self._say("building the Lambda packages")
        artifacts = await asyncio.to_thread(self._build)
        return (
            creator_variables(creator)
            | artifact_variables(
                runtime=artifacts.runtime,
                architecture=artifacts.architecture,
                layer=artifacts.layer,
                packages=artifacts.packages,
            )
            | {"configuration_digest": self._digest.of(creator), "emulated": self._settings.emulated}
        )

    def _build(self) -> Artifacts:
        settings = self._settings
        target = HOST if settings.lambda_target == "host" else AWS_ARM64
        return build(settings.workspace / "lambdas", settings.cache / "packages", target)

    async def _terraform(
        self, creator: Creator, folder: WorkFolder, verb: str, *arguments: str, **options: Any
    ) -> list[dict[str, Any]]:
        """Run one Terraform command and put what it says into the journal.

        Returns:
            Its machine-readable lines; none for commands that have none.
        """
        credentials = await asyncio.to_thread(self._door.environment, creator)
        self._say(f"terraform {verb}")
        reader = _Reader(
            self._journal, _resources_to_change(self._folder, self._operation), quiet=verb == "init"
        )
        options = {"no_color": flag(), "input": False} | options
        code = await self._process.run(
            command(find_terraform(), verb, *arguments, **options),
            cwd=folder.root,
            env=terraform_environment(credentials, self._settings.cache / "terraform"),
            on_line=reader.read,
        )
        if (folder.root / "errored.tfstate").exists():
            self._say(
                f"the state could not be written to the bucket: keep {folder.root / 'errored.tfstate'}",
                severity="error",
            )
        # An apply that came to its end in spite of the interrupt has done all of it.
        if self._process.interrupted and not (verb == "apply" and code == 0):
            raise Cancelled
        if code != 0 and not (verb == "plan" and code == 2):
            reader.tell_all()
            raise FleetError(_problem(creator, verb, code, reader.errors))
        return reader.lines

    # -- beside the state ---------------------------------------------------------------------------

    def _protected(self, creator: Creator, summary: PlanSummary) -> Problem | None:
        """What keeps the plan from being applied: AWS would refuse half-way, with the rest already gone."""
        gone = destroyed(summary.changes)
        kept = sorted(gone.intersection(self._buckets.observe(creator).protected)) if gone else []
        if not kept:
            return None
        return Problem(
            kind=ProblemKind.CONFLICT,
            what=f"the plan destroys what holds data and is protected: {', '.join(kept)}",
            where=creator.slug,
            hint="To give the data up, set protect_data = false in creator.toml with the module still on, "
            "apply, and then switch the module off",
        )

    def _record_plan(self, creator: Creator, summary: PlanSummary) -> None:
        """Keep what the plan found changed behind Terraform's back, and whether it found nothing to do."""
        record = self._buckets.read_record(creator)
        now, last = datetime.now(UTC), record.last_run
        if last and last.left_open and summary.empty:
            last = last.model_copy(update={"settled_at": now})
        drift = Drift(checked_at=now, addresses=summary.drift)
        self._buckets.write_record(creator, record.model_copy(update={"drift": drift, "last_run": last}))

    def _record_run(self, creator: Creator, outcome: str, started: datetime, summary: str) -> None:
        record = self._buckets.read_record(creator)
        last = LastRun(
            run_id=self._operation.id,
            kind=self._operation.kind.value,
            outcome=outcome,
            operator=self._operation.operator,
            started_at=started,
            finished_at=None if outcome == "running" else datetime.now(UTC),
            summary=summary,
        )
        drift = None if outcome == "succeeded" else record.drift
        self._buckets.write_record(creator, record.model_copy(update={"last_run": last, "drift": drift}))

    def _say(self, text: str, *, severity: str = "info") -> None:
        self._journal.write(EventKind.LOG, text, severity=severity)


def forget_plans(runs: Path, slug: str) -> None:
    """Remove the saved plans of a creator: a new one takes their place, and each of them holds secrets."""
    for saved in runs.glob(f"*-{OperationKind.PLAN.value}-{slug}-????/{PLAN_FILE}"):
        saved.unlink(missing_ok=True)


class _Reader:
    """Turns Terraform's lines into events as they come.

    Args:
        journal: where they go.
        total: how many resources there are to change.
        quiet: keep plain text back; `init` chats a lot, and nobody wants to read it unless it fails.
    """

    def __init__(self, journal: JournalWriter, total: int, *, quiet: bool) -> None:
        self._journal = journal
        self._total = total
        self._quiet = quiet
        self._done = 0
        self.lines: list[dict[str, Any]] = []
        self.errors: list[str] = []

    def read(self, line: str) -> None:
        """Take one line of output."""
        parsed = parse_line(line)
        if parsed is None:
            if text := line.strip(" │╷╵"):
                self.errors.append(text)
                if not self._quiet:
                    self._journal.write(EventKind.LOG, text)
            return
        self.lines.append(parsed)
        said = progress_text(parsed)
        if said is None:
            return
        text, severity, done = said
        if parsed["type"] == "diagnostic" and severity == "error":
            self.errors.insert(0, text)
        if done and self._total:
            self._done += 1
            self._journal.write(
                EventKind.PROGRESS,
                text,
                severity=severity,
                done=min(self._done, self._total),
                total=self._total,
            )
        else:
            self._journal.write(EventKind.LOG, text, severity=severity)

    def tell_all(self) -> None:
        """Write what was kept back."""
        if self._quiet:
            for text in self.errors:
                self._journal.write(EventKind.LOG, text, severity="error")


def _resources_to_change(folder: Path, operation: Operation) -> int:
    """How many resources an apply has before it, by the journal of its plan."""
    if operation.kind is not OperationKind.APPLY:
        return 0
    plan = _newest_plan(folder.parent / operation.target)
    return plan.add + plan.change + plan.destroy if plan else 0


def _newest_plan(folder: Path) -> PlanSummary | None:
    plans = [event.plan for event in read_events(folder) if event.plan]
    return plans[-1] if plans else None


# What Terraform and AWS say → what it means, and what to do.
_SIGNS: tuple[tuple[str, ProblemKind, str], ...] = (
    (
        "Error acquiring the state lock",
        ProblemKind.CONFLICT,
        "Wait for the other run, or ask who holds the lock",
    ),
    ("Saved plan is stale", ProblemKind.CONFLICT, "Somebody has changed the state since; plan again"),
    (
        "AWS account ID not allowed",
        ProblemKind.WRONG_ACCOUNT,
        "Compare account_id and access in creator.toml",
    ),
    ("ExpiredToken", ProblemKind.CREDENTIALS, "Sign in again, then plan again"),
    ("pending verification", ProblemKind.SERVICE, "AWS still verifies the account for IVS; plan again later"),
)


def _problem(creator: Creator, verb: str, code: int, errors: list[str]) -> Problem:
    """What a Terraform command that failed means."""
    named = next((text.removeprefix("Error: ") for text in errors if text.startswith("Error: ")), None)
    what = named or (errors[0] if errors else "")
    what = what or f"terraform {verb} ended with exit code {code} and said nothing"
    everything = "\n".join(errors)
    kind, hint = next(
        ((kind, hint) for sign, kind, hint in _SIGNS if sign in everything),
        (ProblemKind.TERRAFORM, "The run's log has the whole story; mend the cause, then plan again"),
    )
    return Problem(kind=kind, what=what.rstrip("."), where=f"{creator.slug}: terraform {verb}", hint=hint)


def _in_words(summary: PlanSummary) -> str:
    if summary.empty:
        return "nothing to change"
    parts = [(summary.add, "to add"), (summary.change, "to change"), (summary.destroy, "to destroy")]
    words = ", ".join(f"{count} {what}" for count, what in parts if count) or "only outputs to change"
    return f"{words} · risk {summary.risk.level.value}"
