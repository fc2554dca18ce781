"""What was done to the creators, by whomever and from wherever: the records beside their states."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fleet_tui.deploy.recording import ended
from fleet_tui.deploy.records import ChainBreak, RunEntry
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.recorded import told_here
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor
    from fleet_tui.deploy.recordbook import RecordBook

_RUN_ID = re.compile(r"\d{8}T\d{6}\.\d{3}-[a-z]+-(?P<slug>.+)-[0-9a-f]{4}")


class Records:
    """The records of all creators.

    Args:
        creator: by slug; raises FleetError.
        door: the way into the accounts, made when it is first needed.
        journals: of the runs on this machine.
        read_only: whether nothing may be written.
    """

    def __init__(
        self,
        creator: Callable[[str], Creator],
        door: Callable[[], AwsDoor],
        journals: Journals,
        *,
        read_only: bool,
    ) -> None:
        self._creator = creator
        self._door = door
        self._journals = journals
        self._read_only = read_only

    def entries(self, slug: str, limit: int) -> Sequence[RunEntry]:
        """The newest records of a creator, newest first. Raises FleetError."""
        creator, book = self._open(slug)
        self._settle(book, creator)
        return book.entries(creator, limit)

    def entry(self, run_id: str) -> RunEntry:
        """The record of a run.

        Raises:
            FleetError: there is none, or the bucket cannot be read.
        """
        named = _RUN_ID.fullmatch(run_id)
        if named is not None:
            creator, book = self._open(named["slug"])
            if (found := book.entry(creator, run_id)) is not None:
                return found
        raise FleetError.of(
            ProblemKind.NOT_FOUND,
            f"there is no journal of {run_id} on this machine, and no record of it beside a state",
            hint="fleet runs lists what was done here, fleet runs --creator SLUG what was recorded",
        )

    def verify(self, slug: str) -> tuple[int, ChainBreak | None]:
        """How many records there are, and where their chain is broken first. Raises FleetError."""
        creator, book = self._open(slug)
        return book.verify(creator)

    def _open(self, slug: str) -> tuple[Creator, RecordBook]:
        from fleet_tui.deploy.recordbook import RecordBook

        creator, door = self._creator(slug), self._door()
        door.prove_account(creator)
        return creator, RecordBook(door)

    def _settle(self, book: RecordBook, creator: Creator) -> None:
        """Record the end of a run of this machine that could not do it itself."""
        cut = book.read(creator).writing
        if self._read_only or cut is None:
            return
        try:
            if self._journals.get(cut.run_id).finished_at is None:
                return
        except FleetError:  # it is another machine's
            return
        end = told_here(self._journals, cut, datetime.now(UTC))
        book.change(creator, lambda record: ended(record, cut.run_id, end))
