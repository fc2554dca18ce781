"""`GET /monitoring/channels` and `POST /monitoring/test-notice`: whether notices reach people."""

from __future__ import annotations

import os

from monitoring.channel_states import (
    Address,
    ChannelState,
    ChannelStates,
    Outcome,
    State,
    TrialResult,
    TrialResults,
    addresses_of,
    confirmations_missing,
    reaches_nobody,
    state_of,
)
from monitoring.channels import ChannelError, ChannelName, channels_of, subscriptions_of
from monitoring.notices_table import NoticesTable
from monitoring.reader import reader_of
from monitoring.settings import settings
from monitoring.texts import trial_message
from shared.api import Api, Call
from shared.callers import Caller
from shared.telemetry import logger

api = Api()
table = NoticesTable(settings().monitoring_table)
channels = channels_of(settings())

_PARAMETERS = {
    ChannelName.SLACK: settings().slack_parameter,
    ChannelName.TELEGRAM: settings().telegram_parameter,
}


@api.get("/monitoring/channels", by=Caller.OPERATOR)
def list_channels(call: Call) -> ChannelStates:
    """How each channel is: what it waits for, and when it took or refused a message last."""
    return ChannelStates(channels=tuple(_state(name, call) for name in ChannelName))


@api.post("/monitoring/test-notice", by=Caller.OPERATOR)
def send_test_notice(call: Call) -> TrialResults:
    """Send a test notice on every channel, and say what became of it on each."""
    results = tuple(_try(name, call) for name in ChannelName)
    logger.info("test notice", outcomes=[f"{result.channel}: {result.outcome}" for result in results])
    return TrialResults(results=results)


def _state(name: ChannelName, call: Call) -> ChannelState:
    channel = channels.get(name)
    if channel is None:
        return ChannelState(channel=name, state=State.OFF)
    record = table.channel(name)
    if name is ChannelName.EMAIL:
        addresses = _addresses()
        return state_of(
            name,
            record,
            ready=not reaches_nobody(addresses),
            waiting_for=confirmations_missing(addresses),
            addresses=addresses,
        )
    try:
        ready = channel.is_set_up(call.now)
    except ChannelError as error:
        return state_of(
            name, record, ready=False, waiting_for=f"its secret, which cannot be read ({error.reason})"
        )
    return state_of(name, record, ready=ready, waiting_for=None if ready else _fill(name))


def _try(name: ChannelName, call: Call) -> TrialResult:
    channel = channels.get(name)
    if channel is None:
        return TrialResult(channel=name, outcome=Outcome.OFF)
    detail = None
    try:
        if name is ChannelName.EMAIL:
            addresses = _addresses()
            detail = confirmations_missing(addresses)
            if reaches_nobody(addresses):
                return TrialResult(channel=name, outcome=Outcome.NOT_SET_UP, detail=detail)
        elif not channel.is_set_up(call.now):
            return TrialResult(channel=name, outcome=Outcome.NOT_SET_UP, detail=_fill(name))
        channel.send(trial_message(reader_of(os.environ, settings())), call.now)
    except ChannelError as error:
        table.failed(name, error.reason, call.now)
        return TrialResult(channel=name, outcome=Outcome.FAILED, detail=error.reason)
    table.succeeded(name, call.now)
    return TrialResult(channel=name, outcome=Outcome.SENT, detail=detail)


def _addresses() -> tuple[Address, ...]:
    return addresses_of(settings().emails, subscriptions_of(settings().notices_topic_arn))


def _fill(name: ChannelName) -> str:
    slug = os.environ["CREATOR_SLUG"]
    secret = _PARAMETERS[name].removeprefix(f"/{slug}/")
    return f"fleet secrets set {slug} {secret}"


handler = api.handler
