"""What is wrong with a creator.toml, in an operator's words instead of a library's."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fleet_tui.registry.model import REGIONS, Creator, KeyedError
from fleet_tui.registry.printing import dotted, shown

# What a value with a form of its own looks like, by its dotted key.
FORMS: Mapping[str, str] = {
    "slug": 'a slug: 3 to 24 small letters, digits and hyphens, such as "mina-moor"',
    "account_id": 'an account id: twelve digits in quotes, such as "210000000001"',
    "domain": 'a domain in small letters, such as "mina-moor.live"',
    "contact": 'an e-mail address, such as "hello@mina-moor.live"',
    "access.role_arn": 'the ARN of a role, such as "arn:aws:iam::210000000001:role/FleetOperator"',
    "branding.primary": 'a colour, such as "#e0a526"',
    "branding.accent": 'a colour, such as "#e0a526"',
    "branding.background": 'a colour, such as "#e0a526"',
}
_SECRETS = frozenset({"access.external_id"})

# pydantic's error types (https://docs.pydantic.dev/latest/errors/validation_errors/), in words.
_KINDS: Mapping[str, str] = {
    "model_type": "has to be a table, not {value}",
    "dict_type": "has to be a table, not {value}",
    "bool_type": "has to be true or false, not {value}",
    "int_type": "has to be a whole number, not {value}",
    "decimal_type": "has to be a number, not {value}",
    "decimal_parsing": "has to be a number, not {value}",
    "finite_number": "has to be a number, not {value}",
    "string_type": "has to be a text in quotes, not {value}",
    "greater_than": "has to be more than {gt}, not {value}",
    "greater_than_equal": "has to be at least {ge}, not {value}",
    "less_than_equal": "has to be at most {le}, not {value}",
    "string_too_short": "is too short: at least {min_length} characters",
    "string_too_long": "is too long: at most {max_length} characters",
    "string_pattern_mismatch": "has characters that cannot be shown in one line",
    "missing": "is missing",
}

# What `tomllib` says, as far as an operator can do more with other words.
_SYNTAX: Mapping[str, str] = {
    "Invalid value": "this is not a value; texts are written in quotes",
    "Cannot overwrite a value": "this key is set a second time",
    "Unterminated string": "a text is not closed with a quote",
    "Invalid statement": "this is neither a key with a value nor a [table]",
    "Invalid initial character for a key part": "a key is missing, or has a character that needs quotes",
}
_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def syntax_complaint(error: ValueError, text: str) -> tuple[int, str]:
    """Line and message for an error of `tomllib.loads(text)`."""
    said = str(error)
    position = _POSITION.search(said)
    line = int(position[1]) if position and position[1] else text.rstrip().count("\n") + 1
    said = _POSITION.sub("", said)
    if twice := re.fullmatch(r"Cannot declare \((.*?),?\) twice", said):
        names = re.findall(r"'([^']*)'", twice[1])
        return line, f"the table [{dotted(names)}] is there a second time"
    if illegal := re.fullmatch(r"Illegal character (.*)", said):
        closed = illegal[1] == r"'\n'"
        return line, _SYNTAX["Unterminated string"] if closed else f"{illegal[1]} cannot be written here"
    return line, _SYNTAX.get(said, f"not valid TOML: {said[:1].lower()}{said[1:]}")


def complaints(error: ValidationError) -> tuple[tuple[tuple[str, ...], str], ...]:
    """What a validation of `Creator` found, as pairs of the key's path and a message that follows the key.

    Args:
        error: raised by `Creator.model_validate` for the parsed content of a file.

    Returns:
        At least one pair, in the order of the model's fields; no message contains a secret.
    """
    return tuple(_complaint(detail) for detail in error.errors(include_url=False))


def _complaint(detail: ErrorDetails) -> tuple[tuple[str, ...], str]:
    path = tuple(str(part) for part in detail["loc"])
    context = detail.get("ctx", {})
    if isinstance(cause := context.get("error"), KeyedError):
        return (*path, *cause.key.split(".")), str(cause)
    if detail["type"] == "extra_forbidden":
        return path, f"is not a key that is known here{_key_hint(path)}"
    if path[-1] == "[key]":  # pydantic's mark for a dictionary's own key
        path = path[:-1]
        if detail["type"] == "enum":
            return path, f"is not a key that is known here{_meant(path[-1], _options(context))}"
    return path, _about_value(path, detail["type"], detail["input"], context)


def _about_value(path: tuple[str, ...], kind: str, given: object, context: Mapping[str, Any]) -> str:
    key = ".".join(path)
    value = "this" if key in _SECRETS else shown(given)
    if kind == "value_error":
        return f"{context['error']}{_meant(str(given), REGIONS) if path[-1] == 'region' else ''}"
    if kind in {"enum", "literal_error"}:
        options = _options(context)
        return f"{value} is none of {', '.join(options)}{_meant(str(given), options)}"
    if key in FORMS and kind != "missing":
        return f"{value} is not {FORMS[key]}"
    if kind == "string_too_short" and context["min_length"] == 1:
        return "is empty"
    wording = _KINDS.get(kind, f"cannot be {{value}} ({kind.replace('_', ' ')})")
    return wording.format_map({**context, "value": value})


def _options(context: Mapping[str, Any]) -> list[str]:
    return re.findall(r"'([^']*)'", context["expected"])


def _meant(given: str, options: Iterable[str]) -> str:
    by_lower = {option.lower(): option for option in options}
    close = difflib.get_close_matches(given.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""


def _key_hint(path: tuple[str, ...]) -> str:
    here, key = path[:-1], path[-1]
    tables = dict(_tables(Creator))
    if meant := _meant(key, (name for name in tables[here] if name != "slug")):
        return meant
    homes = [
        f"[{dotted(table)}]" if table else "the top of the file" for table in tables if key in tables[table]
    ]
    return f"; it belongs in {' or '.join(homes)}" if homes else ""


def _tables(
    model: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Each table of the file format with the keys that it may have."""
    yield path, [field.alias or name for name, field in model.model_fields.items()]
    for name, field in model.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _tables(kind, (*path, field.alias or name))
