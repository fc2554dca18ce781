"""CloudWatch's alarms.

Upstream:
- an alarm looks at a metric whatever its dimensions, at all periods as if they were one, and not at all when
  data is missing, so that it never ends by itself;
- nobody but topics hears of a change: EventBridge does on AWS
  (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html).

Alarms are evaluated when points come in, and through the back door (`alarms/evaluate`), as of any moment. An
alarm on a metric that never had a point stays as it is, and so do alarms on expressions and queries:
SetAlarmState changes them.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch, eventbridge

Record = dict[str, Any]

INSUFFICIENT = "INSUFFICIENT_DATA"

_COMPARISONS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": (
        "greater than or equal to",
        lambda value, threshold: value >= threshold,
    ),
    "GreaterThanThreshold": ("greater than", lambda value, threshold: value > threshold),
    "LessThanThreshold": ("less than", lambda value, threshold: value < threshold),
    "LessThanOrEqualToThreshold": ("less than or equal to", lambda value, threshold: value <= threshold),
}


def verdict(
    values: list[float | None],
    needed: int,
    breaches: Callable[[float], bool],
    missing: str,
) -> str | None:
    """The state that the values of the evaluated periods make, or None where it stays.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

    Args:
        values: one for each period; None where there was no data.
        needed: so many have to breach.
        breaches: whether a value does.
        missing: how a period without data counts: missing, ignore, breaching or notBreaching.
    """
    bad = sum(missing == "breaching" if value is None else breaches(value) for value in values)
    if bad >= needed:
        return "ALARM"
    if all(value is None for value in values) and missing in ("missing", "ignore"):
        return INSUFFICIENT if missing == "missing" else None
    return "OK"


def evaluate(alarm: Record, now: float | None = None) -> None:
    """Bring an alarm on a metric to the state that its metric has.

    Args:
        alarm: ministack's record of it.
        now: seconds since the epoch; none: this moment.
    """
    comparison = _COMPARISONS.get(alarm.get("ComparisonOperator") or "")
    if comparison is None or not alarm.get("MetricName"):
        return
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []}
    key = alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions)
    points = cloudwatch._metrics.get(key)
    if not points:
        return
    words, compare = comparison
    threshold, periods = float(alarm.get("Threshold") or 0), int(alarm.get("EvaluationPeriods") or 1)
    values = _values(alarm, points, periods, time.time() if now is None else now)
    state = verdict(
        values,
        int(alarm.get("DatapointsToAlarm") or periods),
        lambda value: compare(value, threshold),
        alarm.get("TreatMissingData") or "missing",
    )
    if state is None or state == alarm["StateValue"]:
        return
    known = [value for value in values if value is not None]
    crossed = "was" if state == "ALARM" else "was not"
    reason = f"Threshold Crossed: {known} {crossed} {words} the threshold ({threshold})."
    if not known:
        reason = f"Threshold Crossed: no datapoints were received for {periods} periods."
    before = alarm["StateValue"]
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def evaluate_all(now: float | None = None) -> dict[str, str]:
    """Evaluate the alarms of the account and region of the call; their states by name."""
    alarms = list(cloudwatch._alarms.values())
    for alarm in alarms:
        evaluate(alarm, now)
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}


def _values(alarm: Record, points: list[Record], periods: int, now: float) -> list[float | None]:
    """The statistic in each period that ends at `now`, the last one first."""
    period = int(alarm.get("Period") or 60)
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    values: list[float | None] = []
    for index in range(periods):
        end = now - index * period
        inside = [point for point in points if end - period < float(point["Timestamp"]) <= end]
        stats = cloudwatch._calc_stats(inside) if inside else {}
        values.append(cloudwatch._stat_value(stats, statistic, inside) if inside else None)
    return values


def _told(
    inner: Callable[[Record, str, str, str], None],
) -> Callable[[Record, str, str, str], None]:
    def dispatch(alarm: Record, before: str, after: str, reason: str) -> None:
        inner(alarm, before, after, reason)
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
        detail = {
            "alarmName": alarm["AlarmName"],
            "state": {"value": after, "reason": reason, "timestamp": at},
            "previousState": {"value": before},
            "configuration": {
                "description": alarm.get("AlarmDescription") or "",
                "metrics": _metrics_of(alarm),
            },
        }
        if data := alarm.get("StateReasonData"):
            detail["state"]["reasonData"] = data
        entry = {
            "Source": "aws.cloudwatch",
            "DetailType": "CloudWatch Alarm State Change",
            "Detail": json.dumps(detail),
            "Resources": [alarm["AlarmArn"]],
        }
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)

    return dispatch


def _metrics_of(alarm: Record) -> list[Record]:
    if not alarm.get("MetricName"):
        return []
    metric = {
        "namespace": alarm["Namespace"],
        "name": alarm["MetricName"],
        "dimensions": {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []},
    }
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    measured = {"metric": metric, "period": alarm.get("Period"), "stat": statistic}
    return [{"id": str(uuid.uuid4()), "metricStat": measured, "returnData": True}]


def install() -> None:
    """Put the repair in place."""
    cloudwatch._evaluate_alarm = evaluate
    cloudwatch._dispatch_alarm_actions = _told(cloudwatch._dispatch_alarm_actions)
