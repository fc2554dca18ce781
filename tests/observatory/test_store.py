from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.model import Facet
from fleet_tui.observatory.store import Store
from fleet_tui.problems import FleetError
from fleet_tui.streams.model import StreamHealth, StreamStatus

AT = datetime(2026, 11, 22, 14, tzinfo=UTC)


def test_what_was_kept_is_loaded(tmp_path):
    store = Store(tmp_path / "seen.sqlite3")
    state = DeployState(status=DeployStatus.UP_TO_DATE, serial=3, outputs={"a": [1, None]})
    store.keep([("kasper", Facet.DEPLOY, AT, state)])
    store.close()
    assert Store(tmp_path / "seen.sqlite3").load() == {("kasper", Facet.DEPLOY): (AT, state)}


def test_history_has_a_line_for_each_change_and_none_for_each_look(tmp_path):
    store = Store(tmp_path / "seen.sqlite3")
    live, offline = StreamStatus.LIVE, StreamStatus.OFFLINE
    for minute, (status, viewers) in enumerate([(live, 1), (live, 2), (offline, None), (live, 3)]):
        health = StreamHealth(status=status, viewers=viewers)
        store.keep([("kasper", Facet.STREAM, AT + timedelta(minutes=minute), health)])
    assert [(at.minute, facet, text) for at, facet, text in store.history("kasper")] == [
        (3, Facet.STREAM, "live"),
        (2, Facet.STREAM, "offline"),
        (0, Facet.STREAM, "live"),
    ]
    assert store.history("mina-moor") == []


def test_a_damaged_file_is_set_aside(tmp_path):
    path = tmp_path / "seen.sqlite3"
    path.write_bytes(b"this is not a database" * 100)
    assert Store(path).load() == {}
    assert path.with_suffix(".damaged").exists()


def test_values_of_another_make_are_left_out(tmp_path):
    store = Store(tmp_path / "seen.sqlite3")
    store.keep([("kasper", Facet.STREAM, AT, StreamHealth(status=StreamStatus.LIVE))])
    store._db.execute('UPDATE seen SET value = \'{"status": "dancing"}\'')
    assert store.load() == {}


def test_a_file_that_cannot_be_opened_is_said(tmp_path):
    (tmp_path / "seen.sqlite3").mkdir()
    with pytest.raises(FleetError, match="what was last seen cannot be kept: unable to open database file"):
        Store(tmp_path / "seen.sqlite3")


def test_a_full_disk_ends_no_console(tmp_path):
    store = Store(tmp_path / "seen.sqlite3")
    store._db.execute("PRAGMA max_page_count=1")
    store.keep([("kasper", Facet.DEPLOY, AT, DeployState(status=DeployStatus.FAILED, reason="x" * 9000))])
    assert store.load() == {}
    store.close()
