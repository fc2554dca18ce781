"""One reason why a plan is dangerous."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fleet_tui.operations.model import RiskLevel


class Finding(NamedTuple):
    """What a rule has found.

    Args:
        rule: its name; plans whose findings differ in rule or address are not alike.
        address: of the resource.
        text: a sentence for a person, with names and without values.
    """

    level: RiskLevel
    rule: str
    address: str
    text: str


UNKNOWN = object()
"""Stands for a value that is known only after the apply."""


def value_at(values: Mapping[str, Any] | None, unknown: Mapping[str, Any], path: str) -> object:
    """The value at a path such as `versioning_configuration.0.status`; None where there is none.

    Args:
        values: the attributes of a resource.
        unknown: what of them is not known yet, as Terraform writes it.
        path: names and places, with dots between them.
    """
    found: object = values
    hidden: object = unknown
    for part in path.split("."):
        hidden = _step(hidden, part)
        if hidden is True:
            return UNKNOWN
        found = _step(found, part)
    return found


def _step(value: object, part: str) -> object:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    return None
