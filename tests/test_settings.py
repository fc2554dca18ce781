from __future__ import annotations

import pytest

from fleet_tui.problems import FleetError
from fleet_tui.settings import load_settings


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "fleet" / "creators").mkdir(parents=True)
    return tmp_path / "fleet"


def test_without_a_file_the_workspace_is_found_from_below(workspace):
    below = workspace / "creators" / "kasper"
    below.mkdir()
    settings = load_settings({"FLEET_OPERATOR": "ana@ops"}, below)
    assert settings.workspace == workspace
    assert (settings.environment, settings.operator) == ("production", "ana@ops")


def test_paths_are_relative_to_their_file(workspace, tmp_path):
    config = tmp_path / "elsewhere" / "fleet.toml"
    config.parent.mkdir()
    config.write_text('workspace = "../fleet"\ncache_dir = "c"\nenvironment = "staging"\n')
    settings = load_settings({"FLEET_CONFIG": str(config)}, tmp_path)
    assert settings.creators == workspace / "creators"
    assert settings.cache == tmp_path / "elsewhere" / "c" / "staging"


def test_read_only_by_the_environment(workspace):
    assert load_settings({"FLEET_READ_ONLY": "1"}, workspace).read_only
    assert not load_settings({"FLEET_READ_ONLY": "0"}, workspace).read_only


@pytest.mark.parametrize(
    ("text", "said"),
    [("not toml", "fleet.toml"), ("colour = 1", "colour"), ('environment = "A B"', "environment")],
)
def test_what_does_not_fit_is_named(workspace, text, said):
    (workspace / "fleet.toml").write_text(text)
    with pytest.raises(FleetError, match=said):
        load_settings({}, workspace)


def test_a_key_that_is_no_setting_is_named_with_what_may_be_meant(workspace):
    (workspace / "fleet.toml").write_text('envronment = "x"\n')
    with pytest.raises(FleetError, match="envronment: is no setting; did you mean environment"):
        load_settings({}, workspace)
    (workspace / "fleet.toml").write_text("[rollout]\nparallel_runs = 2\n")
    with pytest.raises(FleetError, match=r"rollout.parallel_runs: is no setting\. docs"):
        load_settings({}, workspace)


def test_a_named_file_that_is_missing_is_said(workspace):
    with pytest.raises(FleetError, match="no such file"):
        load_settings({"FLEET_CONFIG": str(workspace / "missing.toml")}, workspace)
