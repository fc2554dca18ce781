"""The functions' packages for this machine, packed once for all tests and kept until something changes."""

from __future__ import annotations

import fcntl
from functools import cache
from pathlib import Path

from fleet_tui.deploy.packages import HOST, Artifacts, build

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".pytest_cache/packages"


@cache
def packed() -> Artifacts:
    """The artifacts; processes that want them at once wait for the one that packs."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return build(ROOT / "lambdas", KEPT, HOST)
