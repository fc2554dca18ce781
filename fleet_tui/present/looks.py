"""What a look at a facet says of itself: why it failed, and how old its value is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from fleet_tui.observatory.model import Observation
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.quantity import age
from fleet_tui.present.states import CACHED_MARK, STALE_MARK, UNSEEN, problem_badge

T = TypeVar("T")


def seen(look: Observation[T], now: datetime, draw: Callable[[T], list[Line]]) -> list[Line]:
    """A facet: why the last look failed, what was seen, and how old that is."""
    if look.value is None:
        return [*why_failed(look), UNSEEN.line]
    return [*why_failed(look), *draw(look.value), age_note(look, now)]


def why_failed(look: Observation[Any]) -> list[Line]:
    """Why the last look failed; nothing where it did not."""
    if look.problem is None:
        return []
    badge = problem_badge(look.problem)
    return [badge.line, (Span(look.problem.sentence, badge.tone),)]


def age_note(look: Observation[Any], now: datetime) -> Line:
    """How long ago the value was seen, and whether that is too long."""
    note = f"seen {age(look.seen_at, now)} ago"
    if look.stale:
        return (Span(f"{STALE_MARK} stale: {note}", Tone.CAUTION),)
    if look.cached:
        return (Span(f"{CACHED_MARK} from disk: {note}", Tone.QUIET),)
    return (Span(note, Tone.QUIET),)


def is_doubtful(look: Observation[Any]) -> bool:
    """Whether what was seen may no longer be so."""
    return look.problem is not None or look.stale or look.cached
