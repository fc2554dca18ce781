from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fleet_tui.cli.main import cli
from fleet_tui.privacy.model import Kept, ModuleReport, Outcome, Person, Standing
from fleet_tui.privacy.people import People

MEMBER, ADDRESS = "6f1c7a3e-0000-4000-8000-00000000cafe", "Fanny.Fan@fans.example"
CREATOR = """
name = "Kasper Kast"
domain = "kasper.live"
account_id = "210000000001"
region = "eu-central-1"
contact = "kasper@kasper.live"
monthly_budget = 150
"""
FAILED = ModuleReport(module="polls", standing=Standing.FAILED, why="its function ended in an error")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "creators/kasper").mkdir(parents=True)
    (tmp_path / "creators/kasper/creator.toml").write_text(CREATOR)
    (tmp_path / "fleet.toml").write_text('environment = "test"\ncache_dir = "cache"\nstate_dir = "state"\n')
    monkeypatch.delenv("FLEET_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Person]]:
    """What the modules were asked; two have something, one of them keeps it."""
    asked: list[tuple[str, Person]] = []
    kept = (Kept(what="paid orders", count=2, why="the tax office"), Kept(what="a log", why="it ends"))

    def export(self: People, creator: Any, person: Person) -> Outcome:
        asked.append(("export", person))
        return Outcome(
            slug=creator.slug,
            reports=(
                ModuleReport(module="user-auth", standing=Standing.DONE, records=1),
                ModuleReport(module="shop", standing=Standing.DONE, records=3),
                ModuleReport(module="polls", standing=Standing.OFF),
            ),
            documents={"shop": {"orders": ({"name": "Käthe"},)}},
        )

    def erase(self: People, creator: Any, person: Person) -> Outcome:
        asked.append(("erase", person))
        return Outcome(
            slug=creator.slug,
            reports=(
                ModuleReport(module="user-auth", standing=Standing.DONE, records=1),
                ModuleReport(module="shop", standing=Standing.DONE, records=1, kept=kept),
                ModuleReport(module="polls", standing=Standing.OFF),
            ),
        )

    monkeypatch.setattr(People, "export", export)
    monkeypatch.setattr(People, "erase", erase)
    return asked


def fleet(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["privacy", *words], prog_name="fleet", input=typed)


def failing(monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """A module that does not do its part from now on."""
    real = getattr(People, action)

    def ask(self: People, creator: Any, person: Person) -> Outcome:
        outcome: Outcome = real(self, creator, person)
        return outcome.model_copy(update={"reports": (*outcome.reports[:2], FAILED)})

    monkeypatch.setattr(People, action, ask)


def journals(workspace: Path) -> str:
    return "".join(path.read_text() for path in (workspace / "state").rglob("*.jsonl"))


def test_an_export_is_a_file_that_only_its_owner_reads(workspace: Path, asked: Any) -> None:
    result = fleet("export", "kasper", "--email", ADDRESS, "--out", "fanny.json")
    assert result.exit_code == 0, result.output
    path = workspace / "fanny.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    written = json.loads(path.read_text())
    assert (written["creator"], written["incomplete"]) == ("kasper", [])
    assert written["documents"] == {"shop": {"orders": [{"name": "Käthe"}]}}
    assert result.stdout == ""
    assert "shop       3 found" in result.stderr
    assert "polls      off" in result.stderr
    assert asked == [("export", Person(email=ADDRESS))]


def test_a_file_that_is_there_is_not_written_and_nothing_is_asked(workspace: Path, asked: Any) -> None:
    path = workspace / "fanny.json"
    path.write_text("mine")
    result = fleet("export", "kasper", "--email", ADDRESS, "--out", "fanny.json")
    assert result.exit_code == 2
    assert "File exists" in result.stderr
    assert path.read_text() == "mine"
    assert asked == []


def test_a_link_is_not_followed(workspace: Path, asked: Any) -> None:
    (workspace / "link.json").symlink_to(workspace / "elsewhere.json")
    assert fleet("export", "kasper", "--email", ADDRESS, "--out", "link.json").exit_code == 2
    assert not (workspace / "elsewhere.json").exists()


def test_without_a_name_the_file_is_named_after_the_creator_alone(workspace: Path, asked: Any) -> None:
    assert fleet("export", "kasper", "--member", MEMBER).exit_code == 0
    (path,) = workspace.glob("*.json")
    assert path.name.startswith("privacy-kasper-2")
    assert MEMBER not in path.name


def test_the_terminal_gets_it_only_when_asked(workspace: Path, asked: Any) -> None:
    result = fleet("export", "kasper", "--email", ADDRESS, "--out", "-")
    assert json.loads(result.stdout)["documents"]["shop"]
    assert "3 found" in result.stderr


def test_an_address_may_come_from_standard_input(workspace: Path, asked: Any) -> None:
    assert fleet("export", "kasper", "--email", "-", "--out", "a.json", typed=f"{ADDRESS}\n").exit_code == 0
    assert fleet("export", "kasper", "--member", "-", "--out", "b.json", typed=f"{MEMBER}\n").exit_code == 0
    assert [person for _, person in asked] == [Person(email=ADDRESS), Person(member=MEMBER)]


def test_half_an_export_is_written_and_said_to_be_half(
    workspace: Path, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "export")
    result = fleet("export", "kasper", "--email", ADDRESS, "--out", "fanny.json")
    assert result.exit_code == 1
    assert "polls      failed: its function ended in an error" in result.stderr
    assert json.loads((workspace / "fanny.json").read_text())["incomplete"] == ["polls"]
    assert '"status":"failed"' in journals(workspace)


def test_what_cannot_be_asked_leaves_no_file(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fleet_tui.problems import FleetError, ProblemKind

    def refuse(self: People, creator: Any, person: Person) -> Outcome:
        raise FleetError.of(ProblemKind.WRONG_ACCOUNT, "the credentials lead elsewhere", where=creator.slug)

    monkeypatch.setattr(People, "export", refuse)
    assert fleet("export", "kasper", "--email", ADDRESS, "--out", "fanny.json").exit_code == 1
    assert not (workspace / "fanny.json").exists()


def test_an_erasure_shows_what_is_there_asks_and_tells_what_stays(workspace: Path, asked: Any) -> None:
    confirmed = ("--yes", "--confirm", "kasper")
    result = fleet("erase", "kasper", "--email", ADDRESS, "--reason", "ticket 4711", *confirmed)
    assert result.exit_code == 0, result.output
    assert [action for action, _ in asked] == ["export", "erase"]
    before, after = result.stderr.split("\n\n")
    assert "shop       3 found" in before
    assert "shop       1 erased" in after
    assert "keeps 2 paid orders: the tax office" in after
    assert "keeps a log: it ends" in after


@pytest.mark.parametrize(
    "words",
    [(), ("--yes",), ("--confirm", "kasper"), ("--yes", "--confirm", "mina"), ("--yes", "--confirm", "")],
)
def test_nothing_is_erased_that_was_not_confirmed(
    workspace: Path, asked: Any, words: tuple[str, ...]
) -> None:
    result = fleet("erase", "kasper", "--email", ADDRESS, "--reason", "ticket 4711", *words)
    assert result.exit_code == 1
    assert "nothing was erased" in result.stderr
    assert [action for action, _ in asked] == ["export"]
    assert journals(workspace) == ""


def test_a_person_at_a_terminal_types_the_slug(
    workspace: Path, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet_tui.cli.privacy._at_terminal", lambda: True)
    words = ("erase", "kasper", "--member", MEMBER, "--reason", "ticket 4711")
    assert fleet(*words, typed="yes\n").exit_code == 1
    assert fleet(*words, typed="kasper\n").exit_code == 0
    assert [action for action, _ in asked] == ["export", "export", "erase"]


def test_an_erasure_needs_a_reason(workspace: Path, asked: Any) -> None:
    for words in ((), ("--reason", " ")):
        assert (
            fleet("erase", "kasper", "--email", ADDRESS, *words, "--yes", "--confirm", "kasper").exit_code
            == 2
        )
    assert asked == []


def test_a_module_that_fails_ends_with_1(
    workspace: Path, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "erase")
    words = ("--reason", "ticket 4711", "--yes", "--confirm", "kasper")
    result = fleet("erase", "kasper", "--email", ADDRESS, *words)
    assert result.exit_code == 1
    assert "not complete: polls" in result.stderr


def test_a_console_that_only_reads_erases_nothing(workspace: Path, asked: Any) -> None:
    words = ["--reason", "ticket 4711", "--yes", "--confirm", "kasper"]
    result = CliRunner().invoke(
        cli, ["--read-only", "privacy", "erase", "kasper", "--email", ADDRESS, *words]
    )
    assert result.exit_code == 1
    assert [action for action, _ in asked] == ["export"]


def test_the_journal_tells_what_was_done_and_not_to_whom(
    workspace: Path, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed = ("--yes", "--confirm", "kasper")
    fleet("export", "kasper", "--email", ADDRESS, "--reason", "ticket 4711", "--out", "a.json")
    fleet("erase", "kasper", "--member", MEMBER, "--reason", "ticket 4712", *confirmed)
    failing(monkeypatch, "erase")
    fleet("erase", "kasper", "--email", ADDRESS, "--reason", "ticket 4713", *confirmed)
    written = journals(workspace)
    for told in ("ticket 4711", "ticket 4713", '"kind":"erase"', '"slug":"kasper"', "user-auth 1, shop 3"):
        assert told in written
    assert "user-auth 1, shop 1 (2 kept)" in written
    assert "polls failed" in written
    everything = written + "".join(str(path) for path in workspace.rglob("*"))
    for person in (ADDRESS, ADDRESS.lower(), "Fanny", MEMBER, "Käthe"):
        assert person not in everything


@pytest.mark.parametrize("reason", [f"from {ADDRESS}", f"member {MEMBER}"])
def test_a_reason_that_tells_who_it_was_is_refused(workspace: Path, asked: Any, reason: str) -> None:
    words = ("--reason", reason, "--yes", "--confirm", "kasper")
    result = fleet("erase", "kasper", "--member", MEMBER, *words)
    assert result.exit_code == 2
    assert ADDRESS not in result.stderr
    assert MEMBER not in result.stderr
    assert asked == []


@pytest.mark.parametrize(
    "words", [("--email", "Fanny"), ("--member", "Fanny"), (), ("--email", "a@b.de", "--member", "x")]
)
def test_who_is_nobody_is_not_repeated(workspace: Path, asked: Any, words: tuple[str, ...]) -> None:
    result = fleet("export", "kasper", *words)
    assert result.exit_code == 2
    assert "Fanny" not in result.output
    assert list(workspace.glob("*.json")) == []
