"""The look at a stream right before an apply asks IVS even where creator.toml has no stream any more."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fleet_tui.fleet import Fleet
from fleet_tui.settings import load_settings
from tests.rollouts.stage import LIVE, OFFLINE

FILE = """
name = "Anna"
domain = "anna.live"
account_id = "400000000001"
region = "eu-central-1"
contact = "anna@anna.live"
monthly_budget = 50
"""


@pytest.mark.parametrize(
    ("outputs", "seen"),
    [
        ({"channel_arn": "arn:aws:ivs:eu-central-1:400000000001:channel/a"}, LIVE),
        ({"channel_arn": None}, OFFLINE),
        ({}, OFFLINE),
    ],
)
def test_a_channel_that_is_being_switched_off_is_looked_at(tmp_path, monkeypatch, outputs, seen):
    (tmp_path / "creators" / "anna").mkdir(parents=True)
    (tmp_path / "creators" / "anna" / "creator.toml").write_text(FILE)
    (tmp_path / "fleet.toml").write_text('cache_dir = "cache"\nstate_dir = "state"\n')
    monkeypatch.delenv("FLEET_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    fleet = Fleet(load_settings())

    class Streams:
        def __call__(self, creator):
            return OFFLINE  # as creator.toml has no stream

        def look(self, creator):
            return LIVE

    fleet._made = SimpleNamespace(  # type: ignore[assignment]
        buckets=SimpleNamespace(outputs=lambda creator: outputs), streams=Streams(), close=lambda: None
    )
    assert fleet.rollout_hands.stream_now("anna") == seen
    fleet.stop()
