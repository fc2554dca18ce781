"""The HTTP API of a platform module: routes are declared once, and what they take is read with suspicion.

    api = Api()

    @api.put("/bookings/{id}/approve", by=Caller.OPERATOR, refusals={404: "…", 409: "…"})
    def approve(call: Call, body: Approval) -> Booking: ...

    handler = api.handler

A parameter called `body` or `query` is read from the request as the model that annotates it; what is returned
is the answer. `openapi.py` reads the same declarations, so that the published document cannot differ.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, get_type_hints

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

from shared.callers import Caller, Event, Member, member_of, operator_of
from shared.problems import ProblemError, invalid, not_found, read_only, unexpected
from shared.region import takes_writes
from shared.telemetry import count_fault, log_fault, logger, metrics

Model = TypeVar("Model", bound=BaseModel)
Handler = TypeVar("Handler", bound=Callable[..., BaseModel | Response[str] | None])

JSON = "application/json"

MAX_BODY_BYTES = 16 * 1024
"""Several times what the longest valid request takes."""

_MAX_LISTED_ERRORS = 20
_MAX_POINTER_CHARS = 100


@dataclass(slots=True)
class Call:
    """One request.

    Args:
        event: as API Gateway sent it.
        now: when API Gateway received it, UTC: the one clock that every rule is given.
        path: the path's parameters.
        operator: who signed the request, on routes of operators; otherwise empty.
        headers: of the answer; a route may add to them.
    """

    event: Event
    now: datetime
    path: Mapping[str, str]
    operator: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    _member: Member | None = None

    @property
    def member(self) -> Member:
        """Who is signed in, on routes of members."""
        if self._member is None:
            raise LookupError("this route is not declared for members")
        return self._member

    @property
    def source_ip(self) -> str:
        """The client's address as API Gateway saw it. Never stored or logged."""
        return str(self.event["requestContext"]["http"].get("sourceIp") or "")

    @property
    def user_agent(self) -> str:
        """The client's user agent as it came. Never stored or logged."""
        return str(self.event["requestContext"]["http"].get("userAgent") or "")

    def header(self, name: str) -> str | None:
        """A request header; API Gateway gives names in lower case and joins repeated ones by commas."""
        value = (self.event.get("headers") or {}).get(name.lower())
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Route:
    """What is known of a route when its module is imported.

    Args:
        status: of the answer when all is well.
        refusals: further statuses that it answers with, and when.
        raw_body: the body is no JSON; the handler reads it with `raw_body_of`.
        media_types: that the body may be declared as.
        body_limit: most bytes of the body.
    """

    method: str
    path: str
    by: Caller
    status: int
    refusals: Mapping[int, str]
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: type[BaseModel] | None
    raw_body: bool
    media_types: tuple[str, ...]
    body_limit: int

    @property
    def key(self) -> str:
        """API Gateway's route key."""
        return f"{self.method} {self.path}"


