"""What guards a second region's removal: Terraform finds what is in it only while the region is named."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import Creator


def left_behind(creator: Creator, outputs: Mapping[str, JsonValue]) -> Problem | None:
    """What keeps the creator from being planned: a second region is there, and is not named any more.

    Terraform would look for its buckets and functions in another region, find none, and forget them; they
    would go on costing money with nobody knowing of them.

    Args:
        creator: as its file has it.
        outputs: of the state that was applied last; empty before the first apply.
    """
    applied = outputs.get("creator")
    region = applied.get("standby_region") if isinstance(applied, dict) else None
    if region is None or (creator.failover and creator.failover.region == region):
        return None
    return Problem(
        kind=ProblemKind.CONFLICT,
        what=f"there is a second region in {region}, which creator.toml does not name any more",
        where=creator.slug,
        hint=f'Write [failover] with region = "{region}" and enabled = false, apply, and then take the table '
        "out or name another region",
    )
