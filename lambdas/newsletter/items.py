"""Items of the table: values from them, writes in the place of what was read, and refused ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError
from pydantic import BaseModel

from shared.tables import pack

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Model = TypeVar("Model", bound=BaseModel)


def value_of(model: type[Model], item: Mapping[str, Any]) -> Model:
    """The value that an item holds beside its keys."""
    return model.model_validate({name: item[name] for name in model.model_fields if name in item})


def found(model: type[Model], item: Mapping[str, Any]) -> Model | None:
    """The value that an item holds, or None where there is no item."""
    return value_of(model, item) if item else None


def expect_refused(error: ClientError) -> None:
    """Raises the error, unless it only says that a condition did not hold."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error


def put_after(table: str, item: Mapping[str, Any], version: int | None) -> TransactWriteItemTypeDef:
    """The write that puts an item in the place of what was read.

    Args:
        table: its name.
        item: the whole of it.
        version: of what was read; None where there was nothing.
    """
    if version is None:
        return {
            "Put": {
                "TableName": table,
                "Item": pack(item),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }
    return {
        "Put": {
            "TableName": table,
            "Item": pack(item),
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": pack({":version": version}),
        }
    }
