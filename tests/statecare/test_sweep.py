"""Looking for drift in many creators."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner

from fleet_tui.cli.drift import _end
from fleet_tui.cli.main import cli
from fleet_tui.deploy.drift import Drift, DriftedResource, DriftReport
from fleet_tui.deploy.drift.reports import checks_of, report_of, write_report
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.model import Facet
from fleet_tui.observatory.store import Store
from fleet_tui.operations.journal import ALIVE, Journals, new_id
from fleet_tui.operations.kinds.drift import KEPT_CHECKS, forget_checks
from fleet_tui.operations.model import Operation, OperationKind, Run, RunStatus
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.statecare.desk import Desk
from fleet_tui.statecare.model import Checked
from fleet_tui.statecare.sweep import alone, sweep

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
GOOD = """
name = "Kasper Kast"
domain = "kasper.live"
account_id = "210000000001"
region = "eu-central-1"
contact = "kasper@kasper.live"
monthly_budget = 150
"""


def report(slug: str, *resources: DriftedResource) -> DriftReport:
    return DriftReport(slug=slug, checked_at=NOW, resources=resources)


def drifted(**more: Any) -> DriftedResource:
    return DriftedResource.model_validate(
        {"address": "aws_x.a", "type": "aws_x", "worst": "data", "first_seen": NOW, "mark": "m"} | more
    )


class Checks:
    """Runs that end as soon as they are asked about; how many were under way at once is counted."""

    def __init__(self, root: Path, *, busy: str = "") -> None:
        self.journals = Journals(root)
        self.busy = busy
        self.most = self.now = 0
        self.killed: set[str] = set()
        settings = SimpleNamespace(parallel_runs=2)
        self.desk = cast(
            "Desk", SimpleNamespace(settings=settings, journals=self, runs=SimpleNamespace(get=self.run))
        )

    def start(self, slug: str) -> Run:
        if slug == self.busy:
            raise FleetError.of(ProblemKind.CONFLICT, "a plan is going on", where=slug)
        self.now += 1
        self.most = max(self.most, self.now)
        operation = Operation(
            id=new_id(OperationKind.DRIFT, slug, datetime.now(UTC)), kind=OperationKind.DRIFT, slug=slug,
            account_id="1", operator="ana", requested_at=NOW,
        )  # fmt: skip
        self.journals.open(operation).close()
        return Run(operation=operation, status=RunStatus.QUEUED)

    def folder(self, run_id: str) -> Path:
        return self.journals.folder(run_id)

    def get(self, run_id: str) -> Run:
        return self.journals.get(run_id)

    def run(self, run_id: str) -> Run:
        """The run; of one that was killed, another process that has taken it up."""
        if run_id in self.killed:
            self.killed.remove(run_id)
            return self.get(run_id).model_copy(update={"status": RunStatus.RUNNING})
        self.now -= 1
        slug = run_id.split("-")[2]
        operation = Operation(
            id=run_id, kind=OperationKind.DRIFT, slug=slug, account_id="1", operator="ana", requested_at=NOW
        )
        status = RunStatus.FAILED if slug == "bad" else RunStatus.SUCCEEDED
        if status is RunStatus.SUCCEEDED:
            write_report(self.folder(run_id), report(slug))
        return Run(operation=operation, status=status)


def test_everybody_is_looked_at_and_never_more_at_once_than_there_are_places(tmp_path):
    slugs = [f"c{number}" for number in range(7)]
    checks = Checks(tmp_path, busy="c3")
    found = list(sweep(checks.desk, [*slugs, "bad"], checks.start))
    assert sorted(one.slug for one in found) == sorted([*slugs, "bad"])
    assert checks.most == 3
    by_slug = {one.slug: one for one in found}
    assert by_slug["c3"].problem.kind is ProblemKind.CONFLICT
    assert by_slug["bad"].problem is not None
    assert by_slug["c0"].report == report("c0")


def test_a_check_that_was_killed_is_not_lost_as_long_as_it_is_taken_up_again(tmp_path):
    checks = Checks(tmp_path)

    def start(slug: str) -> Run:
        run = checks.start(slug)
        checks.killed.add(run.id)
        (checks.folder(run.id) / ALIVE).touch()
        assert checks.get(run.id).status is RunStatus.LOST
        return run

    (found,) = sweep(checks.desk, ["c0"], start)
    assert found.report == report("c0")


def test_two_sweeps_do_not_pile_up(tmp_path):
    another = pytest.raises(FleetError, match="another fleet drift is at work")
    with alone(tmp_path), another, alone(tmp_path):
        pytest.fail("both at once")
    with alone(tmp_path):
        pass


def failed(kind: ProblemKind) -> Checked:
    return Checked("bad", None, problem=Problem(kind=kind, what="x"))


FINE = Checked("a", None, report("a"))


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([FINE], 0),
        ([FINE, failed(ProblemKind.NOT_FOUND)], 0),  # never deployed
        ([Checked("a", None, report("a", drifted()))], 1),
        ([FINE, failed(ProblemKind.TERRAFORM)], 1),
        ([FINE, failed(ProblemKind.NETWORK)], 1),
        ([failed(ProblemKind.NETWORK)], 3),
    ],
)
def test_exit_codes(found, code):
    assert _code(found) == code


def _code(found: list[Checked]) -> object:
    try:
        _end(found)
    except SystemExit as ended:
        return ended.code
    return 0


def test_a_report_is_for_its_owner_and_only_the_newest_checks_are_kept(tmp_path):
    names = [f"20261123T0{hour}0000.000-drift-anna-000{hour}" for hour in range(6)]
    for name in [
        *names,
        "20261123T000000.000-drift-anna-two-0001",
        "20261123T000000.000-plan-drift-anna-0001",
    ]:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "alive").touch()
        write_report(folder, report("anna"))
        (folder / "drift.bin").touch()
    assert [folder.name for folder in checks_of(tmp_path, "anna")] == names[::-1]
    assert (tmp_path / names[0] / "drift.json").stat().st_mode & 0o777 == 0o600
    forget_checks(tmp_path, "anna")
    assert [folder.name for folder in checks_of(tmp_path, "anna")] == names[: -KEPT_CHECKS - 1 : -1]
    assert len(list(tmp_path.iterdir())) == KEPT_CHECKS + 2
    assert report_of(tmp_path / names[0]) is None
    assert not (
        tmp_path / names[-1] / "drift.bin"
    ).exists()  # a killed check has left it, and it holds secrets


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    (tmp_path / "creators" / "kasper").mkdir(parents=True)
    (tmp_path / "creators" / "kasper" / "creator.toml").write_text(GOOD)
    (tmp_path / "fleet.toml").write_text('environment = "test"\ncache_dir = "cache"\nstate_dir = "state"\n')
    drift = Drift(checked_at=NOW, addresses=("aws_x.a",), resources=(drifted(attributes=("ttl",)),))
    store = Store(tmp_path / "cache" / "test" / "seen.sqlite3")
    store.keep([("kasper", Facet.DEPLOY, NOW, DeployState(status=DeployStatus.DRIFTED, drift=drift))])
    store.close()
    monkeypatch.delenv("FLEET_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fleet(*words: str):
    return CliRunner().invoke(cli, words, prog_name="fleet")


def test_what_was_seen_last_is_shown_without_asking_anybody(workspace):
    result = fleet("drift", "kasper", "--cached")
    assert "1 data" in result.stdout
    assert "ttl" in result.stdout
    assert result.exit_code == 1
    (found,) = json.loads(fleet("drift", "--all", "--cached", "--json").stdout)
    assert found["drift"][0]["attributes"] == ["ttl"]


def test_cached_drift_loads_neither_the_console_nor_an_aws_library(workspace):
    script = (
        "import contextlib, sys\nfrom fleet_tui.cli.main import cli\n"
        "with contextlib.suppress(SystemExit):\n    cli(['drift', '--all', '--cached'])\n"
        "names = ('textual', 'boto3', 'botocore', 'httpx', 'tomlkit')\n"
        "print([name for name in names if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=workspace, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip().endswith("[]"), done.stderr


@pytest.mark.parametrize("words", [(), ("kasper", "--all"), ("nonsense:>",), ("--all", "--repair")])
def test_whom_has_to_be_said(workspace, words):
    (workspace / "creators" / "mina").mkdir()
    assert fleet("drift", *words, "--cached").exit_code == 2


LET_BE = ("--accept", "aws_x.a", "--until", "2026-12-01", "--reason", "x")


@pytest.mark.parametrize("words", [("drift", "kasper"), ("drift", "kasper", *LET_BE)])
def test_a_read_only_console_neither_looks_nor_accepts(workspace, words):
    (workspace / "fleet.toml").write_text((workspace / "fleet.toml").read_text() + "read_only = true\n")
    assert fleet(*words).exit_code != 0
    assert not list((workspace / "state").rglob("*.jsonl"))


@pytest.mark.parametrize(
    ("until", "reason"), [("2020-01-01", "x"), ("2099-01-01", "x"), ("", " "), ("", "x" * 301)]
)
def test_a_drift_is_let_be_for_a_reason_and_for_a_year_at_most(workspace, until, reason):
    day = until or f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
    result = fleet("drift", "kasper", "--accept", "aws_x.a", "--until", day, "--reason", reason)
    assert result.exit_code == 2
    assert "for a year at most" in result.stderr
