"""Planning many creators, and what stands in the plans that are ready."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from fleet_tui.operations.approvals import Approval, Approvals, approval_of
from fleet_tui.operations.journal import Journals, is_alive
from fleet_tui.operations.model import PlanBasis, Run, RunStatus
from fleet_tui.operations.savedplans import PLAN_FILE, newest_plans, sweep_plans
from fleet_tui.operations.staleness import stale
from fleet_tui.planning.batches import Batch, Batches, BatchProgress, progress_of
from fleet_tui.problems import FleetError, ProblemKind, on_this_machine
from fleet_tui.registry.model import Creator, Registry
from fleet_tui.registry.watching import RegistryFiles
from fleet_tui.settings import Settings

_ASKED_AT_ONCE = 16  # accounts, whether a plan is stale: a few small requests each


class Planning:
    """Plans of many creators: made, read, approved.

    Args:
        settings: the console's settings.
        journals: where runs are found.
        basis: what a creator's plan would be made from now; asks AWS and may raise FleetError.
        roll_out: starts to apply plans by their ids, with a reason and the id of an approval; gives the id of
            the rollout, and may raise FleetError.
    """

    def __init__(
        self,
        settings: Settings,
        journals: Journals,
        basis: Callable[[Creator], PlanBasis],
        roll_out: Callable[[Sequence[str], str, str], str],
    ) -> None:
        self._settings = settings
        self._journals = journals
        self._basis = basis
        self._roll_out = roll_out
        self._files = RegistryFiles(settings.creators)
        self._reading = threading.Lock()
        self._registry: Registry | None = None
        self._batches = Batches(settings.state)
        self._approvals = Approvals(settings.state)
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self, slugs: Collection[str], *, reason: str = "") -> Batch:
        """Start to plan these creators, in a process of its own.

        Raises:
            FleetError: the console is read-only.
        """
        self._refuse_read_only("planning")
        with on_this_machine("the plans cannot be started"):
            return self._begin(slugs, reason)

    def _begin(self, slugs: Collection[str], reason: str) -> Batch:
        batch = self._batches.open(slugs, operator=self._settings.operator, reason=reason)
        folder = self._batches.folder(batch.id)
        config = self._settings.config_file
        self._children = [child for child in self._children if child.poll() is None]  # no zombies
        with (folder / "planner.log").open("ab") as log:
            self._children.append(
                subprocess.Popen(
                    [sys.executable, "-m", "fleet_tui.planning.planner", str(folder)],
                    cwd=self._settings.workspace,
                    env=dict(os.environ) | ({"FLEET_CONFIG": str(config)} if config else {}),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        return batch

    def stop(self, batch_id: str) -> None:
        """Start nobody any more, and have the batch's runs stopped. Raises FleetError."""
        self._refuse_read_only("stopping a batch of plans")
        batch = self._batches.get(batch_id)
        if batch.finished or batch.pid is None or not is_alive(self._batches.folder(batch_id)):
            raise FleetError.of(ProblemKind.CONFLICT, "there is nothing to stop", where=batch_id)
        try:
            os.kill(batch.pid, signal.SIGINT)
        except ProcessLookupError as error:
            raise FleetError.of(ProblemKind.CONFLICT, "it has just ended", where=batch_id) from error

    def batch(self, batch_id: str) -> Batch:
        """One batch. Raises FleetError."""
        return self._batches.get(batch_id)

    def newest(self) -> Batch | None:
        """The batch that was asked for last on this machine."""
        return self._batches.newest()

    def progress(self, batch: Batch) -> BatchProgress:
        """How far a batch is."""
        return progress_of(batch, {slug: self._run(run_id) for slug, run_id in batch.runs.items()})

    def plans(self, slugs: Collection[str] | None = None) -> list[Run]:
        """The newest plan of each of these creators (None: of all), unless it was applied since.

        Plans whose file is gone are left out: nothing can be done with them. So are those that destroy
        everything: they are nothing to be applied with others.
        """
        found = newest_plans(self._settings.state / "runs")
        wanted = found if slugs is None else {slug: found[slug] for slug in slugs if slug in found}
        runs = (self._run(run_id) for _, run_id in sorted(wanted.items()))
        return [run for run in runs if run is not None and not run.operation.destroys and self._of_use(run)]

    def find(self, plan_ids: Iterable[str]) -> list[Run]:
        """These runs. Raises FleetError where there is no such run."""
        return [self._journals.get(plan_id) for plan_id in plan_ids]

    def stale(self, plan_id: str) -> str:
        """Why a saved plan must not be applied any more; empty where it may. Asks AWS; raises FleetError."""
        plan = self._journals.get(plan_id)
        kept = (self._journals.folder(plan_id) / PLAN_FILE).is_file()
        creator = self._creator(plan.operation.slug)
        if creator is None or creator.account_id != plan.operation.account_id:
            return "creator.toml cannot be used, or says another account"
        return stale(plan, self._basis(creator), datetime.now(UTC), kept=kept) or ""

    def stale_of(self, plan_ids: Sequence[str]) -> dict[str, str]:
        """Why plans must not be applied any more, by their ids; those that may are left out.

        Raises:
            FleetError: AWS cannot be asked for one of them.
        """
        with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
            reasons = zip(plan_ids, pool.map(self.stale, plan_ids), strict=True)
            return {plan_id: reason for plan_id, reason in reasons if reason}

    def roll_out(self, plans: Sequence[Run], *, reason: str = "") -> str:
        """Approve these plans and start to apply exactly them, wave by wave; gives the id of the rollout.

        Raises:
            FleetError: one of them cannot be approved, or the rollout cannot be started.
        """
        approval = self.approve(plans, reason=reason)
        return self._roll_out([plan.id for plan in plans], reason, approval.id)

    def approve(self, plans: Sequence[Run], *, reason: str = "") -> Approval:
        """Approve these plans; the approval is on disk when this returns. Raises FleetError."""
        self._refuse_read_only("approving plans")
        approval = approval_of(plans, operator=self._settings.operator, reason=reason, at=datetime.now(UTC))
        self._approvals.keep(approval)
        return approval

    def approval(self, approval_id: str) -> Approval:
        """One approval. Raises FleetError."""
        return self._approvals.get(approval_id)

    def sweep(self) -> int:
        """Remove the saved plans that are too old to be applied; tells how many there were."""
        return sweep_plans(self._settings.state / "runs", datetime.now(UTC))

    def _creator(self, slug: str) -> Creator | None:
        """The creator as the file says now, whatever was last seen."""
        with self._reading:
            self._registry = self._files.read() or self._registry
            return self._registry.get(slug) if self._registry else None

    def _of_use(self, run: Run) -> bool:
        if run.status is not RunStatus.SUCCEEDED or run.plan is None or run.plan.empty:
            return True
        return (self._journals.folder(run.id) / PLAN_FILE).is_file()

    def _run(self, run_id: str) -> Run | None:
        try:
            return self._journals.get(run_id)
        except FleetError:
            return None

    def _refuse_read_only(self, action: str) -> None:
        if self._settings.read_only:
            raise FleetError.of(
                ProblemKind.DENIED,
                f"this console is read-only: {action} is refused",
                hint="Unset read_only in fleet.toml or FLEET_READ_ONLY",
            )
