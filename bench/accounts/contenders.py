"""The ways to look at many accounts that are compared: per account ListStreams and three objects of S3."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

KEYS = ("fleet/terraform.tfstate", "fleet/terraform.tfstate.tflock", "fleet/record.json")
CALLS = 1 + len(KEYS)
REGION = "eu-central-1"

Look = Callable[[str], None]
"""Looks at one account, given its id."""


def account_ids(count: int) -> list[str]:
    """`count` different account ids."""
    return [f"{100_000_000_000 + number}" for number in range(count)]


def bucket(account_id: str) -> str:
    """The state bucket of an account."""
    return f"fleet-state-{account_id}-{REGION}"


def _look(ivs: Any, s3: Any, account_id: str) -> None:
    from botocore.exceptions import ClientError

    ivs.list_streams()
    for key in KEYS:
        try:
            s3.get_object(Bucket=bucket(account_id), Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise


def door(connections: int) -> Look:
    """Ours: roles taken on from the operator's credentials, clients shared by all accounts."""
    from fleet_tui.aws import AwsDoor
    from fleet_tui.registry.model import Access

    opened = AwsDoor(operator="bench", connections=connections)

    def look(account_id: str) -> None:
        access = Access(role_arn=f"arn:aws:iam::{account_id}:role/fleet")
        with opened.entered_as(access, REGION, account_id) as account:
            _look(account.client("ivs"), account.client("s3"), account_id)

    return look


def session_per_account(connections: int) -> Look:
    """What a script does: a boto3.Session and its clients for each account, its keys known already."""
    import boto3

    def look(account_id: str) -> None:
        session = boto3.Session(f"AKIA{account_id}", "secret", region_name=REGION)
        _look(session.client("ivs"), session.client("s3"), account_id)

    return look


def warm_client(connections: int) -> Look:
    """The floor: one boto3 client for each service, made before, always the same credentials."""
    import boto3
    from botocore.config import Config

    session = boto3.Session("AKIAWARM", "secret", region_name=REGION)
    config = Config(max_pool_connections=connections)
    ivs, s3 = session.client("ivs", config=config), session.client("s3", config=config)

    def look(account_id: str) -> None:
        _look(ivs, s3, account_id)

    return look


def cli_loop(connections: int) -> Look:
    """A loop over the AWS CLI, a process for each call."""

    def look(account_id: str) -> None:
        environment = os.environ | {"AWS_ACCESS_KEY_ID": f"AKIA{account_id}", "AWS_DEFAULT_REGION": REGION}
        commands = [["ivs", "list-streams"]]
        commands += [
            ["s3api", "get-object", "--bucket", bucket(account_id), "--key", key, os.devnull] for key in KEYS
        ]
        for command in commands:
            subprocess.run(["aws", *command], env=environment, capture_output=True, check=False)

    return look


CONTENDERS: dict[str, Callable[[int], Look]] = {
    "door": door,
    "session per account": session_per_account,
    "warm client": warm_client,
    "aws cli": cli_loop,
}


def rounds(name: str, accounts: int, threads: int, times: int) -> Iterator[dict[str, float | int | str]]:
    """Look at all accounts `times` times and give the figures of each round: seconds, calls a second."""
    started = time.perf_counter()
    look = CONTENDERS[name](threads)
    ids = account_ids(accounts)
    with ThreadPoolExecutor(1 if name == "aws cli" else threads) as pool:
        for number in range(times):
            began = started if number == 0 else time.perf_counter()
            cpu = time.process_time()
            list(pool.map(look, ids))
            wall = time.perf_counter() - began
            yield {
                "name": name,
                "round": number + 1,
                "accounts": accounts,
                "wall_s": wall,
                "cpu_s": time.process_time() - cpu,
                "calls_per_s": accounts * CALLS / wall,
            }


def main(name: str, accounts: int, threads: int, times: int) -> None:
    """Run one contender and print its rounds as JSON lines, the last with the peak memory in MB."""
    import resource

    for figures in rounds(name, accounts, threads, times):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(figures | {"peak_mb": peak}), flush=True)
