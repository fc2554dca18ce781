"""Tokens with which guests vote.

A token proves one thing: that we gave it out, on one day, to whoever then came from one network address with
one browser. It does not prove a person. Of all tokens of one visitor of a day one can vote in a poll.

It is signed with a key that lives in the table, is made by the first function that needs it, and is known to
nothing else: each UTC day has its own, which goes when the last token of that day has expired.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from botocore.exceptions import ClientError

from polls.problems import no_guest_token
from polls.voting import Voter
from shared.api import Call
from shared.problems import busy
from shared.tables import CLIENT, epoch, pack, unpack

LIFETIME = timedelta(days=30)

_KEY_BYTES = 32
_ID_HEX = 32
_TOKEN = re.compile(
    r"g1\.(?P<expires>[0-9]{10})\.(?P<visitor>[0-9a-f]{32})\.(?P<id>[0-9a-f]{32})\.(?P<mac>[0-9a-f]{64})",
    re.ASCII,
)


class GuestTokens:
    """Gives out guest tokens and reads them."""

    def __init__(self, table: str, slug: str) -> None:
        self._table = table
        self._slug = slug
        self._keys: dict[date, bytes] = {}

    def issue(self, visitor: str, now: datetime) -> tuple[str, datetime]:
        """A fresh token, and when it expires.

        Args:
            visitor: the pseudonym of the day; the token holds a keyed hash of it, which nobody can lead back
                to it once the day's salt is gone.
            now: UTC.
        """
        issued = now.replace(microsecond=0)
        expires_at = issued + LIFETIME
        key = self._key(issued.date()) or self._new_key(issued.date())
        marked = hmac.new(key, f"visitor\n{visitor}".encode(), hashlib.sha256).hexdigest()[:_ID_HEX]
        signed = f"g1.{epoch(expires_at)}.{marked}.{secrets.token_hex(_ID_HEX // 2)}"
        return f"{signed}.{self._mac(key, signed)}", expires_at

    def voter_of(self, call: Call) -> Voter | None:
        """The guest whose token came with the request, or None without one that is valid."""
        scheme, _, token = (call.header("authorization") or "").partition(" ")
        found = _TOKEN.fullmatch(token.strip())
        if scheme.lower() != "bearer" or not found:
            return None
        expires_at = datetime.fromtimestamp(int(found["expires"]), UTC)
        # Before a key is looked for: what was made up must not cost a read.
        if not call.now < expires_at <= call.now + LIFETIME:
            return None
        key = self._key((expires_at - LIFETIME).date())
        if key is None or not hmac.compare_digest(self._mac(key, token.strip()[:-65]), found["mac"]):
            return None
        return Voter(key=f"GUEST#{found['visitor']}", owner=found["id"], is_guest=True)

    def expect(self, call: Call) -> Voter:
        """The guest whose token came with the request. Raises 401 without one that is valid."""
        voter = self.voter_of(call)
        if voter is None:
            raise no_guest_token()
        return voter

    def _mac(self, key: bytes, signed: str) -> str:
        return hmac.new(key, f"token\n{self._slug}\n{signed}".encode(), hashlib.sha256).hexdigest()

    def _key(self, day: date) -> bytes | None:
        """The key of a day, or None where no token was given out on it."""
        if day not in self._keys:
            answer = CLIENT.get_item(TableName=self._table, Key=_item_key(day), ConsistentRead=True)
            if "Item" not in answer:
                return None
            self._keys[day] = bytes(unpack(answer["Item"])["key"])
        return self._keys[day]

    def _new_key(self, day: date) -> bytes:
        key = secrets.token_bytes(_KEY_BYTES)
        # A day more than needed: a token of the day's last second outlives its day by its whole life.
        expiry = epoch(datetime.combine(day, time(), UTC) + LIFETIME + timedelta(days=2))
        try:
            CLIENT.put_item(
                TableName=self._table,
                Item={**_item_key(day), **pack({"key": key, "expires_at": expiry})},
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            stored = self._key(day)
            if stored is None:
                raise busy() from None
            return stored
        self._keys[day] = key
        return key


def _item_key(day: date) -> dict[str, Any]:
    return pack({"pk": f"GUEST_KEY#{day}", "sk": "GUEST_KEY"})
