"""A page view: as a page tells it, and as it is kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from analytics.cleaning import CAMPAIGN_PARAMETERS, page_of

Screen = Literal["small", "medium", "large"]

Address = Annotated[str, StringConstraints(max_length=2048, pattern=r"^/")]
"""Path, query and fragment, as a page of the site has them."""

Page = Annotated[Address, AfterValidator(page_of)]
"""Path of a page, as it is counted."""

DIMENSIONS = ("page", "referrer", *CAMPAIGN_PARAMETERS, "screen", "language")
"""By what views are counted: members of an event."""


class Value(BaseModel):
    """What is passed along does not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PageView(Value):
    """What a page tells when it is seen.

    Args:
        page: `location.pathname + location.search`; all but the path and three parameters is dropped.
        referrer: `document.referrer`; all but the host is dropped.
        screen: small up to 767 pixels of width, medium up to 1199, large from there on. The page tells only
            this, because a width to the pixel makes people known again.
        language: `navigator.language`.
    """

    page: Address
    referrer: Annotated[str, StringConstraints(max_length=2048)] = ""
    screen: Screen | None = None
    language: Annotated[str, StringConstraints(max_length=64)] = ""


class Kind(StrEnum):
    """What has happened."""

    VIEW = "view"
    BOT = "bot"


class Event(Value):
    """A line of the raw events.

    Args:
        id: random, so that what is delivered twice is counted once.
        at: UTC.
        kind: of a bot nothing else is kept.
        visitor: pseudonym of the day; None where the browser asks not to be tracked.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    at: datetime
    kind: Kind
    page: str | None = None
    referrer: str | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    screen: Screen | None = None
    language: str | None = None
    visitor: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")


class Counters(Value):
    """How often a page was seen, counted as it happens.

    Args:
        page: as it is counted.
        today: views since midnight UTC.
        total: views in all.
    """

    page: str
    today: int
    total: int
