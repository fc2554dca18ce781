"""A client's promise that requests with one key are one request.

The key is stored in the same transaction as what the request makes, so that neither can be there without the
other; the item lies in the table of what is made: pk `IDEMPOTENCY#<sha256>`, sk `IDEMPOTENCY`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel

from shared.api import Call
from shared.problems import ProblemError
from shared.tables import CLIENT, epoch, pack, unpack

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_KEEP = timedelta(days=1)
_KEY = re.compile(r"[!-~]{8,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """One request's key.

    Args:
        key_digest: hex SHA-256 of the Idempotency-Key header.
        fingerprint: hex SHA-256 of what was sent with it.
    """

    key_digest: str
    fingerprint: str

    def put(self, table: str, made: str, now: datetime) -> TransactWriteItemTypeDef:
        """The part of the transaction that remembers the key; refused when the key was used before.

        Args:
            table: where it is kept.
            made: id of what the transaction makes.
            now: when the request came in.
        """
        values = {
            **self._key(),
            "made": made,
            "fingerprint": self.fingerprint,
            "expires_at": epoch(now + _KEEP),
        }
        return {
            "Put": {
                "TableName": table,
                "Item": pack(values),
                # DynamoDB removes expired items late, so an expired one must not stand in the way.
                "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
                "ExpressionAttributeValues": pack({":now": epoch(now)}),
            }
        }

    def earlier(self, table: str, now: datetime) -> str | None:
        """Id of what an earlier request with this key made, or None.

        Raises:
            ProblemError: 422, another request came with this key.
        """
        answer = CLIENT.get_item(TableName=table, Key=pack(self._key()), ConsistentRead=True)
        values = unpack(answer.get("Item", {}))
        if not values or values["expires_at"] <= epoch(now):
            return None
        if values["fingerprint"] != self.fingerprint:
            raise ProblemError(
                422,
                "idempotency-key-reused",
                "The idempotency key was used before",
                "Another request came with this key. Use a new key for a new request.",
            )
        return str(values["made"])

    def _key(self) -> dict[str, str]:
        return {"pk": f"IDEMPOTENCY#{self.key_digest}", "sk": "IDEMPOTENCY"}


def idempotency_of(call: Call, body: BaseModel) -> Idempotency | None:
    """The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header), or None where there is none.

    Raises:
        ProblemError: 400, the key is not valid.
    """
    key = call.header("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise ProblemError(
            400,
            "bad-idempotency-key",
            "The idempotency key is not valid",
            "Send 8 to 255 visible ASCII characters, such as a UUID.",
        )
    return Idempotency(
        key_digest=hashlib.sha256(key.encode()).hexdigest(),
        fingerprint=hashlib.sha256(body.model_dump_json().encode()).hexdigest(),
    )
