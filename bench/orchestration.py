"""What our plan costs over a bare `terraform plan`, in the same folder, with nothing to change.

    python -m bench.orchestration [--times 7] [--out FILE]

A creator with a site alone and one with every module are applied to the embedded AWS. Then each is planned in
turn by us (a process of its own, the account proved, the state guarded, the plan saved and summed up), by
Terraform alone, as an operator starts it, and by Terraform alone with our setting of its garbage collection.
Times are of the wall and of the CPU of all processes together; memory is what Python holds beside Terraform.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from bench.module_page import MODULES
from bench.modules import SETTINGS
from fleet_tui.deploy.terraform_cli import terraform_environment
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import Run, RunStatus
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.settings import load_settings

ROOT = Path(__file__).parents[1]
REGION = "eu-central-1"
CREATORS = {"small": ("s3-website",), "large": MODULES}
"""Who is planned, and what they have."""

ACCOUNTS = {slug: f"2100000000{number:02}" for number, slug in enumerate(CREATORS, 1)}
LOOK_SECONDS = 0.2  # at the memory; the end is waited for


def workspace(folder: Path) -> None:
    """Lay out a workspace with the creators, of the checkout's Terraform and Lambdas."""
    folder.mkdir()
    for part in ("terraform", "lambdas"):
        (folder / part).symlink_to(ROOT / part)
    (folder / "fleet.toml").write_text(
        'environment = "bench"\nworkspace = "."\ncache_dir = "cache"\nstate_dir = "state"\n'
        'emulated = true\nlambda_target = "host"\noperator = "bench@bench"\n'
    )
    for slug, modules in CREATORS.items():
        content = {
            "name": slug.title(),
            "domain": f"{slug}.live",
            "account_id": ACCOUNTS[slug],
            "region": REGION,
            "contact": f"ops@{slug}.live",
            "monthly_budget": 100,
            "access": {"role_arn": f"arn:aws:iam::{ACCOUNTS[slug]}:role/FleetOperator"},
            "modules": {module: SETTINGS.get(module, {}) for module in modules},
        }
        file = folder / "creators" / slug / "creator.toml"
        file.parent.mkdir(parents=True)
        file.write_text(tomlkit.dumps(content))


def enter(emulator: Emulator, folder: Path) -> None:
    """Lead this process, and those that it starts, to the workspace and its AWS."""
    os.environ |= {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": "999999999999",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "FLEET_CONFIG": str(folder / "fleet.toml"),
    }


def ended(fleet: Fleet, run: Run) -> Run:
    """The run, once it has succeeded and its process, whose CPU counts, is gone."""
    for child in fleet._executor._children:
        child.wait()
    if (current := fleet.run(run.id)).status is not RunStatus.SUCCEEDED:
        sys.exit(f"{run.id}: {current.problem}")
    return current


class Held:
    """The most memory that a run's own process holds, in megabytes."""

    def __init__(self) -> None:
        self.megabytes = 0.0

    def look(self, pid: int) -> None:
        """Look at a process, which may have ended."""
        try:
            told = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        peak = next((line for line in told.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
        self.megabytes = max(self.megabytes, int(peak.split()[1]) / 1024)


def ours(fleet: Fleet, slug: str, held: Held) -> None:
    """One plan by us, until its journal says how it ended and its process has gone."""
    run = fleet.plan(slug)
    pids = [child.pid for child in fleet._executor._children]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            for pid in pids:
                held.look(pid)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        plan = ended(fleet, run).plan
    finally:
        over.set()
        watcher.join()
    if plan is None or not plan.empty:
        sys.exit(f"{run.id} has found something to change")


def bare(folder: Path, environment: Mapping[str, str]) -> None:
    """One plan by Terraform alone."""
    subprocess.run(
        ["terraform", "plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=bare.bin"],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        check=True,
    )


def timed(act: Callable[[], None]) -> tuple[float, float]:
    """Seconds of the wall, and of the CPU of all processes that were started and have ended."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    act()
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def spread(figures: list[float]) -> dict[str, float]:
    """Median, least and most."""
    return {
        "median": round(statistics.median(figures), 2),
        "least": round(min(figures), 2),
        "most": round(max(figures), 2),
    }


def measured(fleet: Fleet, slug: str, times: int) -> dict[str, Any]:
    """Figures of one creator, after a first plan and an apply."""
    made = ended(fleet, fleet.plan(slug, create_backend=True))
    ended(fleet, fleet.apply(made.id))
    ended(fleet, fleet.plan(slug))
    creator, settings, held = fleet.observatory.creator(slug), fleet.settings, Held()
    folder = settings.cache / "work" / slug / "creator" / "root"
    environment = terraform_environment(
        fleet._adapters.door.environment(creator), settings.cache / "terraform"
    )
    plain = {name: value for name, value in environment.items() if name != "GOGC"}  # as who types it has it
    ways = {
        "ours": lambda: ours(fleet, slug, held),
        "bare": lambda: bare(folder, plain),
        "bare_tuned": lambda: bare(folder, environment),
    }
    walls: dict[str, list[float]] = {name: [] for name in ways}
    cpus: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, act in ways.items():
            wall, cpu = timed(act)
            walls[name].append(wall)
            cpus[name].append(cpu)
    return {
        "modules": len(CREATORS[slug]),
        "seconds": {name: spread(figures) for name, figures in walls.items()},
        "cpu_seconds": {name: spread(figures) for name, figures in cpus.items()},
        "overhead_percent": {
            f"{what}_over_{name}": round(
                100 * (statistics.median(kind["ours"]) / statistics.median(kind[name]) - 1), 1
            )
            for what, kind in (("seconds", walls), ("cpu_seconds", cpus))
            for name in ("bare", "bare_tuned")
        },
        "megabytes_of_the_run_process": round(held.megabytes),
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.orchestration")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fleet-orchestration-") as name:
        emulator = Emulator.start(Path(name) / "aws")
        try:
            workspace(Path(name) / "workspace")
            enter(emulator, Path(name) / "workspace")
            fleet = Fleet(load_settings())
            figures = {slug: measured(fleet, slug, chosen.times) for slug in CREATORS}
            fleet.stop()
        finally:
            emulator.stop()
    text = json.dumps({"cores": os.cpu_count(), "times": chosen.times, **figures}, indent=2) + "\n"
    sys.stdout.write(text)
    if chosen.out:
        chosen.out.write_text(text)


if __name__ == "__main__":
    main()
