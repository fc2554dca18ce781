"""Customers order: prices, stock, holds, tokens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambdas.shop.shop_api import ADDRESS, CONTENT, EMAIL, Shop


def test_the_server_makes_the_price(shop: Shop) -> None:
    shirt, mug = shop.product(stock=5), shop.product(price=1_290)
    answer = shop.order((shirt, 2), (mug, 1))
    assert answer.status == 201
    assert (answer.body["total"], answer.body["shipping"], answer.body["status"]) == (6_780, 490, "open")
    assert [line["price"] for line in answer.body["lines"]] == [2_500, 1_290]
    assert shop.stock(shirt) == 3
    assert shop.stock(mug) is None


def test_nothing_is_sent_for_what_is_digital(shop: Shop) -> None:
    song = shop.product(digital=True, category="songs")
    answer = shop.order((song, 1), address=None)
    assert (answer.body["total"], answer.body["shipping"]) == (2_500, 0)
    # An address that nobody needs is not kept.
    shop.order((song, 1))
    assert all("address" not in item for item in shop.items("orders", "ORDER#"))


def test_a_price_that_changes_after_ordering_is_the_next_customers(shop: Shop) -> None:
    product = shop.product()
    order = shop.order((product, 1)).body
    shop.edit("PUT", f"/{product}", {**CONTENT, "version": 2, "price": 9_900})
    assert shop.state(order).body["total"] == 2_990
    assert shop.order((product, 1)).body["total"] == 10_390


def test_all_or_nothing_is_taken(shop: Shop) -> None:
    plenty, few = shop.product(stock=9), shop.product(stock=1)
    answer = shop.order((plenty, 2), (few, 2))
    assert (answer.status, answer.problem) == (409, "sold-out")
    assert answer.body["left"] == [{"product": few, "left": 1}]
    assert (shop.stock(plenty), shop.stock(few)) == (9, 1)
    assert shop.items("orders", "ORDER#") == []


def test_a_repeated_order_is_one_order_with_one_token(shop: Shop) -> None:
    product = shop.product(stock=1)
    first, second = (shop.order((product, 1), key="the-same-key") for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert shop.stock(product) == 0
    other = shop.order((product, 1), key="the-same-key", email="other@honey.example")
    assert (other.status, other.problem) == (422, "idempotency-key-reused")


def test_an_order_needs_a_key(shop: Shop) -> None:
    body = {"items": [{"product": shop.product(), "quantity": 1}], "email": EMAIL, "address": ADDRESS}
    answer = shop.call("create_order", "POST", "/orders", body)
    assert (answer.status, answer.problem) == (400, "no-idempotency-key")


def test_an_order_opens_by_its_own_token_only(shop: Shop) -> None:
    product = shop.product()
    order, other = shop.order((product, 1)).body, shop.order((product, 1)).body
    assert shop.state(order).body == {
        "id": order["id"],
        "status": "open",
        "currency": "EUR",
        "total": 2_990,
        "refunded": 0,
        "hold_until": "2026-05-20T12:30:00Z",
    }
    path = f"/orders/{order['id']}"
    for token in ("", other["token"], order["token"][:-1], order["token"] + "x", "\u00fc"):
        answer = shop.opened("create_order", "GET", path, token)
        assert (answer.status, answer.problem) == (404, "not-found")
    assert shop.call("create_order", "GET", path).status == 404
    assert shop.call("create_order", "GET", "/orders/none").status == 404
    assert order["token"] not in str(shop.items("orders"))


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [{"product": "0" * 13, "quantity": 1}]}, "/items/0/product"),
        ({"items": [{"product": "../../x", "quantity": 1}]}, "/items/0/product"),
        ({"address": None}, "/address"),
        ({"address": {**ADDRESS, "country": "FR"}}, "/address/country"),
        ({"address": {**ADDRESS, "name": "a\nb"}}, "/address/name"),
        ({"address": {**ADDRESS, "street": "x" * 121}}, "/address/street"),
        ({"email": "a@b\r\nBcc: c@d.example"}, "/email"),
        ({"total": 1}, "/total"),
        ({"currency": "USD"}, "/currency"),
    ],
)
def test_a_refusal_points_at_the_member(shop: Shop, fields: dict[str, Any], pointer: str) -> None:
    answer = shop.order((shop.product(), 1), **fields)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert pointer in [error["pointer"] for error in answer.body["errors"]]


@pytest.mark.parametrize("quantity", [0, -1, 21, 1.5, "1", True, 10**30])
def test_a_quantity_is_a_small_whole_number(shop: Shop, quantity: Any) -> None:
    answer = shop.order((shop.product(), quantity))
    assert answer.body["errors"][0]["pointer"] == "/items/0/quantity"


def test_a_product_is_named_once_and_has_to_be_for_sale(shop: Shop) -> None:
    product, draft = shop.product(stock=5), shop.product(published=False)
    assert shop.order((product, 1), (product, 1)).body["errors"][0]["pointer"] == "/items"
    assert shop.order((product, 1), (draft, 1)).body["errors"][0]["pointer"] == "/items/1/product"
    assert shop.stock(product) == 5


def test_one_visitor_cannot_hold_everything(shop: Shop) -> None:
    from shop.handlers.create_order import ORDERS_PER_HOUR

    product = shop.product()
    answers = [shop.order((product, 1)).status for _ in range(ORDERS_PER_HOUR + 1)]
    assert answers == [201] * ORDERS_PER_HOUR + [429]
    shop.later(hours=1)
    assert shop.order((product, 1)).status == 201


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=8,
    ),
    st.sampled_from(["items", "email", "address", "new"]),
)
def test_no_value_of_a_member_is_our_fault(shop: Shop, value: Any, name: str) -> None:
    assert shop.order(("0" * 13, 1), **{name: value}).status in (400, 422, 429)


def test_a_hold_ends_once_and_gives_everything_back(shop: Shop) -> None:
    counted, endless = shop.product(stock=3), shop.product()
    order = shop.order((counted, 2), (endless, 1)).body
    later = shop.order((counted, 1)).body
    assert shop.stock(counted) == 0
    shop.later(minutes=29)
    shop.run_on_time("release_holds")
    assert shop.stock(counted) == 0
    shop.later(minutes=1)
    for _ in range(3):
        shop.run_on_time("release_holds")
    assert (shop.stock(counted), shop.stock(endless)) == (3, None)
    assert [shop.state(o).body["status"] for o in (order, later)] == ["expired", "expired"]
    (item, _) = shop.items("orders", "ORDER#")
    assert int(item["expires_at"]["N"]) > shop.now.timestamp()


def test_a_hold_that_outlives_its_products_stock_is_let_go(shop: Shop) -> None:
    product = shop.product(stock=3)
    shop.order((product, 2))
    shop.edit("PUT", f"/{product}/stock", {"stock": None, "seen": 1})
    shop.later(minutes=31)
    shop.run_on_time("release_holds")
    assert shop.stock(product) is None
    assert len(shop.listed("expired")) == 1


def test_a_rival_between_reading_and_writing_is_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from shop.handlers import create_order

    product = shop.product(stock=3)
    read, rivals = create_order.orders._products.read, iter([3])

    def read_and_lose(ids: Any) -> Any:
        seen = read(ids)
        for quantity in rivals:
            assert shop.order((product, quantity)).status == 201
        return seen

    monkeypatch.setattr(create_order.orders._products, "read", read_and_lose)
    answer = shop.order((product, 1))
    assert (answer.status, answer.problem, answer.body["left"][0]["left"]) == (409, "sold-out", 0)
    assert (shop.stock(product), len(shop.items("orders", "ORDER#"))) == (0, 1)


def test_a_price_that_changes_between_reading_and_writing_is_the_new_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop.handlers import create_order

    product = shop.product(stock=3)
    read, edits = create_order.orders._products.read, iter([{**CONTENT, "version": 2, "price": 9_900}])

    def read_and_edit(ids: Any) -> Any:
        seen = read(ids)
        for edit in edits:
            assert shop.edit("PUT", f"/{product}", edit).status == 200
        return seen

    monkeypatch.setattr(create_order.orders._products, "read", read_and_edit)
    assert shop.order((product, 1)).body["total"] == 10_390
    assert shop.stock(product) == 2


def test_two_releases_at_once_give_back_once(shop: Shop) -> None:
    from shop.handlers.release_holds import orders
    from shop.payment import expire

    product = shop.product(stock=3)
    order = shop.order((product, 2)).body
    shop.later(minutes=31)
    rivals = iter([1])

    def rule(seen: Any) -> Any:
        for _ in rivals:
            shop.run_on_time("release_holds")
        return expire(seen, shop.now)

    released, is_changed = orders.change(order["id"], rule, shop.now)
    assert (released.status, is_changed, shop.stock(product)) == ("expired", False, 3)
    assert released.version == 2
