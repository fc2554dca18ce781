"""Where a creator's site lies in the account, as the outputs of the state say."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.values import Value


class Place(Value):
    """Where a site lies.

    Args:
        bucket: its files.
        distribution: id of its CloudFront distribution.
        host: CloudFront's own name of it, which answers whether or not the domain is delegated.
        url: where the site is open.
    """

    bucket: str
    distribution: str
    host: str
    url: str


_OUTPUTS = {
    "bucket": "site_bucket",
    "distribution": "distribution_id",
    "host": "distribution_domain_name",
    "url": "site_url",
}


def place_of(outputs: Mapping[str, JsonValue]) -> Place | None:
    """The place that these outputs tell of; None where the module s3-website is off or was not applied."""
    found = {name: outputs.get(output) for name, output in _OUTPUTS.items()}
    told = {name: value for name, value in found.items() if isinstance(value, str) and value}
    return Place(**told) if len(told) == len(found) else None


def needed_place(slug: str, outputs: Mapping[str, JsonValue]) -> Place:
    """The place that these outputs tell of.

    Raises:
        FleetError: NOT_FOUND, there is none.
    """
    place = place_of(outputs)
    if place is None:
        raise FleetError.of(
            ProblemKind.NOT_FOUND,
            "there is no bucket and no distribution for the site in the state",
            where=slug,
            hint="Switch on [modules.s3-website], plan and apply",
        )
    return place
