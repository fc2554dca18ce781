"""A notice: something that people have to hear of, as it is kept until every channel has told it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """What a notice is about."""

    ALARM = "alarm"
    OK = "ok"
    UNKNOWN = "unknown"
    BUDGET = "budget"
    FORECAST = "forecast"
    ANOMALY = "anomaly"
    COSTS = "costs"


class Notice(BaseModel):
    """One thing to tell.

    Args:
        id: the same for whatever tells of the same thing again.
        kind: what it is about.
        at: since when it is so, UTC.
        name: of the alarm, of the budget, or of the service that costs more.
        facts: what the texts fill in, by name; none of it is about visitors.
        link: where to look; empty where only the dashboard is known.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Kind
    at: datetime
    name: str
    facts: Mapping[str, str]
    link: str
