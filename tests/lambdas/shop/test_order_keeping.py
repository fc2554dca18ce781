"""What operators see and export, and what nobody gets to see."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest

from shared.problems import ProblemError
from shop.export import COLUMNS, MAX_DAYS, csv_of, span_of
from tests.lambdas.shop.shop_api import CONTENT, EMAIL, Shop, event_of, paid
from tests.lambdas.shop.test_payment_rules import NOW, ORDER
from tests.stripe_server.process import StripeServer


def paid_order(shop: Shop, intent: str, **fields: Any) -> dict[str, Any]:
    """An order whose payment was opened and made, as far as the shop knows."""
    from shop.handlers.process_payment import orders
    from shop.payment import intend

    order: dict[str, Any] = shop.order((shop.product(), 1), **fields).body
    orders.change(order["id"], lambda seen: intend(seen, intent), shop.now)
    assert shop.deliver(paid(order, intent)).body == {"outcome": "applied"}
    return order


def exported(shop: Shop, first: str = "2026-05-20", last: str = "2026-05-20") -> list[dict[str, str]]:
    answer = shop.call(
        "manage_orders", "GET", "/orders/export", operator=True, query={"from": first, "to": last}
    )
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.body)))


def test_operators_page_through_a_status(shop: Shop) -> None:
    made = [paid_order(shop, f"pi_{number}")["id"] for number in range(3)]
    seen, cursor = [], None
    for _ in range(2):
        query = {"status": "paid", "limit": "2", **({"cursor": cursor} if cursor else {})}
        page = shop.manage("GET", "", query=query).body
        seen += [order["id"] for order in page["orders"]]
        cursor = page["next_cursor"]
    assert (sorted(seen), cursor) == (sorted(made), None)
    assert shop.listed("refunded") == []
    assert not {"token_salt", "token_digest"} & page["orders"][0].keys()


def test_the_export_has_what_was_paid_on_the_days(shop: Shop) -> None:
    order = paid_order(shop, "pi_1")
    shop.order((shop.product(), 1))  # not paid
    (row,) = exported(shop)
    assert tuple(row) == COLUMNS
    assert (row["order"], row["total"], row["email"], row["name"]) == (
        order["id"],
        "2990",
        EMAIL,
        "Beate Biene",
    )
    assert exported(shop, "2026-05-19", "2026-05-19") == exported(shop, "2026-05-21", "2026-05-21") == []
    charge = {"amount": 2_990, "amount_refunded": 2_990, "currency": "eur", "payment_intent": "pi_1"}
    shop.deliver(event_of("charge.refunded", charge))
    (row,) = exported(shop)
    assert (row["status"], row["given_back"]) == ("refunded", "2990")


@pytest.mark.parametrize("title", ["=HYPERLINK(A1)", "+1", "-1", "@SUM(A1)", "＝1", '"a";=1'])
def test_no_cell_is_a_formula(title: str) -> None:
    order = ORDER.model_copy(update={"paid_at": NOW, "email": f"{title}@x.example"})
    rows = list(csv.reader(io.StringIO(csv_of([order]))))
    for cell in rows[1]:
        assert not cell.startswith(("=", "+", "-", "@", "＝"))
    assert rows[1][3].removeprefix("'") == f"{title}@x.example"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 5, 2), date(2026, 5, 1)),
        (date(2026, 1, 1), date(2027, 1, 3)),
        (date(9999, 12, 31), date(9999, 12, 31)),
    ],
)
def test_an_export_is_of_a_year_at_most(first: date, last: date) -> None:
    with pytest.raises(ProblemError, match="invalid"):
        span_of(first, last)
    assert (last - first).days + 1 > MAX_DAYS or last < first or last == date.max


def test_an_export_needs_an_operator_and_two_days(shop: Shop) -> None:
    query = {"from": "2026-05-20", "to": "2026-05-20"}
    assert shop.manage("GET", "/export", operator=False, query=query).status == 403
    for wrong in ({}, {"from": "2026-05-20"}, {**query, "to": "tomorrow"}, {**query, "status": "paid"}):
        assert shop.manage("GET", "/export", query=wrong).status == 422


def test_an_operator_decides_about_the_order_that_was_seen(shop: Shop) -> None:
    order = paid_order(shop, "pi_1")
    for method, path, body in (
        ("PUT", "fulfilled", {"version": 2}),
        ("POST", "refund", {"version": 2, "reason": "x"}),
        ("PUT", "reviewed", {"version": 2}),
    ):
        answer = shop.manage(method, f"/{order['id']}/{path}", body)
        assert (answer.status, answer.problem, answer.body["version"]) == (409, "changed", 3)
        assert shop.manage(method, f"/{'0' * 26}/{path}", body).status == 404
        assert shop.manage(method, f"/{order['id']}/{path}", body, operator=False).status == 403
    too_much = shop.manage("POST", f"/{order['id']}/refund", {"version": 3, "amount": 2_991, "reason": "x"})
    assert too_much.body["errors"][0]["pointer"] == "/amount"


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{", "1", "NaN", "[" * 5_000, '{"version": 1e999}', '{"a": "\\ud800"}', "\ud800"],
)
def test_odd_bodies_are_the_callers_fault(shop: Shop, body: str) -> None:
    calls = [
        shop.call("create_order", "POST", "/orders", body),
        shop.call("manage_orders", "POST", f"/orders/{'0' * 26}/refund", body, operator=True),
        shop.call("manage_orders", "PUT", f"/orders/{'0' * 26}/fulfilled", body, operator=True),
        shop.call("edit_products", "POST", "/operator/products", body, operator=True),
        shop.call("edit_products", "PUT", f"/operator/products/{'0' * 13}/stock", body, operator=True),
    ]
    assert {answer.status for answer in calls} <= {400, 422}


def test_no_log_line_and_no_metric_knows_a_person(
    shop: Shop, stripe: StripeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    order = paid_order(shop, "pi_1")
    shop.state(order)
    shop.opened("create_order", "GET", f"/orders/{order['id']}", "a-wrong-token")
    shop.order((shop.product(), 1), key="secret-key-of-someone", email="someone else")
    shop.deliver(paid(order, "pi_1", amount_received=1, receipt_email="someone@honey.example"))
    shop.run("send_order_mails", shop.stream(order["id"]))
    shop.manage("POST", f"/{order['id']}/refund", {"version": 4, "reason": "because of a private matter"})
    shop.manage("PUT", f"/{order['id']}/reviewed", {"version": 5})
    shop.edit("PUT", f"/{shop.product()}", {**CONTENT, "version": 2, "title": "Private matter"})
    exported(shop)
    shop.run("make_refunds")
    written = shop.log.getvalue() + "".join(capsys.readouterr())
    for expected in ("order received", "order mail", "refund asked", "OrdersFlagged"):
        assert expected in written
    for secret in (
        "Beate",
        "Biene",
        "honey.example",
        "Wabenweg",
        "nchen",
        "someone",
        "secret-key",
        "private matter",
        "Private matter",
        "T-shirt",
        order["token"],
        "a-wrong-token",
        "sk_test",
        "whsec_",
        "203.0.113",
        "Firefox",
        "ana@ops",
        "AWS4-HMAC",
    ):
        assert secret not in written, secret
