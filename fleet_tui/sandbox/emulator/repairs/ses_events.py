"""SES v2: what becomes of a mail is told to EventBridge.

Upstream keeps a configuration set's event destinations and tells them nothing. Here a destination of
EventBridge hears of bounces, complaints and deliveries; which of them a mail ends in, the address decides, as
with SES' own mailbox simulator: https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import eventbridge, ses, ses_v2

Body = dict[str, Any]

DETAIL_TYPES = {
    "Bounce": "Email Bounced",
    "Complaint": "Email Complaint Received",
    "Delivery": "Email Delivered",
}
"""https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html"""


def tell(record: Body) -> None:
    """Tell the destinations of a mail's configuration set what becomes of it.

    Args:
        record: a mail as ministack keeps it.
    """
    wanted = set(_wanted(record["ConfigurationSetName"]))
    for address in [*record["To"], *record["CC"], *record["BCC"]]:
        for kind, subtype in _outcomes(parseaddr(address)[1]):
            if kind.upper() in wanted:
                _send(record, parseaddr(address)[1], kind, subtype)


def _wanted(name: str | None) -> Iterator[str]:
    """The types of events that destinations of EventBridge want."""
    destinations = (ses_v2._config_sets.get(name) or {}).get("EventDestinations") or {} if name else {}
    for destination in destinations.values():
        if destination["Enabled"] and "EventBridgeDestination" in destination:
            yield from destination["MatchingEventTypes"]


def _outcomes(address: str) -> tuple[tuple[str, str | None], ...]:
    local, _, domain = address.lower().rpartition("@")
    delivered = (("Delivery", None),)
    if domain != ses._SIMULATOR_DOMAIN:
        return delivered
    found: tuple[tuple[str, str | None], ...] = ses._SIMULATOR_OUTCOMES.get(
        local.partition("+")[0], delivered
    )
    return found


def _send(record: Body, address: str, kind: str, subtype: str | None) -> None:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    tags = {
        "ses:configuration-set": [record["ConfigurationSetName"]],
        **{name: [value] for name, value in record["EmailTags"].items()},
    }
    detail = {
        "eventType": kind,
        **ses._notification_detail(kind, address, moment, subtype),
        "mail": {
            "timestamp": moment,
            "source": parseaddr(record["Source"])[1],
            "sendingAccountId": get_account_id(),
            "messageId": record["MessageId"],
            "destination": [address],
            "tags": tags,
        },
    }
    entry = {"Source": "aws.ses", "DetailType": DETAIL_TYPES[kind], "Detail": json.dumps(detail)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
