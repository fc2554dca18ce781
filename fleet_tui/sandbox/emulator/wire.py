"""Requests and answers as ministack passes them to a service, and errors in each protocol's own form."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from xml.sax.saxutils import escape

Headers = dict[str, str]
Query = dict[str, list[str]]
Response = tuple[int, Headers, bytes]
Handler = Callable[[str, str, Headers, bytes, Query], Awaitable[Response]]
"""`async (method, path, headers, body, query) -> (status, headers, body)`; header names are in lower case."""

XML_SERVICES = frozenset(
    {"s3", "route53", "cloudfront", "iam", "sts", "sns", "ses", "autoscaling", "ec2", "elasticloadbalancing"}
)
"""Services whose errors are XML; CloudWatch (`monitoring`) is too, when it is asked in the query protocol."""


class ServiceError(Exception):
    """An error that a service of ours answers with.

    Args:
        status: HTTP status.
        code: AWS' name of the error, such as `ResourceNotFoundException`.
        message: what AWS would say.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def json_answer(
    body: dict[str, Any] | None, content_type: str = "application/json", status: int = 200
) -> Response:
    """The answer of a JSON service; None becomes 204 without a body."""
    if body is None:
        return 204, {"Content-Type": content_type}, b""
    return status, {"Content-Type": content_type}, json.dumps(body).encode()


def json_error(error: ServiceError, content_type: str = "application/json") -> Response:
    """The error in the form of JSON services: its name in header and body, its message under either name."""
    body = {"__type": error.code, "message": error.message, "exceptionMessage": error.message}
    return (
        error.status,
        {"Content-Type": content_type, "x-amzn-ErrorType": error.code},
        json.dumps(body).encode(),
    )


def xml_error(error: ServiceError, *, bare: bool = False) -> Response:
    """The error in the form of XML services; S3 sends it bare, the others inside `ErrorResponse`."""
    side = "Sender" if error.status < 500 else "Receiver"
    inner = f"<Type>{side}</Type><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    text = (
        f"<Error>{inner}</Error>"
        if bare
        else f"<ErrorResponse><Error>{inner}</Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return error.status, {"Content-Type": "text/xml"}, text.encode()


def error_answer(service: str, headers: Headers, error: ServiceError) -> Response:
    """The error in the protocol of a request.

    Args:
        service: ministack's name of the service.
        headers: of the request; they tell CloudWatch's protocols apart.
        error: what to say.
    """
    if service in XML_SERVICES or "x-www-form-urlencoded" in headers.get("content-type", ""):
        return xml_error(error, bare=service == "s3")
    return json_error(error)
