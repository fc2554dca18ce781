"""Plans of many creators: ours, against bare `terraform plan` by `xargs -P` at its best.

    python -m bench.plans [--creators 12] [--places 1,2,3,4,6] [--out FILE]

A fleet of small creators on the embedded AWS, each applied once. Then all of them are planned without a
change and with one: by the batch planner (one process a run, the account proved, the plan saved and read for
its risk), and by Terraform alone in the same work folders; where there is a change also with the `terraform
show -json` that its values are read from. Memory is what all processes of a way hold
together (PSS), CPU time what they have used, both looked at every tenth of a second.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fleet_tui.deploy.terraform_cli import terraform_environment
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import RunStatus
from fleet_tui.sandbox.emulator.process import Emulator
from tests.small_fleet import REGION, SmallFleet, ended, small_fleet

MARK = "FLEET_BENCH_WAY"
"""A variable in the environment of everything that a way starts, so that its processes are found."""

LOOK_SECONDS = 0.1
OUR_PLACES = (2, 3)  # as many as cores, and what is chosen without a setting


class Watch:
    """What all processes with a mark in their environment use: the most memory at once, in megabytes, and CPU
    time in seconds."""

    def __init__(self, mark: str) -> None:
        self._mark = f"{MARK}={mark}".encode()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._ticks: dict[str, int] = {}
        self.peak = 0.0

    @property
    def cpu_seconds(self) -> float:
        """Of all of them together, as far as it was seen."""
        return sum(self._ticks.values()) / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.peak = max(self.peak, sum(map(self._held, Path("/proc").glob("[0-9]*"))) / 1024)

    def _held(self, process: Path) -> int:
        try:
            if self._mark not in (process / "environ").read_bytes().split(b"\0"):
                return 0
            # The 12th and 13th field after the name, which is in brackets: its time as user and as system.
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            self._ticks[process.name] = int(fields[11]) + int(fields[12])
            for line in (process / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1])
        except OSError:  # it has just ended, or is somebody else's
            return 0
        return 0


def measured(mark: str, creators: int, act: Callable[[], None]) -> dict[str, float]:
    """Seconds, plans a minute, CPU time and the most memory of one way."""
    os.environ[MARK] = mark
    try:
        with Watch(mark) as used:
            begun = time.perf_counter()
            act()
            seconds = time.perf_counter() - begun
    finally:
        del os.environ[MARK]
    return {
        "seconds": round(seconds, 1),
        "plans_per_minute": round(creators / seconds * 60, 1),
        "cpu_seconds_per_plan": round(used.cpu_seconds / creators, 2),
        "peak_megabytes": round(used.peak),
    }


def ours(fleet: Fleet, slugs: list[str], *, empty: bool) -> None:
    """Plan all by the batch planner; every plan has to come out as it should."""
    batch = fleet.planning.start(slugs)
    while not fleet.planning.progress(fleet.planning.batch(batch.id)).finished:
        time.sleep(LOOK_SECONDS)
    runs = fleet.planning.find(fleet.planning.batch(batch.id).runs.values())
    if len(runs) != len(slugs) or any(run.plan is None or run.plan.empty != empty for run in runs):
        raise RuntimeError([run.problem for run in runs])


def bare(small: SmallFleet, places: int, *, code: int, show: bool = False) -> None:
    """Plan all by Terraform alone, as many at once as there are places, and read the values of each plan."""
    work = small.root / "cache" / "small" / "work"
    lines = [f"{account} {work / slug / 'creator' / 'root'}" for slug, account in small.accounts.items()]
    plan = (
        "AWS_ACCESS_KEY_ID=$1 terraform -chdir=$2 plan -input=false -no-color -detailed-exitcode "
        "-parallelism=30 -out=bare.bin >/dev/null 2>&1; test $? -eq " + str(code)
    )
    if show:
        plan += " && terraform -chdir=$2 show -json bare.bin >/dev/null 2>&1"
    environment = terraform_environment(
        {name: value for name, value in os.environ.items() if name != "AWS_ACCESS_KEY_ID"}
        | {"AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION},
        small.root / "cache" / "small" / "terraform",
    )
    subprocess.run(
        ["xargs", "-P", str(places), "-L", "1", "sh", "-c", plan, "plan"],
        input="\n".join(lines) + "\n",
        text=True,
        env=environment,
        check=True,
    )


def apply_all(fleet: Fleet, slugs: list[str]) -> None:
    """Bring every creator to where a plan finds nothing to do."""
    ours(fleet, slugs, empty=False)
    for plan in fleet.planning.plans(slugs):
        applied = ended(fleet, fleet.apply(plan.id))
        if applied.status is not RunStatus.SUCCEEDED:
            raise RuntimeError(applied.problem)


def main(arguments: list[str]) -> None:
    """Measure, and print or keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--creators", type=int, default=12)
    parser.add_argument("--places", default="1,2,3,4,6")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    places = [int(number) for number in chosen.places.split(",")]
    slugs = [f"creator-{number:02}" for number in range(chosen.creators)]
    figures: dict[str, object] = {"creators": chosen.creators, "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        emulator = Emulator.start(Path(folder) / "emulator")
        try:
            small = small_fleet(Path(folder) / "small", emulator, patch, *slugs)
            fleet = small.fleet()
            apply_all(fleet, slugs)
            fleet.stop()
            config = small.root / "fleet.toml"
            base = config.read_text()
            for name, empty in (("no_change", True), ("change", False)):
                if not empty:
                    for slug in slugs:
                        small.write(slug, change="another")
                way: dict[str, object] = {}
                # Ours goes first: it fills the work folders that Terraform then plans in.
                for number in OUR_PLACES:
                    config.write_text(f"{base}parallel_runs = {number}\n")
                    placed = small.fleet()
                    way[f"ours, {number} at once"] = measured(
                        "ours", len(slugs), partial(ours, placed, slugs, empty=empty)
                    )
                    placed.stop()
                for show in (False,) if empty else (False, True):
                    for number in places:
                        way[f"xargs -P {number}" + " with show" * show] = measured(
                            "bare",
                            len(slugs),
                            partial(bare, small, number, code=0 if empty else 2, show=show),
                        )
                figures[name] = way
        finally:
            emulator.stop()
    text = json.dumps(figures, indent=2) + "\n"
    if chosen.out:
        chosen.out.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
