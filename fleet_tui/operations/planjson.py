"""What `terraform show -json` says of a saved plan: pure parsing.

Its text has sensitive values in clear (measured), so it stays in memory: what leaves this process are names
of attributes, and what the rules of `risk` and `costdelta` find.
Format: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet_tui.operations.model import Action, ResourceChange

_ACTIONS: Mapping[tuple[str, ...], Action] = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("forget",): Action.DELETE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """One change of a plan with its values, which are never printed.

    Args:
        before, after: the attributes; None where there are none, or where only the action is known.
        unknown: the attributes of `after` that are known only after the apply, in the form of Terraform:
            true where a value is unknown, nested where a part of it is.
    """

    address: str
    type: str
    action: Action
    changed: tuple[str, ...] = ()
    replaced_for: tuple[str, ...] = ()
    because: str = ""
    imported: bool = False
    before: Mapping[str, Any] | None = field(default=None, repr=False)
    after: Mapping[str, Any] | None = field(default=None, repr=False)
    unknown: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def names_only(self) -> ResourceChange:
        """The change without values."""
        return ResourceChange(
            address=self.address,
            type=self.type,
            action=self.action,
            changed=self.changed,
            replaced_for=self.replaced_for,
            because=self.because,
            imported=self.imported,
        )

    def sets(self, name: str) -> bool:
        """Whether the configuration, and not AWS, has this attribute changed."""
        return name in self.changed and not _has_unknown(self.unknown.get(name))

    @property
    def with_values(self) -> bool:
        """Whether its values are known, and not its action alone."""
        return self.before is not None or self.after is not None


@dataclass(frozen=True, slots=True)
class PlanJson:
    """What is read of a whole plan.

    Args:
        modules_before, modules_after: names of the root module's modules that have resources.
        drift: addresses of what was changed outside Terraform and is changed back.
    """

    changes: tuple[PlannedChange, ...]
    modules_before: frozenset[str]
    modules_after: frozenset[str]
    drift: frozenset[str] = frozenset()


def read_plan(shown: Mapping[str, Any]) -> PlanJson:
    """The changes of a plan, reads and moves left out, in the order of their addresses.

    Args:
        shown: what `terraform show -json PLAN` printed.

    Raises:
        KeyError, TypeError, AttributeError: it is not in Terraform's format.
    """
    changes = (_change(entry) for entry in shown.get("resource_changes", ()))
    found = sorted((change for change in changes if change), key=lambda change: change.address)
    return PlanJson(
        tuple(found),
        _modules(shown.get("prior_state", {}).get("values", {})),
        _modules(shown.get("planned_values", {})),
        _changed_back(shown.get("resource_drift", ()), {change.address: change for change in found}),
    )


def _changed_back(drift: Iterable[Mapping[str, Any]], planned: Mapping[str, PlannedChange]) -> frozenset[str]:
    """Addresses of what the plan makes again, or of which it changes the very attribute that has drifted.

    Terraform also calls drift what a provider spells differently after an apply, and what is read back by one
    resource and managed by another.
    """
    changes = [change for change in map(_change, drift) if change is not None]
    return frozenset(
        change.address
        for change in changes
        if (back := planned.get(change.address)) is not None
        and (change.action is Action.DELETE or any(map(back.sets, set(change.changed))))
    )


def changed_names(
    before: Mapping[str, Any], after: Mapping[str, Any], unknown: Mapping[str, Any]
) -> list[str]:
    """Names of the attributes that differ; null and what is empty are two spellings of one value."""
    names = before.keys() | after.keys() | unknown.keys()
    return sorted(
        name
        for name in names
        if _has_unknown(unknown.get(name)) or _spelt(before.get(name)) != _spelt(after.get(name))
    )


def _change(entry: Mapping[str, Any]) -> PlannedChange | None:
    change = entry["change"]
    imported = "importing" in change
    action = _ACTIONS.get(tuple(change["actions"])) or (Action.IMPORT if imported else None)
    if action is None or entry.get("mode") == "data":
        return None
    before, after, unknown = change.get("before"), change.get("after"), change.get("after_unknown") or {}
    both = before is not None and after is not None
    return PlannedChange(
        address=_deposed(entry),
        type=entry["type"],
        action=action,
        changed=tuple(changed_names(before, after, unknown)) if both and action is not Action.IMPORT else (),
        replaced_for=tuple(sorted({str(path[0]) for path in change.get("replace_paths", ()) if path})),
        because=entry.get("action_reason", ""),
        imported=imported,
        before=before,
        after=after,
        unknown=unknown,
    )


def _deposed(entry: Mapping[str, Any]) -> str:
    """The address; an old object that a replacement has left behind is named as such."""
    return f"{entry['address']} (deposed)" if entry.get("deposed") else str(entry["address"])


def _modules(values: Mapping[str, Any]) -> frozenset[str]:
    children = values.get("root_module", {}).get("child_modules", ())
    return frozenset(
        child["address"].removeprefix("module.").split("[", 1)[0] for child in children if _filled(child)
    )


def _filled(module: Mapping[str, Any]) -> bool:
    managed = any(resource.get("mode") == "managed" for resource in module.get("resources", ()))
    return managed or any(_filled(child) for child in module.get("child_modules", ()))


def _has_unknown(part: object) -> bool:
    if isinstance(part, Mapping):
        return any(_has_unknown(value) for value in part.values())
    if isinstance(part, list):
        return any(_has_unknown(value) for value in part)
    return part is True


def _spelt(value: object) -> object:
    return None if value in ("", [], {}) else value
