"""What waits is told on every channel that is on; a channel that fails keeps no other one waiting.

One run sends at a time, so that a storm is seen as a whole. Who comes meanwhile leaves its notice, and the
one who sends looks again before it goes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config

from monitoring.channels import Channel, ChannelError, ChannelName
from monitoring.notices_table import NoticesTable, Waiting
from monitoring.pacing import GIVE_UP, Bundle, bundles_of
from monitoring.texts import Reader, message_of
from shared.telemetry import count, logger

CLIENT: Any = boto3.client(
    "sqs", config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
)


class Delivery:
    """Tells notices.

    Args:
        table: where they wait.
        channels: that are on, by name, in the order in which they are told.
        reader: whom messages are for.
        failures_url: of the queue for what a channel could not be told.
    """

    def __init__(
        self,
        table: NoticesTable,
        channels: Mapping[ChannelName, Channel],
        reader: Reader,
        failures_url: str,
    ) -> None:
        self._table = table
        self._channels = channels
        self._reader = reader
        self._failures_url = failures_url

    def run(self, now: datetime) -> None:
        """Tell what waits, unless somebody else is at it, who then tells it too."""
        seen: frozenset[str] = frozenset()
        while self._table.begin_sending(now):
            try:
                waiting = self._table.waiting()
                self._tell(waiting, now)
            finally:
                self._table.end_sending()
            seen |= {one.key for one in waiting}
            if all(one.key in seen for one in self._table.waiting()):
                return

    def _tell(self, waiting: Sequence[Waiting], now: datetime) -> None:
        for name, channel in self._channels.items():
            if mine := [one for one in waiting if name.value in one.open_for]:
                self._tell_one(name, channel, mine, now)
        self._give_up(now)

    def _tell_one(
        self, name: ChannelName, channel: Channel, waiting: Sequence[Waiting], now: datetime
    ) -> None:
        """Tell a channel what it was not told; after a failure the rest waits for the next run."""
        by_id = {one.notice.id: one for one in waiting}
        pace = self._table.channel(name).pace
        try:
            if not channel.is_set_up(now):
                # Its secret is not filled yet, which `waiting_for` says; nothing is saved up until then.
                self._table.told(waiting, name)
                return
            for bundle in bundles_of([one.notice for one in waiting], pace, now):
                channel.send(message_of(bundle.notices, self._reader), now)
                pace = pace.after(summed=bundle.summed, now=now)
                self._table.succeeded(name, now, pace)
                self._table.told([by_id[notice.id] for notice in bundle.notices], name)
                self._log(name, bundle)
        except ChannelError as error:
            self._table.failed(name, error.reason, now)
            logger.warning("channel failed", channel=name.value, reason=error.reason)

    def _give_up(self, now: datetime) -> None:
        """Put what waits for too long into the queue of failures."""
        names = frozenset(name.value for name in self._channels)
        late = [one for one in self._table.waiting() if now - one.received_at >= GIVE_UP]
        # What is open for none was told everywhere, or its channels were switched off.
        untold = [one for one in late if one.open_for & names]
        if untold:
            document = {
                "source": "monitoring",
                "problem": "notices could not be told for an hour: see GET /monitoring/channels",
                "notices": [{"id": one.notice.id, "channels": sorted(one.open_for)} for one in untold[:100]],
                "count": len(untold),
            }
            CLIENT.send_message(QueueUrl=self._failures_url, MessageBody=json.dumps(document))
            count("NoticesGivenUp", len(untold))
            logger.error("notices given up", notices=len(untold))
        self._table.forget(late)

    @staticmethod
    def _log(name: ChannelName, bundle: Bundle) -> None:
        count("NoticesTold", len(bundle.notices))
        logger.info("notices told", channel=name.value, notices=len(bundle.notices), summed=bundle.summed)
