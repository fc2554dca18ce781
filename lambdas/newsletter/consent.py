"""How somebody becomes a subscriber and ceases to be one. Time is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from newsletter.model import MAX_CONSENTS, Consent, Pending, Preferences, Subscriber
from shared.problems import invalid

CONFIRM_WITHIN = timedelta(days=7)
"""Who has not confirmed by then never asked."""

LETTER_EVERY = timedelta(hours=1)
"""At most one letter that asks for confirmation goes to an address in this time."""

KEEP_PROOF = timedelta(days=3 * 366)
"""How long the proof of consent outlives the subscription: claims end with the third year at the earliest
(§ 195 BGB), and who sends has to prove consent (article 7 (1) GDPR)."""


def known_topics(topics: tuple[str, ...], offered: Mapping[str, str]) -> None:
    """Raises 422 where there is a topic that is not on offer."""
    wrong = [index for index, topic in enumerate(topics) if topic not in offered]
    if wrong:
        raise invalid((f"/topics/{index}", "There is no such topic") for index in wrong)


def is_open(pending: Pending | None, asked_at: int, now: datetime) -> bool:
    """Whether a link still confirms.

    Args:
        pending: what waits for confirmation.
        asked_at: what the link was made for, seconds since 1970.
        now: when it is followed.
    """
    return (
        pending is not None
        and int(pending.asked_at.timestamp()) == asked_at
        and now < pending.asked_at + CONFIRM_WITHIN
    )


def confirmed(pending: Pending, before: Subscriber | None, now: datetime) -> Subscriber:
    """The subscriber that a confirmation makes; who has topics already keeps them."""
    consent = Consent(asked_at=pending.asked_at, confirmed_at=now, text=pending.text)
    kept = before.topics if before and before.is_active else ()
    earlier = before.consents if before else ()
    return Subscriber(
        id=pending.id,
        address=pending.address,
        topics=tuple(sorted({*kept, *pending.topics})),
        language=pending.language,
        version=before.version + 1 if before else 1,
        consents=(*earlier, consent)[-MAX_CONSENTS:],
    )


def is_confirmed_by(subscriber: Subscriber | None, asked_at: int) -> bool:
    """Whether just this link has made the subscription: following it again is no error."""
    return (
        subscriber is not None
        and subscriber.is_active
        and any(int(consent.asked_at.timestamp()) == asked_at for consent in subscriber.consents)
    )


def changed(subscriber: Subscriber, preferences: Preferences) -> Subscriber:
    """The subscriber with other preferences."""
    return subscriber.model_copy(
        update={
            "topics": tuple(sorted(preferences.topics)),
            "language": preferences.language,
            "version": subscriber.version + 1,
        }
    )


def ended(subscriber: Subscriber, now: datetime) -> Subscriber:
    """The subscriber who gets no more letters."""
    return subscriber.model_copy(update={"ended_at": now, "version": subscriber.version + 1})
