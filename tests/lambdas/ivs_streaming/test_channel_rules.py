"""What is on air, and when people are told, whatever becomes of IVS' events on their way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivs_streaming.channel import (
    KEPT_STREAMS,
    NOTICE_DELAY,
    NOTICE_PAUSE,
    READ_LAG,
    STALE_AFTER,
    Channel,
    EventName,
    Notice,
    Sighting,
    Stream,
    StreamEvent,
    is_certain,
    learned,
    looked,
    notice_due,
    noticed,
    on_air,
)

START = datetime(2026, 5, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

moments = st.integers(0, 7_200).map(lambda seconds: START + timedelta(seconds=seconds))
stream_ids = st.sampled_from("abcd")
events = st.builds(StreamEvent, stream_id=stream_ids, name=st.sampled_from(EventName), at=moments)
sightings = st.none() | st.builds(
    Sighting,
    stream_id=stream_ids,
    started_at=moments,
    starving=st.booleans(),
    viewers=st.none() | st.integers(0, 9),
)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def channel_of(*happened: StreamEvent, channel: Channel | None = None) -> Channel:
    channel = channel or Channel()
    for event in happened:
        channel = learned(channel, event)
    return channel


def event(stream: str, name: EventName, seconds: float) -> StreamEvent:
    return StreamEvent(stream_id=stream, name=name, at=after(seconds))


@st.composite
def timelines(draw: st.DrawFn) -> list[tuple[datetime, datetime]]:
    """Start and end of streams one after the other, with gaps and lengths around the rules' figures."""
    spans, at = [], START
    for _ in range(draw(st.integers(1, 8))):
        at += timedelta(seconds=draw(st.integers(1, 1_400)))
        end = at + timedelta(seconds=draw(st.integers(1, 400)))
        spans.append((at, end))
        at = end
    return spans


def events_of(spans: list[tuple[datetime, datetime]], *, last_ended: bool = True) -> list[StreamEvent]:
    told = []
    for index, (start, end) in enumerate(spans):
        told.append(StreamEvent(stream_id=f"st-{index}", name=EventName.START, at=start))
        if last_ended or index < len(spans) - 1:
            told.append(StreamEvent(stream_id=f"st-{index}", name=EventName.SESSION_ENDED, at=end))
            told.append(StreamEvent(stream_id=f"st-{index}", name=EventName.END, at=end))
    return told


