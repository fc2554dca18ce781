"""The Lambdas' packages: same input, same bytes, and what is in them runs."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fleet_tui.deploy import packages
from fleet_tui.deploy.packages import AWS_ARM64, HOST, Artifacts, build
from fleet_tui.problems import FleetError, ProblemKind
from tests.lambdas.functions import COMMON

LAMBDAS = Path(__file__).parents[2] / "lambdas"
MODULES = sorted(path.parent.name for path in LAMBDAS.glob("*/settings.py"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A lambdas folder with one module, and what must not be packed."""
    root = tmp_path / "lambdas"
    for name, text in {
        "requirements.txt": "dependency==1.0\n",
        "shared/__init__.py": "",
        "shared/api.py": "API = 1\n",
        "poll_box/__init__.py": "",
        "poll_box/handlers/vote.py": "from shared.api import API\n",
        "poll_box/table.json": "{}",
        "poll_box/.hidden": "x",
        "poll_box/__pycache__/table.cpython-311.pyc": "x",
        "shared/left_over.pyc": "x",
        "notes.txt": "not a module",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Stands in for pip: writes what it writes, and notes each call."""
    calls: list[Path] = []

    def install(requirements: Path, site: Path, target: Any) -> None:
        calls.append(site)
        for name, text in {
            "dependency/__init__.py": requirements.read_text(),
            "dependency/__pycache__/__init__.cpython-311.pyc": str(site),
            "dependency-1.0.dist-info/METADATA": "Version: 1.0",
            "dependency-1.0.dist-info/RECORD": str(site),
            "dependency-1.0.dist-info/INSTALLER": "pip",
            "dependency-1.0.dist-info/direct_url.json": str(site),
            "bin/dependency": f"#!{site}",
        }.items():
            path = site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    monkeypatch.setattr(packages, "_install", install)
    return calls


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_packed(root: Path, installed: list[Path], tmp_path: Path) -> None:
    made = build(root, tmp_path / "cache", AWS_ARM64)
    assert (made.runtime, made.architecture) == ("python3.12", "arm64")
    assert list(made.packages) == ["poll-box"]
    assert list(contents(made.packages["poll-box"])) == [
        "poll_box/__init__.py",
        "poll_box/handlers/vote.py",
        "poll_box/table.json",
        "shared/__init__.py",
        "shared/api.py",
    ]
    assert list(contents(made.layer)) == [
        "python/dependency-1.0.dist-info/METADATA",
        "python/dependency/__init__.py",
    ]


def test_neither_the_clock_nor_this_machine_is_in_a_package(
    root: Path, installed: list[Path], tmp_path: Path
) -> None:
    made = build(root, tmp_path / "cache", AWS_ARM64)
    for path in (made.layer, *made.packages.values()):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                assert entry.date_time == (1980, 1, 1, 0, 0, 0)
                assert (entry.create_system, entry.external_attr >> 16) == (3, 0o100644)
                assert entry.compress_type == zipfile.ZIP_STORED
        assert str(tmp_path).encode() not in path.read_bytes()


def test_the_same_input_gives_the_same_bytes_anywhere(
    root: Path, installed: list[Path], tmp_path: Path
) -> None:
    first = build(root, tmp_path / "one", AWS_ARM64)
    moved = root.rename(tmp_path / "elsewhere")
    for path in moved.rglob("*.py"):
        path.touch()
        path.chmod(0o700)
    second = build(moved, tmp_path / "two", AWS_ARM64)
    assert len(installed) == 2
    for one, other in (
        (first.layer, second.layer),
        (first.packages["poll-box"], second.packages["poll-box"]),
    ):
        assert one.name == other.name
        assert one.read_bytes() == other.read_bytes()


def test_nothing_is_done_twice(root: Path, installed: list[Path], tmp_path: Path) -> None:
    first = build(root, tmp_path / "cache", HOST)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()}
    assert build(root, tmp_path / "cache", HOST) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()} == times
    assert len(installed) == 1


def test_only_what_changed_is_made_again(root: Path, installed: list[Path], tmp_path: Path) -> None:
    first = build(root, tmp_path / "cache", HOST)
    (root / "shared/api.py").write_text("API = 2\n")
    second = build(root, tmp_path / "cache", HOST)
    assert second.layer == first.layer
    assert second.packages["poll-box"] != first.packages["poll-box"]
    assert first.packages["poll-box"].exists()
    (root / "requirements.txt").write_text("dependency==2.0\n")
    third = build(root, tmp_path / "cache", HOST)
    assert third.layer != first.layer
    assert third.packages == second.packages
    assert len(installed) == 2


def test_targets_have_layers_of_their_own_and_share_the_code(
    root: Path, installed: list[Path], tmp_path: Path
) -> None:
    aws, host = (build(root, tmp_path / "cache", target) for target in (AWS_ARM64, HOST))
    assert len(installed) == 2
    assert aws.packages == host.packages
    assert host.runtime == f"python3.{sys.version_info.minor}"


@pytest.mark.parametrize("damage", ["cut", "gone", "note"])
def test_a_damaged_cache_is_made_whole(
    root: Path, installed: list[Path], tmp_path: Path, damage: str
) -> None:
    made = build(root, tmp_path / "cache", HOST)
    whole = made.layer.read_bytes()
    if damage == "cut":
        made.layer.write_bytes(whole[:-10])
    elif damage == "gone":
        made.layer.unlink()
    else:
        for note in (tmp_path / "cache").glob("*.json"):
            note.write_text('["half a no')
    assert build(root, tmp_path / "cache", HOST) == made
    assert made.layer.read_bytes() == whole


def test_many_build_at_once(root: Path, installed: list[Path], tmp_path: Path) -> None:
    def one(_: int) -> Artifacts:
        return build(root, tmp_path / "cache", HOST)

    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(one, range(48)))
    assert all(artifacts == made[0] for artifacts in made)
    assert contents(made[0].layer)
    assert contents(made[0].packages["poll-box"])
    assert sorted(path.suffix for path in (tmp_path / "cache").iterdir()) == [
        ".json",
        ".json",
        ".zip",
        ".zip",
    ]


def test_a_failed_build_leaves_nothing(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(packages, "_zip", fail)
    monkeypatch.setattr(packages, "_install", lambda *_: None)
    with pytest.raises(OSError, match="disk full"):
        build(root, tmp_path / "cache", HOST)
    assert list((tmp_path / "cache").iterdir()) == []


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FleetError) as caught:
        build(tmp_path, tmp_path / "cache", HOST)
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION


def test_a_python_without_pip_is_told(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(FleetError) as caught:
        build(root, tmp_path / "cache", HOST)
    assert caught.value.problem.kind is ProblemKind.MISSING_TOOL
    assert "ensurepip" in caught.value.problem.hint


def test_an_index_that_does_not_answer_is_told_without_its_password(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://someone:hunter2@127.0.0.1:1/simple")
    with pytest.raises(FleetError) as caught:
        build(root, tmp_path / "cache", HOST)
    assert caught.value.problem.kind is ProblemKind.NETWORK
    assert "hunter2" not in caught.value.problem.model_dump_json()


def test_a_requirement_that_cannot_be_had_is_told(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(FleetError) as caught:
        build(root, tmp_path / "cache", AWS_ARM64)
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION
    assert "dependency==1.0" in caught.value.problem.what


def test_pips_last_error_is_told_without_addresses(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = (
        "ERROR: first\nERROR: 401 for url https://someone:hunter2@index.example/simple/dependency.\nnotice\n"
    )
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "", said))
    with pytest.raises(FleetError) as caught:
        build(root, tmp_path / "cache", HOST)
    assert caught.value.problem.what.endswith("401 for url <address>")


def test_pip_that_never_ends_is_told(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("pip", 600)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(FleetError) as caught:
        build(root, tmp_path / "cache", HOST)
    assert caught.value.problem.kind is ProblemKind.NETWORK


def test_the_requirements_are_pinned() -> None:
    lines = [
        line for line in (LAMBDAS / "requirements.txt").read_text().splitlines() if not line.startswith("#")
    ]
    assert lines
    assert all(line.count("==") == 1 and not set(line) & set("/ ;*<>@") for line in lines)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    return build(LAMBDAS, tmp_path_factory.mktemp("cache"), HOST)


# The others run in tests/lambdas/test_whole_creator.py.
@pytest.mark.parametrize("module", ["failover", "shop"])
def test_the_functions_run_from_the_packages_for_this_host(
    here: Artifacts, module: str, tmp_path: Path
) -> None:
    for path in (here.layer, here.packages[module.replace("_", "-")]):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "opt")
    program = f"""
import importlib, json, pkgutil, sys
sys.path[:0] = [{str(tmp_path / "opt/python")!r}, {str(tmp_path / "opt")!r}]
package = importlib.import_module("{module}.handlers")
names = [info.name for info in pkgutil.iter_modules(package.__path__)]
handlers = [importlib.import_module("{module}.handlers." + name) for name in names]
event = {{"version": "2.0", "rawPath": "/nowhere", "headers": {{}}, "requestContext":
         {{"http": {{"method": "GET", "path": "/nowhere"}}, "stage": "$default", "requestId": "r"}}}}
context = type("Context", (), dict.fromkeys(
    ["function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id"], "x"))
answers = [module.handler(event, context)["statusCode"] for module in handlers if hasattr(module, "api")]
import aws_lambda_powertools, pydantic, pydantic_core
modules = aws_lambda_powertools, pydantic, pydantic_core
print(json.dumps([answers, *(module.__file__ for module in modules)]))
"""
    sample = importlib.import_module(f"{module}.settings").SAMPLE
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        env={**COMMON, **sample},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers, *files = json.loads(done.stdout.splitlines()[-1])
    assert answers
    # The second region answers for what it does not have.
    assert set(answers) == {503 if module == "failover" else 404}
    assert all(file.startswith(str(tmp_path / "opt/python")) for file in files)


def test_the_layer_for_lambda_has_arm_code_and_fits(tmp_path: Path) -> None:
    made = build(LAMBDAS, tmp_path / "cache", AWS_ARM64)
    files = contents(made.layer)
    compiled = {name for name in files if ".so" in Path(name).name}
    assert "python/pydantic_core/_pydantic_core.cpython-312-aarch64-linux-gnu.so" in compiled
    for name in compiled:
        # ELF header: little-endian half-word at 18 is the machine, 183 is AArch64.
        assert files[name][:4] == b"\x7fELF", name
        assert int.from_bytes(files[name][18:20], "little") == 183, name
    assert not [name for name in files if "boto" in name]
    listed = {line.split("==")[0] for line in (LAMBDAS / "requirements.txt").read_text().splitlines()}
    needed = {
        re.split(r"[^\w.-]", line.removeprefix("Requires-Dist: "))[0].lower().replace("_", "-")
        for name, data in files.items()
        if name.endswith("/METADATA")
        for line in data.decode().splitlines()
        if line.startswith("Requires-Dist: ") and "extra ==" not in line
    }
    # Stripe's library takes any way to make requests, and the shop gives it the one that boto3 brings along.
    assert needed - {"requests"} <= listed
    assert len(needed) > 1
    # 250 MB is Lambda's limit for a function with its layers, unzipped; code comes from S3
    # (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
    assert sum(map(len, files.values())) < 100_000_000
