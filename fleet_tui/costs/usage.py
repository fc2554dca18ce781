"""What a creator used since the month began, from CloudWatch in the creator's account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from fleet_tui.costs.model import Usage
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_DAY = 86_400
_HOUR = 3_600.0

_INPUT, _OUTPUT, _INVOCATIONS, _REQUESTS = "input", "output", "invocations", "requests"


class UsageDoor(Protocol):
    """What is needed of the door to AWS."""

    def entered(self, creator: Creator) -> AbstractContextManager[Any]:
        """The account, whose `client(service)` gives boto3 clients; errors leave it as FleetErrors."""


def measure(door: UsageDoor, creator: Creator, now: datetime) -> Usage:
    """The month's usage of the modules that are on, by one GetMetricData.

    IVS publishes LiveInputTime and LiveDeliveredTime in seconds, for a channel and for all channels of the
    account together (https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html); Lambda
    publishes Invocations for all functions together
    (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html); HTTP APIs publish Count for
    each API (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html). CloudWatch
    keeps only what happened: a metric without a point is zero, not unknown.

    Args:
        door: the way into accounts.
        creator: whose account is asked, in its region.
        now: the present, in UTC; its month counts.

    Returns:
        Hours and counts since the first of the month; None for what belongs to no enabled module, and for
        what CloudWatch could not answer in full.

    Raises:
        FleetError: as the door.
    """
    modules = creator.modules.enabled
    queries: list[MetricDataQueryTypeDef] = []
    with door.entered(creator) as account:
        if "ivs-streaming" in modules:
            queries.append(_sum(_INPUT, "AWS/IVS", "LiveInputTime"))
            queries.append(_sum(_OUTPUT, "AWS/IVS", "LiveDeliveredTime"))
        if creator.modules.with_functions:
            queries.append(_sum(_INVOCATIONS, "AWS/Lambda", "Invocations"))
            for place, api in enumerate(_apis(account)):
                queries.append(_sum(f"{_REQUESTS}{place}", "AWS/ApiGateway", "Count", ApiId=api))
        if not queries:
            return Usage()
        sums = _ask(account.client("cloudwatch"), queries, now)
    requests = [value for name, value in sums.items() if name.startswith(_REQUESTS)]
    counted = None if None in requests or not requests else sum(value or 0.0 for value in requests)
    return Usage(
        stream_input_hours=_scaled(sums.get(_INPUT), _HOUR),
        stream_output_hours=_scaled(sums.get(_OUTPUT), _HOUR),
        lambda_invocations=_whole(sums.get(_INVOCATIONS)),
        api_requests=_whole(counted),
    )


def _apis(account: Any) -> Iterable[str]:
    pages = account.client("apigatewayv2").get_paginator("get_apis").paginate()
    return [api["ApiId"] for page in pages for api in page["Items"]]


def _sum(name: str, namespace: str, metric: str, **dimensions: str) -> MetricDataQueryTypeDef:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            },
            "Period": _DAY,
            "Stat": "Sum",
        },
    }


def _ask(
    client: CloudWatchClient, queries: list[MetricDataQueryTypeDef], now: datetime
) -> Mapping[str, float | None]:
    """The sums by query; None where the last word on a query was not that it is complete."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    sums: dict[str, float] = {}
    status: dict[str, str] = {}
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=month, EndTime=now
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            name = result["Id"]
            sums[name] = sums.get(name, 0.0) + sum(result.get("Values", ()))
            status[name] = result.get("StatusCode", "Complete")
    return {name: total if status[name] == "Complete" else None for name, total in sums.items()}


def _scaled(seconds: float | None, unit: float) -> float | None:
    return None if seconds is None else seconds / unit


def _whole(count: float | None) -> int | None:
    return None if count is None else round(count)
