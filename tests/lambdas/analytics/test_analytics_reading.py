"""Admins and operators read what days came to, and nobody else does."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest

from tests.lambdas.analytics.analytics_api import Analytics
from tests.lambdas.functions import ACCOUNT, MEMBER, NOW

DAY = NOW.date()


@pytest.fixture
def two_days(analytics: Analytics) -> Analytics:
    """Analytics in which two days were added up."""
    analytics.collect()
    analytics.deliver(DAY)
    analytics.now = NOW + timedelta(days=1)
    analytics.roll_up()
    return analytics


def test_days_are_told_in_short(two_days: Analytics) -> None:
    answer = two_days.read("/days", first="2026-05-01", last="2026-05-31")
    assert [(day["day"], day["views"]) for day in answer.body["days"]] == [
        ("2026-05-19", 0),
        ("2026-05-20", 1),
    ]
    assert answer.body["days"][1].keys() == {
        "day", "views", "visitors", "untracked", "bots", "final", "counted_at",
    }  # fmt: skip
    assert two_days.read("/days", first="2026-05-21", last="2026-05-31").body == {"days": []}


def test_days_go_into_a_spreadsheet(two_days: Analytics) -> None:
    answer = two_days.read("/export", first="2026-05-19", last="2026-05-20")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="days-2026-05-19-2026-05-20.csv"'
    assert list(csv.reader(io.StringIO(answer.body))) == [
        ["day", "views", "visitors", "untracked", "bots", "final"],
        ["2026-05-19", "0", "0", "0", "0", "true"],
        ["2026-05-20", "1", "1", "0", "0", "false"],
    ]


@pytest.mark.parametrize("path", ["/days", f"/days/{DAY}", "/export", "/streams"])
def test_admins_read_the_same_by_their_token(two_days: Analytics, path: str) -> None:
    span = {} if path.endswith(str(DAY)) else {"from": "2026-05-01", "to": "2026-05-31"}

    def ask(groups: tuple[str, ...]) -> Any:
        options: dict[str, Any] = {"member": MEMBER, "groups": groups, "query": span or None}
        return two_days.call("read_analytics", "GET", f"/analytics{path}", **options)

    assert ask(("admin",)).body == two_days.read(path, query=span or None).body
    assert (ask(("moderator",)).status, ask(("moderator",)).problem) == (403, "not-allowed")


@pytest.mark.parametrize("account", [None, "123456789012"])
def test_only_the_accounts_own_operators_read(analytics: Analytics, account: str | None) -> None:
    def change(event: dict[str, Any]) -> None:
        if account is None:
            del event["requestContext"]["authorizer"]
        else:
            identity = event["requestContext"]["authorizer"]["iam"]
            assert identity["accountId"] == ACCOUNT
            identity.update(accountId=account, userArn=f"arn:aws:iam::{account}:root")

    answer = analytics.read("/days", first=DAY, last=DAY, change=change)
    assert (answer.status, answer.problem) == (403, "forbidden")


@pytest.mark.parametrize("path", ["/days", "/export", "/streams"])
@pytest.mark.parametrize(
    ("first", "last", "pointer"),
    [
        ("2026-05-20", "2026-05-19", "/to"),
        ("2026-05-20", "2027-05-21", "/to"),
        ("0001-01-01", "9999-12-31", "/to"),
        ("2026-05-20", "tomorrow", "/to"),
        ("2026-5-1", "2026-05-20", "/from"),
    ],
)
def test_a_span_is_a_year_at_most(
    analytics: Analytics, path: str, first: str, last: str, pointer: str
) -> None:
    answer = analytics.read(path, first=first, last=last)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]


def test_a_whole_leap_year_can_be_read(analytics: Analytics) -> None:
    assert analytics.read("/days", first="2028-01-01", last="2028-12-31").status == 200


@pytest.mark.parametrize("day", ["2026-05-21", "2026-5-20", "20260520", "today", "%00", "a" * 400])
def test_there_is_no_such_day(analytics: Analytics, day: str) -> None:
    answer = analytics.read(f"/days/{day}")
    assert (answer.status, answer.problem) == (404, "not-found")


def test_counters_of_pages_are_no_days(two_days: Analytics) -> None:
    assert date.fromisoformat(two_days.read("/days", first=DAY, last=DAY).body["days"][0]["day"]) == DAY
    assert len(two_days.read("/days", first="2026-01-01", last="2026-12-31").body["days"]) == 2
