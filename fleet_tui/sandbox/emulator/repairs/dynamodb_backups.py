"""DynamoDB's point-in-time recovery.

Upstream: the recovery period is taken and forgotten, so that a table with a shorter one than AWS' 35 days has
a change in every plan. Here the period is what is kept of a table that can be recovered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb

DEFAULT_DAYS = 35
PERIOD_DAYS = (1, 35)

Operation = Callable[[dict[str, Any]], Any]


def _with_period(operation: Operation) -> Operation:
    """The operation, whose answer also tells the recovery period."""

    def run(asked: dict[str, Any]) -> Any:
        status, headers, body = operation(asked)
        name = dynamodb._normalize_table_name(asked.get("TableName"))
        if status != 200 or not (days := dynamodb._pitr_settings.get(name)):
            return status, headers, body
        answer = json.loads(body)
        shown = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        shown["RecoveryPeriodInDays"] = int(days)
        return status, headers, json.dumps(answer).encode()

    return run


def _keep_period(upstream: Operation) -> Operation:
    """UpdateContinuousBackups."""

    def update(asked: dict[str, Any]) -> Any:
        wanted = asked.get("PointInTimeRecoverySpecification", {})
        days = wanted.get("RecoveryPeriodInDays", DEFAULT_DAYS)
        if not PERIOD_DAYS[0] <= days <= PERIOD_DAYS[1]:
            return dynamodb.error_response_json(
                "ValidationException", "RecoveryPeriodInDays must be between 1 and 35", 400
            )
        status, headers, body = upstream(asked)
        if status == 200 and wanted.get("PointInTimeRecoveryEnabled"):
            dynamodb._pitr_settings[dynamodb._normalize_table_name(asked["TableName"])] = days
        return status, headers, body

    return update


def install() -> None:
    """Put the repair in place."""
    dynamodb._update_continuous_backups = _with_period(_keep_period(dynamodb._update_continuous_backups))
    dynamodb._describe_continuous_backups = _with_period(dynamodb._describe_continuous_backups)
