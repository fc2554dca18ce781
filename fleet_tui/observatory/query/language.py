"""From a text to a query, and how a text can go on while it is typed."""

from __future__ import annotations

import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from fnmatch import translate
from typing import Any, NoReturn

from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.observatory.query.fields import (
    FIELDS,
    FLAGS,
    Field,
    Kind,
    Read,
    Test,
    searchable,
    tag_field,
    version_parts,
    word,
)
from fleet_tui.problems import FleetError, Problem, ProblemKind


class QueryError(FleetError):
    """A query that cannot be understood (yet).

    Args:
        position: where in the text, in characters from 0.
        message: what is wrong.
        hint: what to write instead, or empty.
    """

    def __init__(self, position: int, message: str, hint: str = "") -> None:
        where = f"query, character {position + 1}"
        super().__init__(Problem(kind=ProblemKind.CONFIGURATION, what=message, where=where, hint=hint))
        self.position = position
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood. Two queries with the same text are equal.

    Args:
        text: as it was written.
    """

    text: str = ""
    _tests: tuple[Test, ...] = field(default=(), repr=False, compare=False)

    def matches(self, snapshot: CreatorSnapshot, now: datetime) -> bool:
        """Whether every term is true of this row at this moment; the empty query matches everything."""
        return all(test(snapshot, now) for test in self._tests)


_SPACE = re.compile(r"\s*")
_FIELD = re.compile(r"([A-Za-z][\w.-]*)(!=|>=|<=|[:=<>])")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_WORD = re.compile(r'[^\s"]+')
_ITEM = re.compile(r'[^\s",]+')
_NUMBER = re.compile(r"\$?(\d+(?:\.\d+)?)", re.ASCII)
_SPAN = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+", re.ASCII)
_SPAN_PART = re.compile(r"([\d.]+)([smhdw])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
_EXAMPLES = {
    Kind.NUMBER: "a number, such as 50",
    Kind.SPAN: "a span, such as 90s, 1h30m or 2d",
    Kind.VERSION: "a version, such as 1.11.4",
}


def parse(text: str) -> Query:
    """The query that a text stands for.

    Raises:
        QueryError: and nothing else, whatever the text; it says where and why.
    """
    tests = []
    position = _skip(text, 0)
    while position < len(text):
        negated = text[position] in "-!"
        position += negated
        test, end = _term(text, position)
        if end < len(text) and not text[end].isspace():
            raise QueryError(end, "a space is missing between two terms")
        tests.append(_not(test) if negated else test)
        position = _skip(text, end)
    return Query(text, tuple(tests))


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _term(text: str, position: int) -> tuple[Test, int]:
    """The test of the term at this position, and where the term ends."""
    if position == len(text) or text[position].isspace():
        raise QueryError(position, "there is nothing to turn round", "write the term right after the sign")
    if text[position] in "-!":
        raise QueryError(position, "one sign turns a term round; a second one is too many")
    if named := _FIELD.match(text, position):
        return _comparison(text, position, named)
    if text[position] in ":=<>":
        raise QueryError(
            position, f"a field is missing before {text[position]}", "write cost>50, for example"
        )
    if (bare := _WORD.match(text, position)) and (flag := FLAGS.get(bare[0].lower())):
        return flag, bare.end()
    matchers, end = _alternatives(text, position)
    return _any_of(searchable, matchers), end


def _comparison(text: str, position: int, named: re.Match[str]) -> tuple[Test, int]:
    name, sign = named[1].lower(), named[2]
    known = tag_field(named[1]) or FIELDS.get(name)
    if known is None:
        close = get_close_matches(name, FIELDS, n=1)
        hint = f"did you mean {close[0]}?" if close else 'put it in quotes if it is text, as in "a:b"'
        raise QueryError(position, f"{name} is not a field", hint)
    if known.kind not in {Kind.WORD, Kind.TEXT}:
        return _measured(text, named.end(), name, sign, known)
    if sign not in {":", "=", "!="}:
        raise QueryError(named.start(2), f"{name} has no order", f"write {name}:value")
    matchers, end = _alternatives(
        text, named.end(), literal=sign != ":", whole=sign != ":" or known.kind is Kind.WORD
    )
    test = _any_of(known.read, matchers)
    return (_not(test) if sign == "!=" else test), end


Matcher = Callable[[str], bool]


def _alternatives(
    text: str, position: int, *, literal: bool = False, whole: bool = False
) -> tuple[list[Matcher], int]:
    """The values from this position on, with commas between them, and where they end.

    With `literal`, `*` and `?` stand for themselves; with `whole`, a value is a text and not a part of it.
    """
    matcher, end = _value(text, position, literal=literal, whole=whole)
    matchers = [matcher]
    while text.startswith(",", end):
        matcher, end = _value(text, end + 1, literal=literal, whole=whole)
        matchers.append(matcher)
    return matchers, end


def _value(text: str, position: int, *, literal: bool, whole: bool) -> tuple[Matcher, int]:
    if text.startswith('"', position):
        quoted = _QUOTED.match(text, position) or _unclosed(position, "text", '"')
        content = re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)
        return (_equals(content) if whole else _contains(content)), quoted.end()
    if text.startswith("/", position):
        pattern = _REGEX.match(text, position) or _unclosed(position, "regular expression", "/")
        return _regex(pattern[1].replace(r"\/", "/"), position), pattern.end()
    item = _ITEM.match(text, position)
    if item is None:
        raise QueryError(position, "a value is missing here")
    if not literal and ("*" in item[0] or "?" in item[0]):
        glob = re.compile(translate(word(item[0])))
        return lambda given: glob.match(word(given)) is not None, item.end()
    return (_equals(item[0]) if whole else _contains(item[0])), item.end()


def _unclosed(position: int, what: str, sign: str) -> NoReturn:
    raise QueryError(position, f"the {what} is not closed", f"add a {sign} at its end")


def _equals(wanted: str) -> Matcher:
    exact = word(wanted)
    return lambda given: word(given) == exact


def _contains(wanted: str) -> Matcher:
    part = wanted.lower()
    return lambda given: part in given.lower()


def _regex(pattern: str, position: int) -> Matcher:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's plans for its patterns are no matter for an operator
            compiled = re.compile(pattern, re.IGNORECASE)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        raise QueryError(position, f"the regular expression is not valid: {error}") from error
    return lambda given: compiled.search(given) is not None


def _any_of(read: Read, matchers: list[Matcher]) -> Test:
    return lambda row, now: any(match(given) for given in read(row, now) for match in matchers)


def _not(test: Test) -> Test:
    return lambda row, now: not test(row, now)


def _measured(text: str, position: int, name: str, sign: str, known: Field) -> tuple[Test, int]:
    item = _ITEM.match(text, position)
    if item is None:
        raise QueryError(position, "a value is missing here", f"{name} takes {_EXAMPLES[known.kind]}")
    raw, read = item[0], known.read
    if sign != ":":
        wanted, compare = _amount(raw, position, name, known.kind), _COMPARE[sign]
        return _if_known(read, lambda given: compare(given, wanted)), item.end()
    if raw == "*":
        return _if_known(read, lambda given: True), item.end()
    low, dots, high = raw.partition("..")
    least = _amount(low, position, name, known.kind)
    if dots:
        most = _amount(high, position + len(low) + 2, name, known.kind)
        return _if_known(read, lambda given: least <= given <= most), item.end()
    if known.kind is Kind.VERSION:
        return _if_known(read, lambda given: given[: len(least)] == least), item.end()
    return _if_known(read, lambda given: given == least), item.end()


def _if_known(read: Read, compare: Callable[[Any], bool]) -> Test:
    return lambda row, now: (given := read(row, now)) is not None and compare(given)


def _amount(raw: str, position: int, name: str, kind: Kind) -> Any:
    """The number, the seconds or the version that a value stands for."""
    value: Any = None
    if kind is Kind.VERSION:
        value = version_parts(raw)
    elif kind is Kind.NUMBER and (number := _NUMBER.fullmatch(raw)):
        value = float(number[1])
    elif kind is Kind.SPAN and _SPAN.fullmatch(raw):
        value = math.fsum(float(count) * _SECONDS[unit] for count, unit in _SPAN_PART.findall(raw))
    if value is None:
        raise QueryError(position, f"{raw!r} does not fit {name}", f"{name} takes {_EXAMPLES[kind]}")
    return value


def complete(text: str, cursor: int) -> list[str]:
    """How the text before the cursor can go on.

    Args:
        text: what is in the input.
        cursor: characters before the cursor; what follows it is left out of account.

    Returns:
        Texts that begin with `text[:cursor]` and end where the cursor would be afterwards. Empty inside
        quotes and regular expressions, and where nothing is known to follow.
    """
    before = text[:cursor]
    term = re.split(r"\s", before)[-1].lstrip("-!")
    if before.count('"') % 2 or term.startswith("/"):
        return []
    if named := _FIELD.match(term):
        known = FIELDS.get(named[1].lower())
        typed = term[named.end() :].rpartition(",")[2]
        options = known.choices if known and named[2] in {":", "=", "!="} else ()
    else:
        typed = term
        signs = {Kind.WORD: ":", Kind.TEXT: ":"}
        options = (*(name + signs.get(known.kind, ">") for name, known in FIELDS.items()), "tag.", *FLAGS)
    return [
        before + option[len(typed) :] for option in options if option.startswith(typed) and option != typed
    ]
