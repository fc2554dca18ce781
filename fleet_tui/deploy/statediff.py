"""Two states of one creator compared, and an older one made the newest: pure.

The form is that of Terraform's state file, version 4
(https://developer.hashicorp.com/terraform/language/state, and `internal/states/statefile` in its source).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from fleet_tui.deploy.drift.schema import UNKNOWN_TYPE, schemas
from fleet_tui.deploy.drift.values import differences, shown
from fleet_tui.deploy.guards import guard
from fleet_tui.deploy.records import StateMark
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.values import Value

VERSION = 4


class ChangedValue(Value):
    """An attribute that is another one; its values are not in here where they are secret."""

    path: str
    before: str | None = None
    after: str | None = None
    hidden: bool = False


class ChangedResource(Value):
    """A resource that is in both states, and different."""

    address: str
    values: tuple[ChangedValue, ...]


class StateDifference(Value):
    """What happened from one state to another one.

    Args:
        same_lineage: whether both are states of the same infrastructure.
        added: addresses of resources that only the later one has.
        removed: of those that only the earlier one has.
        changed: in both, and different.
        outputs: names of the outputs that differ.
    """

    same_lineage: bool = True
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[ChangedResource, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the two say the same."""
        return self.same_lineage and not (self.added or self.removed or self.changed or self.outputs)


def compare(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> StateDifference:
    """What differs between two states; what AWS alone decides is told as well, spelling is not."""
    before, after = dict(instances(earlier)), dict(instances(later))
    outputs = (earlier.get("outputs") or {}, later.get("outputs") or {})
    return StateDifference(
        same_lineage=earlier.get("lineage") == later.get("lineage"),
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(
            ChangedResource(address=address, values=values)
            for address in sorted(before.keys() & after.keys())
            if (values := _changed(before[address], after[address]))
        ),
        outputs=tuple(
            sorted(
                name
                for name in outputs[0].keys() | outputs[1].keys()
                if outputs[0].get(name, {}).get("value") != outputs[1].get(name, {}).get("value")
            )
        ),
    )


def not_restorable(
    creator: Creator,
    old: Mapping[str, Any],
    current: Mapping[str, Any] | None,
    remembered: Sequence[StateMark],
) -> Problem | None:
    """What keeps an older state from being made the newest; None where nothing does.

    Args:
        creator: whose state it has to be.
        old: the version that is asked for.
        current: the state as it is; None where it is gone.
        remembered: what was known of the state before.
    """
    where = f"{creator.slug}: s3://{creator.state_bucket}"
    if old.get("version") != VERSION or not isinstance(old.get("serial"), int) or not old.get("lineage"):
        return Problem(
            kind=ProblemKind.CONFIGURATION,
            what="the version is not a state that Terraform wrote",
            where=where,
            hint="Choose another one",
        )
    if problem := guard(creator, old, ()):
        return problem
    # What was remembered says which state is the right one; what lies there may be the wrong one.
    lineages = {mark.lineage for mark in remembered} or ({current["lineage"]} if current else set())
    if lineages and old["lineage"] not in lineages:
        return Problem(
            kind=ProblemKind.CONFLICT,
            what="the version is of another state: its lineage is another",
            where=where,
            hint=f"Choose one of the same lineage (fleet state versions {creator.slug})",
        )
    if current is not None and _content(old) == _content(current):
        return Problem(
            kind=ProblemKind.CONFLICT,
            what="the version says what the state says now",
            where=where,
            hint="There is nothing to restore",
        )
    return None


def restored(
    old: Mapping[str, Any], current: Mapping[str, Any] | None, remembered: Sequence[StateMark]
) -> dict[str, Any]:
    """The older state as the newest: the same content with a serial that was never used.

    Args:
        old: the version that is asked for.
        current: the state as it is; None where it is gone.
        remembered: what was known of the state before.
    """
    lineage = old["lineage"]
    serials = [old["serial"], *(mark.serial for mark in remembered if mark.lineage == lineage)]
    if current is not None and current.get("lineage") == lineage:
        serials.append(current["serial"])
    return {**old, "serial": max(serials) + 1}


def redacted(state: Mapping[str, Any]) -> dict[str, JsonValue]:
    """A state without any value: which resources and outputs there are, and names of their attributes."""
    return {
        "version": VERSION,
        "terraform_version": str(state.get("terraform_version", "")),
        "serial": state.get("serial"),
        "lineage": state.get("lineage"),
        "resources": [
            {
                "address": address,
                "type": address_type,
                "attributes": sorted(instance.get("attributes") or {}),
            }
            for address, (address_type, instance) in sorted(instances(state))
        ],
        "outputs": sorted(state.get("outputs") or {}),
    }


def instances(state: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    """The managed resources of a state: address, then type and instance. Deposed objects are left out."""
    for resource in state.get("resources", []):
        if resource.get("mode") != "managed":
            continue
        base = ".".join(part for part in (resource.get("module"), resource["type"], resource["name"]) if part)
        for instance in resource.get("instances", []):
            if "deposed" in instance:
                continue
            key = instance.get("index_key")
            yield base if key is None else f"{base}[{json.dumps(key)}]", (resource["type"], instance)


def _changed(
    before: tuple[str, Mapping[str, Any]], after: tuple[str, Mapping[str, Any]]
) -> tuple[ChangedValue, ...]:
    (kind, earlier), (_, later) = before, after
    schema = schemas().get(kind, UNKNOWN_TYPE)
    found = differences(
        earlier.get("attributes") or {},
        later.get("attributes") or {},
        secret_before=_secret(earlier, schema.secret),
        secret_after=_secret(later, schema.secret),
        sets=schema.sets,
    )
    return tuple(
        ChangedValue(
            path=one.path,
            before=None if one.hidden else shown(one.before),
            after=None if one.hidden else shown(one.after),
            hidden=one.hidden,
        )
        for one in found
    )


def _secret(instance: Mapping[str, Any], known: frozenset[str]) -> dict[str, bool]:
    """Marks of what is sensitive; where it is a part of an attribute, the attribute as a whole."""
    marked = {
        step["value"]
        for path in instance.get("sensitive_attributes") or []
        if path and (step := path[0]).get("type") == "get_attr"
    }
    return dict.fromkeys(marked | {name.partition(".")[0] for name in known}, True)


def _content(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "serial"}
