"""What the platform has of a person, by module (GDPR, article 20).

A module that keeps something of members adds its exporter here: from a person's account to a JSON document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import JsonValue

from user_auth.model import Account, Export

Exporter = Callable[[Account], JsonValue]


def account_document(account: Account) -> JsonValue:
    """What the user pool has: everything but the password, which it cannot read."""
    document: JsonValue = account.model_dump(mode="json")
    return document


EXPORTERS: Mapping[str, Exporter] = {"user-auth": account_document}
"""Platform module → what gives its document."""


def export_of(account: Account, *, site: str, now: datetime) -> Export:
    """All documents of a person.

    Args:
        account: whose.
        site: domain of the creator's site.
        now: when it was asked for.
    """
    documents = {module: exporter(account) for module, exporter in EXPORTERS.items()}
    return Export(site=site, made_at=now, documents=documents)
