"""Whom messages are for, from what all functions are told."""

from __future__ import annotations

from collections.abc import Mapping

from monitoring.settings import Settings
from monitoring.texts import Reader


def reader_of(environment: Mapping[str, str], settings: Settings) -> Reader:
    """The reader of messages about the creator that the environment names."""
    return Reader(
        slug=environment["CREATOR_SLUG"],
        name=environment["CREATOR_NAME"],
        domain=environment["CREATOR_DOMAIN"],
        language=environment["CREATOR_LANGUAGE"],
        dashboard=settings.dashboard_url,
    )
