"""The base of every value that is passed between parts of the program."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
"""A point in time, always in UTC."""


class Value(BaseModel):
    """An immutable value; equal when its fields are equal, and it survives a trip through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")
