"""The one SIGINT that Terraform gets, upon which it saves its state and lets go of its lock.

A second one makes it give up without that. So none is sent to one that was told already, whoever asks for it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from fleet_tui.operations.outputs import outputs_of
from fleet_tui.operations.sign import terraform_of

STOPPING = "Interrupt received"
"""What Terraform says when it was told to stop, by SIGINT or SIGTERM."""


def interrupt(folder: Path, pid: int | None = None) -> bool:
    """Tell the Terraform that works for a run to stop, unless it was told already.

    Args:
        folder: the run's.
        pid: its process, where that is known: it may not have given its sign of life yet.

    Returns:
        Whether there is one.
    """
    pid = pid or terraform_of(folder)
    if pid is None:
        return False
    try:
        (folder / f"interrupted.{pid}").touch(exist_ok=False)
    except FileExistsError:
        return True
    if not _says_so(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
    return True


def _says_so(folder: Path) -> bool:
    """Whether somebody else has told it: at its end a machine sends SIGTERM to every process."""
    outputs = outputs_of(folder)
    return bool(outputs) and STOPPING.encode() in outputs[-1].read_bytes()
