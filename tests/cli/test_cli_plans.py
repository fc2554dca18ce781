"""`fleet plan`, `fleet plans`, `fleet apply` over plans that were made before."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fleet_tui.cli.main import cli
from fleet_tui.operations.journal import Journals
from fleet_tui.operations.model import (
    Action,
    EventKind,
    Operation,
    OperationKind,
    PlanSummary,
    ResourceChange,
    Risk,
    RiskLevel,
    RunStatus,
)
from fleet_tui.operations.savedplans import PLAN_FILE
from fleet_tui.planning.book import Planning
from fleet_tui.problems import Problem, ProblemKind

SLUGS = ("kasper", "mina", "otto", "pia")
UPDATE = ResourceChange(
    address="aws_sqs_queue.this", type="aws_sqs_queue", action=Action.UPDATE, changed=("kms_key_id",)
)
LOSS = ResourceChange(address="aws_dynamodb_table.this", type="aws_dynamodb_table", action=Action.DELETE)
SAFE = PlanSummary(
    change=1, changes=(UPDATE,), risk=Risk(level=RiskLevel.LOW), fingerprint="ab" * 8, digest="d"
)
DANGEROUS = PlanSummary(
    destroy=1,
    changes=(LOSS,),
    risk=Risk(level=RiskLevel.DESTRUCTIVE, reasons=("deletes aws_dynamodb_table.this: its data is lost",)),
    fingerprint="cd" * 8,
    digest="d",
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for number, slug in enumerate(SLUGS):
        folder = tmp_path / "creators" / slug
        folder.mkdir(parents=True)
        (folder / "creator.toml").write_text(
            f'name = "{slug.title()}"\ndomain = "{slug}.live"\naccount_id = "21000000000{number}"\n'
            f'region = "eu-central-1"\ncontact = "a@{slug}.live"\nmonthly_budget = 50\n'
        )
    (tmp_path / "fleet.toml").write_text('environment = "test"\ncache_dir = "cache"\nstate_dir = "state"\n')
    monkeypatch.delenv("FLEET_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(workspace: Path, slug: str, summary: PlanSummary | None, problem: Problem | None = None) -> str:
    """A plan as its run leaves it behind."""
    at = datetime.now(UTC) - timedelta(minutes=5)
    operation = Operation(
        id=f"{at:%Y%m%dT%H%M%S}.000-plan-{slug}-0a1b",
        kind=OperationKind.PLAN,
        slug=slug,
        account_id=f"21000000000{SLUGS.index(slug)}",
        operator="ana",
        requested_at=at,
    )
    journals = Journals(workspace / "state" / "test")
    journal = journals.open(operation)
    if summary is not None:
        journal.write(EventKind.PLANNED, plan=summary)
        (journals.folder(operation.id) / PLAN_FILE).write_text("a saved plan")
    status = RunStatus.FAILED if problem else RunStatus.SUCCEEDED
    journal.write(EventKind.FINISHED, status=status, problem=problem)
    journal.close()
    return operation.id


def fleet(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, words, prog_name="fleet", input=typed)


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Whose plans were approved and are rolled out; no plan is stale."""
    found: list[tuple[str, ...]] = []

    def roll_out(self, plans, *, reason=""):
        found.append(tuple(plan.operation.slug for plan in plans))
        return "a-rollout"

    monkeypatch.setattr(Planning, "stale_of", lambda self, plan_ids: {})
    monkeypatch.setattr(Planning, "roll_out", roll_out)
    return found


def test_plans_are_told_by_what_they_do_with_those_that_failed(workspace):
    planned(workspace, "kasper", SAFE)
    planned(workspace, "mina", SAFE)
    planned(workspace, "otto", DANGEROUS)
    expired = Problem(kind=ProblemKind.CREDENTIALS, what="the credentials have expired")
    planned(workspace, "pia", None, expired)
    text = fleet("plans").stdout
    assert "2 creators: the same 1 change; 1 differs" in text
    assert text.index("cdcdcd") < text.index("ababab") < text.index("the credentials have expired")
    told = json.loads(fleet("plans", "--json").stdout)
    assert [group["creators"] for group in told["groups"]] == [["otto"], ["kasper", "mina"]]
    assert told["failed"][0]["creators"] == ["pia"]
    assert told["groups"][1]["changes"][0]["changed"] == ["kms_key_id"]


def test_a_group_is_shown_by_the_beginning_of_its_fingerprint(workspace):
    planned(workspace, "kasper", SAFE)
    planned(workspace, "otto", DANGEROUS)
    text = fleet("plans", "--group", "cd").stdout
    assert "its data is lost" in text
    assert "otto" in text
    assert "kasper" not in text
    assert fleet("plans", "--group", "ff").exit_code == 1


