"""The list of modules: a word for each, work to do below it, and nothing unknown that looks good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet_tui.deploy.model import DeployState, DeployStatus, LastRun
from fleet_tui.observatory.model import CreatorSnapshot, Observation
from fleet_tui.present import sections
from fleet_tui.present.line import Line, Tone, hang, plain, width_of
from fleet_tui.present.modules import modules, modules_in_short
from tests.tui.sample import DENIED, NOW, deployed, seen, small_fleet

FLEET = small_fleet()


LATER = "membership, events, polls, newsletter, analytics, monitoring, backup"


def listed(row: CreatorSnapshot) -> list[str]:
    """The list without what pads its columns."""
    return [" ".join(plain(pieces).split()) for pieces in modules(row, NOW, 80)]


def tones(lines: list[Line]) -> set[Tone]:
    return {span.tone for pieces in lines for span in pieces if span.text.strip()}


def test_every_state_has_its_words_and_what_belongs_to_it_below() -> None:
    assert listed(FLEET.rows["quentin"]) == [
        "✗ failed the last apply failed: parts may be missing",
        "s3-website – unproven 4 resources",
        "… waiting: Delegation of the domain · the registrar",
        "Enter the name servers ns-1.awsdns-01.org, ns-2.awsdns-02.net",
        "ivs-streaming ◐ incomplete 2 resources",
        "the last run failed here",
        "tainted module.ivs_streaming[0].aws_ivs_channel.this",
        "ivs-chat + to be made",
        "sponsor-system × to be removed 1 resource",
        f"· off user-auth, contact-form, shop, {LATER}",
        "shared 2 resources in http-api, lambda-artifacts",
        "… waiting: Production access for e-mail · Amazon SES, eu-central-1",
        "Ask for it in the console of SES; until then only verified addresses get mail",
        "seen 4s ago",
    ]
    assert plain(modules_in_short(FLEET.rows["quentin"])) == (
        "3 on · + 1 to be made · – 1 unproven · ◐ 1 incomplete · × 1 to be removed · … 2 waiting"
    )


def test_waiting_is_calm() -> None:
    lines = modules(FLEET.rows["mina-moor"], NOW, 80)
    assert Tone.WAITING in tones(lines)
    assert not tones(lines) & {Tone.CAUTION, Tone.TROUBLE}


def test_out_of_date_is_said_of_the_whole() -> None:
    first, *others = listed(FLEET.rows["otto-okto"])
    assert first == "↑ out of date a plan says which modules would change"
    assert "sponsor-system ✓ up 3 resources" in others


def test_what_nobody_has_seen_is_unknown_whether_on_or_off() -> None:
    for row in (FLEET.rows["ute-ufer"], replace(FLEET.rows["kasper"], deploy=Observation(problem=DENIED))):
        text = listed(row)
        assert "s3-website – unknown on in creator.toml" in text
        assert "shop – unknown off in creator.toml" in text
        assert "✓" not in "".join(text)
        assert plain(modules_in_short(row)) == "3 on · state unknown"


def test_what_was_seen_before_the_last_look_failed_is_toned_down_and_says_its_age() -> None:
    row = FLEET.rows["lena-lux"]
    text = listed(row)
    assert text[0] == "! access denied"
    assert text[-1] == "seen 31m ago"
    assert "s3-website ✓ up 4 resources" in text
    good = [pieces for pieces in modules(row, NOW, 80) if "✓" in plain(pieces)]
    assert tones([*good, modules_in_short(row)]) == {Tone.QUIET}


def test_trouble_stays_loud_although_it_is_from_disk() -> None:
    row = FLEET.rows["quentin"]
    row = replace(row, deploy=replace(row.deploy, cached=True))
    assert {Tone.TROUBLE, Tone.CAUTION, Tone.WAITING} <= tones(modules(row, NOW, 80))
    assert listed(row)[-1] == "~ from disk: seen 4s ago"


def test_a_creator_who_was_never_deployed_has_everything_to_be_made() -> None:
    assert listed(FLEET.rows["suse-sol"])[:2] == [
        "s3-website + to be made",
        "ivs-streaming + to be made",
    ]


def test_a_cancelled_apply_leaves_nothing_that_is_called_up() -> None:
    last = LastRun(run_id="r", kind="apply", outcome="cancelled", operator="ana@ops", started_at=NOW)
    state = deployed(DeployStatus.OUT_OF_DATE, last_run=last)
    text = listed(replace(FLEET.rows["kasper"], deploy=seen(state)))
    assert text[0] == "↑ out of date the last apply was cancelled: parts may be missing"
    assert "ivs-streaming – unproven 2 resources" in text


def test_a_file_that_cannot_be_used_has_no_modules_to_show() -> None:
    assert listed(FLEET.rows["ron-rune"]) == ["– unknown"]
    assert modules_in_short(FLEET.rows["ron-rune"]) == ()


def test_what_waits_is_not_told_a_second_time_among_the_outputs() -> None:
    text = "\n".join(plain(pieces) for pieces in sections.deploy(FLEET.rows["mina-moor"], NOW, 80))
    assert "site_url" in text
    assert "waiting_for" not in text


def test_an_output_that_only_waits_leaves_no_empty_heading() -> None:
    state = DeployState(status=DeployStatus.UP_TO_DATE, outputs={"waiting_for": []})
    lines = sections.deploy(replace(FLEET.rows["kasper"], deploy=seen(state)), NOW, 80)
    assert "Outputs" not in [plain(pieces) for pieces in lines]


@pytest.mark.parametrize("width", [40, 56, 78, 120, 160])
@pytest.mark.parametrize("slug", list(FLEET.rows))
def test_no_line_is_wider_than_the_page(slug: str, width: int) -> None:
    for drawn in modules(FLEET.rows[slug], NOW, width):
        assert all(width_of(part) <= width for part in hang(drawn, width))
