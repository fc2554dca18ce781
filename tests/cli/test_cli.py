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

LATER = "membership, events, polls, newsletter, analytics, monitoring, backup"


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


def test_what_there_is_none_of_is_said(workspace):
    for words, said in {
        ("rollout", "list"): "there is no rollout on this machine; fleet rollout start begins one",
        ("runs",): "nothing was done on this machine yet",
        ("plans",): None,
    }.items():
        result = fleet(*words)
        assert result.exit_code == 0
        assert said is None or (said in result.stderr and not result.stdout)
        json.loads(fleet(*words, "--json").stdout)


@pytest.mark.parametrize(
    "words",
    [
        ("--until", "2027-01-01"),
        ("--repair", "--accept", "aws_sqs_queue.this"),
        ("--accept", "a.b", "--take-back", "a.b"),
    ],
)
def test_options_of_drift_that_do_not_go_together_are_refused(workspace, words):
    assert fleet("drift", "kasper", *words).exit_code == 2


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


def deployed(workspace: Path, **more: object) -> None:
    """`kasper` has streaming on, half made; a website that is off by now; and something to wait for."""
    toml = workspace / "creators" / "kasper" / "creator.toml"
    toml.write_text(GOOD + "[modules.ivs-streaming]\n[modules.shop]\n")
    channel = "module.ivs_streaming[0].aws_ivs_channel.this"
    state = DeployState.model_validate(
        {
            "status": DeployStatus.FAILED,
            "reason": "half made",
            "resources": 3,
            "addresses": (
                channel,
                "module.http_api[0].aws_x.this",
                "module.s3_website[0].aws_s3_bucket.site",
            ),
            "tainted": (channel,),
            "outputs": {"waiting_for": [{"module": "s3-website", "what": "Delegation \x1b]0;owned\x07"}]},
        }
        | more
    )
    store = Store(workspace / "cache" / "test" / "seen.sqlite3")
    store.keep([("kasper", Facet.DEPLOY, datetime.now(UTC), state)])
    store.close()


def test_show_tells_the_modules_with_their_state(workspace):
    deployed(workspace)
    result = fleet("show", "--cached", "kasper")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "2 on" in next(line for line in lines if line.startswith("modules "))
    after = lines.index("Modules")
    assert lines[after + 1 : after + 8] == [
        "✗ failed something is half made: parts may be missing",
        "s3-website × to be removed 1 resource",
        "… waiting: Delegation �]0;owned�",
        "ivs-streaming ◐ incomplete 1 resource",
        "tainted module.ivs_streaming[0].aws_ivs_channel.this",
        "shop + to be made",
        f"· off user-auth, ivs-chat, contact-form, sponsor-system, {LATER}",
    ]
    titles = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert titles == ["Overview", "Modules", "Deploy", "Stream", "Bookings", "Cost", "Activity"]
    assert result.exit_code == 1
    assert "\x1b" not in result.stdout


def test_show_as_json_has_every_module_in_the_order_of_the_file_format(workspace):
    deployed(workspace)
    modules = json.loads(fleet("show", "--cached", "--json", "kasper").stdout)["modules"]
    assert {module["name"]: module["status"] for module in modules["all"]} == {
        "s3-website": "to_remove",
        "user-auth": "off",
        "ivs-streaming": "incomplete",
        "ivs-chat": "off",
        "contact-form": "off",
        "sponsor-system": "off",
        "shop": "to_make",
        "membership": "off",
        "events": "off",
        "polls": "off",
        "newsletter": "off",
        "analytics": "off",
        "monitoring": "off",
        "backup": "off",
    }
    assert modules["all"][2] == {
        "name": "ivs-streaming", "enabled": True, "status": "incomplete", "resources": 1,
        "tainted": ["module.ivs_streaming[0].aws_ivs_channel.this"], "deposed": [],
        "failed": False, "waiting": [],
    }  # fmt: skip
    assert modules["all"][0]["waiting"][0]["what"].startswith("Delegation")
    assert modules["shared"] == {
        "parts": ["http-api"],
        "resources": 1,
        "tainted": [],
        "deposed": [],
        "failed": False,
    }
    assert (modules["waiting"], modules["unsettled"]) == ([], "something is half made")


def test_modules_that_nobody_has_seen_are_unknown(workspace):
    result = fleet("show", "--cached", "--json", "kasper")
    modules = json.loads(result.stdout)["modules"]
    assert {module["status"] for module in modules["all"]} == {"unknown"}
    assert {module["resources"] for module in modules["all"]} == {None}
    assert result.exit_code == 0


def test_a_creator_who_is_not_there_or_whose_file_is_wrong_is_told(workspace):
    assert 'there is no creator "nobody"' in fleet("show", "nobody").stderr
    result = fleet("show", "ron-rune")
    assert "creator.toml line 1" in result.stdout
    assert "Modules" not in result.stdout
    assert result.exit_code == 1
    assert json.loads(fleet("show", "ron-rune", "--json").stdout)["modules"] is None


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


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(workspace, monkeypatch):
    def refuse(_settings):
        raise PermissionError(13, "Permission denied", "/home/ana/.cache/fleet")

    monkeypatch.setattr("fleet_tui.cli.runs.Fleet", refuse)
    result = fleet("runs")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "fleet: /home/ana/.cache/fleet: this cannot be done on this machine: permission denied. "
        "Make room, or correct who may write there; fleet config path says what is kept where\n"
    )


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


@pytest.mark.parametrize("words", [("status",), ("show", "kasper")])
def test_a_cached_command_loads_neither_textual_nor_an_aws_library(workspace, words):
    script = """
import contextlib, sys
from fleet_tui.cli.main import cli
with contextlib.suppress(SystemExit):
    cli([*sys.argv[1:], "--cached"])
unwanted = ("textual", "boto3", "botocore", "httpx", "ministack", "tomlkit")
print([name for name in unwanted if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=workspace,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
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
