"""A fleet of small creators on the embedded AWS, worked on by the real engine and the real Terraform.

The root module is `small_root`: a few resources that are made in a moment, so that what is tried is the way
there and not the waiting.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from fleet_tui.deploy.variables import BACKEND_STATE_KEY, STATE_KEY
from fleet_tui.fleet import Fleet
from fleet_tui.operations.model import Run
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.settings import load_settings

SMALL_ROOT = Path(__file__).parent / "small_root"
SOURCES = Path(__file__).parents[1] / "terraform"
OPERATOR = "999999999999"
REGION = "eu-central-1"
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class SmallFleet:
    """A workspace whose creators live in the emulator.

    Args:
        root: workspace, cache and journals.
        emulator: their AWS.
        accounts: account ids by slug.
    """

    root: Path
    emulator: Emulator
    accounts: Mapping[str, str]

    def fleet(self) -> Fleet:
        """The fleet as a console sees it; every call is a console of its own."""
        return Fleet(load_settings())

    def write(self, slug: str, *, wave: str = "general", **tags: str) -> None:
        """Write a creator's file; tags say what there is (see `small_root`)."""
        lines = [
            f'name = "{slug.title()}"',
            f'domain = "{slug}.live"',
            f'account_id = "{self.accounts[slug]}"',
            f'region = "{REGION}"',
            f'contact = "{slug}@{slug}.live"',
            f'wave = "{wave}"',
            "monthly_budget = 50",
            "[access]",
            f'role_arn = "arn:aws:iam::{self.accounts[slug]}:role/FleetOperator"',
            "[tags]",
            *(f"{name} = {json.dumps(value)}" for name, value in tags.items()),
        ]
        folder = self.root / "creators" / slug
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "creator.toml").write_text("\n".join(lines) + "\n")

    def client(self, service: str, slug: str) -> Any:
        """A client of boto3's own in the creator's account, past all of our code."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.emulator.url,
            aws_access_key_id=self.accounts[slug],
            aws_secret_access_key="test",
        )

    def make_bucket(self, slug: str) -> None:
        """The state bucket, versioned, as if `terraform/backend` had made it long ago."""
        s3, bucket = self.client("s3", slug), self.bucket(slug)
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket=bucket, Key=BACKEND_STATE_KEY, Body=b"{}")

    def remove_bucket(self, slug: str) -> None:
        """As if the creator had never been worked on."""
        s3, bucket = self.client("s3", slug), self.bucket(slug)
        for version in s3.list_object_versions(Bucket=bucket)["Versions"]:
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        s3.delete_bucket(Bucket=bucket)

    def bucket(self, slug: str) -> str:
        return f"fleet-state-{self.accounts[slug]}-{REGION}"

    def state(self, slug: str) -> dict[str, Any]:
        """The creator's state as it is in the bucket; empty where there is none."""
        s3 = self.client("s3", slug)
        try:
            found = s3.get_object(Bucket=self.bucket(slug), Key=STATE_KEY)
        except s3.exceptions.NoSuchKey:
            return {}
        content: dict[str, Any] = json.loads(found["Body"].read())
        return content

    def write_state(self, slug: str, state: Mapping[str, Any]) -> None:
        """Put a state into the bucket, past Terraform."""
        body = json.dumps(state).encode()
        self.client("s3", slug).put_object(Bucket=self.bucket(slug), Key=STATE_KEY, Body=body)

    def leave_open(self, slug: str) -> None:
        """Have the record say that the last run failed."""
        s3, place = self.client("s3", slug), {"Bucket": self.bucket(slug), "Key": "fleet/record.json"}
        record = json.loads(s3.get_object(**place)["Body"].read())
        record["last_run"] |= {"outcome": "failed", "summary": "killed by a test"}
        s3.put_object(**place, Body=json.dumps(record).encode())

    def parameters(self, slug: str) -> dict[str, str]:
        """What the creator's account has of parameters, by name."""
        pages = self.client("ssm", slug).get_paginator("get_parameters_by_path").paginate(Path=f"/{slug}")
        return {found["Name"]: found["Value"] for page in pages for found in page["Parameters"]}


def ended(fleet: Fleet, run: Run, seconds: float = 120) -> Run:
    """The run once it has ended; its journal is on this disk, so it is looked at again and again."""
    deadline = time.monotonic() + seconds
    while not (current := fleet.run(run.id)).finished:
        assert time.monotonic() < deadline, f"{run.id} has not ended: {current.last_text}"
        time.sleep(_LOOK_SECONDS)
    return current


def small_fleet(root: Path, emulator: Emulator, patch: pytest.MonkeyPatch, *slugs: str) -> SmallFleet:
    """A fleet with these creators and their state buckets; `patch` leads this process to it.

    Args:
        root: an empty folder.
        emulator: a running one; accounts in it belong to this fleet.
        patch: of the environment, undone by whoever made it.
        slugs: the creators', at most 99.
    """
    (root / "terraform").mkdir(parents=True)
    shutil.copytree(SMALL_ROOT, root / "terraform" / "creator")
    shutil.copytree(SOURCES / "backend", root / "terraform" / "backend")
    (root / "terraform" / "modules").mkdir()
    (root / "lambdas" / "nothing").mkdir(parents=True)
    (root / "lambdas" / "nothing" / "__init__.py").touch()
    (root / "lambdas" / "requirements.txt").touch()
    (root / "fleet.toml").write_text(
        'environment = "small"\nworkspace = "."\ncache_dir = "cache"\nstate_dir = "state"\n'
        'emulated = true\nlambda_target = "host"\noperator = "ana@small"\n'
    )
    made = SmallFleet(
        root, emulator, {slug: f"4000000000{number:02}" for number, slug in enumerate(slugs, 1)}
    )
    for name in (
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_CONFIG_FILE",
        "FLEET_READ_ONLY",
    ):
        patch.delenv(name, raising=False)
    for name, value in {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": OPERATOR,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "FLEET_CONFIG": str(root / "fleet.toml"),
    }.items():
        patch.setenv(name, value)
    for slug in slugs:
        made.write(slug)
        made.make_bucket(slug)
    return made
