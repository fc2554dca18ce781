"""A message: as it is sent in, and as it is kept until it is delivered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from shared.fields import EmailAddress, PlainLines, PlainText


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Form(_Value):
    """What a visitor sends.

    Args:
        website: a field that the page hides: people leave it empty, programs fill it in.
        consent: whether the visitor ticked the site's box on how the message is used, where it has one.
    """

    name: PlainText = Field(max_length=80)
    email: EmailAddress
    subject: PlainText | None = Field(default=None, max_length=120)
    message: PlainLines = Field(max_length=3000)
    website: str = Field(default="", max_length=2048)
    consent: bool | None = None


class Message(_Value):
    """A message as it is kept.

    Args:
        id: begins with the moment, so that ids sort by age.
        received_at: UTC.
    """

    id: str
    received_at: datetime
    name: str
    email: str
    subject: str | None
    message: str
    consent: bool | None


class Undelivered(_Value):
    """What waits to be delivered.

    Args:
        waiting: number of messages.
        oldest: when the first of them came in, or None where there is none.
    """

    waiting: int
    oldest: datetime | None
