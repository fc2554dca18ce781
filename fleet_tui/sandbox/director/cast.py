"""Who plays: the creators of the fleet, as far as the scenario needs to know them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from fleet_tui import registry
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import ChannelType
from fleet_tui.values import Value


class Member(Value):
    """One creator.

    Args:
        budget: US dollars a month.
        channel_type: None for a creator who does not stream.
        placements: what sponsors can book; empty without the sponsor module.
        max_days: the longest booking that is taken.
        counts_pages: whether page views are counted.
        writes_notices: whether people are written to when something is not well.
        keeps_backups: whether there is a plan of backups.
    """

    slug: str
    domain: str
    account_id: str
    region: str
    budget: Decimal
    channel_type: ChannelType | None
    placements: tuple[str, ...]
    max_days: int
    counts_pages: bool = False
    writes_notices: bool = False
    keeps_backups: bool = False


def member_of(creator: Creator) -> Member:
    """The creator as a member of the cast."""
    modules = creator.modules
    streaming, sponsors = modules.ivs_streaming, modules.sponsor_system
    booked = sponsors is not None and sponsors.enabled
    return Member(
        slug=creator.slug,
        domain=creator.domain,
        account_id=creator.account_id,
        region=creator.region,
        budget=creator.monthly_budget,
        channel_type=streaming.channel_type if streaming and streaming.enabled else None,
        placements=tuple(sorted(place.value for place in sponsors.rates)) if sponsors and booked else (),
        max_days=sponsors.max_days if sponsors and booked else 0,
        counts_pages="analytics" in modules.enabled,
        writes_notices="monitoring" in modules.enabled,
        keeps_backups="backup" in modules.enabled,
    )


def cast(creators: Path) -> tuple[Member, ...]:
    """Everybody whose file can be used, by slug.

    Raises:
        FleetError: the folder cannot be read.
    """
    return tuple(member_of(creator) for creator in registry.load(creators).creators)
