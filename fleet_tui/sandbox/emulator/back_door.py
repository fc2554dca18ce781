"""The back door: what no AWS API offers and a living world needs. JSON in, JSON out, `POST /_fleet/…`.

Every request names its `account` and, where it matters, its `region`. Moments (`at`) are seconds since the
epoch or ISO 8601; without one it is now. An error is `{"error": {"code", "message"}}` with its HTTP status.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from ministack.services import cloudwatch, cognito

from fleet_tui.sandbox.emulator import mails, saving
from fleet_tui.sandbox.emulator.cost.ledger import ledger
from fleet_tui.sandbox.emulator.door_fields import Body, bad, moment, need, scope
from fleet_tui.sandbox.emulator.faults import faults
from fleet_tui.sandbox.emulator.gates import gates
from fleet_tui.sandbox.emulator.ivs import room, streams
from fleet_tui.sandbox.emulator.repairs import alarms, backups, schedules, ses_identities, topic_mails
from fleet_tui.sandbox.emulator.requests import requests
from fleet_tui.sandbox.emulator.wire import Response, ServiceError

PREFIX = "/_fleet/"

WAITING = frozenset({"chat/send"})
"""Doors that wait for a function; they are answered in a thread of their own."""

logger = logging.getLogger(__name__)


def _start_stream(body: Body) -> Body:
    with scope(body):
        (channel,) = need(body, "channel_arn")
        ingest = {part: body.get(part) or {} for part in ("video", "audio")}
        viewers, health = int(body.get("viewers") or 0), body.get("health") or "HEALTHY"
        return streams.stream_view(streams.start(channel, moment(body.get("at")), viewers, health, ingest))


def _update_stream(body: Body) -> Body:
    with scope(body):
        (channel,) = need(body, "channel_arn")
        return streams.stream_view(streams.update(channel, body))


def _change_stream(change: Callable[[str, float], Body]) -> Callable[[Body], Body]:
    def handle(body: Body) -> Body:
        with scope(body):
            (channel,) = need(body, "channel_arn")
            return streams.stream_view(change(channel, moment(body.get("at"))))

    return handle


def _put_metrics(body: Body) -> Body:
    (points,) = need(body, "points")
    with scope(body):
        for point in points:
            name, value = need(point, "name", "value")
            place = body.get("namespace") or "AWS/IVS", name, dict(point.get("dimensions") or {})
            unit = point.get("unit") or "None"
            cloudwatch._store_datum(*place, moment(point.get("at")), unit, float(value), None, None, None)
        cloudwatch._evaluate_all_alarms()
    return {"stored": len(points)}


def _spend(body: Body) -> Body:
    account, entries = need(body, "account", "entries")
    for entry in entries:
        day, service, usd = need(entry, "day", "service", "usd")
        try:
            amount = Decimal(str(usd))
            when = date.fromisoformat(day)
        except (InvalidOperation, ValueError):
            raise bad(f"{day!r} or {usd!r} is no day or no amount") from None
        if not amount.is_finite() or amount < 0:
            raise bad("usd must not be negative")
        ledger.spend(account, when, service, amount)
    return {"entries": len(entries)}


def _sign_token(body: Body) -> Body:
    """A token with any claims, signed by the pool's own key: expired, of another issuer, of nobody."""
    with scope(body):
        pool, claims = need(body, "user_pool_id", "claims")
        if pool not in cognito._user_pools:
            raise ServiceError(404, "ResourceNotFoundException", f"User pool {pool} does not exist.")
        use = "id" if claims.get("token_use") == "id" else "access"
        return {"token": cognito._signed_jwt(claims, pool, use)}


def _verify_identity(body: Body) -> Body:
    with scope(body):
        (identity,) = need(body, "identity")
        return ses_identities.verify(identity, body.get("status") or "SUCCESS")


def _review_production_access(body: Body) -> Body:
    with scope(body):
        return ses_identities.review(granted=bool(body.get("granted", True)))


def _evaluate_alarms(body: Body) -> Body:
    with scope(body):
        return {"alarms": alarms.evaluate_all(moment(body.get("at")))}


def _confirm_subscription(body: Body) -> Body:
    with scope(body):
        (address,) = need(body, "address")
        return {"confirmed": topic_mails.confirm(address, body.get("topic_arn"))}


