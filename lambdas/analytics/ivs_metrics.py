"""What IVS measures of a channel, by the minute, from CloudWatch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from types_boto3_cloudwatch.client import CloudWatchClient
    from types_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

KEPT = timedelta(days=15)
"""CloudWatch keeps single minutes for so long, and then only five together
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html)."""

# https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html
_METRICS = {"viewers": "ConcurrentViews", "on_air": "IngestFramerate"}
_PERIOD_S = 60


class IncompleteError(Exception):
    """CloudWatch did not tell everything; it is asked again later."""


@cache
def _client() -> CloudWatchClient:
    return boto3.client("cloudwatch")


def measured(
    channel_arn: str, first: datetime, last: datetime
) -> tuple[dict[datetime, float], frozenset[datetime]]:
    """Viewers of a channel minute by minute, and the minutes in which something was sent.

    Args:
        channel_arn: of the channel.
        first: moment from which on.
        last: moment up to which.

    Raises:
        IncompleteError: there is more than CloudWatch has told.
    """
    channel = channel_arn.rpartition("/")[2]
    queries = [_query(query, metric, channel) for query, metric in _METRICS.items()]
    points: dict[str, dict[datetime, float]] = {query: {} for query in _METRICS}
    status: dict[str, str] = {}
    pages = (
        _client()
        .get_paginator("get_metric_data")
        .paginate(MetricDataQueries=queries, StartTime=first, EndTime=last)
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            query = result["Id"]
            status[query] = result.get("StatusCode", "Complete")
            times = (moment.astimezone(UTC) for moment in result["Timestamps"])
            points[query].update(zip(times, result["Values"], strict=True))
    if set(status.values()) - {"Complete"}:
        raise IncompleteError
    return points["viewers"], frozenset(points["on_air"])


def _query(query: str, metric: str, channel: str) -> MetricDataQueryTypeDef:
    return {
        "Id": query,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/IVS",
                "MetricName": metric,
                "Dimensions": [{"Name": "Channel", "Value": channel}],
            },
            "Period": _PERIOD_S,
            "Stat": "Average",
        },
    }
