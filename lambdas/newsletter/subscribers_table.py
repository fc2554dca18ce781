"""Subscribers, those who want to be, and addresses that are not written to.

Table `NEWSLETTER_TABLE`, keys pk and sk, index `gsi1` (gsi1pk, gsi1sk, all attributes), TTL `expires_at`:

| item         | pk              | sk         | gsi1pk      | gsi1sk       | attributes                     |
|--------------|-----------------|------------|-------------|--------------|--------------------------------|
| pending      | PENDING#<id>    | PENDING    |             |              | those of `Pending`; `lettered` |
|              |                 |            |             |              | once a letter was sent for it  |
| subscriber   | SUBSCRIBER#<id> | SUBSCRIBER | SUBSCRIBERS | <id>         | those of `Subscriber`          |
| blocked      | BLOCKED#<id>    | BLOCKED    | BLOCKED     | <since>#<id> | those of `Blocked`             |
| soft bounces | SOFT#<id>       | SOFT       |             |              | bounces (id → moment), version |
| day          | DAY#<day>       | DAY        |             |              | requests                       |

<id> is the keyed hash of the address. Who gets no letters any more is in no index. Letters lie beside them
(`letters_table.py`), and the items of `shared.visits` and `shared.table_secret`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from newsletter.blocking import WITHIN
from newsletter.consent import CONFIRM_WITHIN, KEEP_PROOF, LETTER_EVERY
from newsletter.items import expect_refused, found, put_after, value_of
from newsletter.limits import REQUESTS_PER_DAY
from newsletter.model import Blocked, Pending, Subscriber
from shared.pages import Listing
from shared.problems import busy
from shared.tables import CLIENT, attempts, epoch, pack, read_together, unpack, write_together
from shared.visits import expiry_of

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class SubscribersTable:
    """Reads and writes subscribers; every write is conditional on what was read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def is_full(self, day: date) -> bool:
        """Take note of one more request of this UTC day; whether it is one too many."""
        try:
            CLIENT.update_item(
                TableName=self._name,
                Key=pack({"pk": f"DAY#{day}", "sk": "DAY"}),
                UpdateExpression="ADD requests :one SET expires_at = :expires_at",
                ConditionExpression="attribute_not_exists(requests) OR requests < :limit",
                ExpressionAttributeValues=pack(
                    {":one": 1, ":limit": REQUESTS_PER_DAY, ":expires_at": expiry_of(day)}
                ),
            )
        except ClientError as error:
            expect_refused(error)
            return True
        return False

    def ask(self, pending: Pending) -> bool:
        """Keep what somebody asks for, which brings a letter on its way.

        Returns:
            False where the address is blocked or was written to within the hour: the one call takes as long.
        """
        latest = (pending.asked_at - LETTER_EVERY).isoformat()
        item = {
            **pending.model_dump(mode="json"),
            **_pending_key(pending.id),
            "asked_at": pending.asked_at.isoformat(),
            "expires_at": epoch(pending.asked_at + CONFIRM_WITHIN),
        }
        put: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self._name,
                "Item": pack(item),
                "ConditionExpression": "attribute_not_exists(pk) OR asked_at <= :latest",
                "ExpressionAttributeValues": pack({":latest": latest}),
            }
        }
        for _ in attempts():
            reasons = write_together([self._not_blocked(pending.id), put])
            if "ConditionalCheckFailed" in reasons:
                return False
            if not reasons:
                return True
        raise busy()

    def pending(self, subscriber_id: str) -> Pending | None:
        """What waits for confirmation, or None."""
        return found(Pending, self._get(_pending_key(subscriber_id)))

    def take_letter(self, subscriber_id: str) -> Pending | None:
        """What somebody asked for, for the caller alone to write to them about; None where that is done."""
        try:
            answer = CLIENT.update_item(
                TableName=self._name,
                Key=pack(_pending_key(subscriber_id)),
                UpdateExpression="SET lettered = asked_at",
                ConditionExpression=(
                    "attribute_exists(pk) AND (attribute_not_exists(lettered) OR lettered <> asked_at)"
                ),
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            expect_refused(error)
            return None
        return found(Pending, unpack(answer["Attributes"]))

    def give_letter_back(self, pending: Pending) -> None:
        """The letter was not sent: it is to be tried again."""
        CLIENT.update_item(
            TableName=self._name,
            Key=pack(_pending_key(pending.id)),
            UpdateExpression="REMOVE lettered",
            ConditionExpression="attribute_exists(pk)",
        )

    def subscriber(self, subscriber_id: str) -> Subscriber | None:
        """The subscriber with their proof of consent, or None."""
        return found(Subscriber, self._get(subscriber_key(subscriber_id)))

    def confirm(self, pending: Pending, make: Callable[[Subscriber | None], Subscriber]) -> Subscriber | None:
        """Make a subscriber of somebody who waits.

        Returns:
            The subscriber; None where the address is blocked, or somebody else has used the link up.
        """
        remove: TransactWriteItemTypeDef = {
            "Delete": {
                "TableName": self._name,
                "Key": pack(_pending_key(pending.id)),
                "ConditionExpression": "asked_at = :asked_at",
                "ExpressionAttributeValues": pack({":asked_at": pending.asked_at.isoformat()}),
            }
        }
        for _ in attempts():
            before = self.subscriber(pending.id)
            after = make(before)
            writes = [self._not_blocked(pending.id), remove, self.put(before, after)]
            reasons = write_together(writes)
            if not reasons:
                return after
            if "ConditionalCheckFailed" in reasons[:2]:
                return None
        raise busy()

    def change(
        self,
        subscriber_id: str,
        make: Callable[[Subscriber], Subscriber],
        beside: Callable[[], list[TransactWriteItemTypeDef]] = list,
    ) -> Subscriber | None:
        """Change a subscriber who gets letters.

        Args:
            subscriber_id: whose address.
            make: from what is there to what shall be.
            beside: further writes of the same transaction.

        Returns:
            What is there now; None where nobody is subscribed.
        """
        for _ in attempts():
            before = self.subscriber(subscriber_id)
            if before is None or not before.is_active:
                return None
            after = make(before)
            if not write_together([self.put(before, after), *beside()]):
                return after
        raise busy()

    def put(self, before: Subscriber | None, after: Subscriber) -> TransactWriteItemTypeDef:
        """The write that puts a subscriber in the place of what was read."""
        indexed = {"gsi1pk": "SUBSCRIBERS", "gsi1sk": after.id} if after.is_active else {}
        goes = {"expires_at": epoch(after.ended_at + KEEP_PROOF)} if after.ended_at else {}
        item = {**after.model_dump(mode="json"), **subscriber_key(after.id), **indexed, **goes}
        return put_after(self._name, item, before.version if before else None)

    def page(self, after: str | None, limit: int) -> tuple[list[Subscriber], str | None]:
        """Subscribers who get letters by their ids, and the id after which the next page begins."""
        query: dict[str, Any] = {
            "TableName": self._name,
            "IndexName": "gsi1",
            "KeyConditionExpression": "gsi1pk = :partition",
            "ExpressionAttributeValues": pack({":partition": "SUBSCRIBERS"}),
            "Limit": limit,
        }
        if after:
            query["ExclusiveStartKey"] = pack(
                {"gsi1pk": "SUBSCRIBERS", "gsi1sk": after, **subscriber_key(after)}
            )
        answer = CLIENT.query(**query)
        listed = [value_of(Subscriber, unpack(item)) for item in answer["Items"]]
        last = answer.get("LastEvaluatedKey")
        return listed, unpack(last)["gsi1sk"] if last else None

    def blocked(self, subscriber_id: str) -> Blocked | None:
        """The entry of the block list, or None."""
        return found(Blocked, self._get(blocked_key(subscriber_id)))

    def blocked_page(self, limit: int, cursor: str | None) -> tuple[list[Blocked], str | None]:
        """A page of the block list, the newest entry first, and the cursor of the next."""
        items, following = Listing(self._name, "BLOCKED", newest_first=True).page(limit, cursor)
        return [value_of(Blocked, item) for item in items], following

    def block(self, entry: Blocked) -> bool:
        """Add an entry to the block list; whether it is new."""
        item = {
            **entry.model_dump(mode="json"),
            **blocked_key(entry.id),
            "gsi1pk": "BLOCKED",
            "gsi1sk": f"{entry.since.isoformat()}#{entry.id}",
        }
        try:
            CLIENT.put_item(
                TableName=self._name, Item=pack(item), ConditionExpression="attribute_not_exists(pk)"
            )
        except ClientError as error:
            expect_refused(error)
            return False
        return True

    def unblock(self, subscriber_id: str) -> bool:
        """Take an entry off the block list, with the bounces that led to it; whether there was one."""
        CLIENT.delete_item(TableName=self._name, Key=pack(_soft_key(subscriber_id)))
        return self._remove(blocked_key(subscriber_id))

    def count_soft_bounce(
        self,
        subscriber_id: str,
        count: Callable[[Mapping[str, datetime]], dict[str, datetime]],
        now: datetime,
    ) -> Mapping[str, datetime]:
        """Take note of a soft bounce; those that count now."""
        for _ in attempts():
            seen = self._get(_soft_key(subscriber_id))
            version = int(seen.get("version", 0))
            earlier = {known: datetime.fromisoformat(at) for known, at in seen.get("bounces", {}).items()}
            bounces = count(earlier)
            item = {
                **_soft_key(subscriber_id),
                "bounces": {known: at.isoformat() for known, at in bounces.items()},
                "version": version + 1,
                "expires_at": epoch(now + WITHIN),
            }
            try:
                CLIENT.put_item(
                    TableName=self._name,
                    Item=pack(item),
                    ConditionExpression="attribute_not_exists(pk) OR version = :version",
                    ExpressionAttributeValues=pack({":version": version}),
                )
            except ClientError as error:
                expect_refused(error)
            else:
                return bounces
        raise busy()

    def forget(self, subscriber_id: str) -> int:
        """Remove what is kept of a person, but for the bare entry of the block list; how many items went."""
        keys = (subscriber_key(subscriber_id), _pending_key(subscriber_id), _soft_key(subscriber_id))
        gone = sum(self._remove(key) for key in keys)
        try:
            CLIENT.update_item(
                TableName=self._name,
                Key=pack(blocked_key(subscriber_id)),
                UpdateExpression="REMOVE address",
                ConditionExpression="attribute_exists(address)",
            )
        except ClientError as error:
            expect_refused(error)
            return gone
        return gone + 1

    def soft_bounces(self, subscriber_id: str) -> Mapping[str, str]:
        """The soft bounces that are kept of an address: their ids and when they came."""
        return dict(self._get(_soft_key(subscriber_id)).get("bounces", {}))

    def _remove(self, key: Mapping[str, str]) -> bool:
        answer = CLIENT.delete_item(TableName=self._name, Key=pack(key), ReturnValues="ALL_OLD")
        return bool(answer.get("Attributes"))

    def _get(self, key: Mapping[str, str]) -> dict[str, Any]:
        items = read_together(self._name, [(key["pk"], key["sk"])])
        return items[0] if items else {}

    def _not_blocked(self, subscriber_id: str) -> TransactWriteItemTypeDef:
        return {
            "ConditionCheck": {
                "TableName": self._name,
                "Key": pack(blocked_key(subscriber_id)),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }


def subscriber_key(subscriber_id: str) -> dict[str, str]:
    """Where a subscriber lies."""
    return {"pk": f"SUBSCRIBER#{subscriber_id}", "sk": "SUBSCRIBER"}


def blocked_key(subscriber_id: str) -> dict[str, str]:
    """Where an entry of the block list lies."""
    return {"pk": f"BLOCKED#{subscriber_id}", "sk": "BLOCKED"}


def _pending_key(subscriber_id: str) -> dict[str, str]:
    return {"pk": f"PENDING#{subscriber_id}", "sk": "PENDING"}


def _soft_key(subscriber_id: str) -> dict[str, str]:
    return {"pk": f"SOFT#{subscriber_id}", "sk": "SOFT"}
