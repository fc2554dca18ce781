"""A creator with two regions: the second answers with the same data when the first one fails.

It takes writes once an operator says so, and gives them back.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from inventory import Subject, everything_in
from terraform_program import SOURCE, Terraform

from fleet_tui.deploy.variables import artifact_variables
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.packed import packed
from tests.lambdas.whole_site import Signature

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]

ACCOUNT, HOME, SECOND = "111122223333", "eu-central-1", "eu-west-1"
FORM = {"name": "Beate", "email": "beate@honey.example", "subject": "Honey", "message": "Which one was that?"}


@dataclass(frozen=True)
class TwoRegions:
    """The APIs of both regions; `outputs` are those of Terraform's root module."""

    emulator: Emulator
    outputs: dict[str, Any]

    def call(self, region: str, method: str, path: str, body: Any = None, *, signed: bool = False) -> Any:
        """What the API of a region answers."""
        endpoint = self.outputs["api_endpoint" if region == HOME else "standby_api_endpoint"]
        host = endpoint.removeprefix("https://")
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method,
                self.emulator.url + path,
                json=body,
                headers={"Host": host, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"},
                auth=Signature(host, region=region) if signed else None,
                timeout=60,
            )

    def write(self, region: str) -> int:
        """The status that a visitor's message is answered with."""
        return int(self.call(region, "POST", "/contact", FORM).status_code)

    def waiting(self, region: str) -> int:
        """How many messages wait, as an operator reads it."""
        answer = self.call(region, "GET", "/contact/undelivered", signed=True)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["waiting"])

    def healthy(self, region: str) -> bool:
        """What Route 53 would make of the region."""
        return bool(self.call(region, "GET", "/health").status_code == 200)

    def switch(self, to: str, *, by: str) -> None:
        """Name the region that takes writes, in the table's replica of the region `by`."""
        dynamodb = boto3.client(
            "dynamodb",
            region_name=by,
            endpoint_url=self.emulator.url,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
        )
        item = {"pk": {"S": "REGION"}, "sk": {"S": "ACTIVE"}, "region": {"S": to}}
        dynamodb.put_item(TableName=self.outputs["switch_table"], Item=item)


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    running = Emulator.start(tmp_path / "aws")
    yield running
    running.stop()


@pytest.fixture
def program(terraform: Terraform, emulator: Emulator, tmp_path: Path) -> Terraform:
    """Terraform on a copy of the tree, with a state of its own."""
    tree = tmp_path / "tree"
    shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns(".terraform", ".terraform.lock.hcl"))
    (tree / "creator/backend.tf").unlink()
    artifacts = packed()
    variables = {
        "slug": "kasper",
        "name": "Kasper",
        "domain": "kasper.live",
        "account_id": ACCOUNT,
        "region": HOME,
        "contact": "ops@example.com",
        "monthly_budget": 150,
        "configuration_digest": "5f2c",
        "emulated": True,
        "enable_contact_form": True,
        "enable_failover": True,
        "failover": {"region": SECOND},
        "encryption": {"own_key": True},
        **artifact_variables(
            runtime=artifacts.runtime,
            architecture=artifacts.architecture,
            layer=artifacts.layer,
            packages=artifacts.packages,
        ),
    }
    (tree / "creator/terraform.tfvars.json").write_text(json.dumps(variables))
    credentials = {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return replace(terraform, tree=tree, environment={**terraform.environment, **credentials})


def _done(terraform: Terraform, *arguments: str) -> str:
    done = terraform.run("creator", *arguments)
    assert done.returncode == 0, f"{arguments[0]}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_second_region_takes_over_and_gives_back(program: Terraform, emulator: Emulator) -> None:
    _done(program, "init", "-input=false", "-no-color")
    _done(program, "apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=30")
    _done(program, "plan", "-detailed-exitcode", "-input=false", "-no-color")
    shown = json.loads(_done(program, "output", "-json"))
    site = TwoRegions(emulator, {name: output["value"] for name, output in shown.items()})

    assert site.write(HOME) == 202
    assert (site.waiting(HOME), site.waiting(SECOND)) == (1, 1)
    assert (site.healthy(HOME), site.healthy(SECOND)) == (True, False)
    assert site.write(SECOND) == 503

    fault = {"account": ACCOUNT, "service": "dynamodb", "operation": "*", "region": HOME}
    emulator.call("faults/set", {**fault, "status": 503, "code": "ServiceUnavailable"})
    assert not site.healthy(HOME)
    assert site.waiting(SECOND) == 1
    assert site.write(SECOND) == 503
    site.switch(SECOND, by=SECOND)
    assert site.healthy(SECOND)
    assert site.write(SECOND) == 202

    emulator.call("faults/clear", fault)
    assert not site.healthy(HOME)
    assert site.write(HOME) == 503
    assert (site.waiting(HOME), site.waiting(SECOND)) == (2, 2)
    site.switch(HOME, by=SECOND)
    assert (site.healthy(HOME), site.healthy(SECOND)) == (True, False)
    assert (site.write(HOME), site.write(SECOND)) == (202, 503)

    _done(program, "destroy", "-auto-approve", "-input=false", "-no-color", "-parallelism=30")
    for region in (HOME, SECOND):
        assert everything_in(emulator.url, Subject("kasper", ACCOUNT, region)) == {}
