from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path

import pytest

from fleet_tui.operations.model import Action
from fleet_tui.operations.showing import show
from fleet_tui.problems import FleetError

SECRET = "hunter2"
PLAN = {
    "resource_changes": [
        {
            "address": "aws_ssm_parameter.this",
            "mode": "managed",
            "type": "aws_ssm_parameter",
            "change": {
                "actions": ["update"],
                "before": {"value": "x"},
                "after": {"value": SECRET},
                "after_unknown": {},
            },
        }
    ]
}


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a program of this text in the place of Terraform."""

    def place(script: str) -> None:
        program = tmp_path / "bin" / "terraform"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return place


async def shown(folder: Path):
    return await show(folder / "plan.bin", root=folder, work=folder / "work", slug="kasper")


async def test_a_plan_is_read_without_credentials_and_leaves_nothing_behind(tmp_path, terraform, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the operator")
    monkeypatch.setenv("TF_LOG_PROVIDER", "TRACE")
    told = json.dumps(PLAN)
    terraform(f"env >{tmp_path}/seen; echo noise {SECRET} >&2; echo '{told}'")
    read = await shown(tmp_path)
    assert [(change.action, change.changed) for change in read.changes] == [(Action.UPDATE, ("value",))]
    seen = (tmp_path / "seen").read_text()
    assert "AWS_" not in seen
    assert "TF_LOG" not in seen
    files = [file for file in tmp_path.rglob("*") if file.is_file() and file.name != "terraform"]
    assert not any(SECRET in file.read_text() for file in files)


@pytest.mark.parametrize(
    "script", [f'echo \'{{"resource_changes": ["{SECRET}"]}}\'', f"echo {SECRET}", f"echo {SECRET}; exit 1"]
)
async def test_what_is_no_plan_is_refused_without_a_word_of_it(tmp_path, terraform, script):
    terraform(script)
    with pytest.raises(FleetError) as caught:
        await shown(tmp_path)
    assert "saved plan cannot be read" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_run_that_is_stopped_stops_it_with_its_children(tmp_path, terraform):
    fifo = tmp_path / "begun"
    os.mkfifo(fifo)
    # The child holds the other end of the pipe for as long as it lives.
    terraform(f"(exec 3>{fifo}; echo begun >&3; sleep 600) & wait")
    task = asyncio.create_task(shown(tmp_path))
    with await asyncio.to_thread(fifo.open) as begun:
        assert await asyncio.to_thread(begun.readline) == "begun\n"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(begun.read) == ""
