"""Polls, and what is to be done with them later.

Table `POLLS_TABLE`, keys pk and sk, index `gsi1` (gsi1pk, gsi1sk, all attributes), TTL `expires_at`:

| item    | pk                      | sk               | attributes                                          |
|---------|-------------------------|------------------|-----------------------------------------------------|
| poll    | POLL#<id>               | POLL             | `Poll`; gsi1pk POLLS, gsi1sk <created_at>#<id>      |
| counter | POLL#<id>#TALLY#<shard> | COUNT            | voters, votes_<option>, revision, closes_at, frozen |
| vote    | POLL#<id>#TALLY#<shard> | VOTE#<voter>     | choice, owner, changes, voted_at                    |
| job     | JOB                     | <due>#<job>#<id> | (none)                                              |
| key     | GUEST_KEY#<day>         | GUEST_KEY        | key (bytes): signs the guest tokens of that day     |

Counters and votes are `votes_table`'s, keys `guest_tokens`'; the items of `shared.idempotency` and
`shared.visits` lie beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from polls.jobs import JOBS, Job, Work, job_from, job_of, until
from polls.poll import Poll, is_poll_id
from polls.problems import has_votes, version_changed
from polls.votes_table import VotesTable, poll_of
from shared.idempotency import Idempotency
from shared.pages import Listing
from shared.problems import busy, not_found
from shared.tables import CLIENT, attempts, pack, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_LIST = "POLLS"


class PollsTable:
    """Keeps polls; every write is conditional on what was read."""

    def __init__(self, name: str, votes: VotesTable) -> None:
        self._name = name
        self._votes = votes

    def add(self, poll: Poll, idempotency: Idempotency | None, now: datetime) -> Poll:
        """Keep a new poll; the earlier one when the idempotency key came with the same content before.

        Raises:
            ProblemError: 422 when the key came with other content before; 503 when the table stays contended.
        """
        writes: list[TransactWriteItemTypeDef] = [
            self._put(poll, "attribute_not_exists(pk)", {}),
            self._put_job(job_of(poll)),
            *self._votes.new_counters(poll),
        ]
        if idempotency:
            writes.append(idempotency.put(self._name, poll.id, now))
        for _ in attempts():
            if not write_together(writes):
                return poll
            earlier = idempotency.earlier(self._name, now) if idempotency else None
            if earlier and (stored := self.get(earlier)):
                return stored
        raise busy()

    def get(self, poll_id: str) -> Poll | None:
        """One poll, strongly consistent."""
        if not is_poll_id(poll_id):
            return None
        answer = CLIENT.get_item(TableName=self._name, Key=pack(_key(poll_id)), ConsistentRead=True)
        return poll_of(unpack(answer["Item"])) if "Item" in answer else None

    def page(self, limit: int, cursor: str | None) -> tuple[list[Poll], str | None]:
        """Up to `limit` polls, the newest first, and the cursor of the next page or None.

        Raises:
            ProblemError: 400, the cursor is not one of this list's.
        """
        found, next_cursor = Listing(self._name, _LIST, newest_first=True).page(limit, cursor)
        return [poll_of(values) for values in found], next_cursor

    def replace(self, poll_id: str, version: int, rule: Callable[[Poll], Poll]) -> Poll:
        """Make a poll that nobody has voted in what `rule` makes of it, with new counters.

        Raises:
            ProblemError: 404 unknown; 409 changed meanwhile, or somebody has voted; 503; what `rule` raises.
        """
        for _ in attempts():
            seen = self._seen(poll_id, version)
            made = rule(seen)
            reasons = write_together(
                [
                    self._put(made, *_unchanged(seen)),
                    *self._votes.replaced_counters(made),
                    *self._new_job(seen, made),
                ]
            )
            if not reasons:
                return made
            if "ConditionalCheckFailed" in reasons[1:] and reasons[0] == "None":
                raise has_votes()
        raise busy()

    def rewrite(self, poll_id: str, version: int, rule: Callable[[Poll], Poll]) -> Poll:
        """Make a poll what `rule` makes of it; its counters stay.

        Raises:
            ProblemError: 404 unknown; 409 changed meanwhile; whatever `rule` raises; 503 contended.
        """
        for _ in attempts():
            seen = self._seen(poll_id, version)
            made = rule(seen)
            if not write_together([self._put(made, *_unchanged(seen))]):
                return made
        raise busy()

    def finish(self, seen: Poll, made: Poll) -> bool:
        """Keep a poll with its count for good; False when it is not any more as it was seen."""
        reasons = write_together([self._put(made, *_unchanged(seen)), *self._new_job(seen, made)])
        return not reasons

    def remove(self, poll_id: str, now: datetime) -> None:
        """Delete a poll and its counters at once; its votes are for the job that is left behind.

        Raises:
            ProblemError: 404 unknown; 503 contended.
        """
        for _ in attempts():
            seen = self.get(poll_id)
            if seen is None:
                raise not_found("such poll")
            gone: Any = {
                "TableName": self._name,
                "Key": pack(_key(poll_id)),
                **_condition(*_unchanged(seen)),
            }
            if not write_together(
                [
                    {"Delete": gone},
                    self._delete_job(job_of(seen)),
                    self._put_job(Job(now, Work.FORGET, poll_id)),
                    *self._votes.deleted_counters(poll_id),
                ]
            ):
                return
        raise busy()

    def jobs(self, due: datetime | None = None) -> list[Job]:
        """What is to be done, the longest due first: up to this moment, or all that there is."""
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :jobs",
            "ExpressionAttributeValues": pack({":jobs": JOBS}),
            "ConsistentRead": True,
        }
        if due:
            query["KeyConditionExpression"] += " AND sk < :due"
            query["ExpressionAttributeValues"] |= pack({":due": until(due)})
        pages = CLIENT.get_paginator("query").paginate(**query)
        return [job_from(unpack(item)["sk"]) for page in pages for item in page["Items"]]

    def done(self, job: Job) -> None:
        """Forget a job."""
        CLIENT.delete_item(TableName=self._name, Key=pack(job.key))

    def _seen(self, poll_id: str, version: int) -> Poll:
        seen = self.get(poll_id)
        if seen is None:
            raise not_found("such poll")
        if seen.version != version:
            raise version_changed(seen.version)
        return seen

    def _put(self, poll: Poll, condition: str, values: dict[str, Any]) -> TransactWriteItemTypeDef:
        created = poll.created_at.isoformat(timespec="milliseconds")
        index = {"gsi1pk": _LIST, "gsi1sk": f"{created}#{poll.id}"}
        item = {**poll.model_dump(mode="json"), **_key(poll.id), **index}
        put: Any = {"TableName": self._name, "Item": pack(item), **_condition(condition, values)}
        return {"Put": put}

    def _new_job(self, seen: Poll, made: Poll) -> list[TransactWriteItemTypeDef]:
        before, after = job_of(seen), job_of(made)
        return [] if before == after else [self._delete_job(before), self._put_job(after)]

    def _put_job(self, job: Job) -> TransactWriteItemTypeDef:
        return {"Put": {"TableName": self._name, "Item": pack(job.key)}}

    def _delete_job(self, job: Job) -> TransactWriteItemTypeDef:
        return {"Delete": {"TableName": self._name, "Key": pack(job.key)}}


def _key(poll_id: str) -> dict[str, str]:
    return {"pk": f"POLL#{poll_id}", "sk": "POLL"}


def _unchanged(seen: Poll) -> tuple[str, dict[str, Any]]:
    return "version = :seen", {":seen": seen.version}


def _condition(condition: str, values: dict[str, Any]) -> Any:
    attributes = {"ExpressionAttributeValues": pack(values)} if values else {}
    return {"ConditionExpression": condition, **attributes}
