"""Members, and what they are entitled to.

Table `MEMBERSHIP_TABLE`, keys pk and sk, index `gsi1` (gsi1pk, gsi1sk, all), TTL `expires_at`:

| item        | pk               | sk          | gsi1pk        | gsi1sk             |
|-------------|------------------|-------------|---------------|--------------------|
| member      | MEMBER#<id>      | MEMBER      | STATE#<state> | <tier>#<id>        |
| entitlement | ENTITLEMENT#<id> | ENTITLEMENT | DUE           | <until>#<id>       |
| customer    | CUSTOMER#<id>    | CUSTOMER    |               |                    |
| event       | EVENT#<id>       | EVENT       |               |                    |

The items of `shared.idempotency` lie beside them. A member, their entitlement, and the event or key that
changed them are written in one transaction, on the condition that nobody has written the member since they
were read. A look at Stripe lies between the two: so what is stored was always seen after what was stored
before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from membership.model import Member, State
from shared.entitlements import entitlement_key
from shared.idempotency import Idempotency
from shared.pages import Listing
from shared.tables import CLIENT, epoch, pack, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_KEEP_EVENT = timedelta(days=30)  # Stripe tries for three days (https://docs.stripe.com/webhooks#retries)
_NO_TIER = "-"
_DUE = "DUE"


class MembersTable:
    """Reads and writes members; every write is conditional on what was read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, member: str) -> Member | None:
        """One member, strongly consistent."""
        values = self._read(_member_key(member))
        return Member.model_validate(values) if values else None

    def of_customer(self, customer: str) -> str | None:
        """Id of the member whom Stripe knows as this customer."""
        values = self._read(_customer_key(customer))
        return str(values["member"]) if values else None

    def knows_event(self, event: str) -> bool:
        """Whether an event has had its effect."""
        return bool(self._read(_event_key(event)))

    def save(
        self,
        member: Member,
        seen: Member,
        now: datetime,
        *,
        event: str | None = None,
        idempotency: Idempotency | None = None,
    ) -> bool:
        """Store a member as they are now.

        Args:
            member: as they are now.
            seen: as they were read; version 0 where they were not there.
            now: the moment of the change.
            event: id of the event that caused it.
            idempotency: of the request that began the member's checkout.

        Returns:
            Whether it was written, or there was nothing to write; False where somebody else has written since
            the member was read, or the event or the key was there before.
        """
        writes: list[TransactWriteItemTypeDef] = []
        if member != seen:
            writes += [self._put_member(member, seen), self._entitle(member)]
            if member.customer and member.customer != seen.customer:
                writes.append(self._put({**_customer_key(member.customer), "member": member.id}))
        if event:
            values = {**_event_key(event), "expires_at": epoch(now + _KEEP_EVENT)}
            writes.append(self._put(values, {"ConditionExpression": "attribute_not_exists(pk)"}))
        if idempotency and member.checkout:
            writes.append(idempotency.put(self._name, str(member.checkout.number), now))
        return not writes or not write_together(writes)

    def remove(self, seen: Member) -> bool:
        """Forget a member; False where somebody else has written since they were read."""
        writes = [
            self._delete(_member_key(seen.id), _unchanged(seen)),
            self._delete(entitlement_key(seen.id)),
        ]
        if seen.customer:
            writes.append(self._delete(_customer_key(seen.customer)))
        return not write_together(writes)

    def page(
        self, state: State, tier: str | None, *, limit: int, cursor: str | None
    ) -> tuple[list[Member], str | None]:
        """One page of the members who were in a state at the last look, by tier.

        Raises:
            ProblemError: 400, the cursor is not one of this list's.
        """
        listing = Listing(self._name, f"STATE#{state}", prefix=f"{tier}#" if tier else "")
        found, next_cursor = listing.page(limit, cursor)
        return [Member.model_validate(values) for values in found], next_cursor

    def in_state(self, state: State) -> Iterator[Member]:
        """All members who were in a state at the last look."""
        return (Member.model_validate(values) for values in self._listed(f"STATE#{state}", "~"))

    def due(self, now: datetime) -> Iterator[str]:
        """Ids of the members whose entitlement is over, unless Stripe says otherwise; the oldest first."""
        return (str(values["member"]) for values in self._listed(_DUE, f"{_sortable(now)}#~"))

    def _read(self, key: Mapping[str, str]) -> dict[str, Any]:
        answer = CLIENT.get_item(TableName=self._name, Key=pack(key), ConsistentRead=True)
        return unpack(answer.get("Item", {}))

    def _listed(self, partition: str, last: str) -> Iterator[dict[str, Any]]:
        pages = CLIENT.get_paginator("query").paginate(
            TableName=self._name,
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :partition AND gsi1sk <= :last",
            ExpressionAttributeValues=pack({":partition": partition, ":last": last}),
        )
        for page in pages:
            yield from (unpack(item) for item in page["Items"])

    def _put_member(self, member: Member, seen: Member) -> TransactWriteItemTypeDef:
        tier = member.subscription.tier if member.subscription else _NO_TIER
        values = {
            **member.model_dump(mode="json"),
            **_member_key(member.id),
            "version": seen.version + 1,
            "gsi1pk": f"STATE#{member.state}",
            "gsi1sk": f"{tier}#{member.id}",
        }
        return self._put(values, _unchanged(seen))

    def _entitle(self, member: Member) -> TransactWriteItemTypeDef:
        if member.until is None or member.subscription is None:
            return self._delete(entitlement_key(member.id))
        values = {
            **entitlement_key(member.id),
            "member": member.id,
            "tier": member.subscription.tier,
            "until": member.until.isoformat(),
            "gsi1pk": _DUE,
            "gsi1sk": f"{_sortable(member.until)}#{member.id}",
        }
        return self._put(values)

    def _put(
        self, values: Mapping[str, Any], condition: Mapping[str, Any] | None = None
    ) -> TransactWriteItemTypeDef:
        put: Any = {"TableName": self._name, "Item": pack(values), **(condition or {})}
        return {"Put": put}

    def _delete(
        self, key: Mapping[str, str], condition: Mapping[str, Any] | None = None
    ) -> TransactWriteItemTypeDef:
        delete: Any = {"TableName": self._name, "Key": pack(key), **(condition or {})}
        return {"Delete": delete}


def _unchanged(seen: Member) -> dict[str, Any]:
    """The condition that a member is as they were read."""
    if not seen.version:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": pack({":version": seen.version}),
    }


def _member_key(member: str) -> dict[str, str]:
    return {"pk": f"MEMBER#{member}", "sk": "MEMBER"}


def _customer_key(customer: str) -> dict[str, str]:
    return {"pk": f"CUSTOMER#{customer}", "sk": "CUSTOMER"}


def _event_key(event: str) -> dict[str, str]:
    return {"pk": f"EVENT#{event}", "sk": "EVENT"}


def _sortable(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
