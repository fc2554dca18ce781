"""Whatever people do: nobody loses a seat, no seat is given twice, and the line keeps its order."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.seating import FREE, MOVE_UP, QUEUE, TAKE, UNQUEUE, Seats, joining
from tests.lambdas.events_module.events_api import Events, address

CAPACITIES = st.none() | st.integers(1, 4)
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.just(0)),
        st.tuples(st.just("leave"), st.integers(0, 30)),
        st.tuples(st.just("resize"), CAPACITIES.map(lambda seats: seats or 0)),
    ),
    max_size=30,
)


class Door:
    """What ought to happen, told in lists: who sits, and who waits in which order."""

    def __init__(self, capacity: int | None) -> None:
        self.capacity = capacity
        self.seated: list[int] = []
        self.waiting: list[int] = []

    def come(self, who: int) -> None:
        """Somebody comes."""
        is_full = self.capacity is not None and len(self.seated) >= self.capacity
        (self.waiting if self.waiting or is_full else self.seated).append(who)

    def leave(self, who: int) -> None:
        """Somebody goes."""
        (self.seated if who in self.seated else self.waiting).remove(who)
        self.fill()

    def fill(self) -> None:
        """Whoever can move up does."""
        while self.waiting and (self.capacity is None or len(self.seated) < self.capacity):
            self.seated.append(self.waiting.pop(0))


@given(CAPACITIES, MOVES)
def test_the_rule_keeps_what_it_promises(capacity: int | None, moves: list[tuple[str, int]]) -> None:
    door, seats, numbers = Door(capacity), Seats(capacity, 0, 0), count()
    for move, choice in moves:
        here = door.seated + door.waiting
        if move == "come":
            had = list(door.seated)
            who = next(numbers)
            step = joining(seats)
            seats = seats.after(step)
            door.come(who)
            assert (step is TAKE) == (who in door.seated)
            assert set(had) <= set(door.seated)
        elif move == "leave" and here:
            who = here[choice % len(here)]
            seats = seats.after(FREE if who in door.seated else UNQUEUE)
            door.leave(who)
        elif move == "resize":
            door.capacity = choice or None
            seats = Seats(door.capacity, seats.taken, seats.waiting)
            had = list(door.seated)
            door.fill()
            assert set(had) <= set(door.seated), "nobody loses a seat"
        while seats.can_move_up:
            seats = seats.after(MOVE_UP)
        assert (seats.taken, seats.waiting) == (len(door.seated), len(door.waiting))
        assert seats.left is None or seats.left == 0 or not door.waiting


@pytest.mark.parametrize("step", [TAKE, QUEUE, MOVE_UP])
def test_nothing_but_leaving_happens_at_a_cancelled_event(step: object) -> None:
    assert "attribute_not_exists(cancelled_at)" in getattr(step, "condition", "")


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CAPACITIES, MOVES.filter(lambda moves: len(moves) > 3))
def test_the_table_does_what_the_rule_says(
    events: Events, capacity: int | None, moves: list[tuple[str, int]]
) -> None:
    from events.event import Event
    from events.handlers.manage_events import events as table
    from events.handlers.manage_events import sign_ups
    from events.members import Contact

    def resized(event: Event, capacity: int | None) -> Event:
        return event.model_copy(update={"capacity": capacity, "version": event.version + 1})

    door, numbers = Door(capacity), count()
    event_id = events.announce(capacity=capacity)
    for move, choice in moves:
        here = door.seated + door.waiting
        if move == "come":
            who = next(numbers)
            contact = Contact(name=str(who), email=address(f"guest{who}"))
            sign_ups.join(table.expect(event_id), f"member-{who}", contact, events.now)
            door.come(who)
        elif move == "leave" and here:
            who = here[choice % len(here)]
            leaving = sign_ups.of_member(event_id, f"member-{who}")
            assert leaving
            assert sign_ups.leave(leaving, events.now)
            door.leave(who)
        elif move == "resize":
            door.capacity = choice or None
            table.change(event_id, lambda seen: resized(seen, door.capacity), events.now)
            sign_ups.move_up(event_id, events.now)
            door.fill()
    kept = {int(sign_up.name or ""): sign_up for sign_up in sign_ups.all_of(event_id)}
    assert {who for who in kept if kept[who].state == "seated"} == set(door.seated)
    line = sorted(
        (who for who in kept if kept[who].state == "waiting"), key=lambda who: kept[who].number or 0
    )
    assert line == door.waiting
    assert [sign_ups.position(kept[who]) for who in line] == list(range(1, len(line) + 1))
    numbers_given = [sign_up.number for sign_up in kept.values()]
    assert len(set(numbers_given)) == len(numbers_given)
    seats = table.expect(event_id).seats
    assert (seats.taken, seats.waiting) == (len(door.seated), len(door.waiting))
