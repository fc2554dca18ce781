from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from fleet_tui.cli.look import end_if_nobody_answers
from fleet_tui.cli.main import cli, exit_code
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.model import Facet
from fleet_tui.observatory.store import Store
from fleet_tui.problems import Problem, ProblemKind

GOOD = """
name = "Kasper Kast"
domain = "kasper.live"
account_id = "210000000001"
region = "eu-central-1"
contact = "kasper@kasper.live"
monthly_budget = 150
"""


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    for slug, text in {"kasper": GOOD, "ron-rune": "name = \n"}.items():
        (tmp_path / "creators" / slug).mkdir(parents=True)
        (tmp_path / "creators" / slug / "creator.toml").write_text(text)
    (tmp_path / "fleet.toml").write_text('environment = "test"\ncache_dir = "cache"\nstate_dir = "state"\n')
    monkeypatch.delenv("FLEET_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def seen(workspace: Path, status: DeployStatus) -> None:
    store = Store(workspace / "cache" / "test" / "seen.sqlite3")
    store.keep([("kasper", Facet.DEPLOY, datetime.now(UTC), DeployState(status=status, reason="no table"))])
    store.close()


def fleet(*words: str):
    return CliRunner().invoke(cli, words, prog_name="fleet")


def test_status_shows_everybody_and_asks_for_attention(workspace):
    seen(workspace, DeployStatus.UP_TO_DATE)
    result = fleet("status", "--cached")
    assert "Kasper Kast" in result.stdout
    assert "up to date" in result.stdout
    assert "creator.toml line 1" in result.stdout
    assert result.exit_code == 1


def test_a_query_picks_and_its_rows_alone_decide_the_exit_code(workspace):
    seen(workspace, DeployStatus.UP_TO_DATE)
    result = fleet("status", "--cached", "slug:kasper")
    assert "ron-rune" not in result.stdout
    assert result.exit_code == 0


def test_a_failed_creator_exits_with_1(workspace):
    seen(workspace, DeployStatus.FAILED)
    assert fleet("status", "--cached", "slug:kasper").exit_code == 1


def test_json_has_age_and_problem_of_every_facet(workspace):
    seen(workspace, DeployStatus.UP_TO_DATE)
    found = json.loads(fleet("status", "--cached", "--json").stdout)
    kasper = found["creators"][0]
    assert kasper["deploy"]["value"]["status"] == "up_to_date"
    assert kasper["deploy"]["cached"] is True
    assert kasper["deploy"]["age_seconds"] >= 0
    assert kasper["stream"] == {
        "value": None, "seen_at": None, "age_seconds": None, "cached": False, "stale": False, "problem": None,
    }  # fmt: skip
    assert found["creators"][1]["errors"]


def test_a_query_that_cannot_be_read_is_a_usage_error(workspace):
    result = fleet("status", "--cached", "nonsense:>")
    assert result.exit_code == 2


@pytest.mark.parametrize("words", [("plan", "kasper"), ("apply", "kasper", "--yes")])
def test_read_only_is_enforced_where_things_are_done(workspace, words):
    (workspace / "fleet.toml").write_text((workspace / "fleet.toml").read_text() + "read_only = true\n")
    result = fleet(*words)
    assert result.exit_code != 0
    assert not list((workspace / "state").rglob("*.jsonl"))


def test_planning_an_unknown_or_invalid_creator_says_what_is_wrong(workspace):
    assert 'there is no creator "nobody"' in fleet("plan", "nobody").stderr
    result = fleet("plan", "ron-rune")
    assert "creator.toml" in result.stderr
    assert result.exit_code == 2


def test_a_bad_settings_file_is_a_sentence(workspace):
    (workspace / "fleet.toml").write_text("parallel_runs = 1000\n")
    result = fleet("status", "--cached")
    assert result.exit_code == 2
    assert "parallel_runs" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_console_without_a_terminal_says_what_to_do_instead(workspace):
    result = fleet()
    assert result.exit_code == 2
    assert "fleet status" in result.stderr


def test_history_tells_what_changed(workspace):
    seen(workspace, DeployStatus.UP_TO_DATE)
    seen(workspace, DeployStatus.FAILED)
    changes = json.loads(fleet("history", "kasper", "--json").stdout)
    assert [(change["facet"], change["what"]) for change in changes] == [
        ("deploy", "failed"),
        ("deploy", "up_to_date"),
    ]
    assert "there is no creator" in fleet("history", "nobody").stderr


def test_runs_of_an_empty_journal(workspace):
    result = fleet("runs", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_an_installed_console_has_no_sandbox(workspace, monkeypatch):
    assert "demo" in fleet("--help").stdout
    monkeypatch.setattr("fleet_tui.cli.main._has_sandbox", lambda: False)
    assert "demo" not in fleet("--help").stdout
    assert fleet("demo").exit_code == 2


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ProblemKind.CONFIGURATION, 2),
        (ProblemKind.MISSING_TOOL, 2),
        (ProblemKind.NETWORK, 3),
        (ProblemKind.CREDENTIALS, 3),
        (ProblemKind.CONFLICT, 1),
        (ProblemKind.WRONG_ACCOUNT, 1),
    ],
)
def test_exit_codes_are_an_interface(kind, code):
    assert exit_code(kind) == code


def test_a_cached_command_loads_neither_textual_nor_an_aws_library(workspace):
    script = """
import contextlib, sys
from fleet_tui.cli.main import cli
with contextlib.suppress(SystemExit):
    cli(["status", "--cached"])
unwanted = ("textual", "boto3", "botocore", "httpx", "ministack", "tomlkit")
print([name for name in unwanted if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=workspace, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.strip().endswith("[]"), done.stderr


@pytest.mark.parametrize(
    ("problems", "ends"),
    [
        ([], False),
        ([[ProblemKind.NETWORK], []], False),
        ([[ProblemKind.NETWORK], [ProblemKind.DENIED]], False),
        ([[ProblemKind.NETWORK], [ProblemKind.CREDENTIALS, ProblemKind.THROTTLED]], True),
    ],
)
def test_try_again_is_said_only_when_nobody_answers(problems, ends):
    of_each = [[Problem(kind=kind, what="x") for kind in of_one] for of_one in problems]
    if ends:
        with pytest.raises(SystemExit, match="3"):
            end_if_nobody_answers(of_each)
    else:
        end_if_nobody_answers(of_each)
