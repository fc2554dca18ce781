"""Events on their way to the endpoints that were registered, signed as Stripe signs them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import stripe
from localstripe import resources, webhooks

_under_way: set[asyncio.Task[None]] = set()
_delivered: list[dict[str, Any]] = []


def happen(kind: str, subject: Any) -> None:
    """Note an event and have it delivered."""
    deliver_soon(resources.Event(kind, subject))


def deliver_soon(event: Any) -> None:
    """Begin to deliver an event, as it is now, to every endpoint that wants its type."""
    payload = json.dumps(event._export())
    for name, endpoint in webhooks._webhooks.items():
        if endpoint.events is None or event.type in endpoint.events:
            task = asyncio.ensure_future(_deliver(name, endpoint, event, payload))
            _under_way.add(task)
            task.add_done_callback(_under_way.discard)


async def _deliver(name: str, endpoint: Any, event: Any, payload: str) -> None:
    signature = stripe.WebhookSignature.generate_signature_header(payload, endpoint.secret)
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.post(endpoint.url, data=payload.encode(), headers=headers) as answer,
        ):
            status = answer.status
    except aiohttp.ClientError:
        status = 0
    _delivered.append({"endpoint": name, "event": event.id, "type": event.type, "status": status})


async def settled() -> list[dict[str, Any]]:
    """Wait until nothing is under way; the deliveries since the last call, by the time of their answer."""
    while _under_way:
        await asyncio.wait(_under_way)
    done = _delivered.copy()
    _delivered.clear()
    return done
