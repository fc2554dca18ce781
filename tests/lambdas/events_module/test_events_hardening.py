"""Whatever is sent is the sender's fault, and no log line knows a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambdas.events_module.events_api import NEW, Events, address
from tests.lambdas.functions import MEMBER, NOW

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES, st.sampled_from([*NEW, "sign_up_until", "members_only", "version", "new"]))
def test_no_value_of_an_events_member_is_our_fault(events: Events, value: Any, name: str) -> None:
    answer = events.call("manage_events", "POST", "/events", {**NEW, name: value}, operator=True)
    assert answer.status in (201, 422)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES, st.sampled_from(["name", "email", "website", "new"]))
def test_no_value_of_a_guests_member_is_our_fault(events: Events, value: Any, name: str) -> None:
    event = events.announce()
    body = {"name": "Anna", "email": address("Anna"), name: value}
    answer = events.call("sign_up_guests", "POST", f"/events/{event}/sign-ups", body)
    assert answer.status in (202, 422, 429)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=90))
def test_no_token_is_our_fault(events: Events, token: str) -> None:
    assert events.leave("0" * 13, token).status == 404


@pytest.mark.parametrize("event", ["x", "0" * 12, "%2e%2e", "EVENT#1", "0" * 40])
@pytest.mark.parametrize(
    ("function", "method", "path"),
    [
        ("get_programme", "GET", ""),
        ("get_programme", "GET", "/calendar.ics"),
        ("sign_up_guests", "POST", "/sign-ups/confirm"),
        ("sign_up_guests", "DELETE", "/sign-ups"),
    ],
)
def test_there_is_nothing_behind_another_id(
    events: Events, function: str, method: str, path: str, event: str
) -> None:
    assert events.call(function, method, f"/events/{event}{path}").problem == "not-found"


@pytest.mark.parametrize(
    "fields", [{"name": "a\nBcc: b@c.de"}, {"email": "a@b.de, c@d.de"}, {"to": "a@b.de"}]
)
def test_where_letters_go_cannot_be_widened(events: Events, fields: dict[str, str]) -> None:
    event = events.announce()
    assert events.ask(event, "Anna", **fields).problem == "invalid"
    assert events.listed(event) == []


def test_keys_and_names_of_items_hold_no_address(events: Events) -> None:
    event = events.announce()
    events.pool.people[MEMBER] = {"email": "bea@honey.example", "email_verified": "true"}
    events.come(event, "Anna")
    events.join(event, MEMBER)
    keys = str(
        [
            {name: item[name] for name in item if name in ("pk", "sk", "gsi1pk", "gsi1sk")}
            for item in events.items()
        ]
    )
    assert "honey" not in keys
    assert MEMBER not in keys


def test_no_log_line_and_no_metric_knows_a_person(events: Events, capsys: Any) -> None:
    event = events.announce(capacity=1)
    events.pool.people[MEMBER] = {"email": "bea@honey.example", "email_verified": "true"}
    for name in ("Anna", "Bert"):
        events.come(event, name)
    token = events.mailbox.token(address("Anna"))
    events.join(event, MEMBER)
    events.ask(event, "Cleo", website="spam-of-someone")
    events.ask(event, "Cleo", email="not an address")
    events.confirm(event, f"{token}x")
    events.mailbox.refuses = "MessageRejected"
    events.stream()
    events.mailbox.refuses = ""
    events.leave(event, token)
    events.now = NOW + timedelta(hours=2)
    events.schedule()
    events.privacy("export", email=address("Bert"))
    events.privacy("erase", email=address("Bert"))
    events.call("manage_events", "GET", f"/events/{event}/sign-ups/export", operator=True)
    written = events.log.getvalue() + "".join(capsys.readouterr())
    assert "sign-up confirmed" in written
    assert "mail refused" in written
    for secret in (
        "Anna", "anna", "Bert", "bert", "bea@", "honey", "Honey", "someone", "not an address", "203.0.113",
        "2001:db8", "Firefox", "ana@ops", MEMBER, token, token.partition(".")[2],
    ):  # fmt: skip
        assert secret not in written, secret
