"""Identifiers of products and orders, in Crockford's base 32, lower case."""

from __future__ import annotations

import secrets
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_PRODUCT_CHARS = 13
_ORDER_CHARS = 26

ProductId = Annotated[str, StringConstraints(pattern=r"^[0-9a-hjkmnp-tv-z]{13}$")]
"""65 random bits: they name what everybody may see."""

OrderId = Annotated[str, StringConstraints(pattern=r"^[0-9a-hjkmnp-tv-z]{26}$")]
"""130 random bits: nobody finds another's order by trying."""

_PRODUCT_ID = TypeAdapter[str](ProductId)
_ORDER_ID = TypeAdapter[str](OrderId)


def new_product_id() -> str:
    """A fresh `ProductId`."""
    return _random(_PRODUCT_CHARS)


def new_order_id() -> str:
    """A fresh `OrderId`."""
    return _random(_ORDER_CHARS)


def is_product_id(text: str) -> bool:
    """Whether this can be the id of a product at all."""
    return _fits(_PRODUCT_ID, text)


def is_order_id(text: str) -> bool:
    """Whether this can be the id of an order at all."""
    return _fits(_ORDER_ID, text)


def _random(chars: int) -> str:
    return "".join(secrets.choice(_CROCKFORD) for _ in range(chars))


def _fits(adapter: TypeAdapter[str], text: str) -> bool:
    try:
        adapter.validate_python(text)
    except ValidationError:
        return False
    return True
