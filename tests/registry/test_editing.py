from __future__ import annotations

import shutil
import stat
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry import load
from fleet_tui.registry.editing import edit

SAMPLES = Path(__file__).parents[2] / "creators"


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES, tmp_path / "creators")
    return tmp_path / "creators"


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.split("\n"), after.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_one_line_changes_and_its_comment_stays(fleet: Path):
    path = fleet / "kasper" / "creator.toml"
    before = path.read_text()
    change = edit(path)
    change.set("monthly_budget", Decimal("175.50"))

    creator = change.save()

    assert creator.monthly_budget == Decimal("175.50")
    assert changed_lines(before, path.read_text()) == (
        ["monthly_budget = 150 # US dollars, as AWS bills them"],
        ["monthly_budget = 175.50 # US dollars, as AWS bills them"],
    )
    assert load(fleet).get("kasper") == creator
    assert [entry.name for entry in path.parent.iterdir() if entry.name.startswith(".")] == []


def test_an_invalid_file_is_corrected(fleet: Path):
    path = fleet / "ron-rune" / "creator.toml"
    change = edit(path)
    change.set("region", "eu-central-1")
    assert change.save().region == "eu-central-1"
    assert load(fleet).invalid == ()


def test_values_inside_inline_tables_and_nested_tables(fleet: Path):
    path = fleet / "mina-moor" / "creator.toml"
    change = edit(path)
    change.set("modules.sponsor-system.rates.top", 7500)
    change.set("modules.ivs-streaming.recording", True)
    change.set("branding.tagline", 'ben "the" second')
    creator = change.save()
    assert creator.modules.sponsor_system.rates["top"] == 7500
    assert creator.modules.ivs_streaming.recording
    assert "rates = { top = 7500, bottom = 3500, creator = 11000 }" in path.read_text()
    assert "# BASIC passes the picture through" in path.read_text()


def test_tables_are_added_where_they_are_missing(fleet: Path):
    path = fleet / "emil-esker" / "creator.toml"
    before = path.read_text()
    change = edit(path)
    change.set("modules.s3-website.waf", True)
    change.set("modules.sponsor-system.rates.top", 100)
    change.set(("tags", "a.b"), "c")
    creator = change.save()
    assert creator.modules.enabled == ("s3-website", "ivs-streaming", "sponsor-system")
    assert creator.tags["a.b"] == "c"
    removed, added = changed_lines(before, path.read_text())
    assert removed == []
    assert added == [
        '"a.b" = "c"',
        "[modules.s3-website]",
        "waf = true",
        "[modules.sponsor-system.rates]",
        "top = 100",
    ]


def test_keys_and_tables_are_removed(fleet: Path):
    path = fleet / "kasper" / "creator.toml"
    change = edit(path)
    change.remove("tags.topic")
    change.remove("modules.sponsor-system")
    creator = change.save()
    assert "topic" not in creator.tags
    assert creator.modules.sponsor_system is None
    assert "# Kasper Kast. The first creator of the fleet" in path.read_text()


@pytest.mark.parametrize("key", ["nothing", "tags.nothing", "nothing.at.all", "name.first"])
def test_what_is_not_there_cannot_be_removed(fleet: Path, key: str):
    with pytest.raises(FleetError) as caught:
        edit(fleet / "kasper" / "creator.toml").remove(key)
    assert caught.value.problem.kind is ProblemKind.NOT_FOUND
    assert caught.value.problem.what == f"there is no {key}"


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        (
            "region",
            "eu-wst-1",
            'region "eu-wst-1" is not a region; did you mean eu-west-1?',
        ),
        ("nme", "x", "nme is not a key that is known here; did you mean name?"),
        ("account_id", "210000000001", '"210000000001" is the account of kasper'),
        ("domain", "kasper.live", '"kasper.live" is the domain of kasper'),
        ("name.first", "x", "name is not a table"),
        ("slug", "mina-new", "slug is not written in the file"),
    ],
)
def test_what_would_not_be_a_creator_is_not_written(fleet: Path, key: str, value: str, what: str):
    path = fleet / "nova-nord" / "creator.toml"
    before = path.read_bytes()
    change = edit(path)
    if key == "account_id":
        change.set("access.role_arn", f"arn:aws:iam::{value}:role/FleetOperator")
    with pytest.raises(FleetError) as caught:  # noqa: PT012  some are refused by the one, some by the other
        change.set(key, value)
        change.save()
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION
    assert what in caught.value.problem.what
    assert path.read_bytes() == before


