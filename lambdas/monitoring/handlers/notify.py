"""In the background: alarms and costs are told to people.

EventBridge tells of every alarm of the creator, the topic `costs` of the budget and of unusual costs. Every
five minutes what is left is told: what a channel did not take, and what was collected during a storm.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from monitoring.alarm_changes import change_of
from monitoring.channels import channels_of
from monitoring.cost_messages import notice_of
from monitoring.delivery import Delivery
from monitoring.notices_table import NoticesTable
from monitoring.reader import reader_of
from monitoring.settings import settings
from shared.background import background

table = NoticesTable(settings().monitoring_table)
channels = channels_of(settings())
delivery = Delivery(table, channels, reader_of(os.environ, settings()), settings().failures_queue_url)


def work(event: dict[str, Any], now: datetime) -> None:
    """Keep what an event tells, and tell what waits."""
    if "Records" in event:
        for record in event["Records"]:
            table.take_notice(notice_of(record["Sns"]), channels, now)
    elif event.get("source") == "aws.cloudwatch":
        table.take_change(change_of(event), channels, now)
    delivery.run(now)


handler = background(work)