def _run_backups(body: Body) -> Body:
    with scope(body):
        return {"copied": backups.run_plans()}


def _fire_schedule(body: Body) -> Body:
    account, region, name = need(body, "account", "region", "name")
    return schedules.fire(account, region, name, body.get("group") or "default")


def _fire_rule(body: Body) -> Body:
    account, region, name = need(body, "account", "region", "name")
    return schedules.fire_rule(account, region, name, body.get("bus") or "default")


def _send_chat_message(body: Body) -> Body:
    with scope(body):
        token, content = need(body, "token", "content")
        return room.send_message(token, content, body.get("attributes") or {})


def _delete_chat_message(body: Body) -> Body:
    with scope(body):
        token, message = need(body, "token", "id")
        return room.delete_as(token, message, body.get("reason"))


def _disconnect_chat_user(body: Body) -> Body:
    with scope(body):
        token, user = need(body, "token", "user")
        return room.disconnect_as(token, user, body.get("reason"))


def _list_chat_deliveries(body: Body) -> Body:
    with scope(body):
        return room.delivered(*need(body, "room"))


def _show_chat_token(body: Body) -> Body:
    with scope(body):
        return room.holder_of(*need(body, "token"))


def _set_fault(body: Body) -> Body:
    account, service, operation = need(body, "account", "service", "operation")
    faults.set(
        account, service, operation,
        int(body.get("status") or 400), body.get("code") or "InternalFailure", body.get("message") or "",
        body.get("region"), body.get("path") or "",
    )  # fmt: skip
    return {"active": len(faults.active)}


def _clear_faults(body: Body) -> Body:
    return {"cleared": faults.clear(body.get("account"), body.get("service"), body.get("operation"))}


def _list_faults(_body: Body) -> Body:
    return {"faults": list(faults.active.values())}


def _set_gate(body: Body) -> Body:
    account, service, operation = need(body, "account", "service", "operation")
    gates.set(
        account, service, operation, path=body.get("path") or "", after=bool(body.get("after", False))
    )  # fmt: skip
    return {"gates": gates.shown(account)}


def _release_gates(body: Body) -> Body:
    (account,) = need(body, "account")
    return {"released": gates.release(account, carry_out=bool(body.get("carry_out", True)))}


def _list_gates(body: Body) -> Body:
    (account,) = need(body, "account")
    return {"gates": gates.shown(account)}


def _watch_requests(_body: Body) -> Body:
    requests.watch()
    return {"watching": True}


def _list_requests(body: Body) -> Body:
    return {"requests": requests.shown(body.get("account"))}


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
            "gates/set": _set_gate,
            "gates/release": _release_gates,
            "gates": _list_gates,
            "requests/watch": _watch_requests,
            "requests": _list_requests,
            "tokens/sign": _sign_token,
            "ses/verify": _verify_identity,
            "ses/production": _review_production_access,
            "alarms/evaluate": _evaluate_alarms,
            "sns/confirm": _confirm_subscription,
            "backups/run": _run_backups,
            "schedules/fire": _fire_schedule,
            "rules/fire": _fire_rule,
            "chat/send": _send_chat_message,
            "chat/delete": _delete_chat_message,
            "chat/disconnect": _disconnect_chat_user,
            "chat/deliveries": _list_chat_deliveries,
            "chat/token": _show_chat_token,
            "mails": mails.list_mails,
            "mails/clear": mails.forget_mails,
            "save": _save,
            "clock": _clock,
            "health": _health,
            "stop": self._stop_emulator,
        }

    def _stop_emulator(self, _body: Body) -> Body:
        self._stop()
        return {"stopping": True}

    @staticmethod
    def waits(path: str) -> bool:
        """Whether the answer waits for a function, which itself may call the emulator."""
        return path.removeprefix(PREFIX).strip("/") in WAITING

    def answer(self, path: str, content: bytes) -> Response:
        """Answer one request to a path that begins with `PREFIX`."""
        headers = {"content-type": "application/json"}
        try:
            route = self._routes.get(path.removeprefix(PREFIX).strip("/"))
            if route is None:
                raise ServiceError(404, "NotFound", f"{path} is no door")
            body = json.loads(content or b"{}")
            if not isinstance(body, dict):
                raise bad("the body must be a JSON object")
            return 200, headers, json.dumps(route(body)).encode()
        except json.JSONDecodeError as error:
            failure = bad(str(error))
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
