"""What the AWS provider's own schema says of the attributes of the resources that we use.

`schema.json` is made from it, because the schema as a whole has 13 MB and takes Terraform seconds to
write. After a change of the provider's version, or of the types that `terraform/` uses, in an initialised
root module:

    terraform providers schema -json | python -m fleet_tui.deploy.drift.schema TYPE … > schema.json

https://developer.hashicorp.com/terraform/cli/commands/providers/schema
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any

from fleet_tui.values import Value

_FILE = "schema.json"
_DEEPEST = 3  # a firewall's rules nest without end, and are of interest as a whole
_PROVIDER = "registry.terraform.io/hashicorp/aws"


class ResourceSchema(Value):
    """Attributes of one type of resource, by the names of the way to them: `origin.domain_name`.

    Args:
        computed: AWS alone decides them.
        kept: who does not set them leaves them as they are.
        sets: their elements have no order.
        secret: they are never shown.
    """

    computed: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()


UNKNOWN_TYPE = ResourceSchema()


@functools.cache
def schemas() -> Mapping[str, ResourceSchema]:
    """The schema of every type that our modules use, by type."""
    text = resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    return {name: ResourceSchema.model_validate(found) for name, found in json.loads(text).items()}


def excerpt(document: Mapping[str, Any], types: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """What is kept of the provider's schema.

    Args:
        document: the output of `terraform providers schema -json`.
        types: of resources.

    Raises:
        KeyError: the provider has no such type.
    """
    found = document["provider_schemas"][_PROVIDER]["resource_schemas"]
    result: dict[str, dict[str, list[str]]] = {}
    for name in sorted(set(types)):
        kinds: dict[str, list[str]] = {"computed": [], "kept": [], "secret": [], "sets": []}
        for path, kind in _walk(found[name]["block"], ""):
            kinds[kind].append(path)
        result[name] = {kind: sorted(paths) for kind, paths in kinds.items() if paths}
    return result


def _walk(block: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, attribute in block.get("attributes", {}).items():
        path = prefix + name
        if attribute.get("computed"):
            yield path, "kept" if attribute.get("optional") else "computed"
        if attribute.get("sensitive"):
            yield path, "secret"
        if isinstance(attribute.get("type"), list) and attribute["type"][0] == "set":
            yield path, "sets"
    for name, nested in block.get("block_types", {}).items():
        path = prefix + name
        if nested["nesting_mode"] == "set":
            yield path, "sets"
        if path.count(".") < _DEEPEST - 1:
            yield from _walk(nested["block"], f"{path}.")


if __name__ == "__main__":
    json.dump(excerpt(json.load(sys.stdin), sys.argv[1:]), sys.stdout, indent=1)
    sys.stdout.write("\n")
