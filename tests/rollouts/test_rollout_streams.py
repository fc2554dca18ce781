"""Who is live is put back; a rollout that makes streams worse stops; one that did not is told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet_tui.rollouts.model import ControlKind, Look, RolloutStatus, StreamState
from fleet_tui.rollouts.streams import got_worse, look_of
from fleet_tui.streams.model import Finding, Severity, StreamHealth, StreamStatus
from tests.rollouts.stage import (
    LIVE,
    NO_ANSWER,
    OFFLINE,
    SLOW_KEYFRAMES,
    START,
    STARVING,
    applied,
)


@pytest.mark.parametrize("stream", [LIVE, STARVING, NO_ANSWER])
def test_who_is_live_or_may_be_is_put_back_until_the_stream_has_ended(staged, stream):
    stage = staged(anna="general", ben="general")
    stage.fleet.streams["anna"] = stream
    stage.settle()
    assert stage.statuses() == {"anna": "put_back", "ben": "applying"}
    stage.later(minutes=3)
    stage.fleet.streams["anna"] = OFFLINE
    stage.later(seconds=20)
    assert stage.statuses()["anna"] == "applying"


def test_a_stream_that_cannot_be_seen_says_why_it_waits(staged):
    stage = staged(anna="general")
    stage.fleet.streams["anna"] = NO_ANSWER
    stage.settle()
    assert stage.member("anna").cause == "nobody can say whether a stream is on: no answer within 10 s"


def test_the_stream_is_looked_at_right_before_the_apply(staged):
    stage = staged({"parallel": 1}, anna="general", ben="general")
    stage.settle()
    stage.later(minutes=1)
    stage.fleet.streams["ben"] = LIVE  # ben was not live when anna began
    stage.end("anna")
    assert stage.statuses()["ben"] == "put_back"


def test_who_is_put_back_holds_up_neither_the_others_nor_the_next_wave(staged):
    stage = staged(anna="canary", ben="canary", cleo="early")
    stage.fleet.streams["ben"] = LIVE
    stage.settle()
    stage.end("anna")
    stage.later(minutes=10)
    assert stage.statuses() == {"anna": "applied", "ben": "put_back", "cleo": "applying"}
    stage.end("cleo")
    assert stage.rollout.status is RolloutStatus.RUNNING
    stage.fleet.streams["ben"] = OFFLINE
    stage.later(seconds=20)
    stage.end("ben")
    assert stage.rollout.status is RolloutStatus.SUCCEEDED


def test_a_wave_of_which_nobody_was_applied_holds_up_the_next(staged):
    stage = staged(anna="canary", ben="early")
    stage.fleet.streams["anna"] = LIVE
    stage.settle()
    stage.later(minutes=30)
    assert stage.statuses() == {"anna": "put_back", "ben": "to_do"}


def test_an_override_applies_a_creator_who_is_live(staged):
    stage = staged(anna="general")
    stage.fleet.streams["anna"] = LIVE
    stage.settle()
    stage.tell(ControlKind.OVERRIDE, "anna")
    assert stage.statuses()["anna"] == "applying"
    assert stage.member("anna").overridden
    told = [event.text for event in stage.events if event.control is not None]
    assert told == ["ben@ops: override anna"]


def overridden(staged, *others: str):
    stage = staged(anna="canary", **dict.fromkeys(others, "early"))
    stage.fleet.streams["anna"] = LIVE
    for other in others:
        stage.fleet.streams[other] = LIVE
    stage.settle()
    stage.tell(ControlKind.OVERRIDE, "anna")
    stage.end("anna")
    stage.later(minutes=1)
    return stage


def test_a_stream_that_gets_worse_after_its_apply_stops_the_rollout(staged):
    stage = overridden(staged, "ben", "cleo")
    stage.fleet.streams["anna"] = STARVING
    stage.later(minutes=2)
    assert stage.rollout.status is RolloutStatus.STOPPED
    assert "anna (starving for 14 s)" in stage.rollout.cause
    assert "not applied yet: none" in stage.rollout.cause
    assert applied(stage) == ["anna"]


def test_a_hiccup_stops_nothing(staged):
    stage = overridden(staged, "ben")
    stage.fleet.streams["anna"] = STARVING
    stage.later(seconds=40)
    stage.fleet.streams["anna"] = LIVE
    stage.later(minutes=5)
    assert stage.rollout.status is RolloutStatus.RUNNING


def test_what_hits_everybody_is_not_the_rollouts_fault_and_is_waited_out(staged):
    stage = overridden(staged, "ben", "cleo")
    stage.fleet.streams |= dict.fromkeys(("anna", "ben", "cleo"), STARVING)
    stage.later(minutes=20)
    assert stage.rollout.status is RolloutStatus.RUNNING
    assert stage.rollout.trouble is not None
    assert "everywhere" in stage.rollout.trouble.cause
    assert stage.statuses() == {"anna": "applied", "ben": "to_do", "cleo": "to_do"}
    stage.fleet.streams |= {"anna": LIVE, "ben": OFFLINE, "cleo": OFFLINE}
    stage.later(minutes=15)
    assert stage.rollout.trouble is None
    assert stage.statuses()["ben"] == "applying"


def at(state: StreamState, lasting: float = 60) -> Look:
    return Look(at=START + timedelta(seconds=lasting), since=START, state=state)


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (StreamState.WELL, StreamState.UNWELL, True),
        (StreamState.WELL, StreamState.FAILING, True),
        (StreamState.OFF, StreamState.FAILING, True),
        (StreamState.UNWELL, StreamState.FAILING, True),
        (StreamState.OFF, StreamState.UNWELL, False),  # as creators' encoders are, whatever we do
        (StreamState.UNWELL, StreamState.UNWELL, False),
        (StreamState.FAILING, StreamState.FAILING, False),
        (StreamState.WELL, StreamState.OFF, False),  # streams end
        (StreamState.WELL, StreamState.WELL, False),
        (StreamState.WELL, StreamState.UNKNOWN, False),
    ],
)
def test_what_is_worse(before, after, worse):
    assert got_worse(at(before), at(after)) is worse
    assert not got_worse(at(before), at(after, lasting=20))


@pytest.mark.parametrize(
    ("health", "state"),
    [
        (StreamHealth(status=StreamStatus.NO_CHANNEL), StreamState.OFF),
        (OFFLINE, StreamState.OFF),
        (LIVE, StreamState.WELL),
        (SLOW_KEYFRAMES, StreamState.UNWELL),
        (STARVING, StreamState.FAILING),
        (
            StreamHealth(
                status=StreamStatus.OFFLINE,
                findings=(Finding(code="encoder_lost", severity=Severity.RED, what="lost", advice="check"),),
            ),
            StreamState.FAILING,
        ),
    ],
)
def test_what_a_stream_is_to_a_rollout(health, state):
    assert look_of(health, START).state is state


def test_an_encoder_lost_counts_as_a_stream_that_may_be_live():
    lost = StreamHealth(
        status=StreamStatus.OFFLINE,
        findings=(Finding(code="encoder_lost", severity=Severity.RED, what="lost", advice="check"),),
    )
    assert look_of(lost, START).may_be_live


def test_what_a_live_creator_waits_for_is_told_once(staged):
    stage = staged(anna="general")
    for seconds in range(0, 100, 20):
        starving = STARVING.findings[0].model_copy(update={"what": f"starving for {seconds} s"})
        stage.fleet.streams["anna"] = STARVING.model_copy(update={"findings": (starving,)})
        stage.later(seconds=20)
    assert stage.member("anna").cause == "live since 02:00 UTC, and not well"
    assert sum(event.member is not None for event in stage.events) == 1


def test_long_after_their_apply_nobody_is_watched_any_more(staged):
    stage = staged(anna="general", ben="general")
    stage.fleet.streams["ben"] = LIVE
    stage.settle()
    stage.end("anna")
    stage.later(minutes=20)
    looked = stage.conductor._seen.streams["anna"].at
    stage.later(minutes=5)
    assert stage.conductor._seen.streams["anna"].at == looked


def test_whoever_resumes_has_seen_the_streams_and_only_what_gets_worse_from_there_counts(staged):
    stage = overridden(staged, "ben", "cleo")
    stage.fleet.streams["anna"] = STARVING
    stage.later(minutes=2)
    assert stage.rollout.status is RolloutStatus.STOPPED
    stage.fleet.streams |= {"ben": OFFLINE, "cleo": OFFLINE}
    stage.resume()
    stage.later(minutes=15)
    assert stage.statuses() == {"anna": "applied", "ben": "applying", "cleo": "applying"}
    stage.fleet.streams["anna"] = LIVE
    stage.later(minutes=1)
    stage.end("ben")
    stage.fleet.streams["ben"] = STARVING
    stage.later(minutes=2)
    assert stage.rollout.status is RolloutStatus.STOPPING
    assert "ben (starving for 14 s)" in stage.rollout.cause
