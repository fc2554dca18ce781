"""Which key of creator.toml stands behind a variable of the root module, and what it would have to say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import JsonValue

from fleet_tui.deploy.drift.configuration import VariablePath
from fleet_tui.deploy.drift.values import canonical
from fleet_tui.deploy.variables import creator_variables
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import Modules

Scalar = str | bool | int | Decimal

# Variables that have the name and the form of their key.
_SAME = frozenset({"name", "domain", "contact", "language", "monthly_budget", "protect_data"})
_TABLES = frozenset({"branding", "mail", "encryption", "tags"})


def setting_of(creator: Creator, path: VariablePath, value: Any) -> tuple[str, ...] | None:
    """The key that gives a variable its value, as far as it carries: it has to say now what was applied.

    Args:
        creator: as the file has them.
        path: the variable, and the way into it.
        value: what was applied of it, as the state has it.

    Returns:
        The parts of the key; None where there is none, or where its value is made into another one.
    """
    key = _key(path)
    if key is None:
        return None
    now = _at(creator_variables(creator), path)
    return key if now is not None and _text(now) == _text(value) else None


def scalar(creator: Creator, key: tuple[str, ...], text: str) -> Scalar | None:
    """A value from an account in the type that the key has; None where it cannot have it.

    Args:
        creator: as the file has them.
        key: as `setting_of` gave it.
        text: the value as it was shown.
    """
    now = _at(creator_variables(creator), _path(key))
    try:
        match now:
            case bool():
                return {"true": True, "false": False}.get(text)
            case int():
                return int(text)
            case float():
                return Decimal(text)
            case str():
                return text
    except (ValueError, InvalidOperation):
        return None
    return None


def _key(path: VariablePath) -> tuple[str, ...] | None:
    name, *rest = path
    if (name in _SAME and not rest) or (name in _TABLES and rest):
        return path
    modules = Modules.model_fields
    if name.startswith("enable_") and name.removeprefix("enable_") in modules and not rest:
        return ("modules", _written(name.removeprefix("enable_")), "enabled")
    if name in modules and len(rest) == 1:
        return ("modules", _written(name), *rest)
    return None


def _path(key: tuple[str, ...]) -> VariablePath:
    """The variable for a key, the other way round."""
    if key[0] != "modules":
        return key
    _, module, name = key
    variable = module.replace("-", "_")
    return (f"enable_{variable}",) if name == "enabled" else (variable, name)


def _written(module: str) -> str:
    return module.replace("_", "-")


def _at(variables: Mapping[str, JsonValue], path: VariablePath) -> JsonValue:
    found: JsonValue = dict(variables)
    for part in path:
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def _text(value: Any) -> str:
    """Equal for what Terraform makes of one value in different places: 50, 50.0 and "50"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return f"{Decimal(str(value)).normalize():f}"
    except InvalidOperation:
        return str(canonical(value))
