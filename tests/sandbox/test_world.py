from __future__ import annotations

import os

import pytest

from fleet_tui.problems import FleetError
from fleet_tui.sandbox import world as module
from fleet_tui.sandbox.keeper import runs_at_once
from fleet_tui.sandbox.world import World
from fleet_tui.settings import load_settings


@pytest.fixture
def world(tmp_path) -> World:
    workspace = tmp_path / "workspace"
    (workspace / "creators").mkdir(parents=True)
    folder = tmp_path / "sandbox" / "abc"
    folder.mkdir(parents=True)
    return World(folder, workspace)


def test_a_checkout_has_one_world_until_what_it_is_made_of_changes(tmp_path):
    assert World.of_checkout(tmp_path) == World.of_checkout(tmp_path)
    assert World.of_checkout(tmp_path).folder.parent == tmp_path


def test_nobody_keeps_or_visits_a_new_world(world):
    assert not world.kept()
    assert not world.visited()
    assert world.endpoint() is None


def test_a_visit_is_seen_while_it_lasts(world, monkeypatch):
    monkeypatch.setattr(World, "_await_endpoint", lambda _: "http://127.0.0.1:1")
    with world.visit(whole_fleet=False) as variables:
        assert world.visited()
        assert not world.wants_whole_fleet()
        assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
        with world.visit():
            assert world.wants_whole_fleet()
        assert world.visited()
        assert not world.wants_whole_fleet()
    assert not world.visited()


def test_a_keeper_that_does_not_come_up_is_said(world, monkeypatch):
    monkeypatch.setattr(module, "_START_SECONDS", 0.05)
    monkeypatch.setattr(World, "_start_keeper", lambda _: None)
    with pytest.raises(FleetError, match="did not come up"), world.visit():
        pass


def test_worlds_of_yesterday_are_forgotten_but_not_the_last_one(world, monkeypatch):
    monkeypatch.setattr(World, "_await_endpoint", lambda _: "http://127.0.0.1:1")
    for age, name in enumerate(("newer", "older", "oldest")):
        (world.folder.parent / name).mkdir()
        os.utime(world.folder.parent / name, (1e9 - age, 1e9 - age))
    with world.visit():
        assert sorted(folder.name for folder in world.folder.parent.iterdir()) == ["abc", "newer"]


def test_the_settings_that_it_writes_can_be_read(world):
    world.write_settings(3)
    settings = load_settings({"FLEET_CONFIG": str(world.config)}, world.folder)
    assert (settings.environment, settings.parallel_runs, settings.emulated) == ("sandbox", 3, True)
    assert settings.creators == world.workspace / "creators"
    assert settings.payer is not None


def test_the_machine_decides_how_many_runs_go_on_at_once():
    assert 1 <= runs_at_once() <= 8
