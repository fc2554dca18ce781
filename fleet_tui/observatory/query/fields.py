"""What a query can ask about: fields with their values, and bare words that stand for a state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any

from fleet_tui.deploy.model import DeployStatus
from fleet_tui.observatory.attention import attention
from fleet_tui.observatory.model import CreatorSnapshot, Facet, Observation
from fleet_tui.operations.model import OperationKind
from fleet_tui.registry.model import REGIONS, Wave
from fleet_tui.registry.modules import ChannelType, Modules
from fleet_tui.streams.model import StreamStatus

Test = Callable[[CreatorSnapshot, datetime], bool]
Read = Callable[[CreatorSnapshot, datetime], Any]

_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9})*)(?:[-+].*)?", re.ASCII)


class Kind(Enum):
    WORD = "words"  # compared as a whole
    TEXT = "text"  # searched
    NUMBER = "number"
    SPAN = "span"  # seconds
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Field:
    kind: Kind
    read: Read  # words and texts: a tuple of strings; everything else: a number or a tuple, None if unknown
    choices: tuple[str, ...] = ()


def word(value: str) -> str:
    return value.lower().replace("_", "-")


def state_words(row: CreatorSnapshot, now: datetime) -> tuple[str, ...]:
    if row.errors:
        return ("invalid",)
    state = row.deploy.value
    words = (state.status.value,) if state else ()
    if state and state.outdated and state.status is DeployStatus.DRIFTED:
        words = (*words, DeployStatus.OUT_OF_DATE.value)
    return (*words, "unreachable") if row.deploy.problem else words or ("unknown",)


def _stream_words(row: CreatorSnapshot, now: datetime) -> tuple[str, ...]:
    health = row.stream.value
    words = (health.status.value,) if health else ()
    if health and health.status is StreamStatus.UNWELL:
        words = (*words, StreamStatus.LIVE.value)
    return (*words, "unreachable") if row.stream.problem else words or ("unknown",)


def _live(row: CreatorSnapshot, now: datetime) -> bool:
    return StreamStatus.LIVE.value in _stream_words(row, now)


def _of_creator(read: Callable[[Any], Iterable[str]]) -> Read:
    return lambda row, now: tuple(read(row.creator)) if row.creator else ()


def _channel(row: CreatorSnapshot, now: datetime) -> tuple[str, ...]:
    streaming = row.creator.modules.ivs_streaming if row.creator else None
    return (streaming.channel_type.value,) if streaming and streaming.enabled else ()


def _cost(row: CreatorSnapshot, now: datetime) -> float | None:
    report = row.cost.value
    if report is None:
        return None
    return float(report.estimated_total if report.actual is None else report.actual)


def _of(facet: Facet, read: Callable[[Any], Any]) -> Read:
    def value(row: CreatorSnapshot, now: datetime) -> Any:
        seen = _facets(row)[facet].value
        return None if seen is None else read(seen)

    return value


def _facets(row: CreatorSnapshot) -> Mapping[Facet, Observation[Any]]:
    return {
        Facet.DEPLOY: row.deploy,
        Facet.STREAM: row.stream,
        Facet.BOOKINGS: row.bookings,
        Facet.COST: row.cost,
    }


def _age(*facets: Facet) -> Read:
    """Seconds since any of these facets was seen."""

    def value(row: CreatorSnapshot, now: datetime) -> float | None:
        seen = [moment for facet in facets if (moment := _facets(row)[facet].seen_at)]
        return (now - max(seen)).total_seconds() if seen else None

    return value


def _since(facet: Facet, read: Callable[[Any], datetime | None]) -> Read:
    def value(row: CreatorSnapshot, now: datetime) -> float | None:
        seen = _facets(row)[facet].value
        moment = read(seen) if seen is not None else None
        return (now - moment).total_seconds() if moment else None

    return value


def _errors(row: CreatorSnapshot, now: datetime) -> tuple[str, ...]:
    problems = tuple(problem.sentence for _, problem in row.problems)
    return tuple(error.sentence for error in row.errors) + problems


def _version(row: CreatorSnapshot, now: datetime) -> tuple[int, ...] | None:
    text = row.deploy.value.terraform_version if row.deploy.value else None
    return version_parts(text) if text else None


def searchable(row: CreatorSnapshot, now: datetime) -> tuple[str, ...]:
    creator = row.creator
    names = (creator.domain, creator.account_id, creator.region, *creator.tags.values()) if creator else ()
    return (row.slug, row.name, *names, *_errors(row, now))


def _values(kinds: Iterable[Enum], *more: str) -> tuple[str, ...]:
    return tuple(word(kind.value) for kind in kinds) + more


FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "slug": Field(Kind.WORD, lambda row, now: (row.slug,)),
        "name": Field(Kind.TEXT, lambda row, now: (row.name,)),
        "domain": Field(Kind.TEXT, _of_creator(lambda creator: (creator.domain,))),
        "account": Field(Kind.WORD, _of_creator(lambda creator: (creator.account_id,))),
        "region": Field(Kind.WORD, _of_creator(lambda creator: (creator.region,)), tuple(sorted(REGIONS))),
        "wave": Field(Kind.WORD, _of_creator(lambda creator: (creator.wave.value,)), _values(Wave)),
        "module": Field(
            Kind.WORD,
            _of_creator(lambda creator: creator.modules.enabled),
            tuple(str(module.alias) for module in Modules.model_fields.values()),
        ),
        "channel": Field(Kind.WORD, _channel, _values(ChannelType)),
        "state": Field(Kind.WORD, state_words, _values(DeployStatus, "invalid", "unreachable", "unknown")),
        "stream": Field(Kind.WORD, _stream_words, _values(StreamStatus, "unreachable", "unknown")),
        "finding": Field(
            Kind.WORD,
            lambda row, now: (
                tuple(found.code for found in row.stream.value.findings) if row.stream.value else ()
            ),
        ),
        "run": Field(
            Kind.WORD,
            lambda row, now: (row.run.operation.kind.value,) if row.run else (),
            _values(OperationKind),
        ),
        "error": Field(Kind.TEXT, _errors),
        "cost": Field(Kind.NUMBER, _cost),
        "forecast": Field(Kind.NUMBER, _of(Facet.COST, lambda report: float(report.forecast))),
        "budget": Field(
            Kind.NUMBER, lambda row, now: float(row.creator.monthly_budget) if row.creator else None
        ),
        "queue": Field(
            Kind.NUMBER,
            _of(Facet.BOOKINGS, lambda queue: len(queue.pending) if queue.available else None),
        ),
        "viewers": Field(Kind.NUMBER, _of(Facet.STREAM, lambda health: health.viewers)),
        "age": Field(Kind.SPAN, _age(*Facet)),
        **{f"age.{facet.value}": Field(Kind.SPAN, _age(facet)) for facet in Facet},
        "waiting": Field(Kind.SPAN, _since(Facet.BOOKINGS, lambda queue: queue.oldest)),
        "uptime": Field(Kind.SPAN, _since(Facet.STREAM, lambda health: health.started_at)),
        "version": Field(Kind.VERSION, _version),
    }
)
"""What can be compared, besides `tag.<key>`."""

FLAGS: Mapping[str, Test] = MappingProxyType(
    {
        "live": _live,
        "unwell": lambda row, now: StreamStatus.UNWELL.value in _stream_words(row, now),
        "offline": lambda row, now: StreamStatus.OFFLINE.value in _stream_words(row, now),
        "failed": lambda row, now: DeployStatus.FAILED.value in state_words(row, now),
        "invalid": lambda row, now: bool(row.errors),
        "stale": lambda row, now: any(seen.stale for seen in _facets(row).values()),
        "pending": lambda row, now: bool(row.bookings.value and row.bookings.value.pending),
        "over-budget": lambda row, now: bool(row.cost.value and row.cost.value.over_budget),
        "attention": lambda row, now: attention(row, now) is not None,
    }
)
"""Bare words that stand for a state."""


def tag_field(name: str) -> Field | None:
    prefix, _, key = name.partition(".")
    if prefix.lower() != "tag" or not key:
        return None
    return Field(Kind.WORD, _of_creator(lambda creator: (creator.tags[key],) if key in creator.tags else ()))


def version_parts(text: str) -> tuple[int, ...] | None:
    match = _VERSION.fullmatch(text)
    return tuple(int(part) for part in match[1].split(".")) if match else None
