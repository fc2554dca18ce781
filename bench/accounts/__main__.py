"""Looking at a thousand accounts: our door against what a script would do, and against the floor.

    python -m bench.accounts [--accounts 1000] [--threads 16] [--delay-ms 0] [--out FILE]

Everything is local: a small server in a process of its own answers for the accounts, and each contender
runs in a process of its own. Contenders are the door (its roles are assumed in the first round), the same
calls on boto3 clients that were made once (the floor), a boto3.Session with clients for each account in the
same number of threads, and, where the AWS CLI is installed, a loop over it. The slow ones run over fewer
accounts and are extrapolated; the table says so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.accounts import contenders


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.accounts")
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument(
        "--rounds", type=int, default=4, help="of the door and of the floor; the rest runs once"
    )
    parser.add_argument(
        "--delay-ms", type=float, default=0.0, help="how long the server holds each answer back"
    )
    parser.add_argument("--sessions", type=int, default=200, help="accounts with a session of their own")
    parser.add_argument("--cli", type=int, default=3, help="accounts for the AWS CLI; 0: leave it out")
    parser.add_argument("--out", type=Path, help="where to write the figures as JSON")
    parser.add_argument("--only", choices=list(contenders.CONTENDERS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.only:
        contenders.main(chosen.only, chosen.accounts, chosen.threads, chosen.rounds)
        return

    server = subprocess.Popen(
        [sys.executable, "-m", "bench.accounts.server", "--delay-ms", str(chosen.delay_ms)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        endpoint = f"http://127.0.0.1:{int(server.stdout.readline())}"
        sample = min(chosen.sessions, chosen.accounts)
        figures = {
            "door": _run("door", chosen.accounts, chosen.rounds, chosen, endpoint),
            "warm client": _run("warm client", chosen.accounts, chosen.rounds, chosen, endpoint),
            "session per account": _run("session per account", sample, 1, chosen, endpoint),
        }
        if chosen.cli and shutil.which("aws"):
            figures["aws cli"] = _run("aws cli", chosen.cli, 1, chosen, endpoint)
    finally:
        server.terminate()
        server.wait()
    report = _report(figures, chosen)
    print(_table(report))
    if chosen.out:
        chosen.out.write_text(json.dumps(report, indent=2) + "\n")


def _run(
    name: str, accounts: int, rounds: int, chosen: argparse.Namespace, endpoint: str
) -> list[dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIABENCH",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [sys.executable, "-m", "bench.accounts", "--only", name, "--accounts", str(accounts)]
    command += ["--threads", str(chosen.threads), "--rounds", str(rounds)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _report(figures: dict[str, list[dict[str, Any]]], chosen: argparse.Namespace) -> dict[str, Any]:
    def typical(name: str) -> float:
        later = figures[name][1:] or figures[name]
        return statistics.median(float(round_["wall_s"]) for round_ in later)

    def extrapolated(name: str) -> float:
        return float(figures[name][0]["wall_s"]) / int(figures[name][0]["accounts"]) * int(chosen.accounts)

    seconds = {
        "door, first look": figures["door"][0]["wall_s"],
        "door, next looks": typical("door"),
        "warm client (floor)": typical("warm client"),
        "session per account": extrapolated("session per account"),
    }
    if "aws cli" in figures:
        seconds["aws cli"] = extrapolated("aws cli")
    return {
        "accounts": chosen.accounts,
        "calls_per_account": contenders.CALLS,
        "threads": chosen.threads,
        "delay_ms": chosen.delay_ms,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "extrapolated_from": {
            name: rounds[0]["accounts"]
            for name, rounds in figures.items()
            if rounds[0]["accounts"] != chosen.accounts
        },
        "seconds": seconds,
        "times_the_next_looks": {
            name: value / seconds["door, next looks"] for name, value in seconds.items()
        },
        "peak_mb": {name: rounds[-1]["peak_mb"] for name, rounds in figures.items() if name != "aws cli"},
        "rounds": figures,
    }


def _table(report: dict[str, Any]) -> str:
    lines = [
        "{accounts} accounts × {calls_per_account} calls, {threads} threads, {delay_ms:g} ms held back, "
        "{cores} cores, Python {python}".format_map(report),
        f"{'':24}{'seconds':>10}{'calls/s':>10}{'× door':>10}",
    ]
    calls = report["accounts"] * report["calls_per_account"]
    for name, seconds in report["seconds"].items():
        ratio = report["times_the_next_looks"][name]
        lines.append(f"{name:24}{seconds:>10.1f}{calls / seconds:>10.0f}{ratio:>10.2f}")
    memory = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in report["peak_mb"].items())
    lines.append(f"peak memory, MB: {memory}")
    for name, accounts in report["extrapolated_from"].items():
        lines.append(f"{name}: measured over {accounts} accounts, extrapolated to {report['accounts']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
