"""Sign-ups, and the line of those who wait; their items are described in `events_table`.

A sign-up, the names under which its person is found, its place in the line and the event's counters are
written in one transaction, on conditions that hold only if nothing else came in between. A number comes from
a counter of its own before that, so that people who confirm at once do not hinder each other; a number whose
transaction fails is given to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from events.event import Event, expect_ahead, expect_open
from events.events_table import EventsTable
from events.ids import new_sign_up_id
from events.limits import HOLD
from events.members import Contact
from events.problems import no_such_sign_up
from events.seating import FREE, MOVE_UP, TAKE, UNQUEUE, joining
from events.sign_up import WITH_SEAT, Guest, SignUp, State, moved_up, queued, seated
from events.sign_up_items import LINE, SIGN_UP, SignUpItems, item_of, key_of, place_of, sign_up_of, state_is
from events.tokens import Keys
from shared.pages import Listing
from shared.problems import ProblemError, busy
from shared.tables import CLIENT, attempts, epoch, pack, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class SignUpsTable:
    """Reads and writes sign-ups; every write is conditional on what was read."""

    def __init__(self, name: str, events: EventsTable, keys: Keys) -> None:
        self._name = name
        self._events = events
        self._keys = keys
        self._items = SignUpItems(name)

    def get(self, event_id: str, sign_up_id: str) -> SignUp | None:
        """One sign-up, strongly consistent."""
        values = self._items.read(event_id, f"{SIGN_UP}{sign_up_id}")
        return sign_up_of(values) if values else None

    def of_address(self, event_id: str, email: str) -> SignUp | None:
        """The sign-up of whoever has this address."""
        return self._of_who(event_id, self._keys.address(email))

    def of_member(self, event_id: str, member_id: str) -> SignUp | None:
        """A member's sign-up."""
        return self._of_who(event_id, self._keys.member(member_id))

    def ask(self, event: Event, guest: Guest, now: datetime) -> bool:
        """Take note that a guest wants to come, with a seat that is held while there is one.

        Who is confirmed already gets their letter once more. Nothing happens when a letter went to the
        address lately.

        Returns:
            Whether a letter is due.

        Raises:
            ProblemError: 409, cancelled or too late; 503, contended.
        """
        who = self._keys.address(guest.email)
        asked = self._items.asked(event, who, now)
        for _ in attempts():
            expect_open(event, now)
            there = self.of_address(event.id, guest.email)
            if there and there.is_overdue(now):
                self.leave(there, now)
                event = self._events.expect(event.id)
                continue
            if there and not there.is_confirmed:
                return False
            if there:
                again = there.model_copy(update={"again_at": now})
                refused = write_together([asked, self._items.change(there, again)])
            else:
                sign_up = SignUp(
                    id=new_sign_up_id(),
                    event=event.id,
                    state=State.ASKED if event.seats.left == 0 else State.HELD,
                    name=guest.name,
                    email=guest.email,
                    asked_at=now,
                    hold_until=now + HOLD,
                    expires_at=epoch(event.guests_until),
                )
                held = [self._events.step(event.id, TAKE)] if sign_up.state is State.HELD else []
                refused = write_together(
                    [asked, self._items.put(sign_up), self._items.found(event, who, sign_up), *held]
                )
            if not refused:
                return True
            if refused[0] == "ConditionalCheckFailed":
                return False
            event = self._events.expect(event.id)
        raise busy()

    def asked_lately(self, event: Event, email: str, now: datetime) -> bool:
        """Whether a letter went to this address about this event, and the next one has to wait."""
        asked = self._items.read(event.id, f"ASKED#{self._keys.address(email)}")
        return bool(asked) and asked["expires_at"] > epoch(now)

    def confirm(self, event: Event, sign_up_id: str, now: datetime) -> SignUp:
        """The address is theirs: they get the seat that is held for them, or one that is left, or wait.

        Raises:
            ProblemError: 404, it is gone or its time to confirm is over; 409, cancelled or over; 503,
                contended.
        """
        number: int | None = None
        for _ in attempts():
            seen = self.get(event.id, sign_up_id)
            if seen is None or seen.is_overdue(now):
                raise no_such_sign_up()
            if seen.is_confirmed:
                return seen
            expect_ahead(event, now)
            number = number or self._items.next_number(event)
            made, writes = self._joined(event, seen, number, now)
            if not write_together([self._items.change(seen, made), *writes]):
                return made
            event = self._events.expect(event.id)
        raise busy()

    def join(self, event: Event, member_id: str, contact: Contact, now: datetime) -> SignUp:
        """Sign a member up; said twice, it is done once.

        Who signed up as a guest with the same address has one sign-up, which now is the member's.

        Raises:
            ProblemError: 409, cancelled or too late; 503, contended.
        """
        number: int | None = None
        for _ in attempts():
            if there := self.of_member(event.id, member_id):
                return there
            expect_open(event, now)
            member = self._keys.member(member_id)
            if earlier := self.of_address(event.id, contact.email):
                if not earlier.is_confirmed:
                    self.leave(earlier, now)
                    event = self._events.expect(event.id)
                    continue
                made = earlier.model_copy(update={"member": member_id})
                writes = [self._items.change(earlier, made), self._items.found(event, member, earlier)]
            else:
                number = number or self._items.next_number(event)
                asked = SignUp(
                    id=new_sign_up_id(),
                    event=event.id,
                    state=State.ASKED,
                    name=contact.name,
                    email=contact.email,
                    member=member_id,
                    asked_at=now,
                    expires_at=epoch(event.guests_until),
                )
                made, steps = self._joined(event, asked, number, now)
                address = self._keys.address(contact.email)
                found = [self._items.found(event, who, made) for who in (member, address)]
                writes = [self._items.put(made), *found, *steps]
            if not write_together(writes):
                return made
            event = self._events.expect(event.id)
        raise busy()

    def leave(self, sign_up: SignUp, now: datetime) -> bool:
        """Forget a sign-up, and give the seat that it had to whoever waits longest.

        Returns:
            Whether it was there.

        Raises:
            ProblemError: 503, contended.
        """
        if not self.forget(sign_up):
            return False
        with suppress(ProblemError):  # where it is contended, the schedule comes for whoever waits
            self.move_up(sign_up.event, now)
        return True

    def forget(self, sign_up: SignUp) -> bool:
        """Forget a sign-up; what it took is free, and nobody moves up.

        Returns:
            Whether it was there.

        Raises:
            ProblemError: 503, contended.
        """
        for _ in attempts():
            seen = self.get(sign_up.event, sign_up.id)
            if seen is None:
                return False
            writes = [self._items.delete(seen.event, item_of(seen), state_is(seen))]
            address = self._keys.address(seen.email)
            gone = [f"WHO#{address}"]
            if seen.is_confirmed:  # else whoever does not want letters could be sent the next one
                gone.append(f"ASKED#{address}")
            if seen.member:
                gone.append(f"WHO#{self._keys.member(seen.member)}")
            if seen.state in WITH_SEAT:
                writes.append(self._events.step(seen.event, FREE))
            elif seen.state is State.WAITING:
                writes.append(self._events.step(seen.event, UNQUEUE))
                gone.append(place_of(seen))
            if not write_together([*writes, *(self._items.delete(seen.event, sk) for sk in gone)]):
                return True
        raise busy()

    def move_up(self, event_id: str, now: datetime, most: int = 100) -> list[SignUp]:
        """Give the seats that are free to those who wait, the first in line first; who got one.

        Args:
            event_id: of the event.
            now: UTC.
            most: how many at once; the schedule comes for the rest.

        Raises:
            ProblemError: 503, contended.
        """
        moved: list[SignUp] = []
        while len(moved) < most and (first := self._move_one_up(event_id, now)):
            moved.append(first)
        return moved

    def all_of(self, event_id: str) -> Iterator[SignUp]:
        """All sign-ups of an event, strongly consistent, in no order."""
        pages = CLIENT.get_paginator("query").paginate(**self._items.within(event_id, SIGN_UP))
        for page in pages:
            yield from (sign_up_of(unpack(item)) for item in page["Items"])

    def of_person(self, email: str | None, member_id: str | None) -> list[SignUp]:
        """All sign-ups under an address or a member's id; the index knows them after about a second."""
        names = [self._keys.address(email)] if email else []
        names += [self._keys.member(member_id)] if member_id else []
        found: dict[str, SignUp] = {}
        for who in names:
            pages = CLIENT.get_paginator("query").paginate(
                TableName=self._name,
                IndexName="gsi1",
                KeyConditionExpression="gsi1pk = :who",
                ExpressionAttributeValues=pack({":who": f"WHO#{who}"}),
            )
            for page in pages:
                for item in page["Items"]:
                    values = unpack(item)
                    if sign_up := self.get(str(values["gsi1sk"]), str(values["sign_up"])):
                        found[sign_up.id] = sign_up
        return list(found.values())

    def page(
        self, event_id: str, state: State | None, *, limit: int, cursor: str | None
    ) -> tuple[list[SignUp], str | None]:
        """One page of an event's sign-ups, by state and then in the order in which they were confirmed.

        Raises:
            ProblemError: 400, the cursor is not one of this list's.
        """
        listing = Listing(self._name, f"SIGN_UPS#{event_id}", f"{state}#" if state else "")
        found, next_cursor = listing.page(limit, cursor)
        return [sign_up_of(values) for values in found], next_cursor

    def position(self, sign_up: SignUp) -> int | None:
        """The place on the waiting list, from 1; None for who does not wait."""
        if sign_up.state is not State.WAITING:
            return None
        query = self._items.within(sign_up.event, LINE, until=place_of(sign_up))
        pages = CLIENT.get_paginator("query").paginate(**query, Select="COUNT")
        return sum(page["Count"] for page in pages)

    def claim_letter(self, sign_up: SignUp, mark: str) -> bool:
        """Whether this letter was not sent before, to somebody who is still there; from now on it was."""
        update = self._mark(sign_up, mark, "ADD")
        update["ConditionExpression"] = "attribute_exists(pk) AND NOT contains(told, :mark)"
        update["ExpressionAttributeValues"] |= pack({":mark": mark})
        return _is_made(update)

    def release_letter(self, sign_up: SignUp, mark: str, retry_at: datetime) -> None:
        """This letter was not sent after all, and is tried again later."""
        update = self._mark(sign_up, mark, "DELETE")
        update["UpdateExpression"] += " SET retry_at = :retry_at"
        update["ConditionExpression"] = "attribute_exists(pk)"
        update["ExpressionAttributeValues"] |= pack({":retry_at": retry_at.isoformat()})
        _is_made(update)

    def keep_until(self, sign_up: SignUp, event: Event) -> None:
        """Forget the sign-up so long after the event as it is now, and not as it was once."""
        expires_at = epoch(event.guests_until)
        gone = [f"WHO#{self._keys.address(sign_up.email)}"]
        if sign_up.member:
            gone.append(f"WHO#{self._keys.member(sign_up.member)}")
        if sign_up.state is State.WAITING:
            gone.append(place_of(sign_up))
        for sk in (*gone, item_of(sign_up)):
            update = {
                "TableName": self._name,
                "Key": key_of(event.id, sk),
                "UpdateExpression": "SET expires_at = :expires_at",
                "ConditionExpression": "attribute_exists(pk)",
                "ExpressionAttributeValues": pack({":expires_at": expires_at}),
            }
            _is_made(update)

    def _move_one_up(self, event_id: str, now: datetime) -> SignUp | None:
        for _ in attempts():
            event = self._events.expect(event_id)
            if event.cancelled_at or now >= event.ends_at or not event.seats.can_move_up:
                return None
            line = CLIENT.query(**self._items.within(event_id, LINE), Limit=1)["Items"]
            seen = self.get(event_id, str(unpack(line[0])["sign_up"])) if line else None
            if seen is None:
                continue
            made = moved_up(seen, now)
            in_line = {"ConditionExpression": "attribute_exists(pk)"}
            writes = [
                self._items.change(seen, made),
                self._items.delete(event_id, place_of(seen), in_line),
                self._events.step(event_id, MOVE_UP),
            ]
            if not write_together(writes):
                return made
        raise busy()

    def _joined(
        self, event: Event, sign_up: SignUp, number: int, now: datetime
    ) -> tuple[SignUp, list[TransactWriteItemTypeDef]]:
        """The sign-up as it is confirmed, and what is written beside it."""
        if sign_up.state is State.HELD:
            return seated(sign_up, number, now), []
        step = joining(event.seats)
        if step is TAKE:
            return seated(sign_up, number, now), [self._events.step(event.id, step)]
        made = queued(sign_up, number, now)
        return made, [self._events.step(event.id, step), self._items.in_line(made)]

    def _of_who(self, event_id: str, who: str) -> SignUp | None:
        values = self._items.read(event_id, f"WHO#{who}")
        return self.get(event_id, str(values["sign_up"])) if values else None

    def _mark(self, sign_up: SignUp, mark: str, action: str) -> Any:
        return {
            "TableName": self._name,
            "Key": key_of(sign_up.event, item_of(sign_up)),
            "UpdateExpression": f"{action} told :marks",
            "ExpressionAttributeValues": pack({":marks": {mark}}),
        }


def _is_made(update: Any) -> bool:
    """Update one item; False where its condition does not hold."""
    try:
        CLIENT.update_item(**update)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