class Api:
    """The routes of one function.

    Args:
        otherwise: what a path is answered with that none of the routes has; 404 unless said otherwise.
    """

    def __init__(self, otherwise: ProblemError | None = None) -> None:
        self.routes: list[Route] = []
        self._app = APIGatewayHttpResolver()
        self._app.exception_handler(ProblemError)(_refuse)
        self._app.exception_handler(NotFoundError)(lambda _: _refuse(otherwise or not_found("such resource")))
        self._app.exception_handler(Exception)(_fail)
        self.handler = logger.inject_lambda_context(clear_state=False)(self._handle)

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a GET route; see `route`."""
        return self.route("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a POST route; see `route`."""
        return self.route("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a PUT route; see `route`."""
        return self.route("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a DELETE route; see `route`."""
        return self.route("DELETE", path, **options)

    def route(
        self,
        method: str,
        path: str,
        *,
        by: Caller = Caller.PUBLIC,
        status: int | None = None,
        refusals: Mapping[int, str] | None = None,
        answer: type[BaseModel] | None = None,
        raw_body: bool = False,
        media_types: tuple[str, ...] = (JSON,),
        body_limit: int = MAX_BODY_BYTES,
    ) -> Callable[[Handler], Handler]:
        """Declare a route.

        Args:
            method: of HTTP.
            path: with parameters as API Gateway writes them, `/bookings/{id}`.
            by: who may call it; checked before anything is read.
            status: of the answer; 200, or 204 where there is none, unless said otherwise.
            refusals: further statuses that it answers with, and when; those that follow from the declaration
                (of reading the request, of who may call, and 500) need not be listed.
            answer: the model, where the function returns a `Response` of its own.
            raw_body: the body is no JSON and is read by the function, with `raw_body_of`.
            media_types: that the body, JSON all the same, may be declared as.
            body_limit: most bytes of the body.
        """

        def declare(function: Handler) -> Handler:
            hints = get_type_hints(function)
            returned = hints.get("return")
            model = answer or (returned if _is_model(returned) else None)
            route = Route(
                method=method,
                path=path,
                by=by,
                status=status or (200 if model else 204),
                refusals=dict(refusals or {}),
                summary=(function.__doc__ or "").partition("\n")[0],
                body=hints.get("body"),
                query=hints.get("query"),
                answer=model,
                raw_body=raw_body,
                media_types=media_types,
                body_limit=body_limit,
            )
            self.routes.append(route)
            rule = path.replace("{", "<").replace("}", ">")
            self._app.route(rule, method=method)(lambda **found: self._call(route, function, found))
            return function

        return declare

    def _handle(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        logger.set_correlation_id(str(event.get("requestContext", {}).get("requestId", "")))
        try:
            return self._app.resolve(event, context)
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()

    def _call(self, route: Route, function: Handler, found: Mapping[str, str]) -> Response[str]:
        event = self._app.current_event.raw_event
        call = Call(event=event, now=moment_of(event), path=found)
        if route.by is Caller.OPERATOR:
            call.operator = operator_of(event, os.environ.get("OPERATOR_ACCOUNT_ID", ""))
        elif route.by is not Caller.PUBLIC:
            call._member = member_of(event, call.now, route.by)
        if route.method != "GET" and not takes_writes():
            raise read_only()
        arguments: dict[str, BaseModel] = {}
        if route.query:
            arguments["query"] = _read_query(event, route.query)
        if route.body:
            arguments["body"] = _read_json(call, route.body, route.media_types, route.body_limit)
        result = function(call, **arguments)
        if isinstance(result, Response):
            return result
        if result is None:
            headers = {"Cache-Control": "no-store", **call.headers}
            return Response(status_code=route.status, content_type=None, headers=headers, body="")
        return _answer(route.status, result.model_dump_json(by_alias=True), call.headers)


def moment_of(event: Event) -> datetime:
    """When API Gateway received the request."""
    return datetime.fromtimestamp(event["requestContext"]["timeEpoch"] / 1000, tz=UTC)


def raw_body_of(event: Event, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body's bytes as they came, for what is signed as it is.

    Raises:
        ProblemError: 413 longer than `limit` bytes, 400 not readable.
    """
    raw = event.get("body") or ""
    # Base64 needs four characters for three bytes: what is too long is not even decoded.
    if len(raw) > limit * 4 // 3 + 4:
        raise _too_large(limit)
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
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _read_json(call: Call, model: type[Model], media_types: tuple[str, ...], limit: int) -> Model:
    """The request body as `model`, strictly; 415 not JSON, 413, 400, or 422 where it breaks a rule."""
    media_type, _, parameters = (call.header("content-type") or "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() not in media_types or charset not in ("", "charset=utf-8"):
        detail = f"Send JSON in UTF-8 as {' or '.join(media_types)}."
        raise ProblemError(415, "unsupported-media-type", "Unsupported media type", detail)
    try:
        return model.model_validate_json(raw_body_of(call.event, limit), strict=True)
    except ValidationError as error:
        raise _refusal(error) from None


def _read_query(event: Event, model: type[Model]) -> Model:
    """The query string as `model`; 422 for unknown, repeated or wrong parameters."""
    try:
        return model.model_validate(event.get("queryStringParameters") or {})
    except ValidationError as error:
        raise _refusal(error) from None


def _refuse(problem: ProblemError) -> Response[str]:
    logger.info("refused", problem=problem.name, status=problem.status)
    base = f"https://{os.environ.get('CREATOR_DOMAIN') or 'localhost'}/problems"
    document = json.dumps(problem.document(base), separators=(",", ":"))
    return _answer(problem.status, document, problem.headers, media_type="application/problem+json")


def _fail(error: Exception) -> Response[str]:
    log_fault(error)
    count_fault()  # Lambda itself sees an answer like any other, and no error
    return _refuse(unexpected())


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


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, "too-large", "Too large", f"A request body has at most {limit} bytes.")


def _answer(
    status: int, body: str, headers: Mapping[str, str], *, media_type: str = "application/json"
) -> Response[str]:
    return Response(
        status_code=status,
        content_type=media_type,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers},
        body=body,
    )
