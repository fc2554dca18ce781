"""What the shop keeps of a customer: handed out; erased where no money and no payment stands against it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lambdas.functions import MEMBER, handlers_of
from tests.lambdas.people import ask
from tests.lambdas.shop.shop_api import ADDRESS, EMAIL, Shop, paid
from tests.stripe_server.process import StripeServer

OTHER = "carl@honey.example"


def paid_order(shop: Shop, product: str) -> dict[str, Any]:
    """An order that Stripe has the money of."""
    order: dict[str, Any] = shop.order((product, 1)).body
    intent = str(shop.pay(order).body["client_secret"]).partition("_secret_")[0]
    assert shop.deliver(paid(order, intent)).body == {"outcome": "applied"}
    return order


def test_orders_are_handed_out_in_any_case_of_the_address(shop: Shop) -> None:
    product = shop.product(stock=5)
    order = shop.order((product, 2)).body
    shop.order((product, 1), email=OTHER)
    (document,) = ask(shop, "export", email=EMAIL.swapcase())["documents"]["orders"]
    assert (document["id"], document["email"], document["address"]["street"]) == (
        order["id"],
        EMAIL,
        ADDRESS["street"],
    )
    assert document["lines"][0] == {
        "product": product,
        "title": "Beekeeper's T-shirt",
        "price": 2_500,
        "quantity": 2,
        "digital": False,
    }
    for ours in ("token_salt", "token_digest", "holding", "fulfilled_by"):
        assert ours not in document


def test_an_order_that_nobody_began_to_pay_goes_and_gives_its_goods_back(shop: Shop) -> None:
    product = shop.product(stock=5)
    order = shop.order((product, 2)).body
    other = shop.order((product, 1), email=OTHER).body
    assert shop.stock(product) == 2
    assert ask(shop, "erase", email=EMAIL) == {"erased": 1, "kept": []}
    assert shop.stock(product) == 4
    assert shop.state(order).status == 404
    assert shop.state(other).body["status"] == "open"
    assert EMAIL.lower() not in str(shop.items("orders")).lower()
    assert ask(shop, "erase", email=EMAIL) == {"erased": 0, "kept": []}
    assert ask(shop, "export", email=EMAIL)["documents"] == {}


def test_an_order_whose_hold_is_over_gives_nothing_back_twice(shop: Shop) -> None:
    product = shop.product(stock=5)
    shop.order((product, 2))
    shop.later(hours=1)
    shop.run_on_time("release_holds")
    assert shop.stock(product) == 5
    assert ask(shop, "erase", email=EMAIL)["erased"] == 1
    assert shop.stock(product) == 5


def test_paid_orders_are_kept_for_the_tax_office(shop: Shop, stripe: StripeServer) -> None:
    product = shop.product(stock=5)
    order = paid_order(shop, product)
    shop.order((product, 1))
    answer = ask(shop, "erase", email=EMAIL)
    assert answer == {
        "erased": 1,
        "kept": [
            {
                "what": "paid orders",
                "count": 1,
                "why": "records for the tax office (§ 147 AO, 8 years), until 2034-12-31",
            }
        ],
    }
    (kept,) = ask(shop, "export", email=EMAIL)["documents"]["orders"]
    assert (kept["id"], kept["email"]) == (order["id"], EMAIL)

    shop.now = datetime(2035, 1, 1, tzinfo=UTC)
    assert ask(shop, "erase", email=EMAIL) == {"erased": 1, "kept": []}
    assert shop.items("orders", "ORDER#") == []
    assert shop.items("orders", "INTENT#") == []
    assert shop.stock(product) == 4, "what was sold stays sold"


def test_an_order_that_may_still_be_paid_waits_for_its_end(shop: Shop, stripe: StripeServer) -> None:
    product = shop.product(stock=5)
    order = shop.order((product, 1)).body
    intent = str(shop.pay(order).body["client_secret"]).partition("_secret_")[0]
    (kept,) = ask(shop, "erase", email=EMAIL)["kept"]
    assert (kept["what"], kept["count"]) == ("orders that may still be paid", 1)
    assert "by 2026-06-19" in kept["why"]
    assert shop.deliver(paid(order, intent)).body == {"outcome": "applied"}, (
        "money that comes finds its order"
    )
    assert shop.state(order).body["status"] == "paid"


def test_an_order_is_not_deleted_from_under_a_payment(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from shop.handlers import shop_privacy

    product = shop.product(stock=5)
    order = shop.order((product, 1)).body
    real = shop_privacy.orders._deletes_beside

    def meanwhile(seen: Any) -> Any:
        """The customer begins to pay after the order was read."""
        monkeypatch.setattr(shop_privacy.orders, "_deletes_beside", real)
        shop_privacy.orders.change(
            seen.id, lambda order: order.model_copy(update={"payment_intent": "pi_1"}), shop.now
        )
        return real(seen)

    monkeypatch.setattr(shop_privacy.orders, "_deletes_beside", meanwhile)
    assert ask(shop, "erase", email=EMAIL)["erased"] == 0
    assert shop.state(order).body["status"] == "open"
    assert shop.stock(product) == 4


def test_members_are_not_known_by_their_id(shop: Shop) -> None:
    shop.order((shop.product(stock=5), 1))
    assert ask(shop, "export", member=MEMBER)["documents"] == {}
    assert ask(shop, "erase", member=MEMBER) == {"erased": 0, "kept": []}


def test_no_log_line_tells_who_it_was(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.order((shop.product(stock=5), 1))
    ask(shop, "export", email=EMAIL)
    ask(shop, "erase", email=EMAIL)
    written = (shop.log.getvalue() + "".join(capsys.readouterr())).lower()
    assert "customer erased" in written
    for part in ("beate", "honey.example", "wabenweg"):
        assert part not in written


MOMENTS = st.floats(1.6e9, 2.8e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(paid_at=MOMENTS, after=st.timedeltas(timedelta(0), timedelta(days=10 * 366)))
def test_a_paid_order_stays_for_eight_whole_years_and_no_longer(paid_at: datetime, after: timedelta) -> None:
    handlers_of("shop")
    from shop.erasure import why_kept
    from shop.order import Order

    order = Order(
        id="0" * 26,
        version=1,
        email=EMAIL,
        currency="EUR",
        lines=(),
        shipping=0,
        total=100,
        created_at=paid_at,
        hold_until=paid_at,
        holding=True,
        token_salt="",
        token_digest="",
        paid_at=paid_at,
    )
    stays = (paid_at + after).date() <= date(paid_at.year + 8, 12, 31)
    assert (why_kept(order, paid_at + after) is not None) == stays
