"""What a module keeps of one person: handed out, or erased (GDPR, articles 17 and 20).

Every module that may keep something of single persons has one function for it, `<slug>-<module>-privacy`.
Operators call it (`fleet privacy`), and user-auth does for members who export or delete their own account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from shared.background import background
from shared.fields import EmailAddress
from shared.region import takes_writes

MAX_ANSWER_BYTES = 6_000_000
"""Lambda hands over 6,291,556 bytes at most, and wraps nothing around what a background function returns
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

TAX_RECORD_YEARS = 8
"""§ 147 (3) AO, since 2025: how long vouchers, and so invoices and what they are made from, must be kept."""


class Person(BaseModel):
    """Who is meant, by what the platform knows people by. A module looks for either.

    Args:
        member: id (`sub`) in the creator's user pool.
        email: proven to be this person's by whoever asks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    member: str | None = Field(default=None, pattern=r"^[0-9a-f-]{36}$")
    email: EmailAddress | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Person:
        if self.member is None and self.email is None:
            raise ValueError("a person is known by a member's id or by an e-mail address")
        return self


class Asked(BaseModel):
    """What the function is called with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["export", "erase"]
    person: Person


class Kept(BaseModel):
    """What is not erased, because a law says so.

    Args:
        what: as `paid orders`.
        count: how many; None where they cannot be counted without reading what is everybody's.
        why: the law, and until when it stays.
    """

    model_config = ConfigDict(frozen=True)

    what: str
    count: int | None = Field(default=None, ge=1)
    why: str


class Exported(BaseModel):
    """Answer to `export`.

    Args:
        documents: what the module has of the person, by kind; empty where it has nothing.
        person: who it is by everything that this module knows them by, where it knows more than was asked.
    """

    documents: Mapping[str, Sequence[JsonValue]]
    person: Person | None = None


class Erased(BaseModel):
    """Answer to `erase`, which may be asked again: what is gone already counts no more.

    Args:
        erased: records that are gone, or that no longer tell whom they were of.
        kept: what stays.
    """

    erased: int = Field(ge=0)
    kept: tuple[Kept, ...] = ()


class OtherRegionError(Exception):
    """The creator's other region takes changes: an erasure here could undo what came there meanwhile."""


class TooLargeError(Exception):
    """What there is of one person does not fit into an answer of Lambda."""


def tax_records_until(made: date) -> date:
    """The last day on which a voucher must be there: the years begin with the end of its own (§ 147 (4) AO).

    Args:
        made: when the latest of what it tells happened.
    """
    return date(made.year + TAX_RECORD_YEARS, 12, 31)


def tax_reason(until: date) -> str:
    """Why a voucher stays until that day, as `Kept` tells it."""
    return f"records for the tax office (§ 147 AO, {TAX_RECORD_YEARS} years), until {until}"


def privacy(
    export: Callable[[Person], Exported], erase: Callable[[Person, datetime], Erased]
) -> Callable[[dict[str, Any], LambdaContext], dict[str, JsonValue] | None]:
    """The function that Lambda calls.

    Args:
        export: from a person to all that the module has of them.
        erase: from a person and the moment of now (UTC) to what was done; whatever is no more than part done
            when it fails is finished when it is asked again.
    """

    def work(event: dict[str, Any], now: datetime) -> dict[str, JsonValue]:
        asked = Asked.model_validate(event)
        if asked.action == "erase" and not takes_writes():
            raise OtherRegionError
        answer = export(asked.person) if asked.action == "export" else erase(asked.person, now)
        told = answer.model_dump(mode="json")
        if len(json.dumps(told)) > MAX_ANSWER_BYTES:
            raise TooLargeError
        return told

    return background(work)
