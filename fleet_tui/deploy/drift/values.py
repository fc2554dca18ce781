"""Where two sets of values differ, beyond how they are spelled, and how that is shown without secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fleet_tui.secrecy import HIDDEN, SECRET_TEXT

_LONGEST = 4000  # characters of one value; a template can have more, and nobody reads on

# Names of what is secret wherever it stands, whatever the provider says of it. What says something about a
# secret (how long a token holds, whether one may be revoked) is a number or a flag, and can be shown.
_SECRET_NAME = re.compile(
    r"passw(or)?d|passphrase|secret|token|credential|private_?key|api_?key|stream_?key|key_material|signature",
    re.IGNORECASE,
)
_BARE = re.compile(r"[A-Za-z_][\w-]*")


class Difference(NamedTuple):
    """One place in which two sets of values differ.

    Args:
        path: the way there, `origin[0].domain_name`; the elements of a set have no number.
        names: the way there without numbers, `origin.domain_name`.
        before: the value, None where there is none; not in here where it is hidden.
        after: likewise.
        hidden: whether it is secret.
    """

    path: str
    names: str
    before: Any
    after: Any
    hidden: bool = False


def differences(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    secret_before: Any = False,
    secret_after: Any = False,
    sets: frozenset[str] = frozenset(),
) -> list[Difference]:
    """Where the values of a resource differ, by path.

    Null, the empty text, the empty list, false and zero are one and the same: the provider cannot tell them
    apart. JSON in a text is compared as JSON, and a policy without regard to the order of its statements.

    Args:
        before: the values as Terraform left them.
        after: the values as they are.
        secret_before: Terraform's marks of what is sensitive in `before`, in its form.
        secret_after: the same of `after`.
        sets: names of the attributes whose elements have no order.
    """
    return list(_differences(before, after, (secret_before, secret_after), "", "", sets))


def shown(value: Any) -> str | None:
    """A value as a person reads it on one line; None for none. What is secret by its name is not in it."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = HIDDEN if SECRET_TEXT.search(value) else value
    else:
        text = json.dumps(_redacted(value), ensure_ascii=False, sort_keys=True, separators=(", ", ": "))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def canonical(value: Any) -> Any:
    """The value with everything left out that is only spelling: equal for values that mean the same."""
    match value:
        case None | "" | False | 0:
            return None
        case Mapping():
            kept = {key: found for key, part in value.items() if (found := canonical(part)) is not None}
            return kept or None
        case list():
            parts = [canonical(part) for part in value]
            return parts if any(part is not None for part in parts) else None
        case str() if (document := _document(value)) is not None:
            return document
    return value


def _differences(
    before: Any, after: Any, secret: tuple[Any, Any], path: str, names: str, sets: frozenset[str]
) -> Iterator[Difference]:
    if canonical(before) == canonical(after):
        return
    before, after = _opened(before), _opened(after)
    if True in secret or _is_secret(names, before, after):
        yield Difference(path, names, None, None, hidden=True)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            there = f"{path}.{key}" if path else key
            if path and not _BARE.fullmatch(key):
                there = f"{path}[{json.dumps(key)}]"
            marks = (_mark(secret[0], key), _mark(secret[1], key))
            named = f"{names}.{key}" if names else key
            yield from _differences(before.get(key), after.get(key), marks, there, named, sets)
    elif isinstance(before, list) and isinstance(after, list) and not _has_order(names, before, after, sets):
        if _marked(secret[0]) or _marked(secret[1]):
            yield Difference(path, names, None, None, hidden=True)
            return
        gone, new = _only_in(before, after), _only_in(after, before)
        if gone or new:
            yield Difference(path, names, gone or None, new or None)
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            yield from _differences(
                before[place] if place < len(before) else None,
                after[place] if place < len(after) else None,
                (_mark(secret[0], place), _mark(secret[1], place)),
                f"{path}[{place}]",
                names,
                sets,
            )
    elif _marked(secret[0]) or _marked(secret[1]):
        yield Difference(path, names, None, None, hidden=True)
    else:
        yield Difference(path, names, before, after)


def _has_order(names: str, before: list[Any], after: list[Any], sets: frozenset[str]) -> bool:
    """Whether the elements of a list have places. A policy's have none."""
    last = names.rpartition(".")[2]
    return not (names in sets or last in _WITHOUT_ORDER or any(map(_is_statement, (*before, *after))))


_WITHOUT_ORDER = frozenset({"Statement", "Action", "NotAction", "Resource", "NotResource", "AWS", "Service"})


def _is_statement(value: Any) -> bool:
    return isinstance(value, Mapping) and "Effect" in value and ("Action" in value or "NotAction" in value)


def _only_in(these: list[Any], those: list[Any]) -> list[Any]:
    """The elements that have no like among the others, each counted as often as it is there."""
    left = [_key(element) for element in those]
    found = []
    for element in these:
        key = _key(element)
        if key in left:
            left.remove(key)
        else:
            found.append(element)
    return found


def _key(value: Any) -> str:
    return json.dumps(canonical(value), sort_keys=True, default=str)


def _opened(value: Any) -> Any:
    """JSON in a text as what it says; every other value as it is."""
    if isinstance(value, str) and (document := _document(value)) is not None:
        return document
    return value


def _document(text: str) -> Any:
    """What a JSON text says, a policy in the one form that all its spellings have; None for other texts."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return _policy(found) if isinstance(found, dict) and "Statement" in found else found


def _policy(document: dict[str, Any]) -> dict[str, Any]:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html: one element may stand
    # for a list of it, and no list in a policy has an order.
    statements = document["Statement"]
    told = statements if isinstance(statements, list) else [statements]
    return document | {"Statement": sorted((_unordered(one) for one in told), key=_key_of_json)}


def _unordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _unordered(_single(part)) for key, part in value.items()}
    if isinstance(value, list):
        return sorted((_unordered(part) for part in value), key=_key_of_json)
    return value


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _key_of_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _mark(marks: Any, key: str | int) -> Any:
    """Terraform's mark for one part of a value."""
    if marks is True:
        return True
    if isinstance(marks, Mapping):
        return marks.get(str(key), False)
    if isinstance(marks, list) and isinstance(key, int):
        return marks[key] if key < len(marks) else False
    return False


def _marked(marks: Any) -> bool:
    """Whether anything in a value is marked as sensitive."""
    if isinstance(marks, Mapping):
        return any(map(_marked, marks.values()))
    return any(map(_marked, marks)) if isinstance(marks, list) else marks is True


def _is_secret(names: str, *values: Any) -> bool:
    return any(isinstance(value, str) for value in values) and bool(
        _SECRET_NAME.search(names) or any(map(_looks_secret, values))
    )


def _looks_secret(value: Any) -> bool:
    return isinstance(value, str) and bool(SECRET_TEXT.search(value))


def _redacted(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _redacted(part, str(key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_redacted(part, name) for part in value]
    if not isinstance(value, str):
        return value
    if _is_secret(name, value):
        return HIDDEN
    document = _document(value)
    return value if document is None else _redacted(document, name)


def texts(values: Iterable[Any]) -> str:
    """Values in one text that is equal where they mean the same."""
    return "\n".join(_key(value) for value in values)
