"""What a module keeps of one person: handed out, or erased (GDPR, articles 17 and 20).

Every module that may keep something of single persons has one function for it, `<slug>-<module>-privacy`.
Operators call it (`fleet privacy`), and user-auth does for members who export or delete their own account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from shared.background import background
from shared.fields import EmailAddress


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
        count: how many.
        why: the law, and until when it stays.
    """

    model_config = ConfigDict(frozen=True)

    what: str
    count: int = Field(ge=1)
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


def privacy(
    export: Callable[[Person], Exported], erase: Callable[[Person, datetime], Erased]
) -> Callable[[dict[str, Any], LambdaContext], dict[str, JsonValue]]:
    """The function that Lambda calls.

    Args:
        export: from a person to all that the module has of them.
        erase: from a person and the moment of now (UTC) to what was done; whatever is no more than part done
            when it fails is finished when it is asked again.
    """

    def work(event: dict[str, Any], now: datetime) -> dict[str, JsonValue]:
        asked = Asked.model_validate(event)
        answer = export(asked.person) if asked.action == "export" else erase(asked.person, now)
        return answer.model_dump(mode="json")

    return background(work)
