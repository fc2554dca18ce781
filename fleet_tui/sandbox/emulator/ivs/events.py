"""The events that IVS writes into a session and sends to EventBridge.

Names and details: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html, read 2026.
"""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.services import eventbridge

from fleet_tui.sandbox.emulator.ivs.store import Record

STREAM_STATE = "IVS Stream State Change"
STREAM_HEALTH = "IVS Stream Health Change"
RECORDING_STATE = "IVS Recording State Change"
LIMIT_BREACH = "IVS Limit Breach"

KEPT_EVENTS = 500
"""A session tells its newest events only."""

LATEST_SECONDS = 600.0
"""An event that is further back is history that is put in place: nobody is told of it any more."""


def kind_of(name: str) -> str:
    """The detail type of an event that is known by its name."""
    if name.startswith("Recording"):
        return RECORDING_STATE
    return STREAM_HEALTH if name.startswith("Starvation") else STREAM_STATE


def is_error(event: Record) -> bool:
    """Whether a session with this event counts as one with errors: a failure, or a limit that was passed."""
    return str(event["name"]).endswith("Failure") or event["type"] == LIMIT_BREACH


def record(
    session: Record, channel: Record, name: str, at: float, details: dict[str, Any] | None = None
) -> None:
    """Add an event to a session, and tell the rules of the account and region of the request.

    Args:
        session: the stream session; its events are kept newest first.
        channel: the channel it runs on.
        name: such as `Starvation Start`; for a limit breach the name of the limit.
        at: seconds since the epoch.
        details: further fields of the event's detail; `detail_type` among them overrides the type.
    """
    extra = dict(details or {})
    detail_type = extra.pop("detail_type", kind_of(name))
    session["events"].insert(0, {"name": name, "type": detail_type, "at": at})
    del session["events"][KEPT_EVENTS:]
    if time.time() - at > LATEST_SECONDS:
        return
    label = {RECORDING_STATE: "recording_status", LIMIT_BREACH: "limit_name"}.get(detail_type, "event_name")
    detail = {label: name, "channel_name": channel["name"], "stream_id": session["streamId"], **extra}
    entry = {
        "Source": "aws.ivs",
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": [channel["arn"]],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
