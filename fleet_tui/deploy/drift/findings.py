"""From what Terraform has seen to what a person has to know. Pure.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fleet_tui.deploy.drift.classes import class_of
from fleet_tui.deploy.drift.configuration import Configuration, Declared, expression_of
from fleet_tui.deploy.drift.model import WORST_FIRST, AttributeDrift, DriftClass, DriftFinding, worst
from fleet_tui.deploy.drift.noise import Managed, Surroundings, is_left_alone, told
from fleet_tui.deploy.drift.schema import UNKNOWN_TYPE, schemas
from fleet_tui.deploy.drift.settings import setting_of
from fleet_tui.deploy.drift.sources import Place
from fleet_tui.deploy.drift.values import Difference, differences, shown, texts
from fleet_tui.registry.model import Creator
from fleet_tui.registry.printing import dotted

FindPlace = Callable[[str, str, str], Place]
"""Where a resource is declared: folder of its module, type and name."""


def findings(document: Mapping[str, Any], creator: Creator, place_of: FindPlace) -> tuple[DriftFinding, ...]:
    """What was changed behind Terraform's back, the worst first. Secret values are not in it.

    Args:
        document: a refresh-only plan in JSON, as `terraform show -json` writes it.
        creator: whose it is.
        place_of: looks a resource up in the workspace.
    """
    configuration = Configuration(document.get("configuration", {}))
    changes = document.get("resource_drift", [])
    managed = _managed(document, changes)
    found = []
    for resource in changes:
        declared = configuration.declared(
            resource.get("module_address", ""), resource["type"], resource["name"]
        )
        place = place_of(declared.folder, resource["type"], resource["name"]) if declared else Place()
        if finding := _finding(resource, creator, configuration, declared, place, managed):
            found.append(finding)
    return tuple(sorted(found, key=lambda one: (WORST_FIRST.index(one.worst), one.address)))


def _finding(
    resource: Mapping[str, Any],
    creator: Creator,
    configuration: Configuration,
    declared: Declared | None,
    place: Place,
    managed: Managed,
) -> DriftFinding | None:
    change, kind = resource["change"], resource["type"]
    before, after = change.get("before") or {}, change.get("after")
    which = {"address": resource["address"], "type": kind, "place": place.file}
    if after is None:
        return DriftFinding(worst=DriftClass.GONE, mark=_mark(["gone"]), **which)
    around = Surroundings(kind, after, schemas().get(kind, UNKNOWN_TYPE), managed, place.ignored)
    different = [
        different
        for one in differences(
            *_tags_once(before, after),
            secret_before=change.get("before_sensitive"),
            secret_after=change.get("after_sensitive"),
            sets=around.schema.sets,
        )
        if (different := told(one, around)) is not None
    ]
    if not different:
        return None
    attributes = tuple(
        AttributeDrift(
            path=one.path,
            before=None if one.hidden else shown(one.before),
            after=None if one.hidden else shown(one.after),
            hidden=one.hidden,
            weight=class_of(kind, one.names),
            repaired=_is_repaired(one, declared, around),
            setting=_setting(one, creator, configuration, declared),
        )
        for one in different
    )
    return DriftFinding(
        worst=worst(tuple(attribute.weight for attribute in attributes)),
        attributes=attributes,
        mark=_mark([text for one in different for text in (one.path, str(one.hidden), texts([one.after]))]),
        **which,
    )


def _tags_once(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The provider tells every tag twice: those of the resource, and all of them."""
    if "tags_all" not in before or "tags_all" not in after:
        return before, after
    return tuple(  # type: ignore[return-value]
        {name: value for name, value in values.items() if name not in ("tags", "tags_all")}
        | {"tags": values["tags_all"]}
        for values in (before, after)
    )


def _is_repaired(one: Difference, declared: Declared | None, around: Surroundings) -> bool:
    """Whether a plan would change it back: it is set, or the provider puts its default in place."""
    if is_left_alone(one, around):
        return False
    if declared is None:
        return True  # it was taken out of the code: a plan removes it
    top = one.names.partition(".")[0]
    if top == "tags" or expression_of(declared.expressions, one.names) is not None:
        return True
    return one.names not in around.schema.kept and top not in around.schema.kept


def _setting(
    one: Difference, creator: Creator, configuration: Configuration, declared: Declared | None
) -> str:
    if declared is None or one.hidden or isinstance(one.after, Mapping | list | None):
        return ""
    if one.names.startswith("tags."):
        path: tuple[str, ...] | None = ("tags", one.names.removeprefix("tags."))
    else:
        path = configuration.variable(declared, one.names)
    key = setting_of(creator, path, one.before) if path else None
    return dotted(key) if key else ""


def _managed(document: Mapping[str, Any], changes: Iterable[Mapping[str, Any]]) -> Managed:
    """The values of everything in the state, and of what was in it before it was gone."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    todo = [document.get("prior_state", {}).get("values", {}).get("root_module", {})]
    while todo:
        module = todo.pop()
        todo += module.get("child_modules", [])
        for resource in module.get("resources", []):
            if resource["mode"] == "managed":
                found[resource["type"]].append(resource.get("values", {}))
    for change in changes:
        if change["change"].get("after") is None and change["change"].get("before"):
            found[change["type"]].append(change["change"]["before"])
    return {kind: tuple(values) for kind, values in found.items()}


def _mark(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
