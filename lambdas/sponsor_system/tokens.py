"""The secret with which a sponsor comes back to a booking.

It travels in the header `Booking-Token`, from us in the answer to the booking and in the e-mail that confirms
it. What is kept is its hash, as an item beside the booking: pk `BOOKING#<id>`, sk `TOKEN#<sha256>`. Its 256
random bits cannot be tried out, so that a plain hash is enough.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from shared.api import Call
from shared.problems import ProblemError
from shared.tables import CLIENT, epoch, pack, unpack
from sponsor_system.model import Booking

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

HEADER = "Booking-Token"

_KEEP = timedelta(days=90)  # after the booking's last day, to read the report
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def new_token() -> str:
    """A fresh secret, 43 characters that need no escaping anywhere."""
    return secrets.token_urlsafe(32)


def put_of(table: str, booking: Booking, token: str) -> TransactWriteItemTypeDef:
    """The write that makes the token one of the booking's."""
    last = datetime.combine(booking.end_day, time(), UTC)
    return {
        "Put": {
            "TableName": table,
            "Item": pack({**_key(booking.id, token), "expires_at": epoch(last + _KEEP)}),
        }
    }


def add_token(table: str, booking: Booking) -> str:
    """A further token of the booking; those that it has stay."""
    token = new_token()
    CLIENT.put_item(**put_of(table, booking, token)["Put"])
    return token


def expect_token(table: str, booking_id: str, call: Call) -> None:
    """Raises 404 when the call has no token of this booking; the answer does not say whether there is one."""
    token = call.header(HEADER) or ""
    if _TOKEN.fullmatch(token):
        answer = CLIENT.get_item(TableName=table, Key=pack(_key(booking_id, token)), ConsistentRead=True)
        values = unpack(answer.get("Item", {}))
        if values and values["expires_at"] > epoch(call.now):
            return
    raise no_such_booking()


def no_such_booking() -> ProblemError:
    """404: the booking is not there, or not the caller's."""
    return ProblemError(
        404,
        "not-found",
        "Not found",
        f"There is no such booking, or the {HEADER} is not one of its own.",
    )


def _key(booking_id: str, token: str) -> dict[str, Any]:
    digest = hashlib.sha256(token.encode()).hexdigest()
    return {"pk": f"BOOKING#{booking_id}", "sk": f"TOKEN#{digest}"}
