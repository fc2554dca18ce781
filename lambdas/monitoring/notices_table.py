"""What is known of alarms, what channels have to be told, and what they were told last.

Table `MONITORING_TABLE`, keys pk and sk, TTL `expires_at`:

| item    | pk      | sk             | attributes                                                         |
|---------|---------|----------------|--------------------------------------------------------------------|
| alarm   | ALARM   | <name>         | state, at, rings_since, expires_at                                 |
| notice  | NOTICE  | <moment>#<id>  | notice (JSON), open_for (names of channels), received_at           |
| seen    | SEEN    | <id>           | expires_at                                                         |
| channel | CHANNEL | <name>         | sent, summed_at, last_success, last_failure, failure_reason        |
| sender  | SENDER  | SENDER         | owner, busy_until (seconds since 1970)                             |

A notice that every channel was told is deleted.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from monitoring.alarm_changes import Change, Known, judge
from monitoring.channels import ChannelName
from monitoring.notice import Notice
from monitoring.pacing import Pace
from shared.problems import busy
from shared.tables import CLIENT, attempts, epoch, pack, unpack, write_together

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

KEEP_ALARM = timedelta(days=400)
"""An alarm that has not changed for so long is forgotten; it may have been deleted."""

KEEP_SEEN = timedelta(days=2)
"""SNS tries to deliver to a function for about six hours
(https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html)."""

LEASE = timedelta(seconds=90)
"""Longer than a function runs: whoever sends is alone."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that some channels were not told yet.

    Args:
        key: its sort key.
        notice: what to tell.
        open_for: names of those channels.
        received_at: when it came in, UTC.
    """

    key: str
    notice: Notice
    open_for: frozenset[str]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """How a channel did lately.

    Args:
        pace: what it was sent.
        last_success, last_failure: moments, or None.
        failure_reason: of the last failure.
    """

    pace: Pace = field(default_factory=Pace)
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failure_reason: str | None = None


class NoticesTable:
    """Keeps notices until they are told."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._owner = secrets.token_hex(8)

    def take_change(self, change: Change, channels: Iterable[ChannelName], now: datetime) -> None:
        """Take note of an alarm's change, and keep what there is to tell of it, once.

        Raises:
            ProblemError: 503, the table stays contended.
        """
        for _ in attempts():
            known = self._alarm(change.name)
            judged = judge(known, change)
            if judged is None:
                return
            after, notice = judged
            writes: list[TransactWriteItemTypeDef] = [self._put_alarm(change.name, known, after, now)]
            if notice:
                writes.append(self._put_notice(notice, channels, now))
            if not write_together(writes):
                return
        raise busy()

    def take_notice(self, notice: Notice, channels: Iterable[ChannelName], now: datetime) -> None:
        """Keep a notice, unless the same one was kept before.

        Raises:
            ProblemError: 503, the table stays contended.
        """
        seen = {"pk": "SEEN", "sk": notice.id, "expires_at": epoch(now + KEEP_SEEN)}
        put_seen: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self._name,
                "Item": pack(seen),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }
        for _ in attempts():
            refused = write_together([put_seen, self._put_notice(notice, channels, now)])
            if not refused or refused[0] == "ConditionalCheckFailed":
                return
        raise busy()

    def waiting(self) -> tuple[Waiting, ...]:
        """All notices that some channel was not told yet, oldest first."""
        query: Any = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": pack({":pk": "NOTICE"}),
            "ConsistentRead": True,
        }
        pages = CLIENT.get_paginator("query").paginate(**query)
        return tuple(_waiting(unpack(item)) for page in pages for item in page["Items"])

    def told(self, waiting: Sequence[Waiting], channel: ChannelName) -> None:
        """These notices need not be told on a channel any more."""
        for one in waiting:
            answer = CLIENT.update_item(
                TableName=self._name,
                Key=_notice_key(one.key),
                UpdateExpression="DELETE open_for :channel",
                ExpressionAttributeValues=pack({":channel": {channel.value}}),
                ReturnValues="ALL_NEW",
            )
            if "open_for" not in answer["Attributes"]:
                self.forget([one])

    def forget(self, waiting: Sequence[Waiting]) -> None:
        """Delete notices: they are told everywhere, or given up."""
        for one in waiting:
            CLIENT.delete_item(TableName=self._name, Key=_notice_key(one.key))

    def channel(self, name: ChannelName) -> ChannelRecord:
        """How a channel did lately."""
        answer = CLIENT.get_item(TableName=self._name, Key=_channel_key(name), ConsistentRead=True)
        values = unpack(answer.get("Item", {}))
        return ChannelRecord(
            pace=Pace(
                tuple(datetime.fromisoformat(moment) for moment in values.get("sent", [])),
                _moment(values.get("summed_at")),
            ),
            last_success=_moment(values.get("last_success")),
            last_failure=_moment(values.get("last_failure")),
            failure_reason=values.get("failure_reason"),
        )

    def succeeded(self, name: ChannelName, now: datetime, pace: Pace | None = None) -> None:
        """A channel took a message; its new pace, unless the message was a test."""
        values: dict[str, Any] = {"last_success": now.isoformat()}
        if pace:
            values["sent"] = [moment.isoformat() for moment in pace.sent]
            values["summed_at"] = pace.summed_at.isoformat() if pace.summed_at else ""
        self._note(name, values)

    def failed(self, name: ChannelName, reason: str, now: datetime) -> None:
        """A channel did not take a message."""
        self._note(name, {"last_failure": now.isoformat(), "failure_reason": reason})

    def begin_sending(self, now: datetime) -> bool:
        """Whether the caller is the one who sends, until `end_sending` and no longer than `LEASE`."""
        try:
            CLIENT.update_item(
                TableName=self._name,
                Key=_SENDER_KEY,
                UpdateExpression="SET #owner = :owner, busy_until = :until",
                ConditionExpression="attribute_not_exists(busy_until) OR busy_until <= :now",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues=pack(
                    {":owner": self._owner, ":until": epoch(now + LEASE), ":now": epoch(now)}
                ),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def end_sending(self) -> None:
        """Let somebody else send."""
        try:
            CLIENT.delete_item(
                TableName=self._name,
                Key=_SENDER_KEY,
                ConditionExpression="#owner = :owner",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues=pack({":owner": self._owner}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _alarm(self, name: str) -> Known | None:
        key = pack({"pk": "ALARM", "sk": name})
        answer = CLIENT.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        values = unpack(answer.get("Item", {}))
        if not values:
            return None
        at = datetime.fromisoformat(values["at"])
        return Known(values["state"], at, _moment(values.get("rings_since")))

    def _put_alarm(
        self, name: str, before: Known | None, after: Known, now: datetime
    ) -> TransactWriteItemTypeDef:
        values = {
            "pk": "ALARM",
            "sk": name,
            "state": after.state,
            "at": after.at.isoformat(),
            "rings_since": after.rings_since.isoformat() if after.rings_since else None,
            "expires_at": epoch(now + KEEP_ALARM),
        }
        if before is None:
            return {
                "Put": {
                    "TableName": self._name,
                    "Item": pack(values),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
        return {
            "Put": {
                "TableName": self._name,
                "Item": pack(values),
                "ConditionExpression": "#at = :before",
                "ExpressionAttributeNames": {"#at": "at"},
                "ExpressionAttributeValues": pack({":before": before.at.isoformat()}),
            }
        }

    def _put_notice(
        self, notice: Notice, channels: Iterable[ChannelName], now: datetime
    ) -> TransactWriteItemTypeDef:
        values = {
            **{"pk": "NOTICE", "sk": f"{notice.at.isoformat()}#{notice.id}"},
            "notice": notice.model_dump_json(),
            "open_for": {channel.value for channel in channels},
            "received_at": now.isoformat(),
        }
        return {"Put": {"TableName": self._name, "Item": pack(values)}}

    def _note(self, name: ChannelName, values: dict[str, Any]) -> None:
        CLIENT.update_item(
            TableName=self._name,
            Key=_channel_key(name),
            UpdateExpression="SET " + ", ".join(f"{field} = :{field}" for field in values),
            ExpressionAttributeValues=pack({f":{field}": value for field, value in values.items()}),
        )


_SENDER_KEY = pack({"pk": "SENDER", "sk": "SENDER"})


def _notice_key(key: str) -> dict[str, Any]:
    return pack({"pk": "NOTICE", "sk": key})


def _channel_key(name: ChannelName) -> dict[str, Any]:
    return pack({"pk": "CHANNEL", "sk": name.value})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _waiting(values: dict[str, Any]) -> Waiting:
    return Waiting(
        key=values["sk"],
        notice=Notice.model_validate_json(values["notice"]),
        open_for=frozenset(values.get("open_for", ())),
        received_at=datetime.fromisoformat(values["received_at"]),
    )
