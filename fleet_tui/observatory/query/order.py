"""The orders that the rows of a fleet can be in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from fleet_tui.deploy.model import DeployStatus
from fleet_tui.observatory.attention import attention
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.observatory.query.fields import FIELDS, Read, state_words
from fleet_tui.registry.model import Wave
from fleet_tui.streams.model import StreamStatus

_WAVES = {wave.value: place for place, wave in enumerate(Wave)}
_STATES = {status.value: place for place, status in enumerate(reversed(DeployStatus))}
_STREAMS = {StreamStatus.UNWELL: 0, StreamStatus.LIVE: 1, StreamStatus.OFFLINE: 2, StreamStatus.NO_CHANNEL: 3}

SortKey = Callable[[CreatorSnapshot, datetime], Any]
"""The value of a row to sort by, smallest first in the order that an operator expects; None where unknown."""


def _largest_first(read: Read) -> SortKey:
    return lambda row, now: None if (value := read(row, now)) is None else -value


SORTS: Mapping[str, SortKey] = MappingProxyType(
    {
        "name": lambda row, now: row.name.casefold(),
        "wave": lambda row, now: _WAVES[row.creator.wave.value] if row.creator else None,
        "state": lambda row, now: -1 if row.errors else _STATES.get(state_words(row, now)[0]),
        "stream": lambda row, now: _STREAMS[row.stream.value.status] if row.stream.value else None,
        "viewers": _largest_first(FIELDS["viewers"].read),
        "queue": _largest_first(FIELDS["queue"].read),
        "waiting": _largest_first(FIELDS["waiting"].read),
        "cost": _largest_first(FIELDS["cost"].read),
        "forecast": _largest_first(FIELDS["forecast"].read),
        "age": _largest_first(FIELDS["age"].read),
        "worst": lambda row, now: -found.score if (found := attention(row, now)) else None,
    }
)
"""The orders of the fleet, by name. Rows without a value belong last, whatever the direction."""
