"""The process of a Terraform command: its output, its sign of life, its one SIGINT."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet_tui.operations import beginning
from fleet_tui.operations.interrupting import STOPPING
from fleet_tui.operations.outputs import output_name
from fleet_tui.operations.process import TerraformProcess
from fleet_tui.operations.sign import SIGN, terraform_of

OUTPUT = output_name(1, "apply")

# Says something, waits until somebody writes into the pipe, and says something more.
WAITING = 'echo first; read -r _ < "$1"; echo last'


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def until(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def said(folder: Path) -> str:
    file = folder / OUTPUT
    return file.read_text() if file.exists() else ""


async def run(process: TerraformProcess, folder: Path, script: str, *words: str) -> tuple[int, list[str]]:
    lines: list[str] = []
    code = await process.run(
        ["/bin/sh", "-c", script, "sh", *words],
        cwd=folder,
        env=os.environ,
        output=folder / OUTPUT,
        on_line=lines.append,
    )
    return code, lines


async def test_every_line_is_told_and_kept(tmp_path):
    code, lines = await run(
        TerraformProcess(tmp_path), tmp_path, "echo one; echo two >&2; printf three; exit 3"
    )
    assert (code, lines) == (3, ["one", "two", "three"])
    assert said(tmp_path) == "one\ntwo\nthree"


async def test_its_sign_of_life_is_there_while_it_works_and_no_longer(tmp_path, pipe):
    process = TerraformProcess(tmp_path)
    running = asyncio.create_task(run(process, tmp_path, WAITING, str(pipe)))
    while terraform_of(tmp_path) is None:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(pipe.write_text, "go on\n")
    assert await running == (0, ["first", "last"])
    assert terraform_of(tmp_path) is None


async def test_its_children_do_not_hold_its_sign_of_life(tmp_path):
    code, (child,) = await run(TerraformProcess(tmp_path), tmp_path, "sleep 60 >/dev/null 2>&1 & echo $!")
    try:
        assert code == 0
        assert terraform_of(tmp_path) is None
    finally:
        os.kill(int(child), signal.SIGKILL)


async def test_an_interrupt_reaches_it_once(tmp_path, pipe):
    process = TerraformProcess(tmp_path)
    running = asyncio.create_task(
        run(process, tmp_path, 'exec "$1" -c "$2" "$3"', sys.executable, _COUNTING, str(pipe))
    )
    while "ready" not in said(tmp_path):
        await asyncio.sleep(0.01)
    assert process.interrupt()
    while "interrupted" not in said(tmp_path):
        await asyncio.sleep(0.01)
    assert process.interrupt()
    await asyncio.to_thread(pipe.write_text, "go on\n")
    assert await running == (0, ["ready", "interrupted", "last"])
    assert process.interrupted


async def test_nor_does_another_process_send_a_second_one(tmp_path, pipe):
    process = TerraformProcess(tmp_path)
    running = asyncio.create_task(
        run(process, tmp_path, 'exec "$1" -c "$2" "$3"', sys.executable, _COUNTING, str(pipe))
    )
    while "ready" not in said(tmp_path):
        await asyncio.sleep(0.01)
    assert TerraformProcess(tmp_path).interrupt()  # of the run's process before this one, or of a console
    while "interrupted" not in said(tmp_path):
        await asyncio.sleep(0.01)
    assert process.interrupt()
    assert TerraformProcess(tmp_path).interrupt()
    await asyncio.to_thread(pipe.write_text, "go on\n")
    assert await running == (0, ["ready", "interrupted", "last"])


async def test_what_the_end_of_the_machine_has_stopped_is_not_interrupted_as_well(tmp_path, pipe):
    process = TerraformProcess(tmp_path)
    running = asyncio.create_task(
        run(process, tmp_path, 'exec "$1" -c "$2" "$3"', sys.executable, _COUNTING, str(pipe))
    )
    while "ready" not in said(tmp_path):
        await asyncio.sleep(0.01)
    os.kill(terraform_of(tmp_path), signal.SIGTERM)
    while STOPPING not in said(tmp_path):
        await asyncio.sleep(0.01)
    assert process.interrupt()
    await asyncio.to_thread(pipe.write_text, "go on\n")
    assert await running == (0, ["ready", STOPPING, "last"])
    assert process.interrupted


async def test_a_terminal_that_hangs_up_does_not_end_it(tmp_path, pipe):
    running = asyncio.create_task(run(TerraformProcess(tmp_path), tmp_path, WAITING, str(pipe)))
    while "first" not in said(tmp_path):
        await asyncio.sleep(0.01)
    os.kill(terraform_of(tmp_path), signal.SIGHUP)
    await asyncio.to_thread(pipe.write_text, "go on\n")
    assert await running == (0, ["first", "last"])


async def test_what_a_signal_ended_leaves_nobody_behind(tmp_path):
    script = "sleep 60 >/dev/null 2>&1 & echo $!; kill -9 $$"
    code, (child,) = await run(TerraformProcess(tmp_path), tmp_path, script)
    assert code == -signal.SIGKILL

    def gone() -> bool:
        stat = Path(f"/proc/{child}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"

    until(gone)


async def test_it_is_waited_for_even_when_its_lines_cannot_be_told(tmp_path, pipe):
    process = TerraformProcess(tmp_path)

    def refuse(line: str) -> None:
        raise OSError("no space left on device")

    running = asyncio.create_task(
        process.run(
            ["/bin/sh", "-c", WAITING, "sh", str(pipe)],
            cwd=tmp_path,
            env=os.environ,
            output=tmp_path / "output",
            on_line=refuse,
        )
    )
    while terraform_of(tmp_path) is None:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(pipe.write_text, "go on\n")
    with pytest.raises(OSError, match="no space"):
        await running
    assert terraform_of(tmp_path) is None


def test_it_goes_on_without_the_process_that_began_it_and_can_be_followed(tmp_path, pipe):
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path), WAITING, str(pipe)], cwd=Path(__file__).parents[2]
    )
    output = tmp_path / "output"
    until(lambda: output.exists() and "first" in output.read_text())
    parent.kill()
    parent.wait()
    assert terraform_of(tmp_path) is not None

    lines: list[str] = []

    async def follow() -> None:
        following = asyncio.create_task(TerraformProcess(tmp_path).follow(output, lines.append))
        await asyncio.to_thread(pipe.write_text, "go on\n")
        await following

    asyncio.run(follow())
    assert lines == ["first", "last"]
    assert terraform_of(tmp_path) is None


def test_nothing_is_begun_for_a_process_that_is_gone(tmp_path):
    nobody = 2**22 + 1  # above any process id
    words = [
        sys.executable,
        "-I",
        "-S",
        beginning.__file__,
        str(tmp_path / SIGN),
        str(nobody),
        "/bin/echo",
        "x",
    ]
    done = subprocess.run(words, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


_PARENT = """
import asyncio, os, sys
from pathlib import Path
from fleet_tui.operations.process import TerraformProcess
folder, script, pipe = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
asyncio.run(TerraformProcess(folder).run(
    ["/bin/sh", "-c", script, "sh", pipe], cwd=folder, env=os.environ,
    output=folder / "output", on_line=lambda line: None,
))
"""

_COUNTING = """
import signal, sys
signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
signal.signal(signal.SIGTERM, lambda *_: print("Interrupt received", flush=True))
print("ready", flush=True)
open(sys.argv[1]).read()
print("last")
"""
