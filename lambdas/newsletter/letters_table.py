"""Letters, who got them, and what is left to send.

In the same table as subscribers (`subscribers_table.py`):

| item     | pk          | sk        | gsi1pk            | gsi1sk            | attributes                    |
|----------|-------------|-----------|-------------------|-------------------|--------------------------------|
| letter   | LETTER#<id> | LETTER    | LETTERS#<status>  | <created_at>#<id> | those of `Letter`             |
| progress | LETTER#<id> | PROGRESS  |                   |                   | those of `Figures`, moved_at, |
|          |             |           |                   |                   | jobs; cursor while it is      |
|          |             |           |                   |                   | planned                       |
| job      | LETTER#<id> | JOB#<n>   |                   |                   | people (ids); gone once done  |
| mark     | LETTER#<id> | TO#<who>  | TO#<who>          | <id>              | state, claimed_until, moments |
|          |             |           |                   |                   | of what SES told later        |

Figures are counted in the transaction that concludes a mark, so that neither is there without the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from newsletter.blocking import Kind
from newsletter.delivery import CLAIM, KEEP_MARKS, Mark, Seen, State
from newsletter.items import expect_refused, found, put_after, value_of
from newsletter.letter import Figures, Letter, ShownLetter, Status
from newsletter.model import Subscriber
from newsletter.subscribers_table import blocked_key, subscriber_key
from shared.pages import Listing
from shared.problems import busy, not_found
from shared.tables import CLIENT, attempts, epoch, pack, read_together, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from shared.idempotency import Idempotency

_FIRST = "-"  # a cursor before every id


@dataclass(frozen=True, slots=True)
class Plan:
    """How far the planning of a letter is.

    Args:
        cursor: id of the subscriber after whom it goes on; None for the first one.
        is_done: whether every subscriber is in a job.
        jobs: that were made.
        moved_at: when something was sent or planned last, UTC.
    """

    cursor: str | None
    is_done: bool
    jobs: int
    moved_at: datetime


class LettersTable:
    """Reads and writes letters and their copies; every write is conditional on what was read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def add(self, letter: Letter, idempotency: Idempotency | None, now: datetime) -> Letter:
        """Store a new draft; the earlier one when the idempotency key came with the same text before.

        Raises:
            ProblemError: 422 when the key came with other text before; 503 when the table stays contended.
        """
        writes = [self._put(None, letter)]
        if idempotency:
            writes.append(idempotency.put(self._name, letter.id, now))
        for _ in attempts():
            if not write_together(writes):
                return letter
            earlier = idempotency.earlier(self._name, now) if idempotency else None
            if earlier:
                return self.letter(earlier)
        raise busy()

    def letter(self, letter_id: str) -> Letter:
        """A letter. Raises 404 where there is none."""
        letter = found(Letter, self._get(_letter_key(letter_id)))
        if letter is None:
            raise not_found("such letter")
        return letter

    def shown(self, letter: Letter) -> ShownLetter:
        """The letter with its figures."""
        return ShownLetter(**letter.model_dump(), figures=self.figures(letter.id))

    def figures(self, letter_id: str) -> Figures:
        """What became of a letter so far."""
        return value_of(Figures, self._get(_progress_key(letter_id)))

    def page(self, status: Status, limit: int, cursor: str | None) -> tuple[list[Letter], str | None]:
        """A page of letters of one status, the newest first, and the cursor of the next."""
        listing = Listing(self._name, f"LETTERS#{status}", newest_first=True)
        items, following = listing.page(limit, cursor)
        return [value_of(Letter, item) for item in items], following

    def change(self, letter_id: str, make: Callable[[Letter], Letter]) -> Letter:
        """Change a letter.

        Args:
            letter_id: which.
            make: from what is there to what shall be; the same letter where nothing is to be done.

        Raises:
            ProblemError: 404 where there is none; 503 when it stays contended.
        """
        for _ in attempts():
            before = self.letter(letter_id)
            after = make(before)
            if after == before:
                return before
            writes = [self._put(before, after)]
            if before.status is Status.DRAFT and after.status is Status.SENDING:
                writes.append(self._begun(after))
            if not write_together(writes):
                return after
        raise busy()

    def remove_draft(self, letter: Letter) -> bool:
        """Delete a draft; whether it was still the one that was read."""
        try:
            CLIENT.delete_item(
                TableName=self._name,
                Key=pack(_letter_key(letter.id)),
                ConditionExpression="version = :version",
                ExpressionAttributeValues=pack({":version": letter.version}),
            )
        except ClientError as error:
            expect_refused(error)
            return False
        return True

    def plan(self, letter_id: str) -> Plan:
        """How far the planning of a letter that is being sent is."""
        item = self._get(_progress_key(letter_id))
        cursor = item.get("cursor")
        return Plan(
            cursor=None if cursor == _FIRST else cursor,
            is_done=cursor is None,
            jobs=int(item.get("jobs", 0)),
            moved_at=datetime.fromisoformat(item["moved_at"]),
        )

    def add_jobs(
        self, letter_id: str, plan: Plan, people: Sequence[Sequence[str]], cursor: str | None, now: datetime
    ) -> bool:
        """Plan one page of subscribers.

        Args:
            letter_id: of the letter.
            plan: as it was read.
            people: ids, in groups of one job each.
            cursor: where planning goes on; None when that was the last page.
            now: the moment.

        Returns:
            False where somebody else has planned this page.
        """
        goes_on = "SET #cursor = :next, moved_at = :now" if cursor else "SET moved_at = :now REMOVE #cursor"
        values = {
            ":now": now.isoformat(),
            ":next": cursor,
            ":before": plan.cursor or _FIRST,
            ":jobs": len(people),
            ":planned": sum(len(group) for group in people),
        }
        update: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._name,
                "Key": pack(_progress_key(letter_id)),
                "UpdateExpression": f"{goes_on} ADD jobs :jobs, planned :planned",
                "ConditionExpression": "#cursor = :before",
                "ExpressionAttributeNames": {"#cursor": "cursor"},
                "ExpressionAttributeValues": pack(values),
            }
        }
        puts: list[TransactWriteItemTypeDef] = [
            {
                "Put": {
                    "TableName": self._name,
                    "Item": pack({**_job_key(letter_id, number), "people": list(group)}),
                }
            }
            for number, group in enumerate(people, start=plan.jobs + 1)
        ]
        for _ in attempts():
            reasons = write_together([update, *puts])
            if not reasons:
                return True
            if "ConditionalCheckFailed" in reasons:
                return False
        raise busy()

    def jobs(self, letter_id: str) -> Iterator[int]:
        """The numbers of the jobs that are not done."""
        for item in self._of_letter(letter_id, "JOB#"):
            yield int(item["sk"].removeprefix("JOB#"))

    def people(self, letter_id: str, job: int) -> list[str]:
        """Whom a job is for; empty once it is done."""
        return list(self._get(_job_key(letter_id, job)).get("people", []))

    def close_job(self, letter_id: str, job: int) -> None:
        """A job is done."""
        CLIENT.delete_item(TableName=self._name, Key=pack(_job_key(letter_id, job)))

    def is_all_done(self, letter_id: str) -> bool:
        """Whether everybody is planned and no job is left."""
        return self.plan(letter_id).is_done and next(self.jobs(letter_id), None) is None

    def see(self, letter_id: str, subscriber_id: str) -> Seen:
        """All that decides about a subscriber's copy, in one consistent read."""
        keys = [
            _letter_key(letter_id),
            _progress_key(letter_id),
            _mark_key(letter_id, subscriber_id),
            subscriber_key(subscriber_id),
            blocked_key(subscriber_id),
        ]
        items = read_together(self._name, [(key["pk"], key["sk"]) for key in keys])
        letter, progress, mark, subscriber, blocked = (
            next((item for item in items if (item["pk"], item["sk"]) == (key["pk"], key["sk"])), {})
            for key in keys
        )
        return Seen(
            letter=found(Letter, letter),
            figures=value_of(Figures, progress),
            subscriber=found(Subscriber, subscriber),
            is_blocked=bool(blocked),
            mark=_mark_of(mark) if mark else None,
        )

    def claim(self, letter_id: str, subscriber_id: str, now: datetime) -> bool:
        """Mark that SES is asked now, for the caller alone; whether nobody was first."""
        try:
            CLIENT.put_item(
                TableName=self._name,
                Item=pack(_mark_item(letter_id, subscriber_id, State.ASKED, now)),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            expect_refused(error)
            return False
        return True

    def release(self, letter_id: str, subscriber_id: str) -> None:
        """Take a claim back: SES has not taken the letter."""
        CLIENT.delete_item(TableName=self._name, Key=pack(_mark_key(letter_id, subscriber_id)))

    def conclude(self, letter_id: str, subscriber_id: str, state: State, now: datetime) -> None:
        """Say in a mark what came of it, and count it."""
        update: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._name,
                "Key": pack(_mark_key(letter_id, subscriber_id)),
                "UpdateExpression": "SET #state = :state",
                "ConditionExpression": "#state = :asked",
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": pack({":state": state.value, ":asked": State.ASKED.value}),
            }
        }
        self._counted(update, letter_id, state.figure, now)

    def skip(self, letter_id: str, subscriber_id: str, now: datetime) -> None:
        """Mark that a subscriber does not get the letter, and count it."""
        put: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self._name,
                "Item": pack(_mark_item(letter_id, subscriber_id, State.SKIPPED, now)),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }
        self._counted(put, letter_id, State.SKIPPED.figure, now)

    def note_feedback(self, letter_id: str, subscriber_id: str, kind: Kind, now: datetime) -> None:
        """Count a bounce or a complaint, once for each copy and kind."""
        update: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._name,
                "Key": pack(_mark_key(letter_id, subscriber_id)),
                "UpdateExpression": "SET #kind = :now",
                "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(#kind)",
                "ExpressionAttributeNames": {"#kind": kind.value},
                "ExpressionAttributeValues": pack({":now": now.isoformat()}),
            }
        }
        self._counted(update, letter_id, kind.value, now)

    def unsubscribed(self, letter_id: str) -> TransactWriteItemTypeDef:
        """The write that counts somebody who unsubscribed by a link of this letter."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": pack(_progress_key(letter_id)),
                "UpdateExpression": "ADD unsubscribed :one",
                "ExpressionAttributeValues": pack({":one": 1}),
            }
        }

    def copies(self, subscriber_id: str) -> Iterator[dict[str, Any]]:
        """What is known of the copies that somebody got: `letter` and `state`."""
        for item in self._copies(subscriber_id):
            yield {"letter": item["gsi1sk"], "state": item["state"]}

    def forget(self, subscriber_id: str) -> int:
        """Delete what is known of somebody's copies; how many there were. The figures stay."""
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in self._copies(subscriber_id)]
        for key in keys:
            CLIENT.delete_item(TableName=self._name, Key=pack(key))
        return len(keys)

    def _copies(self, subscriber_id: str) -> Iterator[dict[str, Any]]:
        query: Any = {
            "TableName": self._name,
            "IndexName": "gsi1",
            "KeyConditionExpression": "gsi1pk = :who",
            "ExpressionAttributeValues": pack({":who": f"TO#{subscriber_id}"}),
        }
        for page in CLIENT.get_paginator("query").paginate(**query):
            yield from map(unpack, page["Items"])

    def _of_letter(self, letter_id: str, prefix: str) -> Iterator[dict[str, Any]]:
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": pack({":pk": f"LETTER#{letter_id}", ":prefix": prefix}),
            "ConsistentRead": True,
        }
        for page in CLIENT.get_paginator("query").paginate(**query):
            yield from map(unpack, page["Items"])

    def _counted(self, write: TransactWriteItemTypeDef, letter_id: str, figure: str, now: datetime) -> None:
        """Do a write that has not been done before, and count it together with it."""
        count: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._name,
                "Key": pack(_progress_key(letter_id)),
                "UpdateExpression": "SET moved_at = :now ADD #figure :one",
                "ExpressionAttributeNames": {"#figure": figure},
                "ExpressionAttributeValues": pack({":now": now.isoformat(), ":one": 1}),
            }
        }
        for _ in attempts():
            reasons = write_together([write, count])
            if not reasons or reasons[0] == "ConditionalCheckFailed":
                return
        raise busy()

    def _put(self, before: Letter | None, after: Letter) -> TransactWriteItemTypeDef:
        item = {
            **after.model_dump(mode="json"),
            **_letter_key(after.id),
            "gsi1pk": f"LETTERS#{after.status}",
            "gsi1sk": f"{after.created_at.isoformat()}#{after.id}",
        }
        return put_after(self._name, item, before.version if before else None)

    def _begun(self, letter: Letter) -> TransactWriteItemTypeDef:
        values = {
            **_progress_key(letter.id),
            "cursor": _FIRST,
            "moved_at": (letter.started_at or letter.created_at).isoformat(),
        }
        return {"Put": {"TableName": self._name, "Item": pack(values)}}

    def _get(self, key: dict[str, str]) -> dict[str, Any]:
        items = read_together(self._name, [(key["pk"], key["sk"])])
        return items[0] if items else {}


def _letter_key(letter_id: str) -> dict[str, str]:
    return {"pk": f"LETTER#{letter_id}", "sk": "LETTER"}


def _progress_key(letter_id: str) -> dict[str, str]:
    return {"pk": f"LETTER#{letter_id}", "sk": "PROGRESS"}


def _job_key(letter_id: str, number: int) -> dict[str, str]:
    return {"pk": f"LETTER#{letter_id}", "sk": f"JOB#{number:08d}"}


def _mark_key(letter_id: str, subscriber_id: str) -> dict[str, str]:
    return {"pk": f"LETTER#{letter_id}", "sk": f"TO#{subscriber_id}"}


def _mark_item(letter_id: str, subscriber_id: str, state: State, now: datetime) -> dict[str, Any]:
    return {
        **_mark_key(letter_id, subscriber_id),
        "gsi1pk": f"TO#{subscriber_id}",
        "gsi1sk": letter_id,
        "state": state.value,
        "claimed_until": (now + CLAIM).isoformat(),
        "expires_at": epoch(now + KEEP_MARKS),
    }


def _mark_of(item: dict[str, Any]) -> Mark:
    return Mark(State(item["state"]), datetime.fromisoformat(item["claimed_until"]))
