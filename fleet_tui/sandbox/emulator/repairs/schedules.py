"""EventBridge Scheduler.

Upstream takes any text for an expression or a time zone, reads cron() and at() in UTC whatever the zone, and
hands `<aws.scheduler.…>` in an input on as it is written. What is due is found every few seconds; the back
door fires at once (`schedules/fire`, and `rules/fire` for rules of EventBridge).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ministack.core.responses import request_scope
from ministack.services import eventbridge, scheduler

from fleet_tui.sandbox.emulator.wire import Response, ServiceError

Record = dict[str, Any]

AT = "at("

SWEEP_SECONDS = 2
"""How often it is looked for what is due."""


def is_due(schedule: Record, last: float, now: float) -> bool:
    """Whether a schedule has to fire.

    Args:
        schedule: ministack's record of it.
        last: when it fired last, or when it was made, in seconds since the epoch.
        now: seconds since the epoch.
    """
    start, end = scheduler._to_epoch(schedule.get("StartDate")), scheduler._to_epoch(schedule.get("EndDate"))
    if schedule["State"] != "ENABLED" or (start and now < start) or (end and now > end):
        return False
    expression = schedule["ScheduleExpression"].strip()
    zone = ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC")
    if expression.startswith(AT):
        moment = datetime.fromisoformat(expression[len(AT) : -1]).replace(tzinfo=zone).timestamp()
        return now >= moment and not schedule.get("_fired")
    if (seconds := eventbridge._parse_rate_seconds(expression)) is not None:
        return bool(now - last >= seconds)
    fields = eventbridge._parse_cron_fields(expression)
    if fields is None:
        return False
    following = eventbridge._cron_next_fire(fields, datetime.fromtimestamp(last, zone))
    return following is not None and now >= following.timestamp()


def _fire(schedule: Record, account: str, region: str, now: float) -> None:
    arn, execution = schedule["Arn"], str(uuid.uuid4())
    target = dict(schedule["Target"])
    at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = {"schedule-arn": arn, "scheduled-time": at, "execution-id": execution, "attempt-number": "1"}
    for word, value in words.items():
        if target.get("Input"):
            target["Input"] = target["Input"].replace(f"<aws.scheduler.{word}>", value)
    event = {
        "EventId": execution,
        "Source": "aws.scheduler",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "Time": now,
        "Resources": [arn],
        "Account": account,
        "Region": region,
    }
    schedule["_fired"] = now
    with request_scope(account, region):
        eventbridge._invoke_target(target, event, schedule)
        if (
            schedule["ScheduleExpression"].startswith(AT)
            and schedule.get("ActionAfterCompletion") == "DELETE"
        ):
            scheduler._schedules.pop(f"{schedule['GroupName']}/{schedule['Name']}", None)


def fire_due() -> None:
    """Fire what is due, in every account and region."""
    now = time.time()
    for (account, region, _), schedule in list(scheduler._schedules.all_items()):
        last = schedule.get("_fired") or schedule["LastModificationDate"]
        if is_due(schedule, last, now):
            _fire(schedule, account, region, now)


def fire(account: str, region: str, name: str, group: str) -> Record:
    """Fire a schedule now, whatever its expression and state.

    Raises:
        ServiceError: there is none.
    """
    schedule = scheduler._schedules.get_scoped(account, region, f"{group}/{name}")
    if schedule is None:
        raise ServiceError(404, "ResourceNotFoundException", f"Schedule {name} does not exist in {group}.")
    _fire(schedule, account, region, time.time())
    return {"fired": schedule["Arn"]}


def fire_rule(account: str, region: str, name: str, bus: str) -> Record:
    """Send the targets of a rule of EventBridge what a due schedule sends them.

    Raises:
        ServiceError: there is no such rule.
    """
    key = eventbridge._rule_key(name, bus)
    rule = eventbridge._rules.get_scoped(account, region, key)
    if rule is None:
        raise ServiceError(404, "ResourceNotFoundException", f"Rule {name} does not exist on {bus}.")
    event = {
        "EventId": str(uuid.uuid4()),
        "Source": "aws.events",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "EventBusName": bus,
        "Time": time.time(),
        "Resources": [rule["Arn"]],
        "Account": account,
        "Region": region,
    }
    with request_scope(account, region):
        targets = eventbridge._targets.get(key) or []
        for target in targets:
            eventbridge._invoke_target(target, event, rule)
    return {"fired": rule["Arn"], "targets": len(targets)}


def complaint(body: Record) -> str | None:
    """What is wrong with the expression or the time zone of a schedule that is asked for, or None."""
    expression = (body.get("ScheduleExpression") or "").strip()
    try:
        ZoneInfo(body.get("ScheduleExpressionTimezone") or "UTC")
        if expression.startswith(AT):
            datetime.fromisoformat(expression[len(AT) : -1])
            return None
    except (KeyError, ValueError):
        return f"Invalid Schedule Expression {expression} or time zone."
    rate, fields = eventbridge._parse_rate_seconds(expression), eventbridge._parse_cron_fields(expression)
    return None if rate or fields else f"Invalid Schedule Expression {expression}."


def _checked(inner: Callable[[str, Record], Response]) -> Callable[[str, Record], Response]:
    def write(name: str, body: Record) -> Response:
        if message := complaint(body):
            refused: Response = scheduler._error(400, "ValidationException", message)
            return refused
        return inner(name, body)

    return write


def install() -> None:
    """Put the repair in place."""
    scheduler._create_schedule = _checked(scheduler._create_schedule)
    scheduler._update_schedule = _checked(scheduler._update_schedule)
    scheduler._tick_schedules = fire_due
    scheduler._SCHEDULE_TICK_INTERVAL = SWEEP_SECONDS
