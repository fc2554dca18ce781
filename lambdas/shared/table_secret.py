"""A secret of a module's own: made once, by whoever needs it first, and kept in the module's table.

Neither Terraform nor any person ever sees it, and nobody has to put it anywhere.

| item   | pk     | sk     | attributes     |
|--------|--------|--------|----------------|
| secret | SECRET | SECRET | secret (bytes) |
"""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from shared.problems import busy
from shared.tables import CLIENT, pack, unpack

SECRET_BYTES = 32
_KEY = {"pk": "SECRET", "sk": "SECRET"}


class TableSecret:
    """Reads the secret when it is needed first.

    Args:
        table: its name.
    """

    def __init__(self, table: str) -> None:
        self._table = table
        self._secret: bytes | None = None

    def read(self) -> bytes:
        """The secret, `SECRET_BYTES` long."""
        if self._secret is None:
            self._secret = self._stored() or self._made()
        return self._secret

    def _stored(self) -> bytes | None:
        answer = CLIENT.get_item(TableName=self._table, Key=pack(_KEY), ConsistentRead=True)
        return bytes(unpack(answer["Item"])["secret"]) if "Item" in answer else None

    def _made(self) -> bytes:
        secret = secrets.token_bytes(SECRET_BYTES)
        try:
            CLIENT.put_item(
                TableName=self._table,
                Item=pack({**_KEY, "secret": secret}),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            stored = self._stored()
            if stored is None:
                raise busy() from None
            return stored
        return secret
