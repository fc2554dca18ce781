"""Whether a state that could not be written may be pushed into the bucket: a pure rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_tui.problems import Problem, ProblemKind


def refusal(slug: str, name: str, kept: Mapping[str, Any], there: Mapping[str, Any] | None) -> Problem | None:
    """Why the state that is kept must not take the place of the one in the bucket.

    Terraform itself compares the same before it pushes (lineage equal, serial higher); this says it before
    anything is locked, and says what to do.

    Args:
        slug: the creator's.
        name: of the file that is kept.
        kept: the state in it.
        there: the state in the bucket; None where there is none.
    """
    if there is None:
        return None
    if kept.get("lineage") != there.get("lineage"):
        what = f"{name} belongs to another state (lineage {kept.get('lineage')}, not {there.get('lineage')})"
    elif _serial(kept) <= _serial(there):
        what = (
            f"the state in the bucket has gone on (serial {_serial(there)}) since {name} was written "
            f"(serial {_serial(kept)})"
        )
    else:
        return None
    return Problem(
        kind=ProblemKind.CONFLICT,
        what=what,
        where=f"{slug}: push-state",
        hint=f"Compare the two (fleet state versions {slug}); move the file away once it is not needed",
    )


def same(kept: Mapping[str, Any], there: Mapping[str, Any] | None) -> bool:
    """Whether the bucket has what was kept.

    Its lineage and serial are not compared: pushed where there was no state, it gets a lineage of its own.
    """
    if there is None:
        return not kept.get("resources")  # there is nothing to be kept
    return all(kept.get(part) == there.get(part) for part in ("resources", "outputs"))


def _serial(state: Mapping[str, Any]) -> int:
    return int(state.get("serial") or 0)
