"""One creator from `fleet add` to live by commands alone: real Terraform, functions and name servers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from fleet_tui.sandbox.emulator.process import Emulator
from tests.onboarding.name_servers import NameServer, all_in_one

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
ACCOUNT = "510000000001"
DOMAIN = "nele-nix.live"
STEPS = ("creator", "account", "backend", "mail", "infrastructure", "frontend", "dns", "live")


class Registrar:
    """The domain's name servers, as somebody enters them."""

    def __init__(self) -> None:
        self.servers: list[str] = []

    def answer(self, query: Any) -> Any:
        """One name server in every role."""
        return all_in_one(DOMAIN, self.servers or ["ns.nobody.example"], delegated=bool(self.servers))(query)


@contextmanager
def world(root: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[Emulator, Registrar]]:
    """An empty fleet with the real Terraform, functions and template, in an empty AWS."""
    registrar = Registrar()
    emulator = Emulator.start(root / "aws")
    try:
        with NameServer(registrar.answer) as server:
            (root / "creators").mkdir()
            for name in ("terraform", "lambdas", "frontend"):
                (root / name).symlink_to(ROOT / name)
            (root / "fleet.toml").write_text(
                'environment = "eight"\nworkspace = "."\ncache_dir = "cache"\nstate_dir = "state"\n'
                'emulated = true\nlambda_target = "host"\noperator = "ana@eight"\n'
                f'[dns]\nresolvers = ["127.0.0.1:{server.port}"]\nport = {server.port}\n'
            )
            for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE"):
                patch.delenv(name, raising=False)
            for name, value in {
                "AWS_ENDPOINT_URL": emulator.url,
                "AWS_ACCESS_KEY_ID": "999999999999",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "eu-central-1",
                "AWS_EC2_METADATA_DISABLED": "true",
                "FLEET_CONFIG": str(root / "fleet.toml"),
            }.items():
                patch.setenv(name, value)
            yield emulator, registrar
    finally:
        emulator.stop()


def fleet(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fleet_tui.cli.main", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)


def steps(*words: str) -> dict[str, dict[str, Any]]:
    """`fleet onboard nele-nix` with these words, by step."""
    ran = fleet("onboard", "nele-nix", "--json", *words)
    assert ran.returncode in (0, 1), ran.stderr
    found = json.loads(ran.stdout)
    assert ran.returncode == (0 if found["live"] else 1)
    return {step["name"]: step for step in found["steps"]}


def states(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: step["state"] for name, step in found.items()}


def test_a_creator_is_brought_live_by_commands_alone(tmp_path, monkeypatch):
    with world(tmp_path, monkeypatch) as (emulator, registrar):
        added = fleet(
            "add", "nele-nix", "Nele Nix", DOMAIN, "--account", ACCOUNT, "--budget", "150", "--yes",
            "--module", "s3-website", "--module", "ivs-streaming", "--module", "contact-form",
        )  # fmt: skip
        assert added.returncode == 0, added.stderr

        before = steps()
        assert states(before) == dict.fromkeys(STEPS, "to_do") | {"creator": "done", "account": "done"}
        assert [name for name, step in before.items() if step["doing"]] == ["backend", "mail"]

        # All that can be done is done: bucket, plan, apply, site, and AWS is asked for mail.
        first = steps("--run", "--yes")
        assert states(first) == {
            "creator": "done", "account": "done", "backend": "done", "mail": "waiting",
            "infrastructure": "done", "frontend": "done", "dns": "waiting", "live": "to_do",
        }  # fmt: skip
        assert first["mail"]["waiting_for"] == "AWS to grant production access"
        assert first["dns"]["waiting_for"] == "the name servers at the registrar"
        servers = [record["value"] for record in first["dns"]["records"] if record["type"] == "NS"]
        assert len(servers) == 4
        again = steps("--run", "--yes")
        assert states(again) == states(first)
        assert again["dns"]["since"] == first["dns"]["since"]

        # A person registers the domain, AWS grants, SES finds its records.
        registrar.servers = servers
        place = {"account": ACCOUNT, "region": "eu-central-1"}
        emulator.call("ses/production", place)
        emulator.call("ses/verify", {**place, "identity": DOMAIN})
        done = steps("--run", "--yes")
        assert states(done) == dict.fromkeys(STEPS, "done"), done
        assert {check["name"]: check["outcome"] for check in done["live"]["checks"]} == {
            "certificate": "skipped", "page": "ok", "redirect": "skipped", "API": "ok", "player": "skipped",
        }  # fmt: skip

        # Every operator sees the same, and nobody lists who is live.
        bucket = f"fleet-state-{ACCOUNT}-eu-central-1"
        s3 = boto3.client(
            "s3", region_name="eu-central-1", endpoint_url=emulator.url, aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
        )  # fmt: skip
        kept = json.loads(s3.get_object(Bucket=bucket, Key="fleet/onboarding.json")["Body"].read())
        assert kept["steps"]["live"]["state"] == "done"
        assert "everybody is live" in fleet("onboard").stdout
        assert fleet("check", "nele-nix").returncode == 0

        # What breaks later is seen by the check that cron makes.
        fault = {"account": ACCOUNT, "service": "execute-api", "operation": "*", "status": 500}
        emulator.call("faults/set", {**fault, "code": "InternalError", "message": "no"})
        broken = fleet("check", "nele-nix")
        assert broken.returncode == 1
        assert "GET /live: 500" in broken.stdout