class TestOrder:
    @given(
        st.lists(st.tuples(st.just("event"), events) | st.tuples(st.just("look"), sightings), max_size=25),
        st.data(),
    )
    def test_does_not_matter_nor_do_repetitions(self, happened: list[Any], data: st.DataObject) -> None:
        # Every look has a moment of its own, as looks have.
        taken = [(kind, value, after(60 * index)) for index, (kind, value) in enumerate(happened)]
        repeated = data.draw(st.lists(st.sampled_from(taken), max_size=10)) if taken else []
        shuffled = data.draw(st.permutations(taken + repeated))
        begin = Channel(
            notice=data.draw(st.none() | st.builds(Notice, sent_at=moments, covers_until=moments))
        )

        def play(items: list[Any]) -> Channel:
            channel = begin
            for kind, value, at in items:
                channel = learned(channel, value) if kind == "event" else looked(channel, at, value)
            return channel

        assert play(shuffled) == play(taken)

    @given(timelines(), st.booleans(), st.data())
    def test_the_end_is_the_truth(
        self, spans: list[tuple[datetime, datetime]], ended: bool, data: st.DataObject
    ) -> None:
        happened = events_of(spans, last_ended=ended)
        again = data.draw(st.lists(st.sampled_from(happened), max_size=5))
        stream = on_air(channel_of(*data.draw(st.permutations(happened + again))))
        if ended:
            assert stream is None
        else:
            assert stream is not None
            assert (stream.id, stream.started_at) == (f"st-{len(spans) - 1}", spans[-1][0])

    @given(timelines(), st.booleans(), st.data())
    def test_a_look_makes_up_for_what_was_lost(
        self, spans: list[tuple[datetime, datetime]], ended: bool, data: st.DataObject
    ) -> None:
        happened = events_of(spans, last_ended=ended)
        heard = [item for item in happened if data.draw(st.booleans())]
        start, end = spans[-1]
        latest, now = f"st-{len(spans) - 1}", end + READ_LAG + timedelta(minutes=5)
        sighting = Sighting(stream_id=latest, started_at=start, starving=False, viewers=3)
        channel = looked(channel_of(*data.draw(st.permutations(heard))), now, None if ended else sighting)
        stream = on_air(channel)
        assert (stream.id if stream else None) == (None if ended else latest)
        late = [item for item in happened if item not in heard]
        assert on_air(channel_of(*data.draw(st.permutations(late)), channel=channel)) == stream or ended

    @given(st.integers(KEPT_STREAMS + 1, 40), st.data())
    def test_old_streams_are_forgotten_and_do_not_come_back(self, number: int, data: st.DataObject) -> None:
        spans = [(after(100 * index), after(100 * index + 50)) for index in range(number)]
        channel = channel_of(*data.draw(st.permutations(events_of(spans, last_ended=False))))
        assert len(channel.streams) == KEPT_STREAMS
        stream = on_air(channel)
        assert stream is not None
        assert stream.id == f"st-{number - 1}"
        assert on_air(channel_of(event("st-0", EventName.START, 0), channel=channel)) == stream


class TestOnAir:
    def test_an_end_that_comes_before_its_start_is_an_end(self) -> None:
        channel = channel_of(event("a", EventName.END, 60), event("a", EventName.START, 0))
        assert on_air(channel) is None

    @pytest.mark.parametrize("name", [EventName.END, EventName.SESSION_ENDED, EventName.FAILURE])
    def test_each_end_is_an_end(self, name: EventName) -> None:
        assert on_air(channel_of(event("a", EventName.START, 0), event("a", name, 60))) is None

    def test_starvation_says_nothing_of_being_on_air(self) -> None:
        assert on_air(channel_of(event("a", EventName.STARVATION_START, 0))) is None

    def test_a_later_stream_is_the_end_of_an_earlier_one_whose_end_was_lost(self) -> None:
        channel = channel_of(event("a", EventName.START, 0), event("b", EventName.START, 60))
        assert on_air(channel_of(event("b", EventName.END, 90), channel=channel)) is None

    def test_what_is_seen_on_air_is_on_air_although_another_began_later(self) -> None:
        channel = channel_of(event("a", EventName.START, 0), event("b", EventName.START, 60))
        sighting = Sighting(stream_id="a", started_at=START, starving=False, viewers=None)
        stream = on_air(looked(channel, after(600), sighting))
        assert stream is not None
        assert stream.id == "a"

    def test_a_look_does_not_end_what_began_a_moment_ago(self) -> None:
        channel = channel_of(event("a", EventName.START, 0))
        assert on_air(looked(channel, after(59), None)) is not None
        assert on_air(looked(channel, after(60), None)) is None

    def test_is_told_while_it_was_heard_of_lately(self) -> None:
        stream = on_air(channel_of(event("a", EventName.START, 0)))
        assert stream is not None
        assert is_certain(stream, START + STALE_AFTER)
        assert not is_certain(stream, START + STALE_AFTER + timedelta(seconds=1))

    def test_an_encoder_starves_until_it_sends_again(self) -> None:
        starving = channel_of(event("a", EventName.STARVATION_START, 10))
        assert starving.streams[0].starving
        fed = channel_of(event("a", EventName.STARVATION_END, 20), channel=starving)
        assert not fed.streams[0].starving
        again = channel_of(event("a", EventName.STARVATION_START, 30), channel=fed)
        assert again.streams[0].starving
        sighting = Sighting(stream_id="a", started_at=START, starving=False, viewers=1)
        assert looked(again, after(89), sighting).streams[0].starving
        assert not looked(again, after(90), sighting).streams[0].starving
        assert not Stream(id="a").starving


