"""The cells of the fleet: every state is told in words, and the unknown never looks good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet_tui.deploy.model import DeployStatus
from fleet_tui.deploy.modules import ModuleStatus
from fleet_tui.observatory.model import CreatorSnapshot, Observation
from fleet_tui.observatory.query.fields import state_words
from fleet_tui.present import cells, runs, sections, states, totals
from fleet_tui.present.inbox import inbox
from fleet_tui.present.line import Line, Tone, plain, width_of
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.streams.model import StreamStatus
from fleet_tui.tui.widgets.grid.fleet_columns import FLEET_COLUMNS
from tests.tui.sample import NOW, creator, deployed, live, run, seen, small_fleet

FLEET = small_fleet()


@pytest.mark.parametrize("slug", list(FLEET.rows))
@pytest.mark.parametrize("column", FLEET_COLUMNS, ids=lambda column: column.titles[-1].strip())
def test_every_cell_is_as_wide_as_its_column(slug: str, column) -> None:
    for step in column.steps:
        for width in (step.width, step.width + column.stretch):
            assert width_of(column.cell(FLEET.rows[slug], width, NOW)) == width


def test_every_state_has_a_glyph_and_a_word() -> None:
    badges = [states.deploy_status_badge(status) for status in DeployStatus]
    badges += [states.stream_status_badge(status) for status in StreamStatus]
    badges += [states.module_badge(status) for status in ModuleStatus]
    assert all(len(badge.glyph) == 1 and badge.word for badge in badges)
    assert {states.problem_badge(Problem(kind=kind, what="x")).glyph for kind in ProblemKind} == {"!"}
    words = [states.problem_badge(Problem(kind=kind, what="x")).word for kind in ProblemKind]
    assert len(set(words)) == len(words)


def cell(slug: str, draw, width: int = 60) -> str:
    return " ".join(plain(draw(FLEET.rows[slug], width, NOW)).split())


def test_states_in_words() -> None:
    assert cell("kasper", cells.deploy_cell) == "✓ up to date 2d"
    assert cell("mina-moor", cells.deploy_cell) == "≠ drifted 4 6h"
    assert cell("pia-prisma", cells.deploy_cell) == "⊘ locked by ben 2h"
    assert cell("otto-okto", cells.deploy_cell) == "↻ applying 34/61 2m"
    assert cell("mina-moor", cells.stream_cell) == "◐ unwell 48m starving for 14 s +1 311"
    assert cell("kasper", cells.approvals_cell, 13) == "3 · 2d 4h"
    assert cell("suse-sol", cells.approvals_cell, 13) == "off"
    assert cell("pia-prisma", cells.cost_cell, 35) == "$140 → $212 ━━━━━━─! $200"


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (25, "≠ drifted 4 ↑ out of date"),
        (22, "≠ drifted 4 ↑ outdated"),
        (21, "≠ drifted 4 ↑ old  6h"),
        (19, "≠ drifted 4 ↑ old"),
        (16, "≠ drift 4 ↑ old"),
    ],
)
def test_what_has_drifted_and_is_out_of_date_says_both(width: int, text: str) -> None:
    row = FLEET.rows["mina-moor"]
    state = row.deploy.value
    assert state is not None
    both = replace(row, deploy=seen(state.model_copy(update={"applied_digest": "another"})))
    assert plain(cells.deploy_cell(both, width, NOW)).rstrip() == text
    assert [plain(each) for each in sections.deploy(both, NOW, 80)][1] == "↑ out of date"
    assert state_words(both, NOW) == ("drifted", "out_of_date")


def test_a_failed_facet_says_why_and_what_it_was() -> None:
    assert cell("lena-lux", cells.deploy_cell) == "! access denied was ✓ up to date 2d"
    assert cell("lena-lux", cells.stream_cell) == "○ offline 9h"
    assert cell("theo-takt", cells.stream_cell) == "! no answer"


def test_nothing_known_is_unknown() -> None:
    blank = CreatorSnapshot("x", creator("x-x", "X"))
    for draw in (cells.deploy_cell, cells.stream_cell, cells.approvals_cell, cells.cost_cell):
        assert plain(draw(blank, 20, NOW)).strip() == "– unknown"
    assert plain(cells.age_cell(blank, 5, NOW)).strip() == "–"


def test_viewers_that_ivs_could_not_count_are_unknown() -> None:
    row = replace(FLEET.rows["kasper"], stream=seen(live(None)))
    assert plain(cells.stream_cell(row, 60, NOW)).rstrip().endswith("–")


def tones(line: Line) -> set[Tone]:
    return {span.tone for span in line if span.text.strip()}


def test_what_is_from_disk_is_toned_down_and_marked_but_trouble_stays_loud() -> None:
    row = FLEET.rows["nico-nova"]
    assert cells.mark(row.deploy) == "~"
    assert cells.mark(row.stream) == "⚠"
    assert tones(cells.stream_cell(row, 60, NOW)) <= {Tone.QUIET, Tone.FAINT}
    failed = Observation(value=deployed(DeployStatus.FAILED), seen_at=NOW, cached=True)
    assert Tone.TROUBLE in tones(cells.deploy_cell(replace(row, deploy=failed), 30, NOW))


def test_the_age_is_that_of_what_is_stale() -> None:
    assert plain(cells.age_cell(FLEET.rows["kasper"], 5, NOW)) == "40s  "
    assert plain(cells.age_cell(FLEET.rows["pia-prisma"], 5, NOW)) == "31m ⚠"


def test_an_invalid_file_is_a_sentence() -> None:
    line = cells.trouble_line(FLEET.rows["ron-rune"])
    assert line is not None
    assert plain(line) == '! creator.toml line 7: region "eu-centrl-1" is not a region'
    assert cells.trouble_line(FLEET.rows["kasper"]) is None


def test_running_totals_are_those_of_a_full_count() -> None:
    running = totals.RunningTotals()
    running.update(FLEET.rows)
    assert (running.totals.live, running.totals.unwell, running.totals.approvals, running.totals.failed) == (
        4,
        1,
        4,
        2,
    )
    fewer = {slug: row for slug, row in FLEET.rows.items() if slug != "mina-moor"}
    fewer["kasper"] = replace(FLEET.rows["kasper"], bookings=Observation())
    running.update(fewer, {"kasper", "mina-moor"})
    full = totals.RunningTotals()
    full.update(fewer)
    assert running.totals == full.totals


@pytest.mark.parametrize("width", [40, 60, 80, 120, 160])
@pytest.mark.parametrize("read_only", [True, False])
def test_the_header_never_hides_failures_nor_that_it_is_read_only(width: int, read_only: bool) -> None:
    running = totals.RunningTotals()
    running.update(FLEET.rows)
    line = totals.header_line(
        ("fleet", "production", "all creators"), running.totals, read_only=read_only, now=NOW, width=width
    )
    assert width_of(line) == width
    assert "2 failed" in plain(line)
    assert not read_only or "read-only" in plain(line)


def test_the_inbox_begins_with_who_waits_longest() -> None:
    items = inbox(FLEET.rows.values())
    assert list(items) == ["kasper/bk-0001", "kasper/bk-0002", "kasper/bk-0003", "otto-okto/bk-0004"]
    assert [rival.id for rival in items["kasper/bk-0001"].rivals] == ["bk-0003"]


def test_a_run_without_a_plan_cannot_be_applied() -> None:
    assert not runs.can_apply(run("kasper"))
