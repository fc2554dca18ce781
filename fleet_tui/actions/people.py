"""What the creators' modules keep of a person: looked for, exported, erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet_tui.operations.at_once import AtOnce
from fleet_tui.operations.model import OperationKind
from fleet_tui.privacy.model import IncompleteError, Outcome, Person
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.privacy.people import People


class FleetPeople:
    """Asks a creator's modules about a person. Modules that fail are in the outcome.

    Args:
        creator: by slug; raises FleetError.
        people: asks the modules in the creators' accounts.
        at_once: exports and erases, with a journal that tells how much, and not of whom.
    """

    def __init__(self, creator: Callable[[str], Creator], people: People, at_once: AtOnce) -> None:
        self._creator = creator
        self._people = people
        self._at_once = at_once

    def look_for(self, slug: str, person: Person) -> Outcome:
        """What the creator's modules have of a person, for the eyes of the operator; no journal tells it.

        Raises:
            FleetError: the account cannot be entered.
        """
        return self._people.export(self._creator(slug), person)

    def export(self, slug: str, person: Person, *, reason: str = "") -> Outcome:
        """What the creator's modules have of a person, to be handed out.

        Raises:
            FleetError: as `look_for`.
        """
        creator = self._creator(slug)
        return self._told(OperationKind.EXPORT, creator, lambda: self._people.export(creator, person), reason)

    def erase(self, slug: str, person: Person, *, reason: str) -> Outcome:
        """Have the creator's modules erase a person.

        Raises:
            FleetError: as `look_for`.
        """
        creator = self._creator(slug)
        return self._told(OperationKind.ERASE, creator, lambda: self._people.erase(creator, person), reason)

    def _told(
        self, kind: OperationKind, creator: Creator, ask: Callable[[], Outcome], reason: str
    ) -> Outcome:
        """Ask all modules; where one did not do its part, the journal has it as failed."""

        def asked() -> Outcome:
            outcome = ask()
            if not outcome.complete:
                raise IncompleteError(outcome)
            return outcome

        try:
            return self._at_once(kind, creator, asked, lambda outcome: outcome.counts, reason=reason)
        except IncompleteError as error:
            return error.outcome