def test_inline_tables_grow_inline(fleet: Path):
    path = fleet / "emil-esker" / "creator.toml"
    head = path.read_text().split("[modules")[0]
    path.write_text(head + "[modules]\nivs-streaming = {}\nsponsor-system = { currency = 'CHF' }\n")
    change = edit(path)
    change.set("modules.ivs-streaming.channel_type", "BASIC")
    change.set("modules.sponsor-system.rates.top", 5)
    change.save()
    assert path.read_text() == head + (
        '[modules]\nivs-streaming = {channel_type = "BASIC"}\n'
        "sponsor-system = { currency = 'CHF', rates = {top = 5}}\n"
    )


def test_a_layout_that_would_lose_a_setting_is_left_to_an_editor(fleet: Path):
    path = fleet / "emil-esker" / "creator.toml"
    dotted = "modules.s3-website = {}\nmodules.ivs-streaming.recording = true\n"
    text = dotted + path.read_text().split("[modules")[0]
    path.write_text(text)
    change = edit(path)
    change.set("modules.sponsor-system.max_days", 5)
    with pytest.raises(FleetError, match="the layout of this file cannot be edited here"):
        change.save()
    assert path.read_text() == text


def test_a_file_that_changed_meanwhile_is_left_alone(fleet: Path):
    path = fleet / "kasper" / "creator.toml"
    change = edit(path)
    change.set("monthly_budget", 175)
    theirs = path.read_text() + "# somebody else\n"
    path.write_text(theirs)
    with pytest.raises(FleetError) as caught:
        change.save()
    assert caught.value.problem.kind is ProblemKind.CONFLICT
    assert path.read_text() == theirs


def test_an_edit_can_be_saved_again(fleet: Path):
    path = fleet / "kasper" / "creator.toml"
    change = edit(path)
    for budget in (175, 180):
        change.set("monthly_budget", budget)
        assert change.save().monthly_budget == budget


def test_mode_and_line_ends_stay(fleet: Path):
    path = fleet / "kasper" / "creator.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    change = edit(path)
    change.set("tags.new", "x")
    change.save()
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("content", "what"),
    [("name = ", "not valid TOML"), (None, "is missing"), (b"\xff", "not UTF-8")],
)
def test_what_cannot_be_read_cannot_be_edited(fleet: Path, content: str | bytes | None, what: str):
    path = fleet / "new" / "creator.toml"
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FleetError) as caught:
        edit(path)
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION
    assert what in caught.value.problem.what


CHANGES = st.one_of(
    st.tuples(st.just("name"), st.text("aé \"'\\#=", min_size=1, max_size=10)),
    st.tuples(st.just("monthly_budget"), st.integers(1, 999) | st.decimals(1, 999, places=2)),
    st.tuples(
        st.sampled_from(["tags.language", "tags.x", "branding.tagline"]), st.text("aé \"'#[]", max_size=10)
    ),
    st.tuples(st.just("modules.s3-website.waf"), st.booleans()),
    st.tuples(st.just("modules.ivs-streaming.recording_retention_days"), st.integers(1, 99)),
    st.tuples(
        st.sampled_from(["modules.sponsor-system.rates.top", "modules.sponsor-system.max_days"]),
        st.integers(1, 99),
    ),
    st.tuples(st.sampled_from(["tags.language", "branding.tagline", "tags.x", "branding"]), st.none()),
)


@given(st.sampled_from(sorted(SAMPLES.glob("*/creator.toml"))), st.lists(CHANGES, min_size=1, max_size=5))
def test_edits_change_what_they_name_and_keep_every_comment(path: Path, changes: list[tuple[str, Any]]):
    change = edit(path)
    wanted = tomllib.loads(path.read_text(), parse_float=Decimal)
    for key, value in changes:
        *tables, last = key.split(".")
        table = wanted
        if value is None:
            for part in tables:
                table = table.get(part, {})
            if last not in table:
                continue
            change.remove(key)
            del table[last]
        else:
            for part in tables:
                table = table.setdefault(part, {})
            change.set(key, value)
            table[last] = value
    assert tomllib.loads(change.text, parse_float=Decimal) == wanted
    comments = [line for line in path.read_text().split("\n") if line.startswith("#")]
    assert [line for line in change.text.split("\n") if line.startswith("#")] == comments
