"""Lambda: asynchronous invocation.

Upstream retries only what S3 and callers of Invoke send; what EventBridge, Scheduler and SNS send is tried
once. Of a failed event the dead-letter queue gets the record that is a destination's, and where a function
has both, only one hears of it; a success is told to nobody
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html). Retries wait a moment here, not minutes.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.concurrency import spawn_background
from ministack.core.responses import request_scope
from ministack.services import eventbridge, lambda_svc, sns, sqs

Record = dict[str, Any]

RETRIES = 2
"""How often a failed event is tried again where the function does not say."""

MAX_AGE_SECONDS = 21_600
"""How long an event waits where the function does not say."""

PAUSE_SECONDS = 0.05
"""Between tries; AWS waits one minute, then two."""

logger = logging.getLogger(__name__)


def deliver(arn: str, body: str, attributes: dict[str, str] | None = None) -> None:
    """Hand a text to a queue, a topic or a function of the account and region of the call.

    Args:
        arn: whom to.
        body: what.
        attributes: message attributes, for a queue.
    """
    target = parse_arn(arn)
    if target.service == "lambda":
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and config:
            invoke(lambda_svc._execution_record_for_config(function, config), json.loads(body))
            return
    elif target.service == "sns" and arn in sns._topics:
        sns._fanout(arn, str(uuid.uuid4()), body, "")
        return
    elif target.service == "sqs" and sqs._queue_by_arn(arn) is not None:
        url = sqs._queue_name_to_url.get_scoped(target.account_id, target.region, target.resource)
        typed = {
            name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
        }
        sqs._act_send_message({"MessageBody": body, "MessageAttributes": typed}, url)
        return
    logger.warning("nothing to deliver to at %s", arn)


def _settings(function: Record) -> Record:
    configs = function.get("event_invoke_configs") or {}
    return function.get("event_invoke_config") or configs.get("$LATEST") or {}


def _report(
    function: Record, request: str, event: Record, result: Record, tries: int, *, failed: bool
) -> None:
    """Tell the function's dead-letter queue and its destination how an event ended."""
    config = function["config"]
    answer = result.get("body")
    destinations = _settings(function).get("DestinationConfig") or {}
    destination = (destinations.get("OnFailure" if failed else "OnSuccess") or {}).get("Destination")
    dead_letters = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if failed and dead_letters:
        message = str(answer.get("errorMessage") if isinstance(answer, dict) else answer)[:1024]
        attributes = {"RequestID": request, "ErrorCode": "200", "ErrorMessage": message or "Unhandled"}
        deliver(dead_letters, json.dumps(event), attributes)
    if destination:
        outcome = {"statusCode": 200, "executedVersion": "$LATEST"}
        if failed:
            outcome["functionError"] = result.get("function_error") or "Unhandled"
        record = {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": request,
                "functionArn": f"{config['FunctionArn']}:$LATEST",
                "condition": "RetriesExhausted" if failed else "Success",
                "approximateInvokeCount": tries,
            },
            "requestPayload": event,
            "responseContext": outcome,
            "responsePayload": answer,
        }
        deliver(destination, json.dumps(record, default=str))


def _try(function: Record, event: Record) -> Record:
    """Execute once; one that is throttled waits for its turn, which is no try."""
    until = time.monotonic() + int(_settings(function).get("MaximumEventAgeInSeconds") or MAX_AGE_SECONDS)
    while True:
        result: Record = lambda_svc._execute_function(function, event)
        if not result.get("throttle") or time.monotonic() > until:
            return result
        time.sleep(PAUSE_SECONDS)


def _run(function: Record, event: Record) -> None:
    account, region = lambda_svc._account_region_from_function_config(function["config"])
    retries = _settings(function).get("MaximumRetryAttempts")
    tries = 1 + (RETRIES if retries is None else int(retries))
    request = str(uuid.uuid4())
    with request_scope(account, region):
        for attempt in range(1, tries + 1):
            result = _try(function, event)
            if not result.get("error"):
                _report(function, request, event, result, attempt, failed=False)
                return
            if attempt < tries:
                time.sleep(PAUSE_SECONDS)
        _report(function, request, event, result, tries, failed=True)


def invoke(function: Record, event: Record) -> None:
    """Call a function without waiting for it.

    Args:
        function: ministack's record of the function, with its `config`.
        event: what it is given.
    """
    spawn_background(_run, function, event, thread_name="async-invocation")


def invoke_by_arn(arn: str, event: Record) -> bool:
    """Call a function of the account and region of the call; says whether there is one."""
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if not function or not config:
        logger.warning("no function %s", arn)
        return False
    invoke(lambda_svc._execution_record_for_config(function, config), event)
    return True


def _from_event_bridge(arn: str, payload: str) -> None:
    invoke_by_arn(arn, json.loads(payload))


def _from_topic(endpoint: str, envelope: str, _topic: str, subscription: str, *_message: Any) -> None:
    source = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription}
    invoke_by_arn(endpoint, {"Records": [{**source, "Sns": json.loads(envelope)}]})


def install() -> None:
    """Put the repair in place."""
    lambda_svc.invoke_async_with_retry = invoke
    eventbridge._dispatch_to_lambda = _from_event_bridge
    sns._deliver_to_lambda = _from_topic
