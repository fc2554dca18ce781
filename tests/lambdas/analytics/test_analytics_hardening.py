"""The public route trusts nothing, and no log line, metric or table knows a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambdas.analytics.analytics_api import VIEW, Analytics
from tests.lambdas.functions import NOW

ODD_BODIES = ["", " ", "null", "[]", "1", "{", "[" * 2_000, '{"page": "\\ud800"}', "\ud800", "\x00", "NaN"]


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
@pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=UTF-8"])
def test_odd_bodies_are_the_callers_fault(analytics: Analytics, body: str, content_type: str) -> None:
    headers = {"content-type": content_type}
    answer = analytics.call("collect_view", "POST", "/analytics/collect", body, headers=headers)
    assert answer.problem in ("malformed", "invalid")
    assert analytics.firehose.lines == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40).map(lambda text: f"/{text}"),
    st.sampled_from([*VIEW, "new"]),
)
def test_no_value_of_a_field_is_our_fault(analytics: Analytics, value: Any, name: str) -> None:
    assert analytics.collect(**{name: value}).status in (204, 422)


@pytest.mark.parametrize(
    "path", ["/analytics/collect/", "/analytics", "//analytics/collect", "/analytics/%2e%2e", "/"]
)
def test_path_tricks_lead_nowhere(analytics: Analytics, path: str) -> None:
    assert analytics.call("collect_view", "POST", path, VIEW).problem == "not-found"


SECRETS = (
    "203.0.113", "Firefox", "beate", "honey", "token-of-hers", "0123456789", "q=secret", "access_token",
)  # fmt: skip


def test_nothing_that_is_kept_knows_a_person(analytics: Analytics, capsys: Any) -> None:
    analytics.collect(
        page="/welcome/beate@honey.example/0123456789?token=token-of-hers&utm_source=beate@honey.example#access_token",
        referrer="https://mail.example/beate@honey.example?q=secret",
        language="x-beate",
    )
    analytics.collect(page="beate@honey.example")
    analytics.collect(headers={"dnt": "1", "x-name": "beate"})
    analytics.deliver(NOW.date())
    analytics.now = NOW + timedelta(days=1)
    analytics.roll_up()
    analytics.day(NOW.date())
    analytics.counters("/welcome/beate@honey.example")
    written = analytics.log.getvalue() + "".join(capsys.readouterr())
    kept = f"{analytics.items('analytics')}{analytics.items('analytics-visits')}{analytics.firehose.lines}"
    assert "day added up" in written
    assert "/welcome/*/*" in kept
    for secret in SECRETS:
        assert secret not in written, secret
        assert secret not in kept, secret


def test_a_fault_tells_nothing_and_is_counted(analytics: Analytics, capsys: Any) -> None:
    analytics.firehose.fails = True
    answer = analytics.collect()
    assert (answer.status, answer.problem) == (500, "unexpected")
    written = analytics.log.getvalue() + "".join(capsys.readouterr())
    assert '"Faults":[1.0]' in written
    assert "203.0.113" not in written
    assert "/shop" not in written


def test_what_belongs_to_a_day_goes_with_it(analytics: Analytics) -> None:
    analytics.collect()
    expiries = {int(item["expires_at"]["N"]) for item in analytics.items("analytics-visits")}
    assert expiries == {int((NOW.replace(hour=1) + timedelta(days=1)).timestamp())}
