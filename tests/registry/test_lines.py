from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.registry.lines import key_lines, line_of

NAMES = st.sampled_from([f"k{number}" for number in range(40)])
# Values that fool whoever looks for keys with a regular expression.
VALUES = st.sampled_from(
    [
        "1",
        '"text"',
        '"# no comment"',
        "'k1 = 2'",
        '"""k1 = 1\n[k2]\nk3 = ["""',
        "'''\nk4 = 4\n\n]\n'''",
        "[\n  1, # ] k5 = 5\n  2,\n]",
        "[[1, 2],\n [3]]",
        "1979-05-27T07:32:00Z",
        '"\\u2028 and \\" k6 = 6"',
        '"real\u2028and\u0085breaks that are none"',
    ]
)
FILLER = st.lists(st.sampled_from(["", "  ", "# k7 = 7", "# [k8]", '# """', "#"]), max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[tuple[str, ...], int]]:
    """A TOML text, and the line on which each of its keys was written."""
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    tables = draw(st.lists(st.lists(NAMES, min_size=1, max_size=3).map(tuple), unique=True, max_size=5))
    tables = [
        table
        for table in tables
        if not any(other[: len(table)] == table for other in tables if other != table)
    ]

    def write(text: str) -> int:
        lines.extend(draw(FILLER))
        start = len("\n".join(lines).split("\n")) + 1 if lines else 1
        lines.append(text)
        return start

    def keys(table: tuple[str, ...], taken: set[str]) -> None:
        for name in draw(st.lists(NAMES.filter(lambda name: name not in taken), unique=True, max_size=4)):
            match draw(st.sampled_from(["plain", "dotted", "inline", "quoted"])):
                case "plain":
                    expected[(*table, name)] = write(f"  {name} = {draw(VALUES)} # end")
                case "dotted":
                    line = write(f"{name} . sub={draw(VALUES)}")
                    expected[(*table, name)] = expected[(*table, name, "sub")] = line
                case "inline":
                    line = write(f"{name} = {{ a = 1, b = {{ c = 2 }} }}")
                    for tail in ((), ("a",), ("b",), ("b", "c")):
                        expected[(*table, name, *tail)] = line
                case "quoted":
                    expected[(*table, f"{name} =.")] = write(f'"{name} =." = {draw(VALUES)}')

    keys((), {table[0] for table in tables})
    for table in tables:
        line = write(f"[ {'.'.join(table)} ]")
        for depth in range(1, len(table) + 1):
            expected.setdefault(table[:depth], line)
        keys(table, set())
    text = "\n".join([*lines, *draw(FILLER)])
    return draw(st.sampled_from([text, text + "\n", text.replace("\n", "\r\n")])), expected


@given(documents())
def test_every_key_is_found_on_the_line_it_was_written_on(document: tuple[str, dict[tuple[str, ...], int]]):
    text, expected = document
    tomllib.loads(text)  # the test writes TOML
    assert dict(key_lines(text)) == expected


def test_a_key_that_is_missing_has_the_line_of_its_table():
    lines = key_lines("a = 1\n\n[b.c]\nd = 2\n")
    assert line_of(lines, ("b", "c", "x")) == 3
    assert line_of(lines, ("b", "x", "y")) == 3
    assert line_of(lines, ("x",)) is None


def test_the_first_table_of_an_array_counts():
    lines = key_lines("[[a]]\nb = 1\n[[a]]\nb = 2\nc = 3\n")
    assert dict(lines) == {("a",): 1, ("a", "b"): 2, ("a", "c"): 5}
