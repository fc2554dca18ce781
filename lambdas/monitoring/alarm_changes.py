"""What a change of an alarm's state means to people: told once, and told when it is over.

EventBridge delivers at least once and in no order: the moment of the change decides what is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from monitoring.notice import Kind, Notice

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

MAX_TEXT_CHARS = 600
"""Of a description or a reason: the longest that says something to a reader in a hurry."""


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm is in a state since a moment.

    Args:
        name: of the alarm.
        state: as CloudWatch names it.
        at: since when, UTC.
        description: the alarm's own.
        reason: CloudWatch's, with the figures.
        link: to the alarm in the AWS console.
    """

    name: str
    state: State
    at: datetime
    description: str
    reason: str
    link: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an alarm.

    Args:
        state: its last state.
        at: moment of the newest change that was seen.
        rings_since: since when an alarm that people were told of is not over, or None.
    """

    state: State
    at: datetime
    rings_since: datetime | None


def change_of(event: Mapping[str, Any]) -> Change:
    """The change in an event `CloudWatch Alarm State Change`.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    detail, region = event["detail"], str(event["region"])
    name, state = str(detail["alarmName"]), detail["state"]
    return Change(
        name=name,
        state=state["value"],
        at=datetime.fromisoformat(state["timestamp"]).astimezone(UTC),
        description=str((detail.get("configuration") or {}).get("description") or "")[:MAX_TEXT_CHARS],
        reason=str(state.get("reason") or "")[:MAX_TEXT_CHARS],
        link=f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#alarmsV2:alarm/{quote(name, safe='')}",
    )


def judge(known: Known | None, change: Change) -> tuple[Known, Notice | None] | None:
    """What is known after a change, and what there is to tell.

    A new alarm goes from no data to OK, which is nothing to tell; an alarm that rang and has no data any more
    is neither over nor good.

    Returns:
        None where the change was seen before or a newer one was.
    """
    if known and change.at <= known.at:
        return None
    rings_since = known.rings_since if known else None
    if known and known.state == change.state:
        return Known(change.state, change.at, rings_since), None
    if change.state == "ALARM":
        return Known(change.state, change.at, rings_since or change.at), _notice(Kind.ALARM, change)
    if rings_since is None:
        return Known(change.state, change.at, None), None
    if change.state == "OK":
        return Known(change.state, change.at, None), _notice(Kind.OK, change, rings_since)
    return Known(change.state, change.at, rings_since), _notice(Kind.UNKNOWN, change, rings_since)


def _notice(kind: Kind, change: Change, rang_since: datetime | None = None) -> Notice:
    facts = {"description": change.description, "reason": change.reason}
    if rang_since:
        facts["minutes"] = str(round((change.at - rang_since).total_seconds() / 60))
    return Notice(
        id=f"{change.name}@{change.at.isoformat()}",
        kind=kind,
        at=change.at,
        name=change.name,
        facts=facts,
        link=change.link,
    )
