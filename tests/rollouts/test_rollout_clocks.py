"""Clocks: a machine that sleeps in the middle of a rollout, and one whose clock is set back."""

from __future__ import annotations

from datetime import timedelta

from fleet_tui.rollouts.model import RolloutStatus
from tests.rollouts.stage import LIVE, OFFLINE, STARVING


def test_after_a_sleep_no_wave_begins_on_what_was_seen_before_it(staged):
    stage = staged(anna="canary", ben="early")
    stage.settle()
    stage.end("anna")
    stage.later(minutes=2)
    stage.now += timedelta(hours=1)
    stage.fleet.streams["anna"] = STARVING
    stage.settle()
    assert stage.statuses()["ben"] == "to_do"
    stage.later(minutes=1)
    assert stage.rollout.status is RolloutStatus.STOPPED
    assert "streams got worse after their apply: anna (starving for 14 s)" in stage.rollout.cause


def test_a_wave_that_has_been_healthy_for_long_is_still_watched_when_the_next_one_begins(staged):
    stage = staged({"healthy_minutes": 0.0}, anna="canary", ben="canary", cleo="early")
    stage.settle()
    stage.end("anna")
    stage.later(minutes=20)  # the other canary takes its time, and nobody looks at a stream that is well
    stage.fleet.streams["anna"] = STARVING
    stage.later(seconds=20)
    stage.end("ben")
    assert stage.statuses()["cleo"] == "to_do"
    stage.fleet.streams["anna"] = OFFLINE
    stage.later(seconds=40)
    assert stage.statuses()["cleo"] == "applying"


def test_a_stream_that_has_just_got_worse_holds_the_next_wave_up(staged):
    stage = staged(anna="canary", ben="early")
    stage.settle()
    stage.end("anna")
    stage.later(minutes=9, seconds=20)
    stage.fleet.streams["anna"] = STARVING
    stage.later(seconds=40)
    assert stage.statuses()["ben"] == "to_do"
    assert stage.rollout.status is RolloutStatus.RUNNING
    stage.fleet.streams["anna"] = LIVE
    stage.later(seconds=40)
    assert stage.statuses()["ben"] == "applying"


def test_a_clock_that_is_set_back_makes_no_old_look_a_fresh_one(staged):
    stage = staged(anna="general")
    stage.fleet.streams["anna"] = LIVE
    stage.settle()
    assert stage.statuses()["anna"] == "put_back"
    stage.now -= timedelta(hours=1)
    stage.fleet.streams["anna"] = OFFLINE
    stage.settle()
    assert stage.statuses()["anna"] == "applying"
