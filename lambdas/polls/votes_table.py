"""Votes and their counters, which never differ: both are written by one transaction.

The items are described in `polls_table`. A poll's counters are made with it, and each says until when it
takes votes: whatever runs or does not run, a vote after that moment fails on its counter's condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from polls.poll import KEEP_VOTES, Poll, Tally, is_poll_id
from polls.voting import SHARDS, Step, Vote, Voter, shard_of, step_of
from shared.problems import busy, not_found
from shared.tables import CLIENT, attempts, epoch, pack, read_together, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_COUNT = "COUNT"
_VOTE = "VOTE#"
_OPTION = "votes_"
_PER_BATCH = 25
_OPEN = "closes_at > :now AND attribute_not_exists(frozen)"
_KEYS = frozenset({"pk", "sk", "expires_at"})


class VotesTable:
    """Takes votes, counts them, and forgets who voted."""

    def __init__(self, name: str) -> None:
        self._name = name

    def cast(self, poll_id: str, voter: Voter, choice: tuple[str, ...], now: datetime) -> tuple[Vote, Step]:
        """Take a vote and count it. Said again, it is the same vote.

        Returns:
            The vote as it is kept, and what was done.

        Raises:
            ProblemError: 404 no poll; as `step_of`; 503 when the counter stays contended.
        """
        for _ in attempts():
            poll, vote, count = self._read(poll_id, voter)
            if poll is None:
                raise not_found("such poll")
            step = step_of(poll, vote, voter, choice, is_frozen=count is None or "frozen" in count, now=now)
            if step is Step.NOTHING and vote:
                return vote, step
            made = Vote(
                choice=tuple(sorted(choice)),
                owner=voter.owner,
                changes=vote.changes + 1 if vote else 0,
                voted_at=now,
            )
            if not write_together(
                [self._put_vote(poll, voter, vote, made), self._count(poll, voter, vote, made, now)]
            ):
                return made, step
        raise busy()

    def vote_of(self, poll_id: str, key: str) -> Vote | None:
        """The vote that there is under a voter's key, strongly consistent."""
        answer = CLIENT.get_item(TableName=self._name, Key=pack(_vote_key(poll_id, key)), ConsistentRead=True)
        return _vote(unpack(answer["Item"])) if "Item" in answer else None

    def forget(self, poll_id: str, voter: Voter, now: datetime) -> bool:
        """Delete a vote: while the poll is open it is taken out of the count, and afterwards the count stays.

        Returns:
            Whether there was one.

        Raises:
            ProblemError: 503 when the counter stays contended.
        """
        for _ in attempts():
            poll, vote, count = self._read(poll_id, voter)
            if vote is None:
                return False
            writes: list[TransactWriteItemTypeDef] = [
                {
                    "Delete": {
                        "TableName": self._name,
                        "Key": pack(_vote_key(poll_id, voter.key)),
                        "ConditionExpression": "changes = :seen",
                        "ExpressionAttributeValues": pack({":seen": vote.changes}),
                    }
                }
            ]
            if poll and poll.closes_at > now and count is not None and "frozen" not in count:
                writes.append(self._count(poll, voter, vote, None, now))
            if not write_together(writes):
                return True
        raise busy()

    def tally(self, poll_id: str) -> Tally:
        """The sum of a poll's counters, each strongly consistent."""
        found = read_together(self._name, [(_place(poll_id, shard), _COUNT) for shard in range(SHARDS)])
        votes: dict[str, int] = {}
        for count in found:
            for name, value in count.items():
                if name.startswith(_OPTION):
                    option = name.removeprefix(_OPTION)
                    votes[option] = votes.get(option, 0) + int(value)
        return Tally(voters=sum(int(count["voters"]) for count in found), votes=votes)

    def freeze(self, poll_id: str) -> None:
        """Let no more votes into the counters, one after the other.

        Raises:
            ProblemError: 503 when a counter stays contended; asking again goes on.
        """
        for shard in range(SHARDS):
            update: TransactWriteItemTypeDef = {
                "Update": {
                    "TableName": self._name,
                    "Key": pack(_count_key(poll_id, shard)),
                    "UpdateExpression": "SET frozen = :yes",
                    "ConditionExpression": "attribute_exists(pk)",
                    "ExpressionAttributeValues": pack({":yes": True}),
                }
            }
            for _ in attempts():
                reasons = write_together([update])
                if not reasons or "ConditionalCheckFailed" in reasons:
                    break
            else:
                raise busy()

    def forget_all(self, poll_id: str) -> int:
        """Delete all votes of a poll and its counters; what is left when it fails goes the next time.

        Returns:
            Number of items that are gone.
        """
        gone = 0
        for shard in range(SHARDS):
            keys = list(self._keys_in(poll_id, shard))
            for first in range(0, len(keys), _PER_BATCH):
                self._delete(keys[first : first + _PER_BATCH])
            gone += len(keys)
        return gone

    def new_counters(self, poll: Poll) -> list[TransactWriteItemTypeDef]:
        """The part of a transaction that makes a poll's counters."""
        return [
            {
                "Put": {
                    "TableName": self._name,
                    "Item": pack(
                        {
                            **_count_key(poll.id, shard),
                            "voters": 0,
                            "revision": poll.revision,
                            "closes_at": epoch(poll.closes_at),
                        }
                    ),
                }
            }
            for shard in range(SHARDS)
        ]

    def replaced_counters(self, poll: Poll) -> list[TransactWriteItemTypeDef]:
        """The part of a transaction that makes a poll's counters anew; refused when there is a vote."""
        parts: Any = self.new_counters(poll)
        for part in parts:
            part["Put"] |= {
                "ConditionExpression": "voters = :none AND attribute_not_exists(frozen)",
                "ExpressionAttributeValues": pack({":none": 0}),
            }
        return list(parts)

    def deleted_counters(self, poll_id: str) -> list[TransactWriteItemTypeDef]:
        """The part of a transaction that takes a poll's counters away, so that no vote can be counted."""
        return [
            {"Delete": {"TableName": self._name, "Key": pack(_count_key(poll_id, shard))}}
            for shard in range(SHARDS)
        ]

    def _read(self, poll_id: str, voter: Voter) -> tuple[Poll | None, Vote | None, dict[str, Any] | None]:
        """Poll, vote and counter, strongly consistent."""
        if not is_poll_id(poll_id):
            return None, None, None
        place = _place(poll_id, shard_of(poll_id, voter.key))
        wanted = [(f"POLL#{poll_id}", "POLL"), (place, f"{_VOTE}{voter.key}"), (place, _COUNT)]
        found = {item["sk"]: item for item in read_together(self._name, wanted)}
        poll, vote = found.get("POLL"), found.get(f"{_VOTE}{voter.key}")
        return (poll_of(poll) if poll else None), (_vote(vote) if vote else None), found.get(_COUNT)

    def _put_vote(
        self, poll: Poll, voter: Voter, before: Vote | None, after: Vote
    ) -> TransactWriteItemTypeDef:
        item = {
            **_vote_key(poll.id, voter.key),
            **after.model_dump(mode="json"),
            # Votes are deleted long before, all of a poll at once; this is for what went wrong.
            "expires_at": epoch(poll.closes_at + 2 * KEEP_VOTES),
        }
        put: Any = {"TableName": self._name, "Item": pack(item)}
        if before is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "changes = :seen"
            put["ExpressionAttributeValues"] = pack({":seen": before.changes})
        return {"Put": put}

    def _count(
        self, poll: Poll, voter: Voter, before: Vote | None, after: Vote | None, now: datetime
    ) -> TransactWriteItemTypeDef:
        """Count one vote in the place of another; refused when the poll is closed or not as it was read."""
        old = set(before.choice) if before else set()
        new = set(after.choice) if after else set()
        changes = {option: int(option in new) - int(option in old) for option in sorted(old ^ new)}
        adds = {f"{_OPTION}{option}": change for option, change in changes.items()}
        if voters := int(after is not None) - int(before is not None):
            adds["voters"] = voters
        names = {f"#{place}": name for place, name in enumerate(adds)}
        values = {f":{place}": change for place, change in enumerate(adds.values())}
        return {
            "Update": {
                "TableName": self._name,
                "Key": pack(_count_key(poll.id, shard_of(poll.id, voter.key))),
                "UpdateExpression": "ADD " + ", ".join(f"#{place} :{place}" for place in range(len(adds))),
                "ConditionExpression": f"revision = :revision AND {_OPEN}",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": pack({**values, ":revision": poll.revision, ":now": epoch(now)}),
            }
        }

    def _keys_in(self, poll_id: str, shard: int) -> Iterator[dict[str, Any]]:
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :place",
            "ProjectionExpression": "pk, sk",
            "ExpressionAttributeValues": pack({":place": _place(poll_id, shard)}),
            "ConsistentRead": True,
        }
        for page in CLIENT.get_paginator("query").paginate(**query):
            yield from page["Items"]

    def _delete(self, keys: Iterable[dict[str, Any]]) -> None:
        left: Any = [{"DeleteRequest": {"Key": key}} for key in keys]
        for _ in attempts():
            answer = CLIENT.batch_write_item(RequestItems={self._name: left})
            left = answer.get("UnprocessedItems", {}).get(self._name)
            if not left:
                return
        raise busy()


def poll_of(values: dict[str, Any]) -> Poll:
    """A poll from its item."""
    return Poll.model_validate({name: values[name] for name in Poll.model_fields if name in values})


def _vote(values: dict[str, Any]) -> Vote:
    return Vote.model_validate({name: value for name, value in values.items() if name not in _KEYS})


def _place(poll_id: str, shard: int) -> str:
    return f"POLL#{poll_id}#TALLY#{shard:02d}"


def _count_key(poll_id: str, shard: int) -> dict[str, str]:
    return {"pk": _place(poll_id, shard), "sk": _COUNT}


def _vote_key(poll_id: str, key: str) -> dict[str, str]:
    return {"pk": _place(poll_id, shard_of(poll_id, key)), "sk": f"{_VOTE}{key}"}
