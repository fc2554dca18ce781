"""A page view is told once, without who saw the page, and counted for everybody to see."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from analytics.settings import settings
from tests.lambdas.analytics.analytics_api import BOT, VIEW, Analytics
from tests.lambdas.functions import NOW

SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15"


def told(analytics: Analytics) -> list[dict[str, Any]]:
    """The events that Firehose was given."""
    assert all(line.endswith(b"\n") for line in analytics.firehose.lines)
    return [json.loads(line) for line in analytics.firehose.lines]


def test_an_event_is_what_may_be_kept_of_a_view(analytics: Analytics) -> None:
    answer = analytics.collect()
    assert (answer.status, answer.body) == (204, None)
    assert "Set-Cookie" not in answer.headers
    (event,) = told(analytics)
    assert len(event.pop("id")) == 16
    assert len(event.pop("visitor")) == 32
    assert event == {
        "at": "2026-05-20T12:00:00Z",
        "kind": "view",
        "page": "/shop",
        "referrer": "example.org",
        "source": "newsletter",
        "campaign": "spring",
        "screen": "small",
        "language": "de",
    }


@pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=UTF-8", "text/plain"])
def test_beacons_are_taken(analytics: Analytics, content_type: str) -> None:
    assert analytics.collect(headers={"content-type": content_type}).status == 204
    assert len(told(analytics)) == 1


@pytest.mark.parametrize(
    "content_type", ["", "text/html", "multipart/form-data", "text/plain; charset=latin1"]
)
def test_other_types_are_refused(analytics: Analytics, content_type: str) -> None:
    answer = analytics.collect(headers={"content-type": content_type})
    assert (answer.status, answer.problem) == (415, "unsupported-media-type")
    assert "application/json or text/plain" in answer.body["detail"]


def test_a_page_is_enough(analytics: Analytics) -> None:
    assert analytics.collect(page="/", referrer=None, screen=None, language=None).status == 204
    (event,) = told(analytics)
    assert event.keys() == {"id", "at", "kind", "page", "visitor"}


def test_what_is_seen_again_within_half_an_hour_is_one_view(analytics: Analytics) -> None:
    for minutes in (0, 0, 5, 29, 30, 59, 61):
        analytics.now = NOW + timedelta(minutes=minutes)
        assert analytics.collect().status == 204
    assert [event["at"][11:16] for event in told(analytics)] == ["12:00", "12:30", "13:01"]
    assert analytics.counters("/shop") == (3, 3)


def test_pages_and_visitors_are_counted_each(analytics: Analytics) -> None:
    analytics.collect()
    analytics.collect(page="/")
    analytics.collect(ip="203.0.113.78")
    analytics.collect(agent=SAFARI)
    events = told(analytics)
    assert [event["page"] for event in events] == ["/shop", "/", "/shop", "/shop"]
    assert events[0]["visitor"] == events[1]["visitor"]
    assert len({event["visitor"] for event in events}) == 3


def test_nobody_is_known_again_on_the_next_day(analytics: Analytics) -> None:
    analytics.collect()
    analytics.now = NOW + timedelta(hours=12)
    analytics.collect()
    one, other = told(analytics)
    assert one["visitor"] != other["visitor"]


@pytest.mark.parametrize("headers", [{"dnt": "1"}, {"sec-gpc": "1"}])
def test_who_asks_not_to_be_tracked_has_no_pseudonym(analytics: Analytics, headers: dict[str, str]) -> None:
    analytics.collect(headers=headers)
    analytics.collect(headers=headers)
    assert [(event["kind"], event.get("visitor")) for event in told(analytics)] == [("view", None)] * 2
    assert analytics.items("analytics-visits") == []
    assert analytics.counters("/shop") == (2, 2)


@pytest.mark.parametrize("agent", [BOT, "", "curl/8.5.0"])
def test_of_programs_it_is_only_told_that_they_came(analytics: Analytics, agent: str) -> None:
    assert analytics.collect(agent=agent).status == 204
    (event,) = told(analytics)
    assert (event.pop("kind"), event.keys()) == ("bot", {"id", "at"})
    assert analytics.counters("/shop") == (0, 0)
    assert analytics.items("analytics-visits") == []


def test_one_visitor_has_an_end(analytics: Analytics) -> None:
    analytics.collect()
    (rate,) = [item for item in analytics.items("analytics-visits") if item["pk"]["S"].startswith("RATE#")]
    rate["events"] = {"N": "59"}
    analytics.client.put_item(TableName="analytics-visits", Item=rate)
    for page in ("/60", "/61", "/62"):
        assert analytics.collect(page=page).status == 204
    analytics.now = NOW + timedelta(minutes=1)
    analytics.collect(page="/later")
    assert [event["page"] for event in told(analytics)] == ["/shop", "/60", "/later"]


def test_counters_are_of_the_day_and_of_all_days(analytics: Analytics) -> None:
    assert analytics.counters("/shop") == (0, 0)
    analytics.collect()
    analytics.collect(ip="203.0.113.78")
    assert analytics.counters("/shop/") == analytics.counters("/shop?x=y") == (2, 2)
    analytics.now = NOW + timedelta(days=1)
    assert analytics.counters("/shop") == (0, 2)
    analytics.collect()
    assert analytics.counters("/shop") == (1, 3)
    analytics.now = NOW + timedelta(hours=11, minutes=59)  # this one came in before midnight
    analytics.collect()
    analytics.now = NOW + timedelta(days=1)
    assert analytics.counters("/shop") == (1, 4)


def test_counters_may_be_kept_for_half_a_minute(analytics: Analytics) -> None:
    answer = analytics.call("get_counters", "GET", "/analytics/counters", query={"page": "/shop"})
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert answer.body == {"page": "/shop", "today": 0, "total": 0}


@pytest.mark.parametrize(
    "query", [None, {"page": "shop"}, {"page": "/" + "x" * 2048}, {"page": "/", "x": "y"}]
)
def test_counters_are_of_one_page(analytics: Analytics, query: dict[str, str] | None) -> None:
    assert analytics.call("get_counters", "GET", "/analytics/counters", query=query).problem == "invalid"


def test_made_up_pages_do_not_fill_the_table(analytics: Analytics) -> None:
    from analytics.counters import NEW_PAGES_PER_DAY

    analytics.collect(page="/known")
    analytics.client.update_item(
        TableName="analytics",
        Key={"pk": {"S": "PAGES"}, "sk": {"S": "2026-05-20"}},
        UpdateExpression="SET pages = :most",
        ExpressionAttributeValues={":most": {"N": str(NEW_PAGES_PER_DAY)}},
    )
    for page in ("/made-up", "/known"):
        analytics.collect(page=page, ip="203.0.113.78")
    assert len(told(analytics)) == 3  # told of all the same
    assert (analytics.counters("/made-up"), analytics.counters("/known")) == ((0, 0), (2, 2))
    analytics.now = NOW + timedelta(days=1)
    analytics.collect(page="/made-up")
    assert analytics.counters("/made-up") == (1, 1)


def test_without_public_counters_nothing_is_counted(
    analytics: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analytics.handlers import collect_view

    quiet = settings().model_copy(update={"public_counters": False})
    monkeypatch.setattr(collect_view, "settings", lambda: quiet)
    analytics.collect()
    assert len(told(analytics)) == 1
    assert analytics.items("analytics") == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"page": None}, "/page"),
        ({"page": ""}, "/page"),
        ({"page": "https://kasper.live/"}, "/page"),
        ({"page": 5}, "/page"),
        ({"page": "/" + "x" * 2048}, "/page"),
        ({"referrer": "x" * 2049}, "/referrer"),
        ({"screen": "1440"}, "/screen"),
        ({"language": "x" * 65}, "/language"),
        ({"visitor": "me"}, "/visitor"),
        ({"at": "2026-05-20"}, "/at"),
    ],
)
def test_a_refusal_points_at_the_member(analytics: Analytics, fields: dict[str, Any], pointer: str) -> None:
    answer = analytics.collect(**fields)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert pointer in [error["pointer"] for error in answer.body["errors"]]
    assert told(analytics) == []


def test_bodies_are_tiny(analytics: Analytics) -> None:
    body = json.dumps({**VIEW, "page": "/" + "x" * 2000, "referrer": "https://example.org/" + "x" * 1900})
    assert analytics.call("collect_view", "POST", "/analytics/collect", body).status == 204
    answer = analytics.call("collect_view", "POST", "/analytics/collect", body + " " * 500)
    assert (answer.status, answer.problem) == (413, "too-large")
    assert "4096" in answer.body["detail"]
