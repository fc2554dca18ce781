"""Every module that may keep something of single persons can hand it out and erase it, and says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fleet_tui.registry.modules import KNOW_PEOPLE, Modules

ROOT = Path(__file__).parents[1]
NAMES = tuple(str(field.alias) for field in Modules.model_fields.values())


def rows() -> dict[str, list[str]]:
    """The cells of the table of modules, by module."""
    text = (ROOT / "docs/PRIVACY.md").read_text(encoding="utf-8")
    table = text.partition("| module | keeps of a person |")[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    assert {len(row) for row in cells} == {6}
    return {row[0]: row for row in cells}


def test_the_page_tells_of_every_module_in_the_order_of_the_file_format() -> None:
    assert tuple(rows()) == NAMES


def test_the_page_tells_what_those_keep_that_know_people_and_only_those() -> None:
    # A backup keeps what the others keep, and its copies go by themselves.
    told = {name for name, row in rows().items() if not row[1].startswith("nothing")} - {"backup"}
    assert told == set(KNOW_PEOPLE)
    assert all(row[2] != "–" and row[4] != "–" for name, row in rows().items() if name in told)


def test_modules_that_know_people_are_those_of_the_file_format() -> None:
    assert [name for name in NAMES if name in KNOW_PEOPLE] == list(KNOW_PEOPLE)


def test_members_ask_all_of_them() -> None:
    text = (ROOT / "terraform/creator/main.tf").read_text()
    (listed,) = re.findall(r"privacy_modules = setintersection\(local\.enabled_modules, \[(.*?)\]\)", text)
    assert re.findall(r'"([^"]+)"', listed) == [name for name in KNOW_PEOPLE if name != "user-auth"]


@pytest.mark.parametrize("module", KNOW_PEOPLE)
def test_each_of_them_has_the_function_that_is_called(module: str) -> None:
    package = module.replace("-", "_")
    assert (ROOT / f"lambdas/{package}/handlers/{package}_privacy.py").is_file()
    text = (ROOT / f"terraform/modules/{module}/functions.tf").read_text()
    (function,) = re.findall(rf"^    {package}_privacy = \{{\n(.*?)^    \}}", text, re.MULTILINE | re.DOTALL)
    assert re.search(r"^      background  = true\b", function, re.MULTILINE)
    assert "routes" not in function
    timeout = int(re.findall(r"^      timeout     = (\d+)", function, re.MULTILINE)[0])
    assert timeout <= 300, "nobody waits longer"
