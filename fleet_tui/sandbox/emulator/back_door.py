"""The back door: what no AWS API offers and a living world needs. JSON in, JSON out, `POST /_fleet/…`.

Every request names its `account` and, where it matters, its `region`. Moments (`at`) are seconds since the
epoch or ISO 8601; without one it is now. An error is `{"error": {"code", "message"}}` with its HTTP status.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from fleet_tui.sandbox.emulator import saving
from fleet_tui.sandbox.emulator.cost.ledger import ledger
from fleet_tui.sandbox.emulator.faults import faults
from fleet_tui.sandbox.emulator.ivs import streams
from fleet_tui.sandbox.emulator.wire import Response, ServiceError

Body = dict[str, Any]

PREFIX = "/_fleet/"

logger = logging.getLogger(__name__)


def _bad(message: str) -> ServiceError:
    return ServiceError(400, "BadRequest", message)


def _moment(value: object) -> float:
    if value is None:
        return time.time()
    if isinstance(value, int | float):
        return float(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise _bad(f"{value!r} is no moment") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _need(body: Body, *names: str) -> list[Any]:
    missing = [name for name in names if body.get(name) in (None, "")]
    if missing:
        raise _bad(f"missing: {', '.join(missing)}")
    return [body[name] for name in names]


@contextmanager
def _scope(body: Body) -> Iterator[None]:
    account, region = _need(body, "account", "region")
    with request_scope(account, region):
        yield


def _start_stream(body: Body) -> Body:
    with _scope(body):
        (channel,) = _need(body, "channel_arn")
        ingest = {part: body.get(part) or {} for part in ("video", "audio")}
        viewers, health = int(body.get("viewers") or 0), body.get("health") or "HEALTHY"
        return streams.stream_view(streams.start(channel, _moment(body.get("at")), viewers, health, ingest))


def _update_stream(body: Body) -> Body:
    with _scope(body):
        (channel,) = _need(body, "channel_arn")
        return streams.stream_view(streams.update(channel, body))


def _change_stream(change: Callable[[str, float], Body]) -> Callable[[Body], Body]:
    def handle(body: Body) -> Body:
        with _scope(body):
            (channel,) = _need(body, "channel_arn")
            return streams.stream_view(change(channel, _moment(body.get("at"))))

    return handle


def _put_metrics(body: Body) -> Body:
    (points,) = _need(body, "points")
    with _scope(body):
        for point in points:
            name, value = _need(point, "name", "value")
            place = body.get("namespace") or "AWS/IVS", name, dict(point.get("dimensions") or {})
            unit = point.get("unit") or "None"
            cloudwatch._store_datum(*place, _moment(point.get("at")), unit, float(value), None, None, None)
        cloudwatch._evaluate_all_alarms()
    return {"stored": len(points)}


def _spend(body: Body) -> Body:
    account, entries = _need(body, "account", "entries")
    for entry in entries:
        day, service, usd = _need(entry, "day", "service", "usd")
        try:
            amount = Decimal(str(usd))
            when = date.fromisoformat(day)
        except (InvalidOperation, ValueError):
            raise _bad(f"{day!r} or {usd!r} is no day or no amount") from None
        if not amount.is_finite() or amount < 0:
            raise _bad("usd must not be negative")
        ledger.spend(account, when, service, amount)
    return {"entries": len(entries)}


def _set_fault(body: Body) -> Body:
    account, service, operation = _need(body, "account", "service", "operation")
    faults.set(
        account, service, operation,
        int(body.get("status") or 400), body.get("code") or "InternalFailure", body.get("message") or "",
    )  # fmt: skip
    return {"active": len(faults.active)}


def _clear_faults(body: Body) -> Body:
    return {"cleared": faults.clear(body.get("account"), body.get("service"), body.get("operation"))}


def _list_faults(_body: Body) -> Body:
    return {"faults": list(faults.active.values())}


def _save(_body: Body) -> Body:
    return dict(saving.save())


def _clock(_body: Body) -> Body:
    now = time.time()
    return {"epoch": now, "now": datetime.fromtimestamp(now, UTC).isoformat()}


def _health(_body: Body) -> Body:
    return {"ok": True, "pid": os.getpid()}


class BackDoor:
    """Answers the back door's paths.

    Args:
        stop: called when the emulator is told to stop.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._routes: dict[str, Callable[[Body], Body]] = {
            "streams/start": _start_stream,
            "streams/update": _update_stream,
            "streams/starve": _change_stream(streams.starve),
            "streams/recover": _change_stream(streams.recover),
            "streams/end": _change_stream(streams.end),
            "metrics": _put_metrics,
            "costs": _spend,
            "faults/set": _set_fault,
            "faults/clear": _clear_faults,
            "faults": _list_faults,
            "save": _save,
            "clock": _clock,
            "health": _health,
            "stop": self._stop_emulator,
        }

    def _stop_emulator(self, _body: Body) -> Body:
        self._stop()
        return {"stopping": True}

    def answer(self, path: str, content: bytes) -> Response:
        """Answer one request to a path that begins with `PREFIX`."""
        headers = {"content-type": "application/json"}
        try:
            route = self._routes.get(path.removeprefix(PREFIX).strip("/"))
            if route is None:
                raise ServiceError(404, "NotFound", f"{path} is no door")
            body = json.loads(content or b"{}")
            if not isinstance(body, dict):
                raise _bad("the body must be a JSON object")
            return 200, headers, json.dumps(route(body)).encode()
        except json.JSONDecodeError as error:
            failure = _bad(str(error))
        except ServiceError as error:
            failure = error
        except Exception as error:
            logger.exception("back door %s", path)
            failure = ServiceError(500, "InternalFailure", f"{type(error).__name__}: {error}")
        return (
            failure.status,
            headers,
            json.dumps({"error": {"code": failure.code, "message": failure.message}}).encode(),
        )
