"""All items of the chat's table that are about one person, to hand out or to erase.

A ban that holds outlives the wish to be forgotten, or that wish would be the way around every ban: it stays
under the random id of the account alone, without name and reason, and ends when it would have ended. What
moderators did stays for its 90 days; whoever is erased is named in it no more, and where it was done to them,
neither is why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from pydantic import JsonValue

from ivs_chat.bans import moment_of
from ivs_chat.members_table import ban_key, name_key
from ivs_chat.review_table import member_key
from ivs_chat.room_table import AUDIT
from shared.tables import CLIENT, epoch, pack, unpack

ERASED = "erased"
"""Stands in what moderators did in the place of who is forgotten."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an erasure did.

    Args:
        erased: items that are gone, or that name the person no more.
        banned: a ban holds, and stays.
        until: end of that ban; None where it is permanent, or where there is none.
    """

    erased: int
    banned: bool = False
    until: datetime | None = None


class PersonTable:
    """Finds and erases what the chat keeps of one person."""

    def __init__(self, name: str) -> None:
        self._name = name

    def documents(self, member_id: str) -> dict[str, list[JsonValue]]:
        """What there is of a person, by kind; kinds that there is nothing of are left out."""
        member, ban = self._get(member_key(member_id)), self._get(ban_key(member_id))
        found: dict[str, list[JsonValue]] = {
            "profile": [_profile_of(member)] if member else [],
            "bans": [_ban_of(ban)] if ban else [],
            "moderation": [_act_of(act, member_id) for act in self._acts(member_id)],
        }
        return {kind: documents for kind, documents in found.items() if documents}

    def erase(self, member_id: str, now: datetime) -> Outcome:
        """Erase all that may be erased; asked again, it goes on where it stopped."""
        erased = self._erase_acts(member_id) + self._erase_counters(member_id, now)
        member = self._get(member_key(member_id))
        if member and member.get("skeleton"):
            erased += self._delete_if(name_key(str(member["skeleton"])), "holder = :value", member_id)
        end = member.get("banned_until") if member else None
        if end is not None and end > epoch(now):
            erased += self._strip_ban(member_id, end)
            return Outcome(erased, banned=True, until=moment_of(int(end)))
        if member:
            condition = "attribute_not_exists(banned_until)" if end is None else "banned_until = :value"
            erased += self._delete_if(member_key(member_id), condition, end)
        return Outcome(erased + self._delete_if(ban_key(member_id), "attribute_exists(pk)"))

    def _strip_ban(self, member_id: str, end: object) -> int:
        """Take out of a ban that holds all but whom it holds against, by their id, and for how long."""
        stripped = 0
        for key, gone in (
            (member_key(member_id), "SET display_name = :empty, skeleton = :empty, banned_because = :empty"),
            (ban_key(member_id), "SET display_name = :empty, because = :empty"),
        ):
            spoken = " REMOVE last_ms, last_digest" if key == member_key(member_id) else ""
            stripped += self._tried(
                CLIENT.update_item,
                Key=key,
                UpdateExpression=gone + spoken,
                ConditionExpression="banned_until = :end AND display_name <> :empty",
                ExpressionAttributeValues=pack({":empty": "", ":end": end}),
            )
        return stripped

    def _erase_acts(self, member_id: str) -> int:
        erased = 0
        for act in self._acts(member_id):
            values = {":erased": ERASED, ":by": act["acted_by"], ":on": act["acted_on"]}
            changes = []
            if act["acted_by"] == member_id:
                changes.append("acted_by = :erased")
            if act["acted_on"] == member_id:
                changes += ["acted_on = :erased", "detail = :empty"]
                values[":empty"] = ""
            erased += self._tried(
                CLIENT.update_item,
                Key=pack({"pk": AUDIT, "sk": act["sk"]}),
                UpdateExpression=f"SET {', '.join(changes)}",
                ConditionExpression="acted_by = :by AND acted_on = :on",
                ExpressionAttributeValues=pack(values),
            )
        return erased

    def _acts(self, member_id: str) -> list[dict[str, Any]]:
        """What the person did as a moderator, and what was done to them: in the 90 days that it is kept."""
        pages = CLIENT.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            FilterExpression="acted_by = :member OR acted_on = :member",
            ExpressionAttributeValues=pack({":pk": AUDIT, ":member": member_id}),
            ConsistentRead=True,
        )
        return [unpack(item) for page in pages for item in page["Items"]]

    def _erase_counters(self, member_id: str, now: datetime) -> int:
        """How often they came today, and yesterday, which DynamoDB may not have removed yet."""
        days = (now.astimezone(UTC).date() - timedelta(days=ago) for ago in (0, 1))
        found = [
            item
            for day in days
            for item in CLIENT.query(
                TableName=self._name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues=pack({":pk": f"RATE#{day}#{member_id}"}),
                ProjectionExpression="pk, sk",
            )["Items"]
        ]
        return sum(self._delete_if(key, "attribute_exists(pk)") for key in found)

    def _get(self, key: Any) -> dict[str, Any] | None:
        answer = CLIENT.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        return unpack(answer["Item"]) if "Item" in answer else None

    def _delete_if(self, key: Any, condition: str, value: object = None) -> int:
        values = {} if value is None else {"ExpressionAttributeValues": pack({":value": value})}
        return self._tried(CLIENT.delete_item, Key=key, ConditionExpression=condition, **values)

    def _tried(self, write: Any, **options: Any) -> int:
        """1 where the item was as it was seen, and is changed; otherwise 0."""
        try:
            write(TableName=self._name, **options)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return 0
        return 1


def _profile_of(member: Mapping[str, Any]) -> JsonValue:
    spoke = member.get("last_ms")
    return {
        "display_name": member["display_name"],
        "role": member["chat_role"],
        "last_message_at": None
        if spoke is None
        else datetime.fromtimestamp(int(spoke) / 1000, UTC).isoformat(),
    }


def _ban_of(ban: Mapping[str, Any]) -> JsonValue:
    until = moment_of(int(ban["banned_until"]))
    return {
        "reason": ban["because"],
        "banned_at": ban["banned_at"],
        "until": until.isoformat() if until else None,
    }


def _act_of(act: Mapping[str, Any], member_id: str) -> JsonValue:
    """Something that was done, without who else had to do with it."""
    return {
        "at": act["acted_at"],
        "action": act["action"],
        "detail": act["detail"],
        "done_by_you": act["acted_by"] == member_id,
        "done_to_you": act["acted_on"] == member_id,
    }
