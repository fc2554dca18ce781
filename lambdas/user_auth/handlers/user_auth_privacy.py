"""What the user pool keeps of a person: handed out, or erased. It also tells who a person is elsewhere."""

from __future__ import annotations

from datetime import datetime

from shared.privacy import Erased, Exported, Person, privacy
from shared.telemetry import logger
from user_auth import pool
from user_auth.export import account_documents, person_of
from user_auth.model import Account


def export(person: Person) -> Exported:
    """The account, and the person by their id and, if it is proven, their address.

    An address that nobody has proven may be another's: the account is not said to be the same person then.
    """
    account = _found(person)
    if account is None:
        return Exported(documents={})
    known = person_of(account) if account.email_verified or person.member else None
    return Exported(documents=account_documents(account), person=known)


def erase(person: Person, now: datetime) -> Erased:
    """Sign the person out everywhere, and delete their account."""
    account = _found(person)
    if account is None:
        return Erased(erased=0)
    pool.delete(account.id)
    logger.info("account erased")  # whose, nobody is to find out any more
    return Erased(erased=1)


def _found(person: Person) -> Account | None:
    found = pool.find(person.member) if person.member else None
    if found is None and person.email:
        found = pool.find_by_address(person.email)
    return found


handler = privacy(export, erase)
