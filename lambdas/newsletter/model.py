"""Subscribers: as they ask, as they are kept, and as they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.fields import EmailAddress

Language = Literal["en", "de"]
TopicId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
"""Id of a topic, as creator.toml has it."""

SubscriberId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""The keyed hash of an address: found without a scan, and told to nobody who lacks the key."""

Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,200}$")]
"""What a link of a letter carries."""

MAX_TOPICS = 20
MAX_CONSENTS = 10


class Value(BaseModel):
    """A value that does not change and has no members but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Topics(Value):
    """Something about topics.

    Args:
        topics: ids, each one once.
    """

    topics: tuple[TopicId, ...] = Field(min_length=1, max_length=MAX_TOPICS)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.topics)) < len(self.topics):
            raise ValueError("each topic once")
        return self


class Request(Topics):
    """What a visitor sends who wants letters.

    Args:
        language: of what is written to them; the creator's unless said otherwise.
        website: a field that the page hides: people leave it empty, programs fill it in.
    """

    email: EmailAddress
    language: Language | None = None
    website: str = Field(default="", max_length=2048)


class Confirmation(Value):
    """What the page sends that the link in the letter opens."""

    token: Token


class Preferences(Topics):
    """What a subscriber gets, and in which language."""

    language: Language


class Pending(Topics):
    """Somebody who has asked and has not confirmed yet.

    Args:
        id: of the address.
        text: what they agree to by confirming, word for word.
        asked_at: UTC.
    """

    id: SubscriberId
    address: str
    language: Language
    text: str
    asked_at: datetime


class Consent(Value):
    """The proof that somebody wanted letters.

    Args:
        asked_at: when the address was entered, UTC.
        confirmed_at: when the link in the letter to the address was followed and the button was pressed, UTC.
        text: what they agreed to, word for word.
    """

    asked_at: datetime
    confirmed_at: datetime
    text: str


class Subscriber(Topics):
    """Somebody who gets letters, or got them.

    Args:
        id: of the address.
        version: counts changes.
        consents: the oldest first.
        ended_at: when they unsubscribed or were blocked, UTC; the proof outlives it for a time.
    """

    id: SubscriberId
    address: str
    language: Language
    version: int
    consents: tuple[Consent, ...]
    ended_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether they get letters."""
        return self.ended_at is None

    def wants(self, topics: Iterable[str]) -> bool:
        """Whether a letter about these topics is for them."""
        return self.is_active and not set(self.topics).isdisjoint(topics)

    @property
    def preferences(self) -> Preferences:
        """What they may change."""
        return Preferences(topics=self.topics, language=self.language)


class BlockReason(StrEnum):
    """Why an address is not written to."""

    BOUNCED = "bounced"
    SOFT_BOUNCES = "soft-bounces"
    COMPLAINED = "complained"


class Blocked(Value):
    """An address that is not written to.

    Args:
        id: of the address.
        address: None once the person had their data erased.
        since: UTC.
    """

    id: SubscriberId
    address: str | None = None
    reason: BlockReason
    since: datetime


class BlockedPage(Value):
    """A page of the block list, the newest first.

    Args:
        next_cursor: for the next page; None on the last one.
    """

    blocked: tuple[Blocked, ...]
    next_cursor: str | None = None


class Search(Value):
    """Whose entry is looked for."""

    email: EmailAddress
