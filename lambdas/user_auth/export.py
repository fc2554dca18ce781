"""A member's data in one document: what the user pool has, and what the other modules have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue, ValidationError

from shared.privacy import MAX_ANSWER_BYTES, Person
from shared.problems import ProblemError
from user_auth.model import Account, Export

Documents = dict[str, list[JsonValue]]
"""What a module has of one person, by kind."""


def account_documents(account: Account) -> Documents:
    """What the user pool has: everything but the password, which it cannot read."""
    return {"account": [account.model_dump(mode="json")]}


def person_of(account: Account) -> Person:
    """Who a member is elsewhere: the address counts only where it is proven to be their own.

    Cognito takes addresses that no form of the modules does; nothing can lie under such a one.
    """
    try:
        return Person(member=account.id, email=account.email if account.email_verified else None)
    except ValidationError:
        return Person(member=account.id)


def export_of(account: Account, others: Mapping[str, Documents], *, site: str, now: datetime) -> Export:
    """All documents of a person.

    Args:
        account: whose.
        others: the other modules' documents.
        site: domain of the creator's site.
        now: when it was asked for.

    Raises:
        ProblemError: 503, it is more than an answer can hold.
    """
    documents = {"user-auth": account_documents(account), **others}
    export = Export(site=site, made_at=now, documents=documents)
    # API Gateway gets it as text within JSON, where every quotation mark takes two characters.
    if len(json.dumps(export.model_dump_json())) > MAX_ANSWER_BYTES:
        raise too_large()
    return export


def too_large() -> ProblemError:
    """503: there is more than an answer can hold.

    No link to a file instead: that would be one more copy of all that is personal, lying there to be found,
    for what no member who writes and orders by hand gets near.
    """
    return ProblemError(
        503,
        "export-too-large",
        "Too large for the site",
        "There is more than the site can send you. Ask whoever runs it, who can hand it to you.",
    )
