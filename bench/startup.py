"""How long a cached headless command takes more than a bare interpreter.

    python -m bench.startup [--times 20] [--out FILE]

The fleet it shows has a thousand creators, looked at once.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.model import Facet
from fleet_tui.observatory.store import Store
from fleet_tui.streams.model import StreamHealth, StreamStatus

CREATOR = """name = "Creator {number}"
domain = "creator-{number}.example.com"
account_id = "{account:012d}"
region = "eu-central-1"
contact = "c{number}@example.com"
monthly_budget = 100
"""


def make_fleet(folder: Path, size: int) -> None:
    """A workspace with `size` creators who have been looked at."""
    for number in range(size):
        place = folder / "creators" / f"creator-{number}"
        place.mkdir(parents=True)
        (place / "creator.toml").write_text(CREATOR.format(number=number, account=2 * 10**11 + number))
    (folder / "fleet.toml").write_text('environment = "bench"\ncache_dir = "cache"\nstate_dir = "state"\n')
    store = Store(folder / "cache" / "bench" / "seen.sqlite3")
    now = datetime.now(UTC)
    deploy = DeployState(status=DeployStatus.UP_TO_DATE, serial=1, resources=96)
    stream = StreamHealth(status=StreamStatus.OFFLINE)
    slugs = [f"creator-{number}" for number in range(size)]
    store.keep([(slug, Facet.DEPLOY, now, deploy) for slug in slugs])
    store.keep([(slug, Facet.STREAM, now, stream) for slug in slugs])
    store.close()


def measure(words: list[str], cwd: Path, times: int) -> list[float]:
    """Milliseconds of each run of a command."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FLEET_")}
    figures = []
    for _ in range(times):
        begun = time.perf_counter()
        subprocess.run(
            words, cwd=cwd, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        figures.append((time.perf_counter() - begun) * 1000)
    return figures


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.startup")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    results = {
        "bare interpreter": statistics.median(
            measure([sys.executable, "-c", "pass"], Path.cwd(), chosen.times)
        )
    }
    for size in (12, 1000):
        with tempfile.TemporaryDirectory() as name:
            make_fleet(Path(name), size)
            words = [sys.executable, "-m", "fleet_tui.cli.main", "status", "--cached"]
            results[f"fleet status --cached, {size} creators"] = statistics.median(
                measure(words, Path(name), chosen.times)
            )
    for name, figure in results.items():
        print(f"{name:42}{figure:8.0f} ms")
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
