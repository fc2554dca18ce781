"""Members of the chat with their names and bans.

Table `CHAT_TABLE`, keys pk and sk, TTL `expires_at`:

| item   | pk              | sk       | attributes                                                          |
|--------|-----------------|----------|---------------------------------------------------------------------|
| member | MEMBER#<id>     | MEMBER   | display_name, skeleton, chat_role; while banned: banned_until,      |
|        |                 |          | banned_by_role, banned_because; once they spoke: what review_table  |
|        |                 |          | keeps                                                               |
| name   | NAME#<skeleton> | NAME     | holder                                                              |
| ban    | BAN             | <member> | display_name, banned_until, because, banned_by, banned_at           |

Members and names are kept for 30 days after the last visit. A ban lies twice, written together: with the
member, where the review of a message finds it in the one request that it has, and in the list of bans. The
items of `room_table` and `shared.visits` lie beside them; `person_table` knows all that is one person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ivs_chat.bans import FOREVER, end_of, holds, moment_of
from ivs_chat.model import Ban, Banning, BanPage
from ivs_chat.names import skeleton_of
from ivs_chat.problems import banned, name_taken
from ivs_chat.review_table import member_key
from ivs_chat.roles import Role, may_ban
from ivs_chat.room_table import act_put
from shared.callers import not_yours
from shared.problems import busy, not_found
from shared.tables import CLIENT, attempts, epoch, pack, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_KEEP = timedelta(days=30)
_BANS = "BAN"
_LIFT = "REMOVE banned_until, banned_by_role, banned_because"


@dataclass(frozen=True, slots=True)
class ChatMember:
    """A member as the chat knows them; a ban that is over may still be there.

    Who was erased while they are banned has neither name nor skeleton: both are empty (`person_table`).
    """

    display_name: str
    skeleton: str
    role: Role
    banned_until: int | None
    banned_by_role: Role | None
    banned_because: str


class MembersTable:
    """Keeps the members of the chat."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, member_id: str) -> ChatMember | None:
        """A member who has been in the chat, strongly consistent."""
        answer = CLIENT.get_item(TableName=self._name, Key=member_key(member_id), ConsistentRead=True)
        if "Item" not in answer:
            return None
        values = unpack(answer["Item"])
        until, by = values.get("banned_until"), values.get("banned_by_role")
        return ChatMember(
            display_name=values["display_name"],
            skeleton=values["skeleton"],
            role=Role(values["chat_role"]),
            banned_until=None if until is None else int(until),
            banned_by_role=None if by is None else Role(by),
            banned_because=values.get("banned_because", ""),
        )

    def enter(self, member_id: str, role: Role, wish: str | None, now: datetime) -> str | None:
        """Let a member into the chat under a name that nobody else has.

        One transaction: the member, if nothing has changed since they were read, their name, if it is free or
        theirs, and the name they had before, which becomes free if it still is theirs.

        Args:
            member_id: who.
            role: today's.
            wish: the name that they want; None for the one they had.
            now: when they come.

        Returns:
            Their name, or None where they had none and wish for none.

        Raises:
            ProblemError: 403 `banned`; 409 `name-taken`; 503 contended.
        """
        for _ in attempts():
            seen = self.get(member_id)
            if seen and holds(seen.banned_until, seen.banned_by_role, role, now):
                raise banned(moment_of(seen.banned_until or FOREVER), seen.banned_because)
            name = wish or (seen.display_name if seen else None) or None
            if name is None:
                return None
            writes = self._entrance(member_id, role, name, seen, now)
            refused = write_together(writes)
            if not refused:
                return name
            if refused[1] == "ConditionalCheckFailed":
                raise name_taken()
        raise busy()

    def ban(self, member_id: str, banning: Banning, *, by: str, role: Role, now: datetime) -> Ban:
        """Keep a member out.

        Args:
            member_id: who is kept out.
            banning: for how long, and why.
            by: id of who bans.
            role: of who bans.
            now: when the ban begins.

        Raises:
            ProblemError: 404, they have not been in the chat; 403, their role is too high; 503 contended.
        """
        end = end_of(banning.minutes, now)
        for _ in attempts():
            seen = self.get(member_id)
            if seen is None:
                raise not_found("such member of the chat")
            if not may_ban(role, seen.role):
                raise not_yours()
            mark = {
                ":until": end,
                ":by": role.value,
                ":because": banning.reason,
                ":seen": seen.role.value,
                **({} if end == FOREVER else {":expires_at": end + int(_KEEP.total_seconds())}),
            }
            update: TransactWriteItemTypeDef = {
                "Update": {
                    "TableName": self._name,
                    "Key": member_key(member_id),
                    "UpdateExpression": (
                        "SET banned_until = :until, banned_by_role = :by, banned_because = :because"
                        + (" REMOVE expires_at" if end == FOREVER else ", expires_at = :expires_at")
                    ),
                    "ConditionExpression": "chat_role = :seen",
                    "ExpressionAttributeValues": pack(mark),
                }
            }
            values = {
                "display_name": seen.display_name,
                "banned_until": end,
                "because": banning.reason,
                "banned_by": by,
                "banned_at": now.isoformat(),
                "expires_at": None if end == FOREVER else end,
            }
            put: TransactWriteItemTypeDef = {
                "Put": {"TableName": self._name, "Item": {**ban_key(member_id), **pack(values)}}
            }
            act = act_put(self._name, "banned", by=by, on=member_id, detail=banning.reason, now=now)
            if not write_together([update, put, act]):
                return _ban_of(member_id, values)
        raise busy()

    def unban(self, member_id: str, *, by: str, now: datetime) -> None:
        """Let a member in again.

        Raises:
            ProblemError: 404, they are not banned.
        """
        lift = self._lift(member_id, now)
        for _ in attempts():
            act = act_put(self._name, "unbanned", by=by, on=member_id, detail="", now=now)
            refused = write_together([*lift, act])
            if not refused:
                return
            if refused[0] == "ConditionalCheckFailed":
                raise not_found("such ban")
        raise busy()

    def bans(self, *, limit: int, cursor: str | None, now: datetime) -> BanPage:
        """A page of the bans that hold, by id of the member."""
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk",
            "FilterExpression": "banned_until > :now",
            "ExpressionAttributeValues": pack({":pk": _BANS, ":now": epoch(now)}),
            "Limit": limit,
            **({"ExclusiveStartKey": ban_key(cursor)} if cursor else {}),
        }
        answer = CLIENT.query(**query)
        found = [unpack(item) for item in answer["Items"]]
        last = answer.get("LastEvaluatedKey")
        return BanPage(
            bans=tuple(_ban_of(values["sk"], values) for values in found),
            next_cursor=unpack(last)["sk"] if last else None,
        )

    def _entrance(
        self, member_id: str, role: Role, name: str, seen: ChatMember | None, now: datetime
    ) -> list[TransactWriteItemTypeDef]:
        """The transaction of `enter`: the member first, then the name."""
        skeleton, expires_at = skeleton_of(name), epoch(now + _KEEP)
        values: dict[str, Any] = {
            ":name": name,
            ":skeleton": skeleton,
            ":role": role.value,
            ":expires_at": expires_at,
        }
        unchanged = "attribute_not_exists(pk)"
        if seen:
            values |= {":old": seen.skeleton, ":ban": seen.banned_until}
            unchanged = "skeleton = :old AND " + (
                "attribute_not_exists(banned_until)" if seen.banned_until is None else "banned_until = :ban"
            )
        lifted = seen is not None and seen.banned_until is not None
        writes: list[TransactWriteItemTypeDef] = [
            {
                "Update": {
                    "TableName": self._name,
                    "Key": member_key(member_id),
                    "UpdateExpression": (
                        "SET display_name = :name, skeleton = :skeleton, chat_role = :role,"
                        " expires_at = :expires_at" + (f" {_LIFT}" if lifted else "")
                    ),
                    "ConditionExpression": unchanged,
                    "ExpressionAttributeValues": pack(values),
                }
            },
            {
                "Put": {
                    "TableName": self._name,
                    "Item": {
                        **name_key(skeleton),
                        **pack({"holder": member_id, "expires_at": expires_at}),
                    },
                    "ConditionExpression": (
                        "attribute_not_exists(pk) OR holder = :member OR expires_at <= :now"
                    ),
                    "ExpressionAttributeValues": pack({":member": member_id, ":now": epoch(now)}),
                }
            },
        ]
        if seen and seen.skeleton != skeleton and self._holds_name(member_id, seen.skeleton):
            writes.append(
                {
                    "Delete": {
                        "TableName": self._name,
                        "Key": name_key(seen.skeleton),
                        "ConditionExpression": "holder = :member",
                        "ExpressionAttributeValues": pack({":member": member_id}),
                    }
                }
            )
        if lifted:
            writes.append({"Delete": {"TableName": self._name, "Key": ban_key(member_id)}})
        return writes

    def _holds_name(self, member_id: str, skeleton: str) -> bool:
        """Whether a name is still this member's; it may have gone to somebody else in their absence."""
        answer = CLIENT.get_item(TableName=self._name, Key=name_key(skeleton), ConsistentRead=True)
        return unpack(answer.get("Item", {})).get("holder") == member_id

    def _lift(self, member_id: str, now: datetime) -> list[TransactWriteItemTypeDef]:
        return [
            {
                "Update": {
                    "TableName": self._name,
                    "Key": member_key(member_id),
                    "UpdateExpression": f"SET expires_at = :expires_at {_LIFT}",
                    "ConditionExpression": "banned_until > :now",
                    "ExpressionAttributeValues": pack(
                        {":expires_at": epoch(now + _KEEP), ":now": epoch(now)}
                    ),
                }
            },
            {"Delete": {"TableName": self._name, "Key": ban_key(member_id)}},
        ]


def _ban_of(member_id: str, values: dict[str, Any]) -> Ban:
    return Ban(
        member=member_id,
        display_name=values["display_name"],
        until=moment_of(int(values["banned_until"])),
        reason=values["because"],
        by=values["banned_by"],
        banned_at=datetime.fromisoformat(values["banned_at"]),
    )


def name_key(skeleton: str) -> dict[str, Any]:
    """The key of a name's item."""
    return pack({"pk": f"NAME#{skeleton}", "sk": "NAME"})


def ban_key(member_id: str) -> dict[str, Any]:
    """The key of a member's item in the list of bans."""
    return pack({"pk": _BANS, "sk": member_id})
