"""In the background: what the newsletter keeps of one person, handed out or erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, JsonValue

from newsletter.letters_table import LettersTable
from newsletter.secret import keys
from newsletter.settings import settings
from newsletter.subscribers_table import SubscribersTable
from shared.privacy import Erased, Exported, Kept, Person, privacy

_WHY_BLOCKED = (
    "a keyed hash of an address that is not to be written to, so that nobody is written to again who "
    "complained or cannot be reached (article 21 (3) and article 6 (1) (f) GDPR); until an operator takes it "
    "off"
)

letters = LettersTable(settings().newsletter_table)
subscribers = SubscribersTable(settings().newsletter_table)


def export(person: Person) -> Exported:
    """Subscription with the proof of consent, request, bounces, entry of the block list, and letters got."""
    if person.email is None:
        return Exported(documents={})
    who = keys().id_of(person.email)
    bounces = subscribers.soft_bounces(who)
    documents: Mapping[str, Sequence[JsonValue]] = {
        "subscriptions": _documents(subscribers.subscriber(who)),
        "requests": _documents(subscribers.pending(who)),
        "blocked": _documents(subscribers.blocked(who)),
        "soft_bounces": [dict(bounces)] if bounces else [],
        "letters": list(letters.copies(who)),
    }
    return Exported(documents={kind: found for kind, found in documents.items() if found})


def erase(person: Person, now: datetime) -> Erased:
    """Remove everything but the bare entry of the block list."""
    if person.email is None:
        return Erased(erased=0)
    who = keys().id_of(person.email)
    erased = subscribers.forget(who) + letters.forget(who)
    kept = (
        (Kept(what="entry of the block list", count=1, why=_WHY_BLOCKED),) if subscribers.blocked(who) else ()
    )
    return Erased(erased=erased, kept=kept)


def _documents(found: BaseModel | None) -> list[JsonValue]:
    return [found.model_dump(mode="json")] if found else []


handler = privacy(export, erase)
