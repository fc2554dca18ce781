"""Where a value comes from: Terraform's own description of the configuration, followed back to its variables.

https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_MODULE = re.compile(r'module\.([\w-]+)(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.?')

VariablePath = tuple[str, ...]
"""A variable of the root module and the way into it: `("ivs_streaming", "channel_type")`."""


class Declared(NamedTuple):
    """A resource as the configuration declares it.

    Args:
        modules: names of the module calls on the way to it, the outermost first.
        folder: of its module, as the module calls say, relative to the root module's: `../modules/shop`.
        expressions: its arguments.
    """

    modules: tuple[str, ...]
    folder: str
    expressions: Mapping[str, Any]


class Configuration:
    """The configuration of a plan.

    Args:
        document: `configuration` of a plan in JSON.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._root: Mapping[str, Any] = document.get("root_module", {})

    def declared(self, module_address: str, kind: str, name: str) -> Declared | None:
        """A managed resource; None where the configuration has none of that name (any more).

        Args:
            module_address: with indexes, empty for the root module.
            kind: its type.
            name: in its module.
        """
        modules = tuple(_MODULE.findall(module_address))
        module, folder = self._root, ""
        for called in modules:
            call = module.get("module_calls", {}).get(called)
            if call is None:
                return None
            folder = _joined(folder, call.get("source", ""))
            module = call.get("module", {})
        for resource in module.get("resources", []):
            if (resource["mode"], resource["type"], resource["name"]) == ("managed", kind, name):
                return Declared(modules, folder, resource.get("expressions", {}))
        return None

    def variable(self, declared: Declared, names: str) -> VariablePath | None:
        """The variable of the root module that an argument's value is made from, and from nothing else.

        Args:
            declared: the resource.
            names: the way to the argument without numbers.

        Returns:
            None where it is written in the module, made from other resources, or from several variables.
        """
        expression = expression_of(declared.expressions, names)
        for depth in range(len(declared.modules), -1, -1):
            path = _only_variable(expression)
            if path is None or depth == 0:
                return path
            call = self._call(declared.modules[:depth])
            expression = call.get("expressions", {}).get(path[0])
            if expression is None:
                return None
            expression = _further(expression, path[1:])
        return None

    def _call(self, modules: tuple[str, ...]) -> Mapping[str, Any]:
        module = self._root
        call: Mapping[str, Any] = {}
        for name in modules:
            call = module.get("module_calls", {}).get(name, {})
            module = call.get("module", {})
        return call


def expression_of(expressions: Mapping[str, Any], names: str) -> Mapping[str, Any] | None:
    """The expression of an argument; None where the configuration does not set it."""
    found: Any = expressions
    for name in names.split("."):
        if isinstance(found, list):
            found = next((block for block in found if isinstance(block, Mapping) and name in block), None)
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
        if isinstance(found, Mapping) and ("references" in found or "constant_value" in found):
            return found  # what is inside of a value is made by the same expression
    if isinstance(found, list):
        return next((block for block in found if isinstance(block, Mapping)), None)
    return found if isinstance(found, Mapping) else None


def _only_variable(expression: Mapping[str, Any] | None) -> VariablePath | None:
    """`var.ivs_streaming.channel_type` as its parts, when all references are on the way to it."""
    references = expression.get("references", []) if expression else []
    if not references:
        return None
    longest = max(references, key=len)
    if not longest.startswith("var.") or "[" in longest:
        return None
    if any(longest != other and not longest.startswith(f"{other}.") for other in references):
        return None
    return tuple(longest.split(".")[1:])


def _further(expression: Mapping[str, Any], rest: VariablePath) -> Mapping[str, Any]:
    """The expression for a part of a value."""
    path = _only_variable(expression)
    return {"references": [".".join(("var", *path, *rest))]} if path else {}


def _joined(folder: str, source: str) -> str:
    """The way from the root module to a module that is called from `folder`; empty for one from elsewhere."""
    if not source.startswith("."):
        return ""
    parts = [part for part in folder.split("/") if part]
    for part in source.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts)
