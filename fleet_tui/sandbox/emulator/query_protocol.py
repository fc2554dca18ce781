"""The query protocol: form fields in, XML out, by botocore's description of an operation."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ListShape, OperationModel, Shape, StructureShape

from fleet_tui.sandbox.emulator.wire import Response


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel:
    """botocore's description of an operation; `service` is boto3's name.

    Raises:
        botocore.model.OperationNotFoundError: the service has no such operation.
    """
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def read(form: dict[str, str], shape: Shape | None) -> dict[str, Any]:
    """The parameters of a request, with the types of the operation's input.

    Args:
        form: the decoded fields, such as `Dimensions.member.1.Name`.
        shape: the operation's input.
    """
    tree: dict[str, Any] = {}
    for name, text in form.items():
        *parents, leaf = name.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = text
    value = _typed(tree, shape) if shape is not None else {}
    return value if isinstance(value, dict) else {}


def _typed(value: Any, shape: Shape) -> Any:
    kind = shape.type_name
    if isinstance(shape, StructureShape):
        return {name: _typed(value[name], member) for name, member in shape.members.items() if name in value}
    if isinstance(shape, ListShape):
        items = value.get("member", {}) if isinstance(value, dict) else {}
        return [_typed(items[number], shape.member) for number in sorted(items, key=int)]
    if kind == "boolean":
        return value == "true"
    if kind in ("integer", "long"):
        return int(value)
    return float(value) if kind in ("double", "float") else value


def write(operation: str, value: dict[str, Any], shape: Shape | None, namespace: str) -> Response:
    """The answer of an operation."""
    inner = _xml(value, shape) if shape is not None else ""
    result = f"<{operation}Result>{inner}</{operation}Result>" if shape is not None else ""
    metadata = "<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>"
    text = f'<{operation}Response xmlns="{namespace}">{result}{metadata}</{operation}Response>'
    return 200, {"Content-Type": "text/xml"}, text.encode()


def _xml(value: Any, shape: Shape) -> str:
    kind = shape.type_name
    if isinstance(shape, StructureShape):
        return "".join(
            f"<{name}>{_xml(value[name], member)}</{name}>"
            for name, member in shape.members.items()
            if value.get(name) is not None
        )
    if isinstance(shape, ListShape):
        return "".join(f"<member>{_xml(item, shape.member)}</member>" for item in value)
    if kind == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind == "boolean":
        return "true" if value else "false"
    return escape(str(value))
