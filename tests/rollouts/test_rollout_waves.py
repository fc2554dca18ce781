"""Waves: one after another, each healthy for a while, and none after one that failed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.operations.model import RunStatus
from fleet_tui.registry.model import Wave
from fleet_tui.rollouts.model import RolloutStatus
from fleet_tui.rollouts.records import read_record
from fleet_tui.rollouts.waves import allowed_failures
from tests.rollouts.stage import LIVE, NO_ANSWER, REFUSED


def test_one_wave_after_another_each_healthy_for_a_while(staged):
    stage = staged(anna="canary", ben="early", cleo="early", dan="early", eva="general")
    stage.settle()
    assert stage.fleet.started == [("apply", "anna")]
    stage.end("anna")
    stage.later(minutes=9)
    assert stage.statuses()["ben"] == "to_do"
    stage.later(minutes=1)
    assert stage.fleet.started == [("apply", "anna"), ("apply", "ben"), ("apply", "cleo")]
    stage.end("cleo")
    assert stage.fleet.started[-1] == ("apply", "dan")
    stage.end("ben")
    stage.end("dan")
    stage.later(minutes=10)
    stage.end("eva")
    assert stage.rollout.status is RolloutStatus.SUCCEEDED
    assert set(stage.statuses().values()) == {"applied"}


def test_without_canaries_the_next_wave_is_the_first(staged):
    stage = staged(ben="general", anna="early")
    stage.settle()
    assert stage.fleet.started == [("apply", "anna")]


def test_a_failed_canary_stops_everything(staged):
    stage = staged(anna="canary", ben="canary", cleo="early")
    stage.settle()
    stage.end("anna", RunStatus.FAILED, problem=REFUSED)
    assert stage.rollout.status is RolloutStatus.STOPPING  # ben's apply comes to its end
    assert "1 of 2 in wave canary failed, none may (anna: the bucket is taken)" in stage.rollout.cause
    stage.end("ben")
    assert stage.rollout.status is RolloutStatus.STOPPED
    assert stage.statuses() == {"anna": "failed", "ben": "applied", "cleo": "to_do"}


def test_one_of_a_later_wave_may_fail_and_two_may_not(staged):
    waves = dict.fromkeys(("anna", "ben", "cleo", "dan"), "general")
    stage = staged(**waves)
    stage.settle()
    stage.end("anna", RunStatus.FAILED, problem=REFUSED)
    assert stage.rollout.status is RolloutStatus.RUNNING
    stage.end("ben", RunStatus.FAILED, problem=REFUSED)
    stage.end("cleo")
    assert stage.rollout.status is RolloutStatus.STOPPED
    assert stage.statuses()["dan"] == "to_do"


def test_a_failure_that_is_allowed_leaves_the_rollout_incomplete(staged):
    stage = staged(anna="general", ben="general", cleo="general")
    stage.settle()
    stage.end("anna", RunStatus.FAILED, problem=REFUSED)
    stage.end("ben")
    stage.end("cleo")
    assert stage.rollout.status is RolloutStatus.INCOMPLETE
    assert stage.rollout.cause == "1 failed: anna"


def test_a_cancelled_canary_is_no_failure_but_proves_nothing(staged):
    stage = staged(anna="canary", ben="early")
    stage.settle()
    stage.end("anna", RunStatus.CANCELLED)
    assert stage.rollout.status is RolloutStatus.INCOMPLETE
    assert "1 cancelled: anna" in stage.rollout.cause
    assert stage.statuses()["ben"] == "to_do"


def test_the_next_wave_waits_for_streams_that_nobody_can_see(staged):
    stage = staged(anna="canary", ben="early")
    stage.settle()
    stage.fleet.streams["anna"] = NO_ANSWER
    stage.end("anna")
    stage.later(minutes=15)
    assert stage.statuses()["ben"] == "to_do"
    stage.fleet.streams["anna"] = LIVE
    stage.later(seconds=40)
    assert stage.statuses()["ben"] == "applying"


def test_the_record_tells_what_became_of_everybody(staged):
    stage = staged({"healthy_minutes": 0}, anna="canary", ben="early", cleo="early")
    stage.settle()
    stage.end("anna")
    stage.end("ben", RunStatus.FAILED, problem=REFUSED)
    stage.end("cleo")
    record = read_record(stage.folder)
    assert (record.operator, record.reason, record.approval) == ("ana@ops", "new player", "a-1")
    assert {one.slug: one.outcome.value for one in record.members} == {
        "anna": "applied",
        "ben": "failed",
        "cleo": "applied",
    }
    assert [(wave.wave.value, wave.slugs) for wave in record.waves] == [
        ("canary", ("anna",)),
        ("early", ("ben", "cleo")),
    ]
    assert all(wave.begun_at for wave in record.waves)
    assert all(len(one.run_ids) == 1 for one in record.members)
    assert record.status is RolloutStatus.INCOMPLETE


@pytest.mark.parametrize(
    ("wave", "size", "share", "allowed"),
    [
        (Wave.CANARY, 20, 0.5, 0),
        (Wave.EARLY, 1, 0.1, 0),
        (Wave.EARLY, 2, 0.1, 1),
        (Wave.GENERAL, 300, 0.1, 30),
        (Wave.GENERAL, 300, 0.0, 0),
        (Wave.GENERAL, 4, 1.0, 3),
    ],
)
def test_how_many_of_a_wave_may_fail(wave, size, share, allowed):
    assert allowed_failures(wave, size, share) == allowed


@given(wave=st.sampled_from(Wave), size=st.integers(1, 400), share=st.floats(0, 1))
def test_never_may_all_of_a_wave_fail(wave, size, share):
    assert 0 <= allowed_failures(wave, size, share) < size


def test_a_wave_is_not_done_while_one_of_it_is_still_under_way(staged):
    stage = staged(anna="canary", ben="canary", cleo="early")
    stage.settle()
    stage.end("anna")
    stage.later(minutes=30)
    assert stage.statuses() == {"anna": "applied", "ben": "applying", "cleo": "to_do"}
    stage.end("ben")
    stage.later(minutes=9)
    assert stage.statuses()["cleo"] == "to_do"
    stage.later(minutes=1)
    assert stage.statuses()["cleo"] == "applying"
