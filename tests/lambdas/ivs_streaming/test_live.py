"""`GET /live`: from events and looks to what viewers are told, and when people get a live notice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from ivs_streaming.settings import SAMPLE
from ivs_streaming.texts import live_notice
from tests.lambdas.ivs_streaming.streaming_api import NOW, STREAM, Streaming, set_to, stream_event

EARLIER = NOW - timedelta(minutes=3)


def published(topic: str = SAMPLE["LIVE_TOPIC_ARN"]) -> list[tuple[str, str]]:
    """Subject and text of what went to the topic."""
    backend = sns_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"]
    (found,) = [known for arn, known in backend.topics.items() if arn.endswith(topic.rpartition(":")[2])]
    return [(str(subject), str(text)) for _, text, subject, _, _ in found.sent_notifications]


@pytest.fixture(autouse=True)
def topic(site: Streaming, monkeypatch: pytest.MonkeyPatch) -> None:
    """The topic lies in the account that moto has."""
    from ivs_streaming.handlers import record_stream_state
    from ivs_streaming.settings import settings

    arn = SAMPLE["LIVE_TOPIC_ARN"].replace("100000000001", DEFAULT_ACCOUNT_ID)
    changed = settings().model_copy(update={"live_topic_arn": arn})
    monkeypatch.setattr(record_stream_state, "settings", lambda: changed)
    for name, value in (("LANGUAGE", "de"), ("NAME", "Käthe"), ("DOMAIN", "kasper.live")):
        monkeypatch.setenv(f"CREATOR_{name}", value)


class TestGetLive:
    def test_nothing_is_on_to_begin_with(self, site: Streaming) -> None:
        answer = site.live()
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        assert answer.body == {
            "live": False,
            "since": None,
            "title": None,
            "viewers_at_least": None,
            "interrupted": False,
            "playback": "open",
            "playback_url": SAMPLE["PLAYBACK_URL"],
        }

    def test_events_make_it_live_and_end_it(self, site: Streaming) -> None:
        site.hear(
            stream_event("Session Created", STREAM, EARLIER), stream_event("Stream Start", STREAM, EARLIER)
        )
        body = site.live().body
        assert (body["live"], body["since"], body["viewers_at_least"]) == (True, "2026-05-20T11:57:00Z", None)
        site.hear(stream_event("Stream End", STREAM, NOW))
        assert site.live().body["live"] is False

    def test_a_look_counts_viewers_in_steps(self, site: Streaming) -> None:
        site.ivs.live(STREAM, EARLIER, viewers=137)
        site.look()
        assert site.live().body["viewers_at_least"] == 100

    def test_viewers_that_could_not_be_counted_are_not_none_but_unknown(self, site: Streaming) -> None:
        site.ivs.live(STREAM, EARLIER, viewers=-1)
        site.look()
        body = site.live().body
        assert (body["live"], body["viewers_at_least"]) == (True, None)

    def test_an_interruption_is_told(self, site: Streaming) -> None:
        site.hear(
            stream_event("Stream Start", STREAM, EARLIER), stream_event("Starvation Start", STREAM, NOW)
        )
        assert site.live().body["interrupted"] is True
        site.hear(stream_event("Starvation End", STREAM, NOW + timedelta(seconds=5)))
        assert site.live().body["interrupted"] is False

    def test_a_look_ends_a_stream_whose_end_was_lost(self, site: Streaming) -> None:
        site.hear(stream_event("Stream Start", STREAM, EARLIER))
        site.ivs.offline()
        site.look()
        assert site.live().body["live"] is False

    def test_what_was_not_heard_of_for_long_is_not_known(self, site: Streaming) -> None:
        site.hear(stream_event("Stream Start", STREAM, NOW - timedelta(minutes=6)))
        body = site.live().body
        assert (body["live"], body["since"]) == (None, None)

    def test_members_find_no_address_in_public(
        self, site: Streaming, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ivs_streaming.handlers import get_streams

        with set_to(monkeypatch, get_streams, authorized_playback=True):
            body = site.live().body
        assert (body["playback"], body["playback_url"]) == ("members", None)

    def test_an_idle_channel_is_looked_at_and_nothing_is_written(self, site: Streaming) -> None:
        site.ivs.offline()
        site.look()
        assert site.item("CHANNEL") == {}

    def test_an_error_of_ivs_is_tried_again_by_lambda(self, site: Streaming) -> None:
        site.ivs.fails("get_stream", "InternalServerException")
        with pytest.raises(ClientError):
            site.look()

    @pytest.mark.parametrize(
        "change",
        [
            {"source": "com.example"},
            {"resources": ["arn:aws:ivs:eu-central-1:100000000001:channel/another"]},
            {"resources": []},
            {"detail-type": "IVS Limit Breach"},
            {"detail": {}},
            {"detail": {"event_name": "Stream Takeover", "stream_id": STREAM}},
            {"detail": {"event_name": "Stream Start", "stream_id": ""}},
            {"time": "yesterday"},
        ],
    )
    def test_other_events_change_nothing(self, site: Streaming, change: dict[str, Any]) -> None:
        site.hear({**stream_event("Stream Start", STREAM, EARLIER), **change})
        assert site.item("CHANNEL") == {}

    @pytest.mark.parametrize("known", [False, True])
    def test_a_rival_between_reading_and_writing_is_not_lost(
        self, site: Streaming, monkeypatch: pytest.MonkeyPatch, known: bool
    ) -> None:
        from ivs_streaming.handlers import record_stream_state

        if known:
            site.hear(stream_event("Starvation End", STREAM, EARLIER))
        streams = record_stream_state.streams
        read, rivals = streams.channel, [stream_event("Stream End", STREAM, NOW)]

        def read_late(*, consistent: bool = True) -> Any:
            channel = read(consistent=consistent)
            if rivals:
                site.hear(rivals.pop())
            return channel

        monkeypatch.setattr(streams, "channel", read_late)
        site.hear(stream_event("Stream Start", STREAM, EARLIER))
        assert site.live().body["live"] is False
        assert site.item("CHANNEL")["version"]["N"] == ("3" if known else "2")


class TestTitle:
    def test_operators_name_the_stream(self, site: Streaming) -> None:
        answer = site.call("manage_videos", "PUT", "/live", {"title": "Bees at night"}, operator=True)
        assert (answer.status, answer.body) == (200, {"title": "Bees at night"})
        assert site.live().body["title"] == "Bees at night"
        site.hear(stream_event("Stream Start", STREAM, EARLIER))
        assert site.live().body["title"] == "Bees at night"
        assert site.call("manage_videos", "PUT", "/live", {"title": None}, operator=True).status == 200
        assert site.live().body["title"] is None

    @pytest.mark.parametrize(
        "body", [{}, {"title": ""}, {"title": "x" * 121}, {"title": 5}, {"title": "\u202e"}]
    )
    def test_odd_titles_are_refused(self, site: Streaming, body: Any) -> None:
        answer = site.call("manage_videos", "PUT", "/live", body, operator=True)
        assert (answer.status, answer.problem) == (422, "invalid")


class TestNotice:
    def test_is_sent_once_when_a_stream_has_lasted(self, site: Streaming) -> None:
        site.call("manage_videos", "PUT", "/live", {"title": "Bienen"}, operator=True)
        for minute in range(5):
            site.ivs.live(STREAM, NOW)
            site.look(NOW + timedelta(minutes=minute))
            assert len(published()) == (1 if minute >= 2 else 0)
        ((subject, text),) = published()
        assert subject == "Live auf kasper.live"
        assert text == "Käthe ist jetzt live.\n\nBienen\n\nHier geht es zum Stream: https://kasper.live/\n"

    def test_is_tried_again_when_it_could_not_be_published(
        self, site: Streaming, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ivs_streaming import live_topic

        def fail(*_: str) -> None:
            raise ClientError({"Error": {"Code": "InternalError", "Message": ""}}, "Publish")

        with monkeypatch.context() as broken:
            broken.setattr(live_topic, "publish", fail)
            site.ivs.live(STREAM, EARLIER)
            with pytest.raises(ClientError):
                site.look(NOW)
        assert published() == []
        site.ivs.live(STREAM, EARLIER)
        site.look(NOW + timedelta(minutes=1))
        assert len(published()) == 1

    def test_is_not_sent_by_a_creator_who_wants_none(
        self, site: Streaming, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ivs_streaming.handlers import record_stream_state

        with set_to(monkeypatch, record_stream_state, live_topic_arn=None):
            site.ivs.live(STREAM, EARLIER)
            site.look()
        assert published() == []
        assert "notice" not in site.item("CHANNEL")

    @pytest.mark.parametrize("language", ["en", "de", "fr"])
    def test_its_subject_is_what_sns_takes(self, language: str) -> None:
        subject, text = live_notice(language, name="Käthe", domain=f"{'x' * 60}.{'y' * 60}.live", title=None)
        assert subject.isascii()
        assert "Käthe" in text


def test_no_log_line_knows_a_title_or_a_name(site: Streaming, capsys: Any) -> None:
    site.call("manage_videos", "PUT", "/live", {"title": "Secret surprise"}, operator=True)
    site.hear(stream_event("Stream Start", STREAM, EARLIER))
    site.ivs.live(STREAM, EARLIER, viewers=4_711)
    site.look()
    site.live()
    written = site.log.getvalue() + "".join(capsys.readouterr())
    assert "stream event" in written
    assert json.loads(site.log.getvalue().splitlines()[0])["message"] == "stream named"
    for secret in ("Secret", "Käthe", "ana@ops", "203.0.113", "198.51.100", "AWS4-HMAC", "4711"):
        assert secret not in written, secret
