"""The keys that ids and links are made of, from the secret in the table."""

from __future__ import annotations

from functools import cache

from newsletter.settings import settings
from newsletter.tokens import Keys
from shared.table_secret import TableSecret


@cache
def keys() -> Keys:
    """This creator's keys; a secret once made stays."""
    return Keys(TableSecret(settings().newsletter_table).read())
