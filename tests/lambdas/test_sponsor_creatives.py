"""A sponsor's picture, and what a sponsor may do with a booking."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from tests.lambdas.sponsor_api import BUCKET, SIDES, picture


def creative(api: Any, receipt: dict[str, Any]) -> dict[str, Any]:
    return dict(api.own(receipt).body["creative"])


def keys(api: Any) -> list[str]:
    found = api.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return sorted(entry["Key"] for entry in found)


def test_a_picture_is_checked_and_drawn_anew(api: Any) -> None:
    receipt = api.create().body
    assert creative(api, receipt)["state"] == "missing"
    api.upload(receipt["upload"], picture("top") + b"Hinterhof 7")
    assert creative(api, receipt) == {
        "state": "ready",
        "refusal": None,
        "type": "image/png",
        "width": 728,
        "height": 90,
    }
    (key,) = keys(api)
    assert key.startswith(f"media/creatives/{receipt['id']}-")
    stored = api.s3.get_object(Bucket=BUCKET, Key=key)
    assert stored["ContentType"] == "image/png"
    assert stored["CacheControl"] == "public, max-age=31536000, immutable"
    assert b"Hinterhof" not in stored["Body"].read()


def test_where_a_picture_lies_is_told_to_operators_only_until_it_is_approved(api: Any) -> None:
    receipt = api.create(start_day="2026-05-20", end_day="2026-05-20").body
    api.upload(receipt["upload"], picture("top"))
    (key,) = keys(api)
    assert api.own(receipt).body["asset_url"] is None
    assert key not in str(api.own(receipt).body)
    (listed,) = api.list(status="pending").body["bookings"]
    assert listed["asset_url"] is None
    assert listed["creative_url"].partition("?")[0].endswith(key)
    assert "X-Amz-Expires=600" in listed["creative_url"]
    api.approve(receipt["id"])
    assert api.own(receipt).body["asset_url"] == f"/{key}"
    assert api.active().body["sponsors"]["top"]["asset_url"] == f"/{key}"


@pytest.mark.parametrize("placement", SIDES)
def test_each_placement_has_sides_of_its_own(api: Any, placement: str) -> None:
    from sponsor_system.creatives import LIMITS
    from sponsor_system.model import Placement

    limits = LIMITS[Placement(placement)]
    assert limits.min_width <= SIDES[placement][0] <= limits.max_width
    assert limits.min_height <= SIDES[placement][1] <= limits.max_height
    if placement in ("bottom", "right"):  # not on offer here
        return
    for width, height, refusal in (
        (limits.max_width + 1, limits.min_height, "too-large-dimensions"),
        (limits.min_width, limits.min_height - 1, "too-small-dimensions"),
    ):
        receipt = api.create(placement=placement, start_day="2026-06-01", end_day="2026-06-01").body
        target = io.BytesIO()
        Image.new("RGB", (width, height)).save(target, "PNG")
        api.upload(receipt["upload"], target.getvalue())
        assert creative(api, receipt)["refusal"] == refusal
        assert keys(api) == []
        api.reject(receipt["id"])


def test_a_refused_picture_can_be_sent_again_and_an_accepted_one_replaced(api: Any) -> None:
    receipt = api.create().body
    api.follow()
    api.upload(receipt["upload"], b"<svg/>")
    assert creative(api, receipt)["state"] == "refused"
    assert api.approve(receipt["id"]).problem == "creative-not-ready"
    for _ in range(2):
        answer = api.by_sponsor(receipt, "creative", {"creative_type": "image/jpeg"})
        assert answer.status == 201
        assert answer.body["fields"]["Content-Type"] == "image/jpeg"
        assert answer.body["expires_at"] == "2026-05-20T12:15:00Z"
        api.upload(answer.body, picture("top"))
        api.follow()
    (key,) = keys(api)  # the first one is gone
    assert creative(api, receipt)["state"] == "ready"
    assert api.approve(receipt["id"]).status == 200
    assert api.own(receipt).body["asset_url"] == f"/{key}"


def test_what_an_operator_saw_is_what_is_approved(api: Any) -> None:
    receipt = api.create().body
    api.upload(receipt["upload"], picture("top"))
    (seen,) = api.list(status="pending").body["bookings"]
    form = api.by_sponsor(receipt, "creative", {"creative_type": "image/png"}).body
    api.upload(form, picture("top"))
    assert api.approve(receipt["id"], version=seen["version"]).problem == "changed"


def test_nothing_is_exchanged_after_the_decision(api: Any) -> None:
    receipt = api.create().body
    api.upload(receipt["upload"], picture("top"))
    late = api.by_sponsor(receipt, "creative", {"creative_type": "image/png"}).body
    api.approve(receipt["id"])
    before = api.stored(receipt["id"])
    shown = keys(api)
    api.upload(late, picture("top"))
    assert api.stored(receipt["id"]) == before
    assert keys(api) == shown
    answer = api.by_sponsor(receipt, "creative", {"creative_type": "image/png"})
    assert (answer.status, answer.problem) == (409, "already-decided")


def test_a_notification_that_comes_twice_changes_nothing(api: Any) -> None:
    receipt = api.create().body
    api.upload(receipt["upload"], picture("top"))
    (key,) = keys(api)
    api.arrived(receipt["upload"]["fields"]["key"])
    assert creative(api, receipt)["state"] == "ready"
    assert api.own(receipt).body["version"] == 3
    assert keys(api) == [key]


@pytest.mark.parametrize("key", ["incoming/0000000000000/a", "incoming/x/y", "incoming/", "elsewhere/a", "x"])
def test_a_file_that_is_nobodys_is_removed(api: Any, key: str) -> None:
    api.s3.put_object(Bucket=BUCKET, Key=key, Body=picture("top"))
    api.arrived(key)
    assert keys(api) == []


@pytest.mark.parametrize("end", ["reject", "cancel"])
def test_the_picture_of_who_is_not_shown_any_more_is_removed(api: Any, end: str) -> None:
    booking = api.ready()
    api.follow()
    if end == "cancel":
        api.approve(booking)
        api.follow()
    assert len(keys(api)) == 1
    assert getattr(api, end)(booking).status == 200
    api.follow()
    assert keys(api) == []


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "a" * 5_000])
@pytest.mark.parametrize("action", [None, "creative", "cancel"])
def test_nobody_gets_in_without_a_token_of_the_booking(api: Any, token: str, action: str | None) -> None:
    receipt = api.create().body
    if action is None:
        answer = api.own(receipt, token)
    else:
        body = {"creative": {"creative_type": "image/png"}, "cancel": {"version": 1}}[action]
        answer = api.by_sponsor(receipt, action, body, token)
    assert (answer.status, answer.problem) == (404, "not-found")
    unknown = api.own({"id": "0000000000000", "token": receipt["token"]})
    assert unknown.body == api.own(receipt, "y" * 43).body  # whether there is a booking cannot be told
    assert api.version(receipt["id"]) == 1


def test_a_token_is_of_one_booking_and_for_some_time(api: Any) -> None:
    first = api.create().body
    second = api.create(placement="left").body
    assert api.own(first, second["token"]).status == 404
    assert api.own(first).status == 200
    api.now += timedelta(days=101)  # 90 after its last day
    assert api.own(first).status == 404


def test_a_sponsor_takes_back_what_does_not_run_yet(api: Any) -> None:
    receipt = api.create().body
    wrong = api.by_sponsor(receipt, "cancel", {"version": 2})
    assert (wrong.status, wrong.problem) == (409, "changed")
    answer = api.by_sponsor(receipt, "cancel", {"version": 1, "reason": "Other plans"})
    assert (answer.status, answer.body["status"], answer.body["reason"]) == (200, "cancelled", "Other plans")
    again = api.by_sponsor(receipt, "cancel", {"version": 2})
    assert (again.status, again.problem, again.body["decided_by"]) == (409, "already-decided", "sponsor")


def test_a_sponsor_cannot_take_back_what_runs_and_an_operator_can(api: Any) -> None:
    receipt = api.create(start_day="2026-05-20", end_day="2026-05-22").body
    api.upload(receipt["upload"], picture("top"))
    api.approve(receipt["id"])
    answer = api.by_sponsor(receipt, "cancel", {"version": 4})
    assert (answer.status, answer.body["booking_status"]) == (409, "active")
    assert api.cancel(receipt["id"]).body["status"] == "cancelled"
    assert api.active().body["sponsors"] == {}


def test_money_is_given_back_once_and_both_sides_see_it(api: Any) -> None:
    receipt = api.create().body
    assert api.refund(receipt["id"], 1).problem == "already-decided"
    api.cancel(receipt["id"], "The show is off")
    assert api.refund(receipt["id"], 114_001).status == 422
    answer = api.refund(receipt["id"], 114_000)
    assert answer.status == 200
    assert answer.body["refund"] == {
        "amount": 114_000,
        "reference": "B-17",
        "at": "2026-05-20T12:00:00Z",
        "by": "ana@ops",
    }
    assert [change["status"] for change in answer.body["history"]] == ["cancelled", "refunded"]
    assert api.refund(receipt["id"], 1).problem == "already-decided"
    own = api.own(receipt).body
    assert (own["status"], own["reason"], own["refund"]["amount"]) == ("refunded", "The show is off", 114_000)
    assert "by" not in own["refund"]
    assert [booking["id"] for booking in api.list(status="refunded").body["bookings"]] == [receipt["id"]]
    assert "expires_at" not in api.stored(receipt["id"])


def test_what_a_booking_has_brought_is_told_to_both_sides(api: Any) -> None:
    receipt = api.create(start_day="2026-05-20", end_day="2026-05-22").body
    api.upload(receipt["upload"], picture("top"))
    api.approve(receipt["id"])
    for address in ("203.0.113.1", "203.0.113.2", "203.0.113.2"):
        api.track(receipt["id"], ip=address)
    api.track(receipt["id"], "click")
    api.track(receipt["id"], agent="curl/8")
    api.now += timedelta(days=1)
    api.track(receipt["id"])
    answer = api.report(receipt["id"])
    first = {"views": 2, "clicks": 1, "click_rate": 0.5, "dropped": {"bot": 1, "rate": 0, "repeated": 1}}
    second = {"views": 1, "clicks": 0, "click_rate": 0.0, "dropped": {"bot": 0, "rate": 0, "repeated": 0}}
    total = {"views": 3, "clicks": 1, "click_rate": 0.3333, "dropped": first["dropped"]}
    assert answer.body == {
        "booking": receipt["id"],
        "total": total,
        "days": [{"day": "2026-05-20", **first}, {"day": "2026-05-21", **second}],
    }
    assert api.own(receipt).body["report"] == answer.body
    assert api.report("0000000000000").status == 404