def test_creators_are_named_by_slug_by_query_or_all(workspace):
    for words in (("plan",), ("plan", "--all", "kasper"), ("apply",), ("apply", "--all", "--plan", "x")):
        assert fleet(*words).exit_code == 2
    assert 'there is no creator "nobody"' in fleet("plan", "nobody").stderr
    assert "no creator is like wave:canary" in fleet("plan", "wave:canary", "cost>50").stderr
    assert fleet("plan", "cost>>").exit_code == 2


def test_several_are_applied_when_their_number_is_typed(workspace, applied):
    planned(workspace, "kasper", SAFE)
    planned(workspace, "mina", SAFE)
    refused = fleet("apply", "--all", typed="3\n")
    assert refused.exit_code == 1
    assert "nothing was approved" in refused.stderr
    assert "without a plan, and left out: otto, pia" in refused.stderr
    assert fleet("apply", "--all", "--yes").exit_code == 1  # a yes is for one creator
    assert applied == []
    assert fleet("apply", "kasper", "mina", typed="2\n").exit_code == 0
    assert applied == [("kasper", "mina")]


def test_one_creator_among_others_is_asked_about_by_yes_and_no(workspace, applied):
    planned(workspace, "kasper", SAFE)
    planned(workspace, "mina", SAFE.model_copy(update={"fingerprint": "ef" * 8}))
    assert fleet("apply", "kasper", "mina", typed="y\n\n").exit_code == 0
    assert applied == [("kasper",)]
    assert fleet("apply", "kasper", "mina", "--yes").exit_code == 0
    assert applied[1] == ("kasper", "mina")


def test_what_loses_data_takes_a_word_of_danger_and_what_was_left_out_is_said(workspace, applied):
    for slug in ("kasper", "mina"):
        planned(workspace, slug, SAFE)
    for slug in ("otto", "pia"):
        planned(workspace, slug, DANGEROUS)
    result = fleet("apply", "--all", "--confirm", "2", typed="2\n")
    assert result.exit_code == 0
    assert "left out: otto, pia" in result.stderr
    assert applied == [("kasper", "mina")]
    assert fleet("apply", "--all", "--confirm", "2", "--confirm", "destroy 2").exit_code == 0
    assert applied[1] == ("otto", "pia", "kasper", "mina")


def test_a_word_that_was_confirmed_counts_for_one_group(workspace, applied):
    for slug in ("kasper", "mina"):
        planned(workspace, slug, SAFE)
    for slug in ("otto", "pia"):
        planned(workspace, slug, SAFE.model_copy(update={"fingerprint": "ef" * 8}))
    assert fleet("apply", "--all", "--confirm", "2", typed="\n").exit_code == 0
    assert applied == [("kasper", "mina")]


def test_a_stale_plan_is_made_anew_before_anything_is_asked(workspace, applied, monkeypatch):
    stale = planned(workspace, "kasper", SAFE)
    planned(workspace, "mina", SAFE)
    asked: list[list[str]] = []

    def start(self, slugs, *, reason=""):
        asked.append(list(slugs))
        return self._batches.open(
            [], operator="ana", reason=""
        )  # one whose process is gone: nobody is planned

    monkeypatch.setattr(Planning, "stale_of", lambda self, plan_ids: {stale: "the state has moved on since"})
    monkeypatch.setattr(Planning, "start", start)
    monkeypatch.setattr("fleet_tui.planning.batches.is_alive", lambda folder: False)
    result = fleet("apply", "--all", typed="y\n")
    assert asked == [["kasper"]]
    assert "kasper: the plan is stale: the state has moved on since" in result.stderr
    assert applied == [("mina",)]


def test_nothing_to_apply_is_said(workspace, applied):
    planned(workspace, "kasper", PlanSummary())
    assert "nothing to apply" in fleet("apply", "--all").stdout
    assert fleet("plans").stdout.endswith("nothing to apply\n1 with nothing to change\n")


def test_who_gives_no_answer_has_said_no_and_hears_how_to_say_it_beforehand(workspace, applied):
    planned(workspace, "kasper", SAFE)
    planned(workspace, "mina", SAFE)
    told = fleet("apply", "--all")
    assert told.exit_code == 1
    assert (
        'not confirmed, nothing was done. Without a terminal say it beforehand: --confirm "2"' in told.stderr
    )
    assert not applied


def test_a_query_that_nobody_matches_is_not_taken_for_a_slug(workspace):
    assert 'there is no creator "zoe"' in fleet("plans", "zoe").stderr
    assert "no creator is like state:failed" in fleet("plan", "state:failed").stderr


def test_files_that_cannot_be_used_are_a_sentence(workspace):
    (workspace / "state").write_text("a file")
    told = fleet("plans")
    assert told.exit_code == 2
    assert told.stderr == (
        f"fleet: {workspace}/state/test/runs: this cannot be done on this machine: not a directory. "
        "Make room, or correct who may write there; fleet config path says what is kept where\n"
    )


def test_a_read_only_console_plans_nobody(workspace):
    result = fleet("--read-only", "plan", "--all")
    assert result.exit_code == 1
    assert "read-only" in result.stderr
    assert not (workspace / "state" / "test" / "batches").exists()
