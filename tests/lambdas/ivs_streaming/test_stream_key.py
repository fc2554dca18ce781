"""The stream key: shown to operators, replaced on request, never written anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambdas.ivs_streaming.streaming_api import NOW, STREAM, Streaming

SERVER = "rtmps://a1b2.global-contribute.live-video.net:443/app/"
OLD, NEW = "sk_eu-central-1_old_secret", "sk_eu-central-1_new_secret"


def rotate(site: Streaming, **body: Any) -> Any:
    return site.call("manage_stream_key", "POST", "/stream-key/rotate", body, operator=True)


def show(site: Streaming) -> Any:
    return site.call("manage_stream_key", "GET", "/stream-key", operator=True)


def test_operators_see_what_an_encoder_needs(site: Streaming) -> None:
    site.ivs.keys("old")
    site.ivs.shows("old", OLD)
    answer = show(site)
    assert (answer.status, answer.body) == (200, {"ingest_server": SERVER, "stream_key": OLD})
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_old_key_goes_before_the_new_one_comes(site: Streaming) -> None:
    site.ivs.offline()
    site.ivs.keys("old")
    site.ivs.deletes("old")
    site.ivs.makes("new", NEW)
    answer = rotate(site)
    assert (answer.status, answer.body["stream_key"]) == (200, NEW)


def test_a_live_channel_keeps_its_key(site: Streaming) -> None:
    site.ivs.live(STREAM, NOW)
    answer = rotate(site)
    assert (answer.status, answer.problem) == (409, "live")


def test_force_cuts_the_running_stream_off(site: Streaming) -> None:
    site.ivs.live(STREAM, NOW)
    site.ivs.keys("old")
    site.ivs.deletes("old")
    site.ivs.stops()
    site.ivs.makes("new", NEW)
    assert rotate(site, force=True).body["stream_key"] == NEW


def test_what_others_have_done_meanwhile_is_done(site: Streaming) -> None:
    site.ivs.live(STREAM, NOW)
    site.ivs.keys("old")
    site.ivs.fails("delete_stream_key", "ResourceNotFoundException")
    site.ivs.fails("stop_stream", "ChannelNotBroadcasting")
    site.ivs.makes("new", NEW)
    assert rotate(site, force=True).status == 200


def test_a_rotation_that_was_broken_off_is_finished_by_the_next(site: Streaming) -> None:
    site.ivs.keys()
    assert (show(site).status, show_problem(site)) == (404, "no-stream-key")
    site.ivs.offline()
    site.ivs.keys()
    site.ivs.makes("new", NEW)
    assert rotate(site).status == 200


def show_problem(site: Streaming) -> str:
    site.ivs.keys()
    return str(show(site).problem)


@pytest.mark.parametrize(
    ("code", "status", "problem"),
    [
        ("ServiceQuotaExceededException", 503, "busy"),
        ("PendingVerification", 409, "pending-verification"),
        ("InternalServerException", 500, "unexpected"),
    ],
)
def test_a_refusal_of_ivs_says_what_to_do(site: Streaming, code: str, status: int, problem: str) -> None:
    site.ivs.offline()
    site.ivs.keys("old")
    site.ivs.deletes("old")
    site.ivs.fails("create_stream_key", code)
    answer = rotate(site)
    assert (answer.status, answer.problem) == (status, problem)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_a_key_that_could_not_be_deleted_is_a_fault(site: Streaming, code: str) -> None:
    site.ivs.offline()
    site.ivs.keys("old")
    site.ivs.fails("delete_stream_key", code)
    assert rotate(site).status == 500


@pytest.mark.parametrize("path", ["/stream-key", "/stream-key/rotate"])
def test_nobody_else_gets_it(site: Streaming, path: str) -> None:
    method, body = ("POST", {}) if path.endswith("rotate") else ("GET", None)
    assert site.call("manage_stream_key", method, path, body).problem == "forbidden"
    assert (
        site.call("manage_stream_key", method, path, body, member="m", groups=("admin",)).problem
        == "forbidden"
    )


@pytest.mark.parametrize("body", ["", "[]", "null", '{"force": 1}', '{"force": "yes"}', '{"key": "mine"}'])
def test_odd_bodies_are_the_callers_fault(site: Streaming, body: str) -> None:
    answer = site.call("manage_stream_key", "POST", "/stream-key/rotate", body, operator=True)
    assert answer.status in (400, 422)


def test_it_is_written_nowhere(site: Streaming, capsys: Any) -> None:
    site.ivs.keys("old")
    site.ivs.shows("old", OLD)
    show(site)
    site.ivs.offline()
    site.ivs.keys("old")
    site.ivs.deletes("old")
    site.ivs.makes("new", NEW)
    rotate(site)
    written = site.log.getvalue() + "".join(capsys.readouterr())
    assert "stream key rotated" in written
    for secret in ("sk_", "secret", "ana@ops"):
        assert secret not in written, secret
    assert site.dynamodb.scan(TableName="streams")["Items"] == []
