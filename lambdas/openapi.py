"""OpenAPI 3.1 documents of the modules' APIs, from the declarations of their routes.

`make openapi` writes them to `docs/api`. Part of no package: functions do not describe themselves.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from shared.callers import Caller

Mode = Literal["validation", "serialization"]

ROOT = Path(__file__).parent

_REF = "#/components/schemas/{model}"
_READS_BODY = {
    400: "The body is not JSON in UTF-8.",
    413: "The body is too large.",
    415: "The body is not declared as {media_types}.",
    422: "A member breaks a rule; `errors` says which.",
}
_CALLERS = {
    Caller.OPERATOR: {403: "The request is not signed by an operator of this account."},
    Caller.MEMBER: {401: "There is no valid access token."},
    Caller.MODERATOR: {401: "There is no valid access token.", 403: "The member is not a moderator."},
    Caller.ADMIN: {401: "There is no valid access token.", 403: "The member is not an admin."},
    Caller.PUBLIC: {},
}
# Clients are made when a module is imported. They are not used here, but by tests in the same process.
_NOWHERE = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}
# What every function is told, whichever module it belongs to.
_CREATOR = {
    "CREATOR_SLUG": "creator",
    "CREATOR_NAME": "Creator",
    "CREATOR_DOMAIN": "creator.example",
    "CREATOR_LANGUAGE": "en",
}
_SECURITY = {
    "operator": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "AWS Signature Version 4, service execute-api, by a principal of the account.",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
    "member": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}


class Problem(BaseModel):
    """An error (RFC 9457). The last part of `type` is its stable name; some have further members."""

    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int
    detail: str


def routes_of(module: str) -> dict[str, Any]:
    """The routes of a platform module's functions: function → its routes, imported with a sample environment.

    Args:
        module: Python package of the module, such as `sponsor_system`.
    """
    package = importlib.import_module(f"{module}.handlers")
    sample: Mapping[str, str] = importlib.import_module(f"{module}.settings").SAMPLE
    found = {}
    with _environment(sample):
        for info in pkgutil.iter_modules(package.__path__):
            handlers = importlib.import_module(f"{module}.handlers.{info.name}")
            if hasattr(handlers, "api"):
                found[info.name] = handlers.api.routes
    return found


def document(module: str) -> dict[str, Any]:
    """The OpenAPI document of a platform module.

    Args:
        module: Python package of the module, such as `sponsor_system`.
    """
    routes = [(function, route) for function, listed in routes_of(module).items() for route in listed]
    models: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        (Problem, "serialization")
    ]
    for _, route in routes:
        models += [(route.body, "validation")] if route.body else []
        models += [(route.answer, "serialization")] if route.answer else []
    names, schemas = models_json_schema(models, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for function, route in sorted(routes, key=lambda found: (found[1].path, found[1].method)):
        operation = {
            "operationId": _words(route) if _shares(routes, function) else function,
            "summary": route.summary,
            "parameters": [*_path_parameters(route.path), *_query_parameters(route.query)],
            "responses": _responses(route, names),
        }
        if route.body:
            schema = names[(route.body, "validation")]
            content = {media_type: {"schema": schema} for media_type in route.media_types}
            operation["requestBody"] = {"required": True, "content": content}
        if route.by is not Caller.PUBLIC:
            scheme = "operator" if route.by is Caller.OPERATOR else "member"
            operation["security"] = [{scheme: []}]
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    used = {
        name for path in paths.values() for op in path.values() for s in op.get("security", ()) for name in s
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": module.replace("_", "-"), "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {name: scheme for name, scheme in _SECURITY.items() if name in used},
        },
    }


def _shares(routes: Sequence[tuple[str, Any]], function: str) -> bool:
    return sum(1 for name, _ in routes if name == function) > 1


def _words(route: Any) -> str:
    parts = [part.strip("{}") for part in route.path.split("/") if part]
    return "_".join([route.method.lower(), *parts]).replace("-", "_")


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _query_parameters(query: type[BaseModel] | None) -> Iterator[dict[str, Any]]:
    if query is None:
        return
    schema = query.model_json_schema()
    definitions = schema.get("$defs", {})
    for name, value in schema["properties"].items():
        reference = value.pop("$ref", None)
        inlined = {**definitions[reference.rpartition("/")[2]], **value} if reference else value
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": inlined,
        }


def _responses(route: Any, names: Mapping[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.summary}
    if route.answer:
        good["content"] = {"application/json": {"schema": names[(route.answer, "serialization")]}}
    statuses: dict[int, str] = {**_CALLERS[route.by]}
    if route.body:
        statuses |= _READS_BODY
        statuses[415] = statuses[415].format(media_types=" or ".join(route.media_types))
    if route.query:
        statuses[422] = _READS_BODY[422]
    if route.raw_body:
        statuses |= {status: _READS_BODY[status] for status in (400, 413)}
    if "{" in route.path:
        statuses[404] = "There is no such resource."
    if route.method != "GET":
        statuses[503] = "Only reading for now: the creator's other region takes changes."
    statuses |= {500: "A fault of ours; it was recorded."}
    for status, when in route.refusals.items():
        statuses[status] = f"{statuses[status]} {when}" if status in statuses else when
    problem = {"application/problem+json": {"schema": names[(Problem, "serialization")]}}
    refused = {
        str(status): {"description": when, "content": problem} for status, when in sorted(statuses.items())
    }
    return {str(route.status): good, **refused}


@contextmanager
def _environment(sample: Mapping[str, str]) -> Iterator[None]:
    """The environment that a function's module reads when it is imported."""
    before = dict(os.environ)
    os.environ.update({**_NOWHERE, **_CREATOR, **sample})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def documents() -> dict[str, dict[str, Any]]:
    """The documents of all modules that have routes, by the platform's name of the module."""
    modules = sorted(found.parent.parent.name for found in ROOT.glob("*/handlers/__init__.py"))
    made = {module.replace("_", "-"): document(module) for module in modules}
    return {module: found for module, found in made.items() if found["paths"]}


def text_of(made: Mapping[str, Any]) -> str:
    """A document as it is written to its file."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, made in documents().items():
        Path(sys.argv[1], f"{name}.json").write_text(text_of(made), encoding="utf-8")
