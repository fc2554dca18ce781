"""Recordings: from IVS' events and its bucket to what viewers and operators see, until they are gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.lambdas.ivs_streaming.streaming_api import (
    NOW,
    Streaming,
    prefix_of,
    recording_event,
    set_to,
)

BEGAN = NOW - timedelta(hours=2)


def removed(site: Streaming, recording: str) -> None:
    """The table's stream tells of the deletion."""
    item = site.item(f"RECORDING#{recording}")
    event = {"Records": [{"eventName": "MODIFY", "dynamodb": {"NewImage": item}}]}
    assert site.invoke("reconcile_recordings", event) == {"batchItemFailures": []}


def statuses(site: Streaming) -> dict[str, list[str]]:
    return {
        status: [item["id"] for item in site.recordings(status=status).body["recordings"]]
        for status in ("published", "hidden", "recording", "failed")
    }


class TestVideos:
    def test_a_recording_is_a_video_when_it_has_ended(self, site: Streaming) -> None:
        site.call("manage_videos", "PUT", "/live", {"title": "Bees"}, operator=True)
        prefix = prefix_of(BEGAN, "j8Z9O91ndcVs")
        site.write(prefix, ended=False)
        site.hear(recording_event("Recording Start", prefix, BEGAN))
        assert site.videos().body == {"videos": [], "next_cursor": None}
        site.write(prefix)
        site.hear(recording_event("Recording End", prefix, NOW, 3_600_000))
        answer = site.videos()
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert answer.body["videos"] == [
            {
                "id": "j8Z9O91ndcVs",
                "title": "Bees",
                "started_at": "2026-05-20T10:00:00Z",
                "duration_s": 3600,
                "playback": f"/{prefix}/media/hls/master.m3u8",
                "thumbnail": f"/{prefix}/media/thumbnails/thumb1.jpg",
                "expires_at": "2026-06-19T10:00:00Z",
            }
        ]

    def test_an_end_that_comes_first_and_a_start_that_comes_twice_change_nothing(
        self, site: Streaming
    ) -> None:
        prefix = prefix_of(BEGAN, "a1")
        site.write(prefix)
        site.hear(
            recording_event("Recording End", prefix, NOW, 3_600_000),
            recording_event("Recording Start", prefix, BEGAN),
            recording_event("Recording Start", prefix, BEGAN),
        )
        assert [video["id"] for video in site.videos().body["videos"]] == ["a1"]
        assert site.item("RECORDING#a1")["version"]["N"] == "1"

    def test_an_item_goes_with_its_objects(self, site: Streaming) -> None:
        site.record("a1", BEGAN)
        assert int(site.item("RECORDING#a1")["expires_at"]["N"]) == int(
            (BEGAN + timedelta(days=30)).timestamp()
        )
        site.now = BEGAN + timedelta(days=30, seconds=1)
        assert site.videos().body["videos"] == []

    def test_newest_come_first_page_by_page(self, site: Streaming) -> None:
        for hours in range(2, 7):
            site.record(f"r{hours}", NOW - timedelta(hours=hours))
        first = site.videos(limit="2").body
        second = site.videos(limit="2", cursor=first["next_cursor"]).body
        third = site.videos(limit="2", cursor=second["next_cursor"]).body
        listed = [video["id"] for page in (first, second, third) for video in page["videos"]]
        assert listed == ["r2", "r3", "r4", "r5", "r6"]
        assert third["next_cursor"] is None

    @pytest.mark.parametrize("cursor", ["x", "e30=", "W10=", "WzEsMl0=", "WyIiLCIiXQ=="])
    def test_a_made_up_cursor_is_refused(self, site: Streaming, cursor: str) -> None:
        assert site.videos(cursor=cursor).problem == "bad-cursor"

    def test_a_site_that_does_not_serve_them_lists_them(
        self, site: Streaming, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ivs_streaming.handlers import get_streams

        site.record("a1")
        with set_to(monkeypatch, get_streams, recordings_served=False):
            (video,) = site.videos().body["videos"]
        assert (video["id"], video["playback"], video["thumbnail"]) == ("a1", None, None)

    def test_without_recording_there_are_none(self, site: Streaming, monkeypatch: pytest.MonkeyPatch) -> None:
        from ivs_streaming.handlers import get_streams

        site.record("a1")
        with set_to(monkeypatch, get_streams, recordings_bucket=None):
            assert site.videos().body == {"videos": [], "next_cursor": None}

    def test_a_failure_is_counted_and_no_video(self, site: Streaming, capsys: Any) -> None:
        prefix = prefix_of(BEGAN, "a1")
        site.hear(recording_event("Recording Start Failure", prefix, BEGAN))
        assert '"RecordingsFailed":[1.0]' in capsys.readouterr().out
        assert site.videos().body["videos"] == []
        assert statuses(site)["failed"] == ["a1"]

    @pytest.mark.parametrize(
        "event",
        [
            recording_event("Recording End", "ivs/v1/x", NOW),
            recording_event("Recording End", prefix_of(BEGAN, "a1"), NOW, bucket="another"),
            recording_event("Recording End", prefix_of(BEGAN, "../a1"), NOW),
            recording_event("Recording Pause", prefix_of(BEGAN, "a1"), NOW),
        ],
    )
    def test_what_is_not_ours_is_no_recording(self, site: Streaming, event: dict[str, Any]) -> None:
        site.hear(event)
        assert site.dynamodb.scan(TableName="streams")["Items"] == []

    @pytest.mark.parametrize(
        "description",
        [
            "",
            "[]",
            '{"media": {"hls": {"path": "media/hls"}}}',
            '{"media": {"hls": {"path": "../..", "playlist": "master.m3u8", "duration_ms": 1}}}',
            '{"media": {"hls": {"path": "media", "playlist": "https://evil.example/", "duration_ms": 1}}}',
            '{"media": {"hls": {"path": "media", "playlist": "master.m3u8", "duration_ms": -1}}}',
        ],
    )
    def test_a_description_that_is_not_understood_is_none(self, site: Streaming, description: str) -> None:
        prefix = prefix_of(BEGAN, "a1")
        site.write(prefix, description=description or " ")
        site.hear(recording_event("Recording End", prefix, NOW, 1_000))
        assert statuses(site)["recording"] == ["a1"]


class TestReconcile:
    def test_finds_what_no_event_has_told_of(self, site: Streaming) -> None:
        old, new, running = (
            prefix_of(NOW - timedelta(hours=hours), name)
            for hours, name in ((50, "old"), (3, "new"), (1, "on"))
        )
        for prefix in (old, new):
            site.write(prefix)
        site.write(running, ended=False)
        site.reconcile()
        assert [video["id"] for video in site.videos().body["videos"]] == ["new", "old"]

    def test_finishes_what_was_described_late(self, site: Streaming) -> None:
        prefix = prefix_of(BEGAN, "a1")
        site.write(prefix, ended=False, images=0)
        site.hear(recording_event("Recording End", prefix, NOW, 1_000))
        assert statuses(site)["recording"] == ["a1"]
        site.write(prefix, images=0)
        site.reconcile()
        (video,) = site.videos().body["videos"]
        assert (video["id"], video["thumbnail"]) == ("a1", None)

    def test_reads_no_description_twice(self, site: Streaming, monkeypatch: pytest.MonkeyPatch) -> None:
        from ivs_streaming.handlers import reconcile_recordings

        site.record("a1")
        asked: list[str] = []
        monkeypatch.setattr(reconcile_recordings.bucket, "media_of", asked.append)
        site.reconcile()
        assert asked == []

    def test_leaves_alone_what_operators_have_decided(self, site: Streaming) -> None:
        site.record("hidden")
        site.edit("hidden", published=False)
        site.record("gone")
        site.delete("gone")
        site.reconcile()
        site.record("gone")
        assert statuses(site) == {"published": [], "hidden": ["hidden"], "recording": [], "failed": []}


class TestOperators:
    def test_name_and_hide_a_video(self, site: Streaming) -> None:
        site.record("a1")
        answer = site.edit("a1", title="Honey", published=False)
        assert (answer.status, answer.body["status"], answer.body["title"]) == (200, "hidden", "Honey")
        assert site.videos().body["videos"] == []
        assert site.edit("a1", title="Honey").body["status"] == "published"
        assert site.videos().body["videos"][0]["title"] == "Honey"

    def test_see_everything_that_is_not_deleted(self, site: Streaming) -> None:
        prefix = site.record("a1")
        (shown,) = site.recordings().body["recordings"]
        assert shown == {
            "id": "a1",
            "status": "published",
            "title": None,
            "published": True,
            "started_at": "2026-05-20T10:00:00Z",
            "duration_s": 3600,
            "prefix": prefix,
            "expires_at": "2026-06-19T10:00:00Z",
        }
        assert site.recordings(status="removing").status == 422

    def test_delete_a_video_with_its_objects(self, site: Streaming) -> None:
        prefix, other = site.record("a1"), site.record("b2")
        assert site.delete("a1").status == 204
        assert [video["id"] for video in site.videos().body["videos"]] == ["b2"]
        assert site.keys(prefix) != []
        removed(site, "a1")
        assert site.keys(prefix) == []
        assert site.keys(other) != []
        assert site.item("RECORDING#a1")["removal"]["S"] == "done"
        for answer in (site.delete("a1"), site.edit("a1")):
            assert (answer.status, answer.problem) == (404, "not-found")

    def test_a_deletion_that_was_broken_off_goes_on(
        self, site: Streaming, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ivs_streaming import recordings_bucket
        from ivs_streaming.handlers import reconcile_recordings

        prefix = site.record("a1")
        site.delete("a1")
        with monkeypatch.context() as slow:
            slow.setattr(recordings_bucket, "_PAGE", 2)
            slow.setattr(reconcile_recordings, "PAGES_AT_ONCE", 2)
            removed(site, "a1")
        assert len(site.keys(prefix)) == 2
        site.reconcile()
        assert site.keys(prefix) == []
        assert site.item("RECORDING#a1")["gsi1pk"]["S"] == "RECORDING#removed"

    def test_a_recording_that_goes_on_is_not_deleted(self, site: Streaming) -> None:
        site.hear(recording_event("Recording Start", prefix_of(BEGAN, "a1"), BEGAN))
        answer = site.delete("a1")
        assert (answer.status, answer.problem) == (409, "still-recording")
        site.now = BEGAN + timedelta(hours=49)
        assert site.delete("a1").status == 204

    @pytest.mark.parametrize("recording", ["a1", "..", "a b", "x" * 65, "%2e%2e", "RECORDING#a1"])
    def test_an_unknown_recording_is_not_there(self, site: Streaming, recording: str) -> None:
        for answer in (site.delete(recording), site.edit(recording)):
            assert (answer.status, answer.problem) == (404, "not-found")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"published": True},
            {"title": "x"},
            {"title": "x" * 121, "published": True},
            {"title": None, "published": 1},
        ],
    )
    def test_odd_edits_are_refused(self, site: Streaming, body: Any) -> None:
        site.record("a1")
        answer = site.call("manage_videos", "PUT", "/videos/a1", body, operator=True)
        assert (answer.status, answer.problem) == (422, "invalid")
