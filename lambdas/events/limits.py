"""How often one may ask, how long a seat is held, and how long guests are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.problems import ProblemError

SIGN_UPS_PER_HOUR = 10
"""Of one visitor, for whatever events and addresses."""

LETTERS_PER_DAY = 5
"""To one address that somebody typed, for all events together, UTC: enough for a weekend's programme, and too
few to bury anybody."""

LETTER_AGAIN = timedelta(hours=1)
"""One address gets no second letter about one event within this time, however often it is typed."""

HOLD = timedelta(hours=1)
"""How long a seat waits for the address to be confirmed. The schedule that frees it runs every 15 minutes."""

RETRY = timedelta(minutes=10)
"""How long a letter that could not be sent rests: the table's stream tells of that change, too, and trying
again at once would go on without end. The next run of the schedule comes after it."""

KEEP_GUESTS = timedelta(days=90)
"""After the event; then DynamoDB's TTL takes them."""


def too_many(now: datetime) -> ProblemError:
    """429: this visitor has signed up often enough for this hour."""
    wait = timedelta(hours=1) - timedelta(minutes=now.minute, seconds=now.second)
    return ProblemError(
        429,
        "too-many",
        "Too many sign-ups",
        "You have signed up several times already. Wait until the next hour.",
        headers={"Retry-After": str(int(wait.total_seconds()))},
    )
