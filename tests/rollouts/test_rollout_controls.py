"""What operators tell a rollout, and how it goes on after its process is gone."""

from __future__ import annotations

import shutil

import pytest

from fleet_tui.operations.model import RunStatus
from fleet_tui.problems import FleetError
from fleet_tui.rollouts import conductor
from fleet_tui.rollouts.journal import tell
from fleet_tui.rollouts.model import Control, ControlKind, RolloutEventKind, RolloutStatus
from fleet_tui.rollouts.records import read_record
from fleet_tui.rollouts.telling import fold
from tests.rollouts.stage import LIVE, OFFLINE, REFUSED


def test_a_pause_starts_nothing_and_lets_what_goes_on_come_to_its_end(staged):
    stage = staged({"parallel": 1}, anna="general", ben="general")
    stage.settle()
    stage.tell(ControlKind.PAUSE)
    stage.end("anna")
    stage.later(minutes=5)
    assert stage.statuses() == {"anna": "applied", "ben": "to_do"}
    assert stage.rollout.cause == "paused by ben@ops"
    stage.tell(ControlKind.GO_ON)
    assert stage.statuses()["ben"] == "applying"


def test_a_stop_lets_applies_finish(staged):
    stage = staged({"parallel": 1}, anna="general", ben="general")
    stage.settle()
    stage.tell(ControlKind.STOP)
    assert stage.rollout.status is RolloutStatus.STOPPING
    assert stage.fleet.cancelled == []
    stage.end("anna")
    assert stage.rollout.status is RolloutStatus.STOPPED
    assert stage.rollout.cause == "stopped by ben@ops"
    assert stage.statuses() == {"anna": "applied", "ben": "to_do"}


def test_a_stop_at_once_sends_each_run_one_interrupt(staged):
    stage = staged(anna="general", ben="general", cleo="general")
    stage.settle()
    stage.tell(ControlKind.STOP)
    stage.tell(ControlKind.STOP, now=True)
    stage.later(minutes=1)
    assert len(stage.fleet.cancelled) == 2
    stage.end("anna", RunStatus.CANCELLED)
    stage.end("ben", RunStatus.CANCELLED)
    assert stage.rollout.status is RolloutStatus.STOPPED
    assert stage.statuses() == {"anna": "cancelled", "ben": "cancelled", "cleo": "to_do"}


def test_what_makes_no_sense_is_refused_and_told(staged):
    stage = staged(anna="general")
    stage.settle()
    stage.tell(ControlKind.GO_ON)
    stage.tell(ControlKind.OVERRIDE, "anna")
    stage.tell(ControlKind.OVERRIDE, "nobody")
    refused = [event.text for event in stage.events if event.control is not None]
    assert refused == [
        "ben@ops: go on – refused: it is running",
        "ben@ops: override anna – refused: anna does not wait: it is applying",
        "ben@ops: override nobody – refused: nobody is not in this rollout",
    ]
    assert stage.rollout.status is RolloutStatus.RUNNING


def test_a_request_that_cannot_be_read_does_no_harm(staged):
    stage = staged(anna="general")
    (stage.folder / "controls.jsonl").write_text("{not json\n")
    stage.tell(ControlKind.PAUSE)
    assert stage.rollout.status is RolloutStatus.PAUSED
    assert stage.rollout.told == 2


def test_a_killed_rollout_goes_on_with_the_failed_and_the_unstarted(staged):
    waves = dict.fromkeys(("anna", "ben", "cleo", "dan", "eva", "fay"), "general")
    stage = staged({"parallel": 4, "max_failed_share": 0.5}, **waves)
    stage.fleet.streams["eva"] = LIVE
    stage.settle()
    stage.end("anna")
    stage.end("ben", RunStatus.FAILED, problem=REFUSED)
    stage.end("cleo", RunStatus.CANCELLED)
    stage.kill()
    stage.fleet.end("dan")  # ends while nobody looks
    running = stage.fleet.unfinished("fay").id
    before = len(stage.fleet.started)
    assert stage.resume() == ("ben", "eva")
    assert stage.statuses() == {
        "anna": "applied",
        "ben": "applying",
        "cleo": "cancelled",
        "dan": "applied",
        "eva": "put_back",
        "fay": "applying",
    }
    assert stage.fleet.unfinished("fay").id == running
    assert stage.fleet.started[before:] == [("apply", "ben")]
    stage.fleet.streams["eva"] = OFFLINE
    stage.later(seconds=20)
    for slug in ("ben", "eva", "fay"):
        stage.end(slug)
    assert stage.rollout.status is RolloutStatus.INCOMPLETE
    assert stage.rollout.cause == "1 cancelled: cleo"
    record = read_record(stage.folder)
    assert (record.legs, record.resumed_by) == (2, ("cleo@ops",))


def test_a_cancelled_creator_is_tried_again_by_name_only(staged):
    stage = staged(anna="general", ben="general")
    stage.settle()
    stage.end("anna", RunStatus.CANCELLED)
    stage.end("ben")
    assert stage.resume("anna") == ("anna",)
    stage.end("anna")
    assert stage.rollout.status is RolloutStatus.SUCCEEDED


def test_who_is_named_is_tried_again_and_nobody_else(staged):
    stage = staged({"parallel": 1}, **dict.fromkeys(("anna", "ben", "cleo", "dan"), "general"))
    stage.settle()
    stage.tell(ControlKind.STOP)
    stage.end("anna", RunStatus.FAILED, problem=REFUSED)
    started = len(stage.fleet.started)
    assert stage.resume("anna") == ("anna",)
    stage.end("anna")
    assert stage.statuses() == {"anna": "applied", "ben": "to_do", "cleo": "to_do", "dan": "to_do"}
    assert len(stage.fleet.started) == started + 1
    assert stage.rollout.status is RolloutStatus.INCOMPLETE
    assert stage.rollout.cause == "3 not started: ben, cleo, dan"
    assert stage.resume() == ("ben", "cleo", "dan")
    assert stage.statuses()["ben"] == "applying"


