"""One HTTP API route as a Lambda: reading the request with suspicion, answering in one shape."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

from shared.problems import ProblemError, invalid, not_found, unexpected
from shared.telemetry import count, log_fault, logger, metrics

Model = TypeVar("Model", bound=BaseModel)

Event = Mapping[str, Any]
"""An API Gateway HTTP API event, payload format 2.0."""

MAX_BODY_BYTES = 16 * 1024
"""Several times what the longest valid request takes."""

_PROBLEM_BASE = f"https://{os.environ.get('CREATOR_DOMAIN') or 'localhost'}/problems"
_MAX_LISTED_ERRORS = 20
_MAX_POINTER_CHARS = 100


def new_api() -> APIGatewayHttpResolver:
    """A resolver whose errors are problem documents; routes are added by the handler module."""
    app = APIGatewayHttpResolver()
    app.exception_handler(ProblemError)(_refuse)
    app.exception_handler(NotFoundError)(lambda _: _refuse(not_found("such resource")))
    app.exception_handler(Exception)(_fail)
    return app


def entry(app: APIGatewayHttpResolver) -> Callable[[dict[str, Any], LambdaContext], dict[str, Any]]:
    """The function that Lambda calls, for the routes of `app`; metrics are flushed with each request."""

    @logger.inject_lambda_context(clear_state=False)
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        logger.set_correlation_id(str(event.get("requestContext", {}).get("requestId", "")))
        try:
            return app.resolve(event, context)
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()

    return handler


def answer(
    status: int, body: BaseModel | dict[str, Any], headers: Mapping[str, str] | None = None
) -> Response[str]:
    """A JSON answer; not to be cached unless `headers` say otherwise."""
    return _answer(
        status, body.model_dump(mode="json") if isinstance(body, BaseModel) else body, headers or {}
    )


def no_content() -> Response[str]:
    """204, never cached."""
    return Response(status_code=204, content_type=None, headers={"Cache-Control": "no-store"}, body="")


def moment_of(event: Event) -> datetime:
    """When API Gateway received the request: the one clock that every rule is given."""
    return datetime.fromtimestamp(event["requestContext"]["timeEpoch"] / 1000, tz=UTC)


def header(event: Event, name: str) -> str | None:
    """A request header; API Gateway gives names in lower case and joins repeated ones by commas."""
    value = (event.get("headers") or {}).get(name.lower())
    return None if value is None else str(value)


def read_json(event: Event, model: type[Model]) -> Model:
    """The request body as `model`, strictly.

    Raises:
        ProblemError: 415 not JSON, 413 longer than `MAX_BODY_BYTES`, 400 not readable, 422 breaks a rule of
            the model.
    """
    media_type, _, parameters = (header(event, "content-type") or "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise ProblemError(
            415, "unsupported-media-type", "Unsupported media type", "Send JSON in UTF-8 as application/json."
        )
    try:
        return model.model_validate_json(_body(event), strict=True)
    except ValidationError as error:
        raise _refusal(error) from None


def read_query(event: Event, model: type[Model]) -> Model:
    """The query string as `model`.

    Raises:
        ProblemError: 422 unknown, repeated or wrong parameters.
    """
    try:
        return model.model_validate(event.get("queryStringParameters") or {})
    except ValidationError as error:
        raise _refusal(error) from None


def _refuse(problem: ProblemError) -> Response[str]:
    logger.info("refused", problem=problem.name, status=problem.status)
    document = problem.document(_PROBLEM_BASE)
    return _answer(problem.status, document, problem.headers, media_type="application/problem+json")


def _fail(error: Exception) -> Response[str]:
    log_fault(error)
    count("Faults")  # Lambda itself sees an answer like any other, and no error
    return _refuse(unexpected())


def _body(event: Event) -> bytes:
    raw = event.get("body") or ""
    # Base64 needs four characters for three bytes: what is too long is not even decoded.
    if len(raw) > MAX_BODY_BYTES * 4 // 3 + 4:
        raise _too_large()
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(raw, validate=True)
        except (binascii.Error, ValueError):
            raise _malformed() from None
    else:
        try:
            body = raw.encode()
        except UnicodeEncodeError:  # lone surrogates
            raise _malformed() from None
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    return body


def _refusal(error: ValidationError) -> ProblemError:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(item["type"] == "json_invalid" for item in found):
        return _malformed()
    return invalid(
        (_pointer(item["loc"]), item["msg"].removeprefix("Value error, "))
        for item in found[:_MAX_LISTED_ERRORS]
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}" for part in parts)[:_MAX_POINTER_CHARS]


def _malformed() -> ProblemError:
    return ProblemError(400, "malformed", "Not readable", "The body is not a JSON document in UTF-8.")


def _too_large() -> ProblemError:
    return ProblemError(413, "too-large", "Too large", f"A request body has at most {MAX_BODY_BYTES} bytes.")


def _answer(
    status: int, body: Mapping[str, Any], headers: Mapping[str, str], *, media_type: str = "application/json"
) -> Response[str]:
    return Response(
        status_code=status,
        content_type=media_type,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers},
        body=json.dumps(body, separators=(",", ":")),
    )
