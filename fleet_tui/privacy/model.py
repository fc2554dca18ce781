"""Who is meant, what modules answer, and what became of a question to all of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.fields import Email
from fleet_tui.values import Value

MemberId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
_MEMBER_ID: TypeAdapter[str] = TypeAdapter(MemberId)
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


class Person(Value):
    """Who is meant, by either of what the platform knows people by. Shows itself to nobody by accident.

    Args:
        member: id in the creator's user pool.
        email: an address that is proven to be this person's, by whoever asks.
    """

    member: MemberId | None = Field(default=None, repr=False)
    email: Email | None = Field(default=None, repr=False)

    model_config = ConfigDict(hide_input_in_errors=True)

    @model_validator(mode="after")
    def _somebody(self) -> Person:
        if self.member is None and self.email is None:
            raise ValueError("a person is known by a member's id or by an e-mail address")
        return self

    @classmethod
    def known_by(cls, *, member: str | None, email: str | None) -> Person:
        """The person that somebody typed the id or the address of.

        Raises:
            FleetError: CONFIGURATION, neither or both, or neither an id nor an address; it is not repeated.
        """
        if (member is None) == (email is None):
            raise _unknown("say who is meant by --member or by --email, by one of them")
        try:
            if email is not None:
                return cls(email=_EMAIL.validate_python(email.strip()))
            return cls(member=_MEMBER_ID.validate_python((member or "").strip().lower()))
        except ValidationError:
            wanted = "an e-mail address" if email is not None else "the id of a member"
            raise _unknown(f"what was given is not {wanted}") from None

    def is_told_in(self, text: str) -> bool:
        """Whether a text tells who the person is: by their id, their address, or any address at all."""
        return re.search(r"\S@\S", text) is not None or (self.member or "@") in text.lower()


class Kept(Value):
    """What a module does not erase.

    Args:
        count: how many; None where they cannot be counted.
        why: the law or the need, and until when it stays.
    """

    model_config = ConfigDict(extra="ignore")

    what: str
    count: int | None = None
    why: str


class ExportAnswer(Value):
    """What a module's function answers to `export`; later versions may add to it."""

    model_config = ConfigDict(extra="ignore")

    documents: Mapping[str, tuple[JsonValue, ...]] = Field(repr=False)
    person: Person | None = None


class EraseAnswer(Value):
    """What a module's function answers to `erase`; later versions may add to it."""

    model_config = ConfigDict(extra="ignore")

    erased: int
    kept: tuple[Kept, ...] = ()


class Standing(StrEnum):
    """What became of the question to one module."""

    DONE = "done"
    FAILED = "failed"
    MISSING = "missing"  # it is on, and its function is not there: it was not applied yet
    WAITS = "waits"  # the account goes last, when nobody else is left to ask
    OFF = "off"


class ModuleReport(Value):
    """What became of the question to one module.

    Args:
        records: found, or erased.
        why: what went wrong.
    """

    module: str
    standing: Standing
    records: int = 0
    kept: tuple[Kept, ...] = ()
    why: str = ""


class Outcome(Value):
    """What became of the question to all modules.

    Args:
        documents: by module and kind; empty where it was about erasing.
    """

    slug: str
    reports: tuple[ModuleReport, ...]
    documents: Mapping[str, Mapping[str, tuple[JsonValue, ...]]] = Field(default_factory=dict, repr=False)

    @property
    def complete(self) -> bool:
        """Whether every module that may have something has answered."""
        return not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """Modules that did not do their part."""
        good = (Standing.DONE, Standing.OFF)
        return tuple(report.module for report in self.reports if report.standing not in good)

    @property
    def counts(self) -> str:
        """`ivs-chat 3, shop 0 (2 kept), polls failed`: for a journal, and nothing of a person."""
        told = [_count_of(report) for report in self.reports if report.standing is not Standing.OFF]
        return ", ".join(told) or "no module keeps anything of anybody"


class IncompleteError(FleetError):
    """Not every module did its part; those that did are done."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(
            Problem(
                kind=ProblemKind.SERVICE,
                what=f"not complete: {outcome.counts}",
                where=outcome.slug,
                hint="Do it again: what is done stays done",
            )
        )
        self.outcome = outcome


def account_may_go(reports: Iterable[ModuleReport]) -> bool:
    """Whether the account may go: without it nobody could tell an id's address to those that have failed."""
    return all(report.standing in (Standing.DONE, Standing.OFF) for report in reports)


def _count_of(report: ModuleReport) -> str:
    if report.standing is not Standing.DONE:
        return f"{report.module} {report.standing.value}"
    kept = sum(kept.count or 0 for kept in report.kept)
    return f"{report.module} {report.records}" + (f" ({kept} kept)" if kept else "")


def _unknown(what: str) -> FleetError:
    return FleetError.of(ProblemKind.CONFIGURATION, what, hint="See fleet privacy --help")
