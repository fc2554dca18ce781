"""The executor on this machine: every run is a process of its own that outlives whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

from fleet_tui.operations.journal import Journals, is_alive, new_id
from fleet_tui.operations.model import Operation, OperationKind, Run
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings


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

    def request(
        self, kind: OperationKind, creator: Creator, *, reason: str = "", target: str = ""
    ) -> Operation:
        """The value of an operation that somebody asks for now.

        Raises:
            FleetError: the console is read-only.
        """
        if self._settings.read_only:
            raise FleetError.of(
                ProblemKind.DENIED,
                f"this console is read-only: no {kind.value}",
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
            requested_at=now,
        )

    def start(self, operation: Operation) -> Run:
        """Begin the journal and start the process that carries the operation out."""
        self._journals.open(operation).close()
        folder = self._journals.folder(operation.id)
        self._children = [child for child in self._children if child.poll() is None]  # no zombies
        with (folder / "runner.log").open("ab") as log:
            self._children.append(
                subprocess.Popen(
                    [sys.executable, "-m", "fleet_tui.operations.runner", str(folder)],
                    cwd=self._settings.workspace,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        return self._journals.get(operation.id)

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop.

        Raises:
            FleetError: there is no such run, or it has ended already.
        """
        run = self._journals.get(run_id)
        if run.finished or run.pid is None or not is_alive(self._journals.folder(run_id)):
            raise FleetError.of(
                ProblemKind.CONFLICT, f"the run is {run.status.value}: there is nothing to stop", where=run_id
            )
        try:
            os.kill(run.pid, signal.SIGINT)
        except ProcessLookupError as error:
            raise FleetError.of(ProblemKind.CONFLICT, "the run has just ended", where=run_id) from error

    def _environment(self) -> dict[str, str]:
        config = self._settings.config_file
        return dict(os.environ) | ({"FLEET_CONFIG": str(config)} if config else {})