def test_of_two_that_failed_one_can_be_tried_again(staged):
    stage = staged(anna="canary", ben="canary")
    stage.settle()
    stage.end("anna", RunStatus.FAILED, problem=REFUSED)
    stage.end("ben", RunStatus.FAILED, problem=REFUSED)
    stage.resume("anna")
    assert stage.statuses() == {"anna": "applying", "ben": "failed"}
    stage.end("anna")
    assert stage.rollout.cause == "1 failed: ben"


def test_who_is_named_still_waits_for_the_waves_before(staged):
    stage = staged({"parallel": 1}, anna="canary", ben="canary", cleo="early", dan="general")
    stage.settle()
    stage.tell(ControlKind.STOP)
    stage.end("anna")
    assert stage.statuses() == {"anna": "applied", "ben": "to_do", "cleo": "to_do", "dan": "to_do"}
    stage.resume("cleo")
    assert stage.rollout.status is RolloutStatus.INCOMPLETE
    assert "the wave of cleo has to wait for those before it" in stage.rollout.cause
    stage.resume("ben", "dan")
    stage.end("ben")
    stage.later(minutes=10)
    assert stage.rollout.status is RolloutStatus.INCOMPLETE
    assert "the wave of dan has to wait for those before it" in stage.rollout.cause
    assert stage.statuses()["cleo"] == "to_do"


@pytest.mark.parametrize(("slug", "why"), [("anna", "applied already"), ("nobody", "is not in the rollout")])
def test_who_cannot_be_tried_again(staged, slug, why):
    stage = staged(anna="general")
    stage.settle()
    stage.end("anna")
    with pytest.raises(FleetError, match=why):
        stage.resume(slug)


def test_a_process_that_is_killed_at_the_very_end_leaves_the_record_to_whoever_resumes(staged, monkeypatch):
    stage = staged(anna="general")
    stage.settle()

    def killed(*_):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(conductor, "write_record", killed)
        with pytest.raises(SystemExit):
            stage.end("anna")
    rollout = fold(stage.events, alive=False)
    assert rollout is not None
    assert rollout.status is RolloutStatus.LOST
    assert stage.resume() == ()
    assert read_record(stage.folder).status is RolloutStatus.SUCCEEDED
    assert read_record(stage.folder).finished_at == stage.rollout.finished_at


def test_a_run_that_was_announced_and_never_begun_is_begun_by_who_resumes(staged):
    stage = staged(anna="general")
    stage.settle()
    stage.kill()
    del stage.fleet.runs[stage.fleet.unfinished("anna").id]
    stage.resume()
    stage.later(minutes=2)
    assert stage.statuses()["anna"] == "applying"
    assert len(stage.member("anna").run_ids) == 2


def test_after_a_failed_canary_is_tried_again_the_next_wave_waits_for_its_health(staged):
    stage = staged(anna="canary", ben="canary", cleo="early")
    stage.fleet.streams["ben"] = LIVE
    stage.settle()
    stage.end("anna")
    stage.later(minutes=10)
    stage.end("cleo", RunStatus.CANCELLED)
    stage.fleet.streams["ben"] = OFFLINE
    stage.later(seconds=20)
    stage.end("ben", RunStatus.FAILED, problem=REFUSED)
    assert stage.rollout.status is RolloutStatus.STOPPED
    assert stage.resume("ben", "cleo") == ("ben", "cleo")
    assert stage.statuses()["cleo"] == "to_do"
    stage.end("ben")
    stage.later(minutes=9)
    assert stage.statuses()["cleo"] == "to_do"
    stage.later(minutes=1)
    assert stage.statuses()["cleo"] == "applying"


def test_a_journal_that_was_cut_off_in_a_line_is_read_and_written_on(staged):
    stage = staged({"parallel": 1}, anna="general", ben="general")
    stage.settle()
    stage.kill()
    stage.journal.close()
    with (stage.folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"seq": 9, "kind": "mem')
    stage.journal = type(stage.journal)(stage.folder, lambda: stage.now)
    stage.resume()
    stage.end("anna")
    assert stage.statuses() == {"anna": "applied", "ben": "applying"}
    events = stage.events
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert sum(event.kind is RolloutEventKind.LOG for event in events) == 1


def test_what_was_told_to_a_process_that_is_gone_is_not_done_by_the_next(staged):
    stage = staged(anna="general", ben="general", cleo="general")
    stage.settle()
    stage.kill()
    for kind in (ControlKind.STOP, ControlKind.PAUSE):
        tell(stage.folder, Control(at=stage.now, operator="ben@ops", kind=kind))
    stage.resume()
    assert stage.rollout.status is RolloutStatus.RUNNING
    stage.tell(ControlKind.PAUSE)
    assert stage.rollout.status is RolloutStatus.PAUSED


def test_a_signal_ends_it_in_order(staged):
    stage = staged({"parallel": 1}, anna="general", ben="general")
    stage.settle()
    stage.conductor.end_soon("stopped by a signal (SIGTERM)")
    stage.settle()
    assert stage.rollout.status is RolloutStatus.STOPPING
    stage.end("anna")
    assert (stage.rollout.status, stage.rollout.cause) == (
        RolloutStatus.STOPPED,
        "stopped by a signal (SIGTERM)",
    )
    assert stage.resume() == ("ben",)


def test_without_its_folder_a_rollout_ends(staged):
    stage = staged(anna="general")
    stage.settle()
    shutil.rmtree(stage.folder)
    assert stage.conductor.run() is RolloutStatus.RUNNING
