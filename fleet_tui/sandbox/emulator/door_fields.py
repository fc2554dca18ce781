"""What the doors of the back door read from a request: needed fields, moments, account and region."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import request_scope

from fleet_tui.sandbox.emulator.wire import ServiceError

Body = dict[str, Any]


def bad(message: str) -> ServiceError:
    """The error for a request that makes no sense."""
    return ServiceError(400, "BadRequest", message)


def moment(value: object) -> float:
    """Seconds since the epoch: of a number or an ISO 8601 text (UTC unless it says otherwise); None is now.

    Raises:
        ServiceError: the text is no moment.
    """
    if value is None:
        return time.time()
    if isinstance(value, int | float):
        return float(value)
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError:
        raise bad(f"{value!r} is no moment") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def need(body: Body, *names: str) -> list[Any]:
    """The values of fields that must be there.

    Raises:
        ServiceError: some are missing or empty.
    """
    missing = [name for name in names if body.get(name) in (None, "")]
    if missing:
        raise bad(f"missing: {', '.join(missing)}")
    return [body[name] for name in names]


@contextmanager
def scope(body: Body) -> Iterator[None]:
    """Act in the request's `account` and `region`.

    Raises:
        ServiceError: one of them is missing.
    """
    account, region = need(body, "account", "region")
    with request_scope(account, region):
        yield
