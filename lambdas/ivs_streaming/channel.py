"""What is known of a channel's streams, put together from events and looks in whatever order they come.

IVS sends its events at its best effort: they come late, out of order, more than once, or not at all
(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html). So nothing here depends on
their order: what is kept of a stream are earliest and latest moments, and what is on air follows from all of
them together. A look at IVS itself (GetStream) is one more observation, which makes up for lost events.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

KEPT_STREAMS = 12
"""Streams of a channel that are remembered. A stream that is older than twelve others is over."""

READ_LAG = timedelta(seconds=60)
"""GetStream may not know yet what has happened within the last minute: events of that time count for more."""

STALE_AFTER = timedelta(minutes=5)
"""A stream of which nothing was heard or seen for so long is not known to be on air."""

NOTICE_DELAY = timedelta(minutes=2)
"""A stream has to last for so long before anybody is told: many tries end sooner."""

NOTICE_PAUSE = timedelta(minutes=10)
"""Streams with less than this between them are one broadcast, and told of once."""


class EventName(StrEnum):
    """The events of IVS that change what is known of a stream."""

    START = "Stream Start"
    END = "Stream End"
    FAILURE = "Stream Failure"
    SESSION_ENDED = "Session Ended"
    STARVATION_START = "Starvation Start"
    STARVATION_END = "Starvation End"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StreamEvent(_Value):
    """One event of a stream; `at` is when it happened."""

    stream_id: str
    name: EventName
    at: datetime


class Sighting(_Value):
    """A stream as GetStream showed it; `viewers` is None where IVS could not count them in time."""

    stream_id: str
    started_at: datetime
    starving: bool
    viewers: int | None


class Look(_Value):
    """One look at the channel by GetStream, and the stream that was on air, if any."""

    at: datetime
    stream_id: str | None = None
    viewers: int | None = None


class Stream(_Value):
    """What is known of one stream.

    Args:
        started_at: earliest moment at which it is known to have run.
        ended_at: latest moment of those that say that it is over.
        starved_at: latest moment at which its encoder had ceased to send.
        fed_at: latest moment at which its encoder sent again.
        seen_at: latest moment at which it is known to have run.
    """

    id: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    starved_at: datetime | None = None
    fed_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def starving(self) -> bool:
        """Whether its encoder has ceased to send."""
        return self.starved_at is not None and (self.fed_at is None or self.starved_at > self.fed_at)


class Notice(_Value):
    """The last live notice, and until when the broadcast that it told of is known to have gone on."""

    sent_at: datetime
    covers_until: datetime


class Channel(_Value):
    """A channel as it is stored.

    Args:
        version: counts changes.
        title: what operators call the stream that is on or comes next.
        streams: the newest ones, in no order that means anything.
        look: the latest.
        notice: the latest.
    """

    version: int = 0
    title: str | None = None
    streams: tuple[Stream, ...] = ()
    look: Look | None = None
    notice: Notice | None = None


def learned(channel: Channel, event: StreamEvent) -> Channel:
    """The channel with what an event tells; the same in whatever order, and however often, events come."""
    stream = _stream(channel, event.stream_id)
    match event.name:
        case EventName.START:
            change = {
                "started_at": _earliest(stream.started_at, event.at),
                "seen_at": _latest(stream.seen_at, event.at),
            }
        case EventName.END | EventName.SESSION_ENDED | EventName.FAILURE:
            change = {"ended_at": _latest(stream.ended_at, event.at)}
        case EventName.STARVATION_START:
            change = {"starved_at": _latest(stream.starved_at, event.at)}
        case EventName.STARVATION_END:
            change = {"fed_at": _latest(stream.fed_at, event.at)}
    return _with(channel, stream.model_copy(update=change))


def looked(channel: Channel, now: datetime, sighting: Sighting | None) -> Channel:
    """The channel with what a look at IVS found.

    Args:
        channel: as it is known.
        now: when the look was taken.
        sighting: the stream that is on air, or None.
    """
    if sighting is None:
        look = Look(at=now)
    else:
        look = Look(at=now, stream_id=sighting.stream_id, viewers=sighting.viewers)
        stream = _stream(channel, sighting.stream_id)
        change = {
            "started_at": _earliest(stream.started_at, sighting.started_at),
            "seen_at": _latest(stream.seen_at, now),
        }
        if sighting.starving:
            change["starved_at"] = _latest(stream.starved_at, now - READ_LAG)
        else:
            change["fed_at"] = _latest(stream.fed_at, now - READ_LAG)
        channel = _with(channel, stream.model_copy(update=change))
    if channel.look is None or channel.look.at < now:
        channel = channel.model_copy(update={"look": look})
    return _covered(channel)


def on_air(channel: Channel) -> Stream | None:
    """The stream that is on air, as far as is known."""
    running = [stream for stream in channel.streams if _runs(channel, stream)]
    return max(running, key=lambda stream: (stream.started_at, stream.id), default=None)


def is_certain(stream: Stream, now: datetime) -> bool:
    """Whether what is on air was seen lately enough to be told as on air."""
    return stream.seen_at is not None and now - stream.seen_at <= STALE_AFTER


def notice_due(channel: Channel, now: datetime) -> bool:
    """Whether it is time to tell that the channel is live; only ever of a stream that was just seen on air.

    Delay and pause keep a reconnect, and an encoder that flaps, from being told of again and again.
    """
    stream, look = on_air(channel), channel.look
    if stream is None or stream.started_at is None or look is None:
        return False
    if (look.at, look.stream_id) != (now, stream.id) or now - stream.started_at < NOTICE_DELAY:
        return False
    # A notice covers what followed on it before a pause, this stream included.
    return channel.notice is None or stream.started_at > channel.notice.covers_until


def noticed(channel: Channel, now: datetime) -> Channel:
    """The channel with a live notice of now."""
    return channel.model_copy(update={"notice": Notice(sent_at=now, covers_until=now)})


def _runs(channel: Channel, stream: Stream) -> bool:
    seen_at, look = stream.seen_at, channel.look
    if seen_at is None or stream.ended_at is not None:
        return False
    if look and look.stream_id != stream.id and seen_at <= look.at - READ_LAG:
        return False
    # A channel has one stream at a time: one that began later tells that this one is over.
    return not any(other.started_at and other.started_at > seen_at for other in channel.streams)


def _stream(channel: Channel, stream_id: str) -> Stream:
    known = (stream for stream in channel.streams if stream.id == stream_id)
    return next(known, Stream(id=stream_id))


def _with(channel: Channel, stream: Stream) -> Channel:
    others = [other for other in channel.streams if other.id != stream.id]
    newest = sorted([*others, stream], key=_place, reverse=True)[:KEPT_STREAMS]
    return _covered(channel.model_copy(update={"streams": tuple(newest)}))


def _place(stream: Stream) -> tuple[datetime, str]:
    moments = (stream.started_at, stream.seen_at, stream.fed_at, stream.starved_at, stream.ended_at)
    return next(moment for moment in moments if moment is not None), stream.id


def _covered(channel: Channel) -> Channel:
    """The channel with its notice covering every stream that followed on before a pause."""
    if channel.notice is None:
        return channel
    until = channel.notice.covers_until
    spans = [
        (stream.started_at, _latest(stream.ended_at, stream.seen_at))
        for stream in channel.streams
        if stream.started_at is not None
    ]
    for started_at, last in sorted(spans, key=lambda span: span[0]):
        if last is not None and started_at <= until + NOTICE_PAUSE:
            until = max(until, last)
    notice = channel.notice.model_copy(update={"covers_until": until})
    return channel.model_copy(update={"notice": notice})


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)
