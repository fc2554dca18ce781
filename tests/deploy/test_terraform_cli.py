from __future__ import annotations

from pathlib import Path

import pytest

from fleet_tui.deploy.terraform_cli import command, find_terraform, flag, terraform_environment
from fleet_tui.problems import FleetError, ProblemKind


def test_a_missing_terraform_is_said_in_a_sentence(tmp_path):
    with pytest.raises(FleetError) as caught:
        find_terraform({"PATH": str(tmp_path)})
    assert caught.value.problem.kind is ProblemKind.MISSING_TOOL
    assert "Install Terraform" in caught.value.problem.hint


def test_arguments_are_written_as_terraform_wants_them():
    words = command(Path("/t/terraform"), "plan", json=flag(), input=False, out="x.bin", lock_timeout="5s")
    assert words[:2] == ["/t/terraform", "plan"]
    assert set(words[2:]) == {"-json", "-input=false", "-out=x.bin", "-lock-timeout=5s"}


def test_positional_arguments_come_last():
    assert command(Path("terraform"), "apply", "plan.bin", json=flag())[-1] == "plan.bin"


def test_a_stray_variable_of_the_shell_changes_no_creator(tmp_path):
    base = {
        "AWS_ACCESS_KEY_ID": "x",
        "TF_VAR_region": "us-east-1",
        "TF_CLI_ARGS_plan": "-destroy",
        "TF_DATA_DIR": "/x",
        "TF_REATTACH_PROVIDERS": "{}",
        "TF_LOG_PROVIDER": "TRACE",
    }
    result = terraform_environment(base, tmp_path, {})
    assert result["AWS_ACCESS_KEY_ID"] == "x"
    own = {"TF_IN_AUTOMATION", "TF_INPUT", "TF_CLI_CONFIG_FILE"}
    assert {name for name in result if name.startswith("TF_")} == own


def test_a_configuration_of_the_users_own_stays_in_force(tmp_path):
    own = tmp_path / "own.rc"
    own.write_text("")
    result = terraform_environment(
        {"TF_CLI_CONFIG_FILE": str(own)}, tmp_path / "w", {"TF_CLI_CONFIG_FILE": str(own)}
    )
    assert result["TF_CLI_CONFIG_FILE"] == str(own)
    assert not (tmp_path / "w").exists()


def test_a_named_configuration_that_is_missing_is_replaced(tmp_path):
    result = terraform_environment({}, tmp_path / "w", {"TF_CLI_CONFIG_FILE": str(tmp_path / "missing")})
    assert Path(result["TF_CLI_CONFIG_FILE"]).is_file()
