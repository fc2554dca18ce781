"""Drift: what was changed in an account behind Terraform's back.

A refresh-only plan becomes findings (`findings`), which are kept without values beside the state (`known`)
and with them on the machine that looked (`reports`). What a finding says is decided by rules of one thing
each: where values differ (`values`), what of that nobody has changed (`noise`, by the provider's `schema`),
how much it matters (`classes`), where it is declared (`sources`), and which key of creator.toml it comes from
(`configuration`, `settings`).

Importing this package loads its types alone.
"""

from __future__ import annotations

from fleet_tui.deploy.drift.model import (
    MOST_REASON,
    WORST_FIRST,
    AcceptedDrift,
    AttributeDrift,
    Drift,
    DriftClass,
    DriftedResource,
    DriftFinding,
    DriftReport,
)

__all__ = [
    "MOST_REASON",
    "WORST_FIRST",
    "AcceptedDrift",
    "AttributeDrift",
    "Drift",
    "DriftClass",
    "DriftFinding",
    "DriftReport",
    "DriftedResource",
]
