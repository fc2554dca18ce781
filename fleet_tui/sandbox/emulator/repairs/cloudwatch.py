"""CloudWatch.

Upstream:
- over the query protocol, which is what Terraform speaks, an alarm loses most of its fields;
- in every protocol an alarm on an expression loses its queries, and one on a percentile has an average too;
- PutMetricData accepts AWS' own namespaces;
- every point is kept for two weeks, so that a series of high resolution grows without bound, and what is
  older, which AWS keeps in less detail for 63 days and more, is gone;
- GetMetricData always answers oldest first; AWS' default is newest first (`ScanBy`).

So what is said in queries about alarms is translated to JSON and back by botocore's own description, and
these operations are put right in JSON, which is what boto3 speaks.
"""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qsl

from ministack.services import cloudwatch

from fleet_tui.sandbox.emulator import query_protocol
from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import (
    Handler,
    Headers,
    Query,
    Response,
    ServiceError,
    json_answer,
    json_error,
    xml_error,
)

NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"
TARGET = "GraniteServiceVersion20100801"
CONTENT_TYPE = "application/x-amz-json-1.0"
REPAIRED = frozenset(
    {"PutMetricAlarm", "PutCompositeAlarm", "DescribeAlarms", "PutMetricData", "GetMetricData"}
)

FORGOTTEN = ("Metrics", "EvaluateLowSampleCountPercentile", "ThresholdMetricId")
SINGLE_METRIC = ("Period", "Statistic", "MetricName", "Namespace")

KEPT_SECONDS = 63 * 86_400
KEPT_POINTS = 1_500
"""Newest points of a series that are kept: two hours of points every five seconds."""

Json = dict[str, Any]


async def _by_json(inner: Handler, headers: Headers, operation: str, request: Json) -> Json:
    if operation == "PutMetricData" and str(request.get("Namespace", "")).startswith("AWS/"):
        message = f"The value {request['Namespace']} for parameter Namespace is invalid."
        raise ServiceError(400, "InvalidParameterValue", message)
    if operation in ("PutMetricAlarm", "PutCompositeAlarm"):
        request.setdefault("ActionsEnabled", True)
    json_headers = {**headers, "content-type": CONTENT_TYPE, "x-amz-target": f"{TARGET}.{operation}"}
    status, _, body = await inner("POST", "/", json_headers, json.dumps(request).encode(), {})
    answer: Json = json.loads(body or b"{}")
    if status >= 300:
        code = str(answer.get("__type", "InternalFailure")).rsplit("#", 1)[-1]
        raise ServiceError(status, code, str(answer.get("message") or answer.get("Message") or ""))
    if operation == "PutMetricAlarm":
        _remember(request)
    if operation == "GetMetricData" and request.get("ScanBy") != "TimestampAscending":
        for result in answer.get("MetricDataResults", []):
            result["Timestamps"].reverse()
            result["Values"].reverse()
    return answer


def _remember(request: Json) -> None:
    alarm = cloudwatch._alarms[request["AlarmName"]]
    alarm.update({key: request[key] for key in FORGOTTEN if request.get(key) is not None})
    if request.get("Metrics"):
        for key in SINGLE_METRIC:
            alarm.pop(key, None)
    if request.get("ExtendedStatistic"):
        alarm.pop("Statistic", None)


async def _translate(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    if target := headers.get("x-amz-target"):
        operation = target.rsplit(".", 1)[-1]
        if operation not in REPAIRED:
            return await inner(method, path, headers, body, query)
        try:
            return json_answer(await _by_json(inner, headers, operation, json.loads(body)), CONTENT_TYPE)
        except ServiceError as error:
            return json_error(error, CONTENT_TYPE)
    form = (
        dict(parse_qsl(body.decode())) if "x-www-form-urlencoded" in headers.get("content-type", "") else {}
    )
    operation = form.get("Action", "")
    if operation not in REPAIRED:
        return await inner(method, path, headers, body, query)
    model = query_protocol.operation_model("cloudwatch", operation)
    try:
        answer = await _by_json(inner, headers, operation, query_protocol.read(form, model.input_shape))
    except ServiceError as error:
        return xml_error(error)
    return query_protocol.write(operation, answer, model.output_shape, NAMESPACE)


def _evict() -> None:
    cutoff = time.time() - KEPT_SECONDS
    for key, points in cloudwatch._metrics.items():
        kept = [point for point in points if point["Timestamp"] >= cutoff]
        if len(kept) > KEPT_POINTS:
            kept = sorted(kept, key=lambda point: float(point["Timestamp"]))[-KEPT_POINTS:]
        if kept:
            cloudwatch._metrics[key] = kept
        else:
            del cloudwatch._metrics[key]


def install() -> None:
    """Put the repair in place."""
    cloudwatch._evict_old_metrics = _evict
    wrap("monitoring", _translate)
