"""What takes a moment: done in this process, with a journal like every other operation's."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import TypeVar

from fleet_tui.operations.journal import Journals
from fleet_tui.operations.local import LocalExecutor
from fleet_tui.operations.model import EventKind, OperationKind, RunStatus
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator

T = TypeVar("T")


class AtOnce:
    """Does what takes a moment.

    Args:
        executor: of this machine; it refuses where the console is read-only.
        journals: of all operations on it.
        look_again: is called with the slugs of those to whom something was done, or tried.
    """

    def __init__(
        self,
        executor: LocalExecutor,
        journals: Journals,
        look_again: Callable[[Collection[str]], None],
    ) -> None:
        self._executor = executor
        self._journals = journals
        self._look_again = look_again

    def __call__(
        self,
        kind: OperationKind,
        creator: Creator,
        act: Callable[[], T],
        told: Callable[[T], str],
        *,
        reason: str = "",
        target: str = "",
    ) -> T:
        """Do it.

        Args:
            kind: what it is.
            creator: to whom.
            act: does it.
            told: what the journal says of it, from what `act` has given.
            reason: why it is done.
            target: see `Operation`.

        Returns:
            What `act` has given.

        Raises:
            FleetError: as `act`, and where the console is read-only.
        """
        operation = self._executor.request(kind, creator, reason=reason, target=target)
        journal = self._journals.open(operation)
        journal.write(EventKind.STARTED, pid=os.getpid())
        try:
            done = act()
        except FleetError as error:
            journal.write(
                EventKind.FINISHED,
                error.problem.sentence,
                severity="error",
                status=RunStatus.FAILED,
                problem=error.problem,
            )
            raise
        else:
            journal.write(EventKind.FINISHED, told(done), status=RunStatus.SUCCEEDED)
            return done
        finally:
            journal.close()
            self._look_again([creator.slug])
