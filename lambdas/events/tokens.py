"""What the module's secret makes: the tokens in letters, and the names under which people are found.

A token opens one sign-up of one event, and nothing but the secret can make it. An address is found under a
keyed hash, so that whoever reads keys alone reads no addresses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from events.ids import is_sign_up_id
from events.problems import no_such_sign_up
from shared.api import Call
from shared.fields import address_key
from shared.table_secret import TableSecret

_WHO_HEX = 32


class Keys:
    """What the secret can do."""

    def __init__(self, secret: TableSecret) -> None:
        self._secret = secret

    def address(self, email: str) -> str:
        """The name under which somebody with this address is found, 32 hex digits."""
        return self._mac(f"address\n{address_key(email)}").hex()[:_WHO_HEX]

    def member(self, member_id: str) -> str:
        """The name under which a member is found, 32 hex digits."""
        return self._mac(f"member\n{member_id}").hex()[:_WHO_HEX]

    def token(self, event_id: str, sign_up_id: str) -> str:
        """The token of a sign-up, URL-safe: its id, a dot, and 43 characters."""
        mac = self._mac(f"token\n{event_id}\n{sign_up_id}")
        return f"{sign_up_id}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    def opened(self, event_id: str, call: Call) -> str:
        """Id of the sign-up that the request's token opens, `Authorization: Bearer <token>`.

        Raises:
            ProblemError: 404, there is no token, or none of this event's.
        """
        scheme, _, token = (call.header("authorization") or "").partition(" ")
        sign_up_id = token.strip().partition(".")[0]
        if scheme.lower() != "bearer" or not is_sign_up_id(sign_up_id):
            raise no_such_sign_up()
        if not hmac.compare_digest(
            self.token(event_id, sign_up_id).encode(), token.strip().encode("utf-8", "surrogatepass")
        ):
            raise no_such_sign_up()
        return sign_up_id

    def _mac(self, message: str) -> bytes:
        return hmac.digest(self._secret.read(), message.encode("utf-8", "surrogatepass"), hashlib.sha256)
