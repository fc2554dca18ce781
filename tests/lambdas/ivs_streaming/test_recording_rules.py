"""A recording's life, and what of it may be trusted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ivs_streaming.recordings import (
    LONGEST,
    EventName,
    Media,
    Recording,
    RecordingStatus,
    day_prefixes,
    may_still_run,
    opened,
    told,
)
from ivs_streaming.views import rounded_down, video_of

ROOT = "ivs/v1/100000000001/abcdEFGHijkl"
PREFIX = f"{ROOT}/2026/5/20/9/7/j8Z9O91ndcVs"
BEGAN = datetime(2026, 5, 20, 9, 7, tzinfo=UTC)
MEDIA = Media(playlist="media/hls/master.m3u8", duration_ms=61_999, thumbnail="media/thumbnails/thumb1.jpg")
RETENTION = timedelta(days=30)


def recording(**changes: Any) -> Recording:
    made = opened(PREFIX, ROOT)
    assert made is not None
    return made.model_copy(update=changes)


def test_a_prefix_says_which_recording_it_is_and_when_it_began() -> None:
    assert (recording().id, recording().started_at) == ("j8Z9O91ndcVs", BEGAN)


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        ROOT,
        f"{PREFIX}/",
        f"/{PREFIX}",
        f"{PREFIX}/media",
        f"{ROOT}/2026/5/20/9/7/..",
        f"{ROOT}/2026/13/20/9/7/j8Z9O91ndcVs",
        f"{ROOT}/2026/5/20/9/60/j8Z9O91ndcVs",
        f"{ROOT}/2026/5/20/9/7/a b",
        PREFIX.replace("100000000001", "100000000002"),
        PREFIX.replace("abcdEFGHijkl", "anotherChannel"),
        f"x/{PREFIX}",
    ],
)
def test_another_prefix_is_no_recording_of_ours(prefix: str) -> None:
    assert opened(prefix, ROOT) is None


@given(
    st.lists(st.tuples(st.sampled_from(EventName), st.none() | st.integers(0, 10**9)), max_size=8), st.data()
)
def test_order_and_repetition_of_events_do_not_matter(happened: list[Any], data: st.DataObject) -> None:
    def play(items: list[Any]) -> Recording:
        made = recording()
        for event, duration_ms in items:
            made = told(made, event, duration_ms)
        return made

    assert play(data.draw(st.permutations(happened + happened[:2]))) == play(happened)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, RecordingStatus.RECORDING),
        ({"duration_ms": 5}, RecordingStatus.RECORDING),
        ({"media": MEDIA}, RecordingStatus.PUBLISHED),
        ({"media": MEDIA, "published": False}, RecordingStatus.HIDDEN),
        ({"media": MEDIA, "failed": True}, RecordingStatus.FAILED),
        ({"failed": True}, RecordingStatus.FAILED),
        ({"media": MEDIA, "removal": "asked"}, RecordingStatus.REMOVING),
        ({"failed": True, "removal": "done"}, RecordingStatus.REMOVED),
    ],
)
def test_the_status_follows_from_what_is_known(changes: dict[str, Any], status: RecordingStatus) -> None:
    assert recording(**changes).status is status


def test_a_recording_may_run_for_two_days() -> None:
    assert may_still_run(recording(), BEGAN + LONGEST)
    assert not may_still_run(recording(), BEGAN + LONGEST + timedelta(seconds=1))
    assert not may_still_run(recording(media=MEDIA), BEGAN)


def test_every_day_is_looked_into_on_which_a_recording_began_that_may_just_have_ended() -> None:
    days = day_prefixes(ROOT, BEGAN)
    assert days[0] == f"{ROOT}/2026/5/20/"
    began = BEGAN - LONGEST - timedelta(hours=1)
    assert f"{ROOT}/{began.year}/{began.month}/{began.day}/" in days
    assert len(days) == 4


def test_viewers_get_paths_on_the_site() -> None:
    video = video_of(recording(media=MEDIA, title="Bees"), RETENTION, served=True)
    assert video is not None
    assert video.model_dump() == {
        "id": "j8Z9O91ndcVs",
        "title": "Bees",
        "started_at": BEGAN,
        "duration_s": 61,
        "playback": f"/{PREFIX}/media/hls/master.m3u8",
        "thumbnail": f"/{PREFIX}/media/thumbnails/thumb1.jpg",
        "expires_at": BEGAN + RETENTION,
    }


def test_a_video_that_the_site_does_not_serve_has_no_paths() -> None:
    video = video_of(recording(media=MEDIA), RETENTION, served=False)
    assert video is not None
    assert (video.playback, video.thumbnail) == (None, None)
    assert video_of(recording(), RETENTION, served=True) is None


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/.", "a b", "https://x", "x" * 201]
)
def test_a_path_does_not_lead_out_of_its_recording(path: str) -> None:
    with pytest.raises(ValidationError):
        Media(playlist=path, duration_ms=1)


@given(st.integers(0, 10**8))
def test_a_count_is_rounded_down_to_a_step(count: int) -> None:
    shown = rounded_down(count)
    assert shown <= count or shown == count == 0
    assert shown == 0 or str(shown).rstrip("0") in ("1", "2", "5")
    assert count == 0 or shown * 2.5 > count or count >= 5_000_000


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, 0), (1, 1), (4, 2), (5, 5), (9, 5), (10, 10), (19, 10), (120, 100), (1_999, 1_000)],
)
def test_steps(count: int, shown: int) -> None:
    assert rounded_down(count) == shown
