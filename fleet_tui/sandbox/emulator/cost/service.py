"""Cost Explorer as ministack's router sees it."""

from __future__ import annotations

import json

from fleet_tui.sandbox.emulator.cost import anomalies, queries
from fleet_tui.sandbox.emulator.wire import Headers, Query, Response, ServiceError, json_answer, json_error

CONTENT_TYPE = "application/x-amz-json-1.1"

_operations = {
    **anomalies.OPERATIONS,
    "GetCostAndUsage": queries.get_cost_and_usage,
    "GetCostForecast": queries.get_cost_forecast,
}


async def handle_cost_explorer(
    method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    """Answers `X-Amz-Target: AWSInsightsIndexService.<Operation>`."""
    name = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    try:
        operation = _operations.get(name)
        if operation is None:
            raise ServiceError(400, "UnknownOperationException", f"{name} is not an operation here")
        return json_answer(operation(json.loads(body or b"{}")), CONTENT_TYPE)
    except ServiceError as error:
        return json_error(error, CONTENT_TYPE)