def notices_of(
    spans: list[tuple[datetime, datetime]], heard: list[StreamEvent]
) -> list[tuple[datetime, int]]:
    """When people are told, and of which stream, with a look every minute."""
    channel, sent, now = Channel(), [], START
    waiting = sorted(heard, key=lambda item: item.at)
    while now <= spans[-1][1] + MINUTE:
        while waiting and waiting[0].at <= now:
            channel = learned(channel, waiting.pop(0))
        running = [index for index, (start, end) in enumerate(spans) if start <= now < end]
        sighting = None
        if running:
            sighting = Sighting(
                stream_id=f"st-{running[0]}", started_at=spans[running[0]][0], starving=False, viewers=1
            )
        channel = looked(channel, now, sighting)
        if notice_due(channel, now):
            assert running, "told of what is not on air"
            sent.append((now, running[0]))
            channel = noticed(channel, now)
        now += MINUTE
    return sent


def broadcasts_of(spans: list[tuple[datetime, datetime]]) -> list[list[int]]:
    """Streams that belong together, because there is no pause between them."""
    groups = [[0]]
    for index, ((_, end), (start, _)) in enumerate(pairwise(spans)):
        if start - end <= NOTICE_PAUSE:
            groups[-1].append(index + 1)
        else:
            groups.append([index + 1])
    return groups


class TestNotice:
    @given(timelines())
    def test_is_sent_once_for_a_broadcast_with_a_stream_that_lasts(
        self, spans: list[tuple[datetime, datetime]]
    ) -> None:
        sent = notices_of(spans, events_of(spans))
        minutes = [START + MINUTE * number for number in range(400)]
        for group in broadcasts_of(spans):
            lasting = [
                minute
                for index in group
                for minute in minutes
                if spans[index][0] + NOTICE_DELAY <= minute < spans[index][1]
            ]
            told = [at for at, stream in sent if stream in group]
            assert told == lasting[:1]

    @given(timelines(), st.data())
    def test_is_never_too_early_or_too_often_whatever_is_lost(
        self, spans: list[tuple[datetime, datetime]], data: st.DataObject
    ) -> None:
        heard = [item for item in events_of(spans) if data.draw(st.booleans())]
        sent = notices_of(spans, heard)
        for at, stream in sent:
            assert at - spans[stream][0] >= NOTICE_DELAY
        for (first, _), (second, _) in pairwise(sent):
            assert second - first > NOTICE_PAUSE
        assert len({stream for _, stream in sent}) == len(sent), "told twice of one stream"

    def test_is_of_what_was_seen_just_now_only(self) -> None:
        channel = channel_of(event("a", EventName.START, 0))
        now = after(600)
        assert not notice_due(channel, now)
        sighting = Sighting(stream_id="a", started_at=START, starving=False, viewers=1)
        assert notice_due(looked(channel, now, sighting), now)
        assert not notice_due(looked(channel, now, sighting), now + MINUTE)

    def test_a_reconnect_is_not_told_and_a_new_stream_after_a_pause_is(self) -> None:
        def live(channel: Channel, stream: str, started: float, seen: float) -> Channel:
            sighting = Sighting(stream_id=stream, started_at=after(started), starving=False, viewers=1)
            return looked(channel, after(seen), sighting)

        channel = noticed(live(Channel(), "a", 0, 120), after(120))
        ended = channel_of(event("a", EventName.END, 900), channel=live(channel, "a", 0, 840))
        assert not notice_due(live(ended, "b", 1_500, 1_800), after(1_800))
        assert notice_due(live(ended, "b", 1_501, 1_800), after(1_800))
