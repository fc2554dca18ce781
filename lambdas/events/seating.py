"""Who gets a seat. Pure.

Whoever comes gets a seat while there is one and nobody waits for it, and else waits. A seat that is freed
goes to whoever waits longest. Nobody loses a seat, even when there are fewer seats afterwards: then nobody
moves up until as many have left.

Each step comes with its condition, in DynamoDB's words, on the event's own counters: whatever was decided on
counters that have changed meanwhile is refused by the table and decided anew.
"""

from __future__ import annotations

from dataclasses import dataclass

CONDITION_NAMES = {"#capacity": "capacity"}
CONDITION_VALUES = {":none": 0}


@dataclass(frozen=True, slots=True)
class Seats:
    """An event's counters.

    Args:
        capacity: how many seats there are; None is without limit.
        taken: seats that somebody has, or that are held for somebody.
        waiting: how many wait for a seat.
    """

    capacity: int | None
    taken: int
    waiting: int

    @property
    def left(self) -> int | None:
        """Seats for whoever comes now; None is without limit."""
        if self.capacity is None:
            return None
        return 0 if self.waiting else max(0, self.capacity - self.taken)

    @property
    def can_move_up(self) -> bool:
        """Whether there is a seat for the first who waits."""
        return self.waiting > 0 and (self.capacity is None or self.taken < self.capacity)

    def after(self, step: Step) -> Seats:
        """The counters after a step."""
        return Seats(self.capacity, self.taken + step.taken, self.waiting + step.waiting)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the counters.

    Args:
        taken: seats more.
        waiting: waiting people more.
        condition: when it is right, on the event's attributes.
    """

    taken: int
    waiting: int
    condition: str


_OPEN = "attribute_not_exists(cancelled_at)"

TAKE = Step(1, 0, f"{_OPEN} AND (attribute_not_exists(#capacity) OR (taken < #capacity AND waiting = :none))")
"""Somebody comes and gets a seat."""

QUEUE = Step(0, 1, f"{_OPEN} AND attribute_exists(#capacity) AND (taken >= #capacity OR waiting > :none)")
"""Somebody comes and waits."""

MOVE_UP = Step(
    1, -1, f"{_OPEN} AND waiting > :none AND (attribute_not_exists(#capacity) OR taken < #capacity)"
)
"""The first who waits gets a seat."""

FREE = Step(-1, 0, "taken > :none")
"""Somebody with a seat leaves."""

UNQUEUE = Step(0, -1, "waiting > :none")
"""Somebody who waits leaves."""


def joining(seats: Seats) -> Step:
    """What happens to whoever comes now."""
    return QUEUE if seats.left == 0 else TAKE
