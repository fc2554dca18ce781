"""How the channels are, as operators see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from monitoring.channels import ChannelName
from monitoring.notices_table import ChannelRecord

if TYPE_CHECKING:
    from types_boto3_sns.type_defs import SubscriptionTypeDef


class Confirmation(StrEnum):
    """Whether an address gets e-mail."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    MISSING = "missing"


class State(StrEnum):
    """How a channel is."""

    OFF = "off"
    WAITING = "waiting"
    READY = "ready"
    FAILING = "failing"


class Outcome(StrEnum):
    """What became of a test notice."""

    SENT = "sent"
    FAILED = "failed"
    NOT_SET_UP = "not_set_up"
    OFF = "off"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Address(_Value):
    """An address that is meant to get e-mail.

    Args:
        state: `missing` where its owner has unsubscribed, or a confirmation was not given within two days.
    """

    address: str
    state: Confirmation


class ChannelState(_Value):
    """How one channel is.

    Args:
        state: `waiting` for its secret, or for an address to be confirmed; `failing` where the last try
            failed.
        waiting_for: what has to be done, and by whom.
        addresses: of e-mail.
        last_success: when a message was taken last.
        last_failure: when one was not taken last.
        failure_reason: why.
    """

    channel: ChannelName
    state: State
    waiting_for: str | None = None
    addresses: tuple[Address, ...] = ()
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failure_reason: str | None = None


class ChannelStates(_Value):
    """How all channels are."""

    channels: tuple[ChannelState, ...]


class TrialResult(_Value):
    """What became of a test notice on one channel.

    Args:
        detail: what to know or to do; null where all is well.
    """

    channel: ChannelName
    outcome: Outcome
    detail: str | None = None


class TrialResults(_Value):
    """What became of a test notice."""

    results: tuple[TrialResult, ...]


def addresses_of(
    expected: Sequence[str], subscriptions: Iterable[SubscriptionTypeDef]
) -> tuple[Address, ...]:
    """How the addresses that are meant to get e-mail are subscribed.

    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html: a subscription that is not
    confirmed has `PendingConfirmation`, one that is gone `Deleted`, in the place of its ARN.
    """
    arns: Mapping[str, str] = {
        subscription["Endpoint"].lower(): subscription["SubscriptionArn"]
        for subscription in subscriptions
        if subscription["Protocol"] == "email"
    }
    return tuple(
        Address(address=address, state=_confirmation(arns.get(address.lower()))) for address in expected
    )


def confirmations_missing(addresses: Iterable[Address]) -> str | None:
    """What has to be done before every address gets e-mail, or None."""
    pending = [one.address for one in addresses if one.state is Confirmation.PENDING]
    missing = [one.address for one in addresses if one.state is Confirmation.MISSING]
    parts = []
    if pending:
        parts.append(f"{', '.join(pending)}: follow the link in the message of AWS")
    if missing:
        parts.append(f"{', '.join(missing)}: apply, and follow the link in the message of AWS")
    return "; ".join(parts) or None


def reaches_nobody(addresses: Iterable[Address]) -> bool:
    """Whether no address gets e-mail yet."""
    return all(one.state is not Confirmation.CONFIRMED for one in addresses)


def state_of(
    channel: ChannelName,
    record: ChannelRecord,
    *,
    ready: bool,
    waiting_for: str | None,
    addresses: tuple[Address, ...] = (),
) -> ChannelState:
    """How a channel that is on is.

    Args:
        channel: its name.
        record: how it did lately.
        ready: whether it reaches anybody.
        waiting_for: what has to be done, or None.
        addresses: of e-mail.
    """
    state = State.READY if ready else State.WAITING
    if (
        ready
        and record.last_failure
        and (not record.last_success or record.last_failure > record.last_success)
    ):
        state = State.FAILING
    return ChannelState(
        channel=channel,
        state=state,
        waiting_for=waiting_for,
        addresses=addresses,
        last_success=record.last_success,
        last_failure=record.last_failure,
        failure_reason=record.failure_reason,
    )


def _confirmation(arn: str | None) -> Confirmation:
    if arn and arn.startswith("arn:"):
        return Confirmation.CONFIRMED
    return Confirmation.PENDING if arn == "PendingConfirmation" else Confirmation.MISSING
