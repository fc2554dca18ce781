"""What members and operators send and get."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.fields import EmailAddress, PlainText

MAX_PAGE = 60
"""Cognito gives no more at once: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html"""

DisplayName = Annotated[PlainText, Field(min_length=1, max_length=40)]


class Group(StrEnum):
    """Groups of the user pool."""

    ADMIN = "admin"
    MODERATOR = "moderator"
    MEMBER = "member"


class Status(StrEnum):
    """How far a person has come.

    Cognito knows a few more, which only other ways of signing in lead to; they are `other` here.
    """

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    INVITED = "invited"
    RESET_REQUIRED = "reset-required"
    OTHER = "other"


class Incoming(BaseModel):
    """A body: nothing but what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Outgoing(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class AccountChange(Incoming):
    """What members change in their own account.

    Args:
        display_name: what others get to see; null takes it away.
    """

    display_name: DisplayName | None


class Deletion(Incoming):
    """Members confirm the deletion of their account.

    Args:
        email: the account's address, typed once more.
    """

    email: EmailAddress


class Account(Outgoing):
    """One person in the user pool.

    Args:
        id: never changes, and is never given to anybody else.
        display_name: what others get to see.
        since: when they signed up or were invited.
        disabled: they cannot sign in.
        second_factor: they sign in with an authenticator app, too.
        groups: sorted.
    """

    id: str
    email: str
    email_verified: bool
    display_name: str | None
    since: datetime
    status: Status
    disabled: bool
    second_factor: bool
    groups: tuple[Group, ...]


class Listed(Outgoing):
    """One person in a list; what takes a question of its own is left out.

    Args:
        id: as in `Account`.
    """

    id: str
    email: str
    email_verified: bool
    display_name: str | None
    since: datetime
    status: Status
    disabled: bool


class MemberPage(Outgoing):
    """A page of the list.

    Args:
        next_cursor: of the page after this one; null on the last.
    """

    members: tuple[Listed, ...]
    next_cursor: str | None


class MemberQuery(BaseModel):
    """The query string of the list.

    Args:
        query: what the e-mail address begins with, in the case it was signed up in.
        limit: most people on a page.
        cursor: `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    # No quote and no backslash: it becomes part of a filter.
    query: Annotated[str, Field(max_length=254, pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@-]+$")] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = MAX_PAGE
    cursor: Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[!-~]+$")] | None = None


class Invitation(Incoming):
    """Somebody gets an account and a password that works once.

    Args:
        groups: that they are in besides `member`.
    """

    email: EmailAddress
    groups: Annotated[tuple[Group, ...], Field(max_length=len(Group))] = ()


class GroupsChange(Incoming):
    """The groups that a person is to be in, besides `member`."""

    groups: Annotated[tuple[Group, ...], Field(max_length=len(Group))]


class DisabledChange(Incoming):
    """Whether a person is kept out."""

    disabled: bool


class Export(Outgoing):
    """All that the platform has of a person (GDPR, article 20).

    Args:
        site: domain of the creator's site.
        made_at: when.
        documents: platform module → what it keeps, by kind.
    """

    site: str
    made_at: datetime
    documents: dict[str, dict[str, list[JsonValue]]]
