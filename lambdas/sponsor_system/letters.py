"""That each letter is sent once.

The mark that a letter is on its way is an item beside the booking, pk `BOOKING#<id>`, sk `LETTER#<name>`:
whoever writes it sends the letter. Where SES does not take it now, the mark is taken back and the call fails,
so that it is tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from botocore.exceptions import ClientError

from shared.mail import send
from shared.tables import CLIENT, epoch, pack
from sponsor_system.model import Booking
from sponsor_system.occasions import Occasion

_KEEP = timedelta(days=90)  # marks, after the booking's last day


def letter_name(booking: Booking, occasion: Occasion) -> str:
    """The name under which a letter is sent once: refused pictures can come again, all else comes once."""
    return f"{occasion}#{booking.version}" if occasion is Occasion.CREATIVE_REFUSED else occasion.value


def send_once(table: str, booking: Booking, occasion: Occasion, write: Callable[[], tuple[str, str]]) -> bool:
    """Send a letter to the booking's sponsor, unless it was sent.

    Args:
        table: of the bookings.
        booking: whose sponsor gets it.
        occasion: what it is about.
        write: subject and text; called only when the letter is sent.

    Returns:
        Whether it was sent now.

    Raises:
        ClientError: SES is throttling or not well; nothing was sent.
    """
    mark = {"pk": f"BOOKING#{booking.id}", "sk": f"LETTER#{letter_name(booking, occasion)}"}
    last = datetime.combine(booking.end_day, time(), UTC)
    try:
        CLIENT.put_item(
            TableName=table,
            Item=pack({**mark, "expires_at": epoch(last + _KEEP)}),
            ConditionExpression="attribute_not_exists(pk)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    try:
        subject, text = write()
        return send(booking.contact, subject, text)
    except Exception:
        CLIENT.delete_item(TableName=table, Key=pack(mark))
        raise
