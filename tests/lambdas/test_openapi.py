"""The published descriptions of the APIs are those of the code, and Terraform makes just those routes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import openapi
from tests.lambdas.functions import handlers_of

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs/api"
MODULES = sorted(path.parent.parent.name for path in (ROOT / "lambdas").glob("*/handlers/__init__.py"))


def test_what_is_published_is_what_the_code_says() -> None:
    made = {f"{name}.json": openapi.text_of(document) for name, document in openapi.documents().items()}
    published = {path.name: path.read_text(encoding="utf-8") for path in PUBLISHED.glob("*.json")}
    assert published == made, "run `make openapi`"


@pytest.mark.parametrize("module", MODULES)
def test_terraform_makes_the_routes_of_the_code_for_the_callers_of_the_code(module: str) -> None:
    handlers_of(module)
    text = (ROOT / f"terraform/modules/{module.replace('_', '-')}/functions.tf").read_text()
    functions = re.findall(r"^    (\w+) = \{\n(      description.*?)^    \}", text, re.MULTILINE | re.DOTALL)
    made = {name: dict(re.findall(r'"([A-Z]+ /[^"]*)"\s+= "(\w+)"', body)) for name, body in functions}
    declared = {
        name: {route.key: route.by.value for route in routes}
        for name, routes in openapi.routes_of(module).items()
    }
    assert {name: routes for name, routes in made.items() if routes} == declared
    assert made.keys() == handlers_of(module).keys(), (
        "a function without handler, or a handler without function"
    )
