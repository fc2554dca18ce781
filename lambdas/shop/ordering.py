"""How an order begins. All pure: the moment is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.problems import ProblemError, invalid
from shop.order import MAX_TOTAL, Address, Checkout, Line, Order
from shop.product import Product, Status
from shop.settings import Settings


def open_order(
    checkout: Checkout,
    products: Mapping[str, Product],
    rules: Settings,
    *,
    order_id: str,
    token_salt: str,
    token_digest: str,
    now: datetime,
) -> Order:
    """The order that a checkout becomes, at the prices of now.

    Args:
        checkout: what the customer sent.
        products: those of its products that there are, by id.
        rules: currency, shipping, countries and hold.
        order_id: a fresh one.
        token_salt: of the token that opens it.
        token_digest: of the same.
        now: when it came in.

    Raises:
        ProblemError: 422, a product is not for sale, or is named twice, or the address is missing or of a
            country that nothing is sent to; 409 `sold-out`, with what is left of each product.
    """
    errors = [
        (f"/items/{number}/product", reason)
        for number, wish in enumerate(checkout.items)
        if (reason := _refused(products.get(wish.product), rules))
    ]
    if len({wish.product for wish in checkout.items}) < len(checkout.items):
        errors.append(("/items", "must name each product once"))
    if errors:
        raise invalid(errors)
    goods = any(not products[wish.product].digital for wish in checkout.items)
    address = _address(checkout.address, rules) if goods else None
    short = {
        wish.product: products[wish.product].stock
        for wish in checkout.items
        if not products[wish.product].has(wish.quantity)
    }
    if short:
        raise sold_out(short)
    lines = tuple(_line(products[wish.product], wish.quantity) for wish in checkout.items)
    shipping = rules.shipping if goods else 0
    total = sum(line.price * line.quantity for line in lines) + shipping
    if total > MAX_TOTAL:
        raise invalid([("/items", f"come to more than {MAX_TOTAL} minor units")])
    return Order(
        id=order_id,
        version=1,
        email=checkout.email,
        address=address,
        currency=rules.currency,
        lines=lines,
        shipping=shipping,
        total=total,
        created_at=now,
        hold_until=now + timedelta(minutes=rules.hold_minutes),
        holding=True,
        token_salt=token_salt,
        token_digest=token_digest,
    )


def sold_out(left: Mapping[str, int | None]) -> ProblemError:
    """409: there is less of some products than was ordered.

    Args:
        left: product → how many there are.
    """
    return ProblemError(
        409,
        "sold-out",
        "Not enough is left",
        "There is less of some products than was ordered. Order no more than is left.",
        left=[{"product": product, "left": number} for product, number in left.items()],
    )


def _refused(product: Product | None, rules: Settings) -> str | None:
    if product is None or product.status is not Status.PUBLISHED or product.currency != rules.currency:
        return "is not for sale"
    return None


def _address(address: Address | None, rules: Settings) -> Address:
    if address is None:
        raise invalid([("/address", "is needed, because there is something to send")])
    if address.country not in rules.countries:
        raise invalid([("/address/country", f"must be one of {', '.join(sorted(rules.countries))}")])
    return address


def _line(product: Product, quantity: int) -> Line:
    return Line(
        product=product.id,
        title=product.title,
        price=product.price,
        quantity=quantity,
        digital=product.digital,
        counted=product.stock is not None,
    )
