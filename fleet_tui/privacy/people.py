"""Asks the modules of one creator what they keep of a person, and has them erase it.

Each module that may keep something has a function `<slug>-<module>-privacy` in the creator's account. The
module user-auth is asked first: it knows which address belongs to which member.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from pydantic import ValidationError

from fleet_tui.privacy.model import (
    EraseAnswer,
    ExportAnswer,
    ModuleReport,
    Outcome,
    Person,
    Standing,
    account_may_go,
)
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import KNOW_PEOPLE

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Answer = TypeVar("Answer", ExportAnswer, EraseAnswer)

ACCOUNTS = "user-auth"
"""The module that knows who somebody is."""

_AT_ONCE = 4  # a new account runs ten functions at once, and the site needs some of them
_ERROR_NAME = re.compile(r"[A-Za-z_.]{1,80}", re.ASCII)


class PrivacyDoor(Protocol):
    """What is needed of the door to AWS."""

    def entered(self, creator: Creator) -> AbstractContextManager[Any]:
        """The account, whose `client(service)` gives boto3 clients; errors leave it as FleetErrors."""

    def prove_account(self, creator: Creator) -> None:
        """Raises FleetError when the credentials lead to another account."""


class People:
    """The people of one creator at a time.

    A module that is off is asked all the same: its functions are there until that is applied, and so is what
    it keeps.
    """

    def __init__(self, door: PrivacyDoor) -> None:
        self._door = door

    def export(self, creator: Creator, person: Person) -> Outcome:
        """All that the modules have of a person.

        Raises:
            FleetError: the account cannot be entered, or is another one. What fails later is in the outcome.
        """
        self._door.prove_account(creator)
        first, answer = self._asked(creator, ACCOUNTS, "export", person, ExportAnswer)
        if answer is not None and answer.person is not None:
            person = answer.person
        found = {ACCOUNTS: (first, answer)} | self._asked_all(
            creator, lambda module: self._asked(creator, module, "export", person, ExportAnswer)
        )
        return Outcome(
            slug=creator.slug,
            reports=tuple(
                report if answer is None else report.model_copy(update={"records": _records_of(answer)})
                for report, answer in found.values()
            ),
            documents={
                module: answer.documents
                for module, (_, answer) in found.items()
                if answer and answer.documents
            },
        )

    def erase(self, creator: Creator, person: Person) -> Outcome:
        """Have every module erase what it may; the account goes last, when all others have.

        Raises:
            FleetError: as `export`.
        """
        self._door.prove_account(creator)
        first, known = self._asked(creator, ACCOUNTS, "export", person, ExportAnswer)
        if known is not None and known.person is not None:
            person = known.person
        others = [
            _erased(*asked)
            for asked in self._asked_all(
                creator, lambda module: self._asked(creator, module, "erase", person, EraseAnswer)
            ).values()
        ]
        if known is None:
            last = first
        elif account_may_go(others):
            last = _erased(*self._asked(creator, ACCOUNTS, "erase", person, EraseAnswer))
        else:
            why = "the account stays until all others are done: it tells which address is whose"
            last = ModuleReport(module=ACCOUNTS, standing=Standing.WAITS, why=why)
        return Outcome(slug=creator.slug, reports=(last, *others))

    def _asked_all(
        self, creator: Creator, ask: Callable[[str], tuple[ModuleReport, Answer | None]]
    ) -> dict[str, tuple[ModuleReport, Answer | None]]:
        others: Sequence[str] = [module for module in KNOW_PEOPLE if module != ACCOUNTS]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return dict(zip(others, threads.map(ask, others), strict=True))

    def _asked(
        self,
        creator: Creator,
        module: str,
        action: Literal["export", "erase"],
        person: Person,
        kind: type[Answer],
    ) -> tuple[ModuleReport, Answer | None]:
        """A module's answer, or None and why there is none."""

        def without(standing: Standing, why: str = "") -> tuple[ModuleReport, Answer | None]:
            return ModuleReport(module=module, standing=standing, why=why), None

        event = {"action": action, "person": person.model_dump(mode="json")}
        try:
            with self._door.entered(creator) as account:
                client: LambdaClient = account.client("lambda")
                told = client.invoke(
                    FunctionName=f"{creator.slug}-{module}-privacy", Payload=json.dumps(event).encode()
                )
                payload = told["Payload"].read()
        except FleetError as error:
            if error.problem.kind is not ProblemKind.NOT_FOUND:
                return without(Standing.FAILED, error.problem.sentence)
            if module not in creator.modules.with_people:
                return without(Standing.OFF)
            return without(Standing.MISSING, "it has no function for this yet: fleet plan, fleet apply")
        if told.get("FunctionError"):
            return without(Standing.FAILED, _why(payload))
        try:
            return ModuleReport(module=module, standing=Standing.DONE), kind.model_validate_json(payload)
        except ValidationError:
            return without(Standing.FAILED, "its answer is not understood: another version is applied there")


def _records_of(answer: ExportAnswer) -> int:
    return sum(len(documents) for documents in answer.documents.values())


def _erased(report: ModuleReport, answer: EraseAnswer | None) -> ModuleReport:
    if answer is None:
        return report
    return report.model_copy(update={"records": answer.erased, "kept": answer.kept})


def _why(payload: bytes) -> str:
    """The name of a function's error; its words are shown to nobody, as they might be anybody's."""
    try:
        message = str(json.loads(payload)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        message = ""
    if message == "OtherRegionError":
        return "the creator's second region takes changes: erase once the first one does again"
    if message == "TooLargeError":
        return "there is more than a function can answer, 6 MB"
    if "timed out" in message:
        return "it was not done in time: do it again, it goes on where it stopped"
    name = message if _ERROR_NAME.fullmatch(message) else "an error"
    return f"its function ended in {name}: its log has the place"
