"""The token that opens an order for the customer who placed it.

It is made from the customer's own Idempotency-Key and a salt of the order, so that a repeated request gets
the same token, while the table holds nothing that it could be made from: the salt and the token's digest.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from shared.api import Call
from shared.problems import not_found
from shop.order import Order

_SALT_BYTES = 32


def new_salt() -> str:
    """A fresh salt, hex."""
    return secrets.token_hex(_SALT_BYTES)


def token_of(order_id: str, salt: str, idempotency_key: str) -> str:
    """The token, 43 characters of URL-safe base 64."""
    message = f"{order_id}\n{idempotency_key}".encode()
    digest = hmac.new(bytes.fromhex(salt), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def digest_of(token: str) -> str:
    """What the table keeps of a token: its hex SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def opened(order: Order | None, call: Call) -> Order:
    """The order, if the caller has its token.

    Raises:
        ProblemError: 404, there is no such order, or the token is not its own: nobody learns which.
    """
    scheme, _, token = (call.header("authorization") or "").partition(" ")
    if (
        order is None
        or scheme.lower() != "bearer"
        or not hmac.compare_digest(digest_of(token.strip()), order.token_digest)
    ):
        raise not_found("such order, or the token is not its own")
    return order
