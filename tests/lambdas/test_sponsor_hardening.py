"""Public routes trust nothing, faults tell nothing, and logs know nobody."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambdas.sponsor_api import SUBMISSION, picture

ODD_BODIES = [
    "",
    " ",
    "null",
    "[]",
    "1",
    '"text"',
    "{",
    "{}",
    "[" * 5_000,
    '{"a":' * 2_000,
    '{"sponsor": "\\ud800"}',
    "\ud800",
    "\x00",
    "NaN",
    '{"sponsor": 1e999}',
    "not json",
]


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
@pytest.mark.parametrize(
    ("function", "method", "path"),
    [
        ("create_booking", "POST", "/bookings"),
        ("own_booking", "POST", "/bookings/0000000000000/creative"),
        ("own_booking", "POST", "/bookings/0000000000000/cancel"),
        ("decide_booking", "PUT", "/bookings/0000000000000/approve"),
        ("decide_booking", "PUT", "/bookings/0000000000000/reject"),
        ("decide_booking", "PUT", "/bookings/0000000000000/cancel"),
        ("decide_booking", "PUT", "/bookings/0000000000000/refund"),
    ],
)
def test_odd_bodies_are_the_callers_fault(api: Any, function: str, method: str, path: str, body: str) -> None:
    answer = api.call(function, method, path, body, operator=function == "decide_booking")
    assert answer.status in (400, 422)
    assert answer.problem in ("malformed", "invalid")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=8,
    ),
    st.sampled_from(
        [
            "sponsor",
            "contact",
            "placement",
            "start_day",
            "end_day",
            "title",
            "target_url",
            "creative_type",
            "new",
        ]
    ),
)
def test_no_value_of_a_field_is_our_fault(api: Any, value: Any, name: str) -> None:
    answer = api.create(**{name: value})
    assert answer.status in (201, 400, 422)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"id": "0000000000000"}, "/id"),
        ({"status": "approved"}, "/status"),
        ({"price": {"total": 1}}, "/price"),
        ({"version": 9}, "/version"),
        ({"a/b~c" + "x" * 200: 1}, "/a~1b~0c" + "x" * 92),
        ({"sponsor": ""}, "/sponsor"),
        ({"sponsor": "x" * 81}, "/sponsor"),
        ({"title": "\u202eevil"}, "/title"),
        ({"title": 5}, "/title"),
        ({"contact": "nobody"}, "/contact"),
        ({"placement": "middle"}, "/placement"),
        ({"placement": "right"}, "/placement"),
        ({"start_day": "yesterday"}, "/start_day"),
        ({"start_day": 1_779_278_400}, "/start_day"),
        ({"start_day": "2026-05-19"}, "/start_day"),
        ({"end_day": "2026-05-20"}, "/end_day"),
        ({"end_day": "9999-12-31"}, "/end_day"),
        ({"start_day": "9999-12-31", "end_day": "9999-12-31"}, "/start_day"),
        ({"start_day": "0001-01-01"}, "/start_day"),
        ({"target_url": "http://honey.example/"}, "/target_url"),
        ({"target_url": "https://honey.example/../x"}, "/target_url"),
        ({"asset_url": "https://honey.example/x.png"}, "/asset_url"),
        ({"creative_type": "image/svg+xml"}, "/creative_type"),
        ({"creative_type": "text/html"}, "/creative_type"),
    ],
)
def test_a_refusal_points_at_the_member(api: Any, fields: dict[str, Any], pointer: str) -> None:
    answer = api.create(**fields)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert pointer in [error["pointer"] for error in answer.body["errors"]]
    assert api.items("sponsors") == []


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "json"],
)
def test_another_media_type_is_refused(api: Any, media_type: str) -> None:
    answer = api.create({"content-type": media_type})
    assert (answer.status, answer.problem) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_name_its_charset(api: Any, media_type: str) -> None:
    assert api.create({"content-type": media_type}).status == 201


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("size", [16 * 1024 + 1, 5_000_000])
def test_a_long_body_is_refused(api: Any, encoded: bool, size: int) -> None:
    def change(event: dict[str, Any]) -> None:
        event["isBase64Encoded"] = encoded
        event["body"] = base64.b64encode(b" " * size).decode() if encoded else " " * size

    answer = api.call("create_booking", "POST", "/bookings", "", change=change)
    assert (answer.status, answer.problem) == (413, "too-large")


@pytest.mark.parametrize("body", ["%%%", "AAA", base64.b64encode(b"\xff\xfe{}").decode()])
def test_a_body_that_is_no_text_is_refused(api: Any, body: str) -> None:
    def change(event: dict[str, Any]) -> None:
        event["isBase64Encoded"] = True

    assert api.call("create_booking", "POST", "/bookings", body, change=change).status == 400


def test_a_base64_body_is_read(api: Any) -> None:
    def change(event: dict[str, Any]) -> None:
        event["isBase64Encoded"] = True
        event["body"] = base64.b64encode(event["body"].encode()).decode()

    assert api.call("create_booking", "POST", "/bookings", SUBMISSION, change=change).status == 201


@pytest.mark.parametrize("key", ["", "short", "x" * 256, "with space in it", "ümlaut-key"])
def test_an_odd_idempotency_key_is_refused(api: Any, key: str) -> None:
    assert api.create({"idempotency-key": key}).problem == "bad-idempotency-key"


@pytest.mark.parametrize(
    "path",
    [
        "/bookings/../admin",
        "/bookings//approve",
        "/bookings/a/b/approve",
        "/",
        "",
        "/bookings/x/approve/",
        "/%00",
    ],
)
def test_path_tricks_lead_nowhere(api: Any, path: str) -> None:
    answer = api.call("decide_booking", "PUT", path, {"version": 1}, operator=True)
    assert (answer.status, answer.problem) == (404, "not-found")


def test_a_fault_is_recorded_without_its_words_and_told_without_anything(
    api: Any, monkeypatch: Any, capsys: Any
) -> None:
    from sponsor_system import bookings_table

    def fail(_: Any) -> Any:
        message = "The value Beate.Biene@honey.example is not right"
        raise ClientError(
            {"Error": {"Code": "ValidationException", "Message": message}}, "TransactWriteItems"
        )

    monkeypatch.setattr(bookings_table, "write_together", fail)
    answer = api.create()
    assert (answer.status, answer.problem) == (500, "unexpected")
    assert "Beate" not in json.dumps(answer.body)
    lines = [json.loads(line) for line in api.log.getvalue().splitlines()]
    assert '"Faults":[1.0]' in capsys.readouterr().out
    (fault,) = [line for line in lines if line["level"] == "ERROR"]
    assert fault["error"] == ["ClientError"]
    assert any("bookings_table.py" in frame for frame in fault["frames"])
    assert "Beate" not in api.log.getvalue()


def test_contention_that_does_not_end_is_told_as_busy(api: Any, monkeypatch: Any) -> None:
    from shared import tables
    from sponsor_system import bookings_table

    identifier = api.ready()
    monkeypatch.setattr(tables, "_LONGEST_WAIT_S", 0.0)
    monkeypatch.setattr(bookings_table, "write_together", lambda _: ("TransactionConflict",))
    answer = api.approve(identifier)
    assert (answer.status, answer.problem, answer.headers["Retry-After"]) == (503, "busy", "1")


def test_no_log_line_and_no_metric_knows_a_person(api: Any, capsys: Any) -> None:
    receipt = api.create({"idempotency-key": "secret-key-of-someone"}, start_day="2026-05-20").body
    identifier = receipt["id"]
    api.upload(receipt["upload"], b"no picture of Beate")
    api.follow()
    form = api.by_sponsor(receipt, "creative", {"creative_type": "image/png"}).body
    api.upload(form, picture("top"))
    api.own(receipt)
    api.own(receipt, "token-of-eve")
    api.create(contact="someone else", title="Ünique\u0000title")
    api.create(**{"unknown-member-of-beate": 1})
    api.approve(identifier)
    api.approve(identifier)
    api.reject(api.create(placement="left").body["id"], "because of a private matter")
    withdrawn = api.create(placement="creator").body
    api.by_sponsor(withdrawn, "cancel", {"version": 1, "reason": "a private matter"})
    api.refund(withdrawn["id"], 1)
    api.follow()
    api.turn_day()
    api.report(identifier)
    api.list(status="pending")
    api.active()
    for kind in ("view", "view", "click"):
        assert api.track(identifier, kind).status == 204
    api.track("0000000000000")
    api.approve(identifier, operator=False)
    written = api.log.getvalue() + "".join(capsys.readouterr())
    assert "booking received" in written
    assert "ViewsCounted" in written
    assert "CreativesRefused" in written
    assert "letter sent" in written
    for secret in (
        "Beate",
        "honey.example",
        "Söhne",
        "S\\u00f6hne",
        "Raw honey",
        "203.0.113",
        "198.51.100",
        "Firefox",
        "httpx",
        "ana@ops",
        "secret-key",
        "someone",
        "nique",
        "private matter",
        "of-eve",
        "B-17",
        receipt["token"],
        form["fields"]["x-amz-signature"],
        "AWS4-HMAC",
        "ASIAIOSFODNN7EXAMPLE",
        "AROACKCEVSQ6C2EXAMPLE",
    ):
        assert secret not in written, secret
