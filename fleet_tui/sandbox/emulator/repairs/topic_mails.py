"""SNS: e-mail.

Upstream an address is subscribed without being asked, and what is published reaches no mailbox. On AWS a
subscription is pending until its owner follows the link in a message, and lists show `PendingConfirmation` in
the place of its ARN (https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html). What is sent is
shown by the back door's `mails`, as of kind `SNS`; `sns/confirm` follows the links.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import request_scope
from ministack.services import ses, sns

from fleet_tui.sandbox.emulator.wire import Response, ServiceError

Record = dict[str, Any]

EMAIL = frozenset({"email", "email-json"})
PENDING = "PendingConfirmation"
SENDER = "AWS Notifications <no-reply@sns.amazonaws.com>"


def _send(topic_arn: str, address: str, subject: str, text: str) -> None:
    topic = parse_arn(topic_arn)
    record = {
        "MessageId": str(uuid.uuid4()),
        "Type": "SNS",
        "Timestamp": time.time(),
        "Source": SENDER,
        "To": [address],
        "CC": [],
        "BCC": [],
        "Subject": subject,
        "BodyText": text,
        "BodyHtml": None,
    }
    with request_scope(topic.account_id, topic.region):
        ses._sent_emails_list().append(record)


def _subscribing(inner: Callable[[Record], Response]) -> Callable[[Record], Response]:
    def subscribe(params: Record) -> Response:
        known = set(sns._sub_arn_to_topic.keys())
        status, headers, body = inner(params)
        protocol, endpoint = sns._p(params, "Protocol"), sns._p(params, "Endpoint")
        if status != 200 or protocol not in EMAIL:
            return status, headers, body
        topic = sns._topic_by_arn_any_scope(sns._p(params, "TopicArn"))
        subscription = next(
            one
            for one in topic["subscriptions"]
            if (one["protocol"], one["endpoint"]) == (protocol, endpoint)
        )
        if subscription["arn"] not in known:
            subscription.update(confirmed=False, token=uuid.uuid4().hex)
            subscription["attributes"].update(
                PendingConfirmation="true", ConfirmationWasAuthenticated="false"
            )
            sns._refresh_subscription_counts(topic)
        if not subscription["confirmed"]:
            _ask(topic["arn"], subscription)
            if sns._p(params, "ReturnSubscriptionArn") != "true":
                body = body.replace(subscription["arn"].encode(), b"pending confirmation")
        return status, headers, body

    return subscribe


def _ask(topic_arn: str, subscription: Record) -> None:
    region = parse_arn(topic_arn).region
    link = (
        f"https://sns.{region}.amazonaws.com/confirmation.html"
        f"?TopicArn={topic_arn}&Token={subscription['token']}&Endpoint={subscription['endpoint']}"
    )
    text = (
        f"You have chosen to subscribe to the topic:\n{topic_arn}\n\nTo confirm this subscription: {link}\n"
    )
    _send(topic_arn, subscription["endpoint"], "AWS Notification - Subscription Confirmation", text)


def _listing(inner: Callable[[Record], Response]) -> Callable[[Record], Response]:
    def shown(found: re.Match[bytes]) -> bytes:
        arn = found[1].decode()
        topic_arn = sns._sub_arn_to_topic.get(arn)
        topic = sns._topic_by_arn_any_scope(topic_arn) if topic_arn else None
        confirmed = any(
            one["arn"] == arn and one["confirmed"] for one in (topic or {}).get("subscriptions", [])
        )
        return found[0] if confirmed else f"<SubscriptionArn>{PENDING}</SubscriptionArn>".encode()

    def listed(params: Record) -> Response:
        status, headers, body = inner(params)
        return status, headers, re.sub(rb"<SubscriptionArn>([^<]+)</SubscriptionArn>", shown, body)

    return listed


def _publishing(inner: Callable[..., None]) -> Callable[..., None]:
    def fan_out(
        topic_arn: str, message_id: str, message: str, subject: str, *rest: Any, **options: Any
    ) -> None:
        inner(topic_arn, message_id, message, subject, *rest, **options)
        structure = rest[0] if rest else options.get("message_structure", "")
        attributes = rest[1] if len(rest) > 1 else options.get("message_attributes")
        topic = sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
        for one in topic["subscriptions"]:
            if one["protocol"] in EMAIL and one["confirmed"]:
                text = sns._resolve_message_for_protocol(message, structure, one["protocol"])
                if sns._matches_filter_policy(one, attributes or {}, text):
                    _send(topic_arn, one["endpoint"], subject or "AWS Notification Message", text)

    return fan_out


def confirm(address: str, topic_arn: str | None) -> list[str]:
    """Follow the links in the messages that ask an address, in the account and region of the call.

    Args:
        address: whose mailbox.
        topic_arn: only of this topic; none: of all.

    Returns:
        ARNs of the subscriptions that are confirmed now.

    Raises:
        ServiceError: nothing of this address is pending.
    """
    confirmed = []
    for topic in sns._topics.values():
        if topic_arn not in (None, topic["arn"]):
            continue
        for one in topic["subscriptions"]:
            if one["protocol"] in EMAIL and one["endpoint"] == address and not one["confirmed"]:
                sns._confirm_subscription({"TopicArn": [topic["arn"]], "Token": [one["token"]]})
                confirmed.append(one["arn"])
    if not confirmed:
        raise ServiceError(404, "NotFound", f"Nothing waits for {address} to confirm it.")
    return confirmed


def install() -> None:
    """Put the repair in place."""
    sns._subscribe = _subscribing(sns._subscribe)
    sns._list_subscriptions = _listing(sns._list_subscriptions)
    sns._list_subscriptions_by_topic = _listing(sns._list_subscriptions_by_topic)
    sns._fanout = _publishing(sns._fanout)
