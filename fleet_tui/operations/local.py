"""The executor on this machine: every run is a process of its own that outlives whoever started it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from fleet_tui.operations.interrupting import interrupt
from fleet_tui.operations.journal import Journals, new_id, orphan_alive, process_of
from fleet_tui.operations.model import Operation, OperationKind, Run
from fleet_tui.operations.sign import terraform_of
from fleet_tui.problems import FleetError, ProblemKind, on_this_machine
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings

logger = logging.getLogger(__name__)

_ADOPTED_AT_ONCE = 4  # each is a process of some 60 MB; the next look takes up the next
_LONGEST_PAUSE = 60.0  # in seconds, between two tries to take the same run up
_SETTLED_SECONDS = 20.0  # a few calls to AWS
_LOOK_SECONDS = 0.1


class LocalExecutor:
    """Starts runs and stops them.

    Args:
        settings: the console's settings; read-only is enforced here and once more in the run itself.
        journals: where runs are found.
    """

    def __init__(self, settings: Settings, journals: Journals) -> None:
        self._settings = settings
        self._journals = journals
        self._children: list[subprocess.Popen[bytes]] = []
        self._tries: dict[str, tuple[int, float]] = {}  # how often it was taken up, and not before when again

    def request(
        self,
        kind: OperationKind,
        creator: Creator,
        *,
        reason: str = "",
        target: str = "",
        wait: bool = False,
        rollout: str = "",
        approval: str = "",
    ) -> Operation:
        """The value of an operation that somebody asks for now; its arguments are those of `Operation`.

        Raises:
            FleetError: the console is read-only.
        """
        if self._settings.read_only:
            raise FleetError.of(
                ProblemKind.DENIED,
                f"this console is read-only: {kind.value} is refused",
                where=creator.slug,
                hint="Unset read_only in fleet.toml or FLEET_READ_ONLY",
            )
        now = datetime.now(UTC)
        return Operation(
            id=new_id(kind, creator.slug, now),
            kind=kind,
            slug=creator.slug,
            account_id=creator.account_id,
            operator=self._settings.operator,
            reason=reason,
            target=target,
            wait=wait,
            rollout=rollout,
            approval=approval,
            requested_at=now,
        )

    def start(self, operation: Operation) -> Run:
        """Begin the journal and start the process that carries the operation out.

        Raises:
            FleetError: kind MACHINE, the journal cannot be written, or no process be started.
        """
        with on_this_machine("the run cannot be started"):
            self._journals.open(operation).close()
            self._begin(self._journals.folder(operation.id))
        return self._journals.get(operation.id)

    def adopt(self) -> list[Run]:
        """Have every run whose process is gone taken up by a new one, which follows its Terraform to the end.

        Returns:
            Those that were; none where the console is read-only, or somebody else was first.
        """
        adopted: list[Run] = []
        if self._settings.read_only:
            return adopted
        due = [run for run in self._journals.orphaned() if self._may_try(run.id)]
        for run in due[:_ADOPTED_AT_ONCE]:
            folder = self._journals.folder(run.id)
            with orphan_alive(folder) as alive:
                # Between the two looks another one may have brought it to its end.
                if alive is None or self._journals.get(run.id).finished_at is not None:
                    continue
                tried, _ = self._tries.get(run.id, (0, 0.0))
                self._tries[run.id] = tried + 1, time.monotonic() + min(2.0**tried, _LONGEST_PAUSE)
                try:
                    self._begin(folder, alive)
                except OSError:  # no memory, no room: it is tried again
                    logger.warning("%s cannot be taken up", run.id, exc_info=True)
                    continue
                adopted.append(run)
        return adopted

    def _may_try(self, run_id: str) -> bool:
        """Whether its turn has come: one whose process ends at once is tried ever more seldom."""
        return time.monotonic() >= self._tries.get(run_id, (0, 0.0))[1]

    def settle(self, slug: str) -> None:
        """Have the creator's runs whose process is gone taken up, and wait for those whose Terraform is gone
        as well: they end in a moment, and are not in the way of whoever asks for the next one."""
        waited = [run for run in self.adopt() if run.operation.slug == slug]
        until = time.monotonic() + _SETTLED_SECONDS
        while waited and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
            waited = [
                run
                for run in waited
                if self._journals.get(run.id).finished_at is None
                and terraform_of(self._journals.folder(run.id)) is None
            ]

    def _begin(self, folder: Path, alive: int | None = None) -> None:
        """Start the process of a run; `alive` is its sign of life where it is taken up again."""
        self._children = [child for child in self._children if child.poll() is None]  # no zombies
        inherited = () if alive is None else (alive,)
        words = [sys.executable, "-m", "fleet_tui.operations.runner", str(folder), *map(str, inherited)]
        with (folder / "runner.log").open("ab") as log:
            self._children.append(
                subprocess.Popen(
                    words,
                    cwd=self._settings.workspace,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=inherited,
                )
            )

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop.

        Raises:
            FleetError: there is no such run, or it has ended already.
        """
        run = self._journals.get(run_id)
        folder = self._journals.folder(run_id)
        pid = process_of(folder)
        # Terraform outlives the process of its run, and can be stopped without it.
        if run.finished or (pid is None and not interrupt(folder)):
            raise FleetError.of(
                ProblemKind.CONFLICT, f"the run is {run.status.value}: there is nothing to stop", where=run_id
            )
        if pid is not None:
            try:
                os.kill(pid, signal.SIGINT)
            except ProcessLookupError as error:
                raise FleetError.of(ProblemKind.CONFLICT, "the run has just ended", where=run_id) from error

    def _environment(self) -> dict[str, str]:
        config = self._settings.config_file
        return dict(os.environ) | ({"FLEET_CONFIG": str(config)} if config else {})
