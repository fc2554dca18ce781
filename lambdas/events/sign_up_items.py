"""The items of sign-ups, as they are described in `events_table`: how they are read, and the parts of
transactions that write them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from events.event import Event
from events.limits import LETTER_AGAIN
from events.sign_up import SignUp
from shared.tables import CLIENT, epoch, pack, unpack

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

SIGN_UP = "SIGN_UP#"
LINE = "LINE#"

_KEYS = frozenset({"pk", "sk", "gsi1pk", "gsi1sk"})
_NUMBER_DIGITS = 10


class SignUpItems:
    """Items of the guests of events.

    Args:
        table: its name.
    """

    def __init__(self, table: str) -> None:
        self._name = table

    def next_number(self, event: Event) -> int:
        """The number of whoever confirms now; no two get the same."""
        answer = CLIENT.update_item(
            TableName=self._name,
            Key=key_of(event.id, "NUMBERS"),
            UpdateExpression="ADD #last :one",
            ExpressionAttributeNames={"#last": "last"},
            ExpressionAttributeValues=pack({":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
        return int(unpack(answer["Attributes"])["last"])

    def read(self, event_id: str, sk: str) -> dict[str, Any]:
        """One item, strongly consistent; empty where there is none."""
        key = key_of(event_id, sk)
        return unpack(CLIENT.get_item(TableName=self._name, Key=key, ConsistentRead=True).get("Item", {}))

    def within(self, event_id: str, prefix: str, until: str | None = None) -> Any:
        """The query for an event's items whose sort key begins so, or lies between that and `until`."""
        condition = "begins_with(sk, :first)" if until is None else "sk BETWEEN :first AND :last"
        values = {":pk": _pk(event_id), ":first": prefix, ":last": until}
        return {
            "TableName": self._name,
            "KeyConditionExpression": f"pk = :pk AND {condition}",
            "ExpressionAttributeValues": pack(values),
            "ConsistentRead": True,
        }

    def put(self, sign_up: SignUp) -> TransactWriteItemTypeDef:
        """A new sign-up."""
        return {
            "Put": {
                "TableName": self._name,
                "Item": pack({"pk": _pk(sign_up.event), "sk": item_of(sign_up), **_values(sign_up)}),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }

    def change(self, seen: SignUp, made: SignUp) -> TransactWriteItemTypeDef:
        """What differs, if nobody has changed the state meanwhile; marks of letters stay as they are."""
        before = _values(seen)
        changed = {name: value for name, value in _values(made).items() if value != before[name]}
        condition = state_is(seen)
        update: Any = {
            "TableName": self._name,
            "Key": key_of(seen.event, item_of(seen)),
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}_made" for name in changed),
            **condition,
        }
        update["ExpressionAttributeNames"] |= {f"#{name}": name for name in changed}
        update["ExpressionAttributeValues"] |= pack(
            {f":{name}_made": value for name, value in changed.items()}
        )
        return {"Update": update}

    def found(self, event: Event, who: str, sign_up: SignUp) -> TransactWriteItemTypeDef:
        """The name under which its person is found, if nobody in this event has it."""
        values = {
            "pk": _pk(event.id),
            "sk": f"WHO#{who}",
            "gsi1pk": f"WHO#{who}",
            "gsi1sk": event.id,
            "sign_up": sign_up.id,
            "expires_at": sign_up.expires_at,
        }
        return {
            "Put": {
                "TableName": self._name,
                "Item": pack(values),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }

    def asked(self, event: Event, who: str, now: datetime) -> TransactWriteItemTypeDef:
        """Note that a letter goes to an address, if none did lately."""
        values = {"pk": _pk(event.id), "sk": f"ASKED#{who}", "expires_at": epoch(now + LETTER_AGAIN)}
        return {
            "Put": {
                "TableName": self._name,
                "Item": pack(values),
                # DynamoDB removes expired items late, so an expired one must not stand in the way.
                "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
                "ExpressionAttributeValues": pack({":now": epoch(now)}),
            }
        }

    def in_line(self, sign_up: SignUp) -> TransactWriteItemTypeDef:
        """The place in the line of somebody who waits."""
        values = {
            "pk": _pk(sign_up.event),
            "sk": place_of(sign_up),
            "sign_up": sign_up.id,
            "expires_at": sign_up.expires_at,
        }
        return {"Put": {"TableName": self._name, "Item": pack(values)}}

    def delete(self, event_id: str, sk: str, condition: Mapping[str, Any] | None = None) -> Any:
        """An item goes, on a condition where there is one."""
        key = key_of(event_id, sk)
        return {"Delete": {"TableName": self._name, "Key": key, **(condition or {})}}


def key_of(event_id: str, sk: str) -> dict[str, Any]:
    """The key of an item of an event's guests."""
    return pack({"pk": _pk(event_id), "sk": sk})


def item_of(sign_up: SignUp) -> str:
    """The sort key of a sign-up."""
    return f"{SIGN_UP}{sign_up.id}"


def place_of(sign_up: SignUp) -> str:
    """The sort key of the place in the line of somebody who waits."""
    return f"{LINE}{sign_up.number:0{_NUMBER_DIGITS}}"


def state_is(seen: SignUp) -> dict[str, Any]:
    """The condition that nobody has changed a sign-up's state since it was read."""
    return {
        "ConditionExpression": "#state = :state",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": pack({":state": seen.state.value}),
    }


def sign_up_of(values: Mapping[str, Any]) -> SignUp:
    """A sign-up as DynamoDB has it."""
    return SignUp.model_validate({name: value for name, value in values.items() if name not in _KEYS})


def _pk(event_id: str) -> str:
    return f"GUESTS#{event_id}"


def _values(sign_up: SignUp) -> dict[str, Any]:
    """All attributes but the keys and the marks of letters."""
    asked = sign_up.asked_at.strftime("%Y%m%dT%H%M%S")
    place = f"{sign_up.number:0{_NUMBER_DIGITS}}" if sign_up.number else asked
    return {
        **sign_up.model_dump(mode="json", exclude={"told"}),
        "gsi1pk": f"SIGN_UPS#{sign_up.event}",
        "gsi1sk": f"{sign_up.state}#{place}#{sign_up.id}",
    }
