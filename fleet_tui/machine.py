"""What this machine has: cores and memory."""

from __future__ import annotations

import os
from pathlib import Path

RUN_MEGABYTES = 650
"""Memory of one Terraform run, nearly all of it in the AWS provider (measured with provider 5.100)."""

_MEMINFO = Path("/proc/meminfo")


def total_megabytes() -> int:
    """Memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


def free_megabytes() -> int:
    """Memory that can be had without pushing anything out; all of it where the system does not say."""
    try:
        lines = dict(line.split(":", 1) for line in _MEMINFO.read_text(encoding="ascii").splitlines())
        return int(lines["MemAvailable"].split()[0]) // 1024
    except (OSError, KeyError, ValueError):
        return total_megabytes()


def parallel_runs(cores: int, megabytes: int) -> int:
    """How many Terraform runs go on at once: three for two cores, in half of the memory, and at least one.

    Twelve plans on two cores took as long at three as at six at once, and longer at eight (measured).

    Args:
        cores: of the machine.
        megabytes: its memory.
    """
    return max(1, min(cores * 3 // 2, megabytes // 2 // RUN_MEGABYTES, 32))


def parallel_runs_here() -> int:
    """How many Terraform runs this machine is good for."""
    return parallel_runs(os.cpu_count() or 1, total_megabytes())
