"""A creator with every module that has functions, applied by the real Terraform to an embedded AWS."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests.auth import AuthBase

from fleet_tui.deploy.packages import Artifacts
from fleet_tui.deploy.variables import artifact_variables
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.members import tokens
from tests.lambdas.packed import packed
from tests.terraform.terraform_program import SOURCE, Terraform, cli_configuration

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION = "111122223333", "eu-central-1"
GROUPS = ("admin", "moderator", "member")
VARIABLES = {
    "slug": "kasper",
    "name": "Kasper Kast",
    "domain": "kasper.live",
    "account_id": ACCOUNT,
    "region": REGION,
    "contact": "ops@kasper.live",
    "monthly_budget": 150,
    "configuration_digest": "5f2c",
    "emulated": True,
    "ivs_streaming": {"authorized_playback": True},  # it has a route of its own
    "sponsor_system": {
        "rates": {"top": 12_000, "bottom": 8_000, "left": 5_000, "right": 5_000, "creator": 0}
    },
}


class Signature(AuthBase):
    """An operator's signature, for requests that reach the API of `host`."""

    def __init__(self, host: str) -> None:
        self._host = host

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url = f"https://{self._host}{request.path_url}"
        signed = AWSRequest(request.method, url, data=request.body or b"", headers={"Host": self._host})
        SigV4Auth(Credentials(ACCOUNT, "test"), "execute-api", REGION).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        return request


class Bearer(AuthBase):
    """A member's access token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@dataclass(frozen=True)
class Site:
    """What was made.

    Attributes:
        url: of the embedded AWS.
        host: of the HTTP API; requests to `url` that carry it as their Host reach the API.
        outputs: of Terraform's root module.
        artifacts: the zips that the functions were made of.
    """

    url: str
    host: str
    outputs: Mapping[str, Any]
    artifacts: Artifacts

    def client(self, service: str) -> Any:
        """A boto3 client in the creator's account."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
        )

    def credentials(self, security: Sequence[Mapping[str, Any]]) -> AuthBase | None:
        """What a request carries to a route with these security requirements of OpenAPI.

        For a route of members that is the token of a new person who is in every group.
        """
        schemes = {name for requirement in security for name in requirement}
        if "operator" in schemes:
            return Signature(self.host)
        if "member" in schemes:
            pool, client = self.outputs["user_pool_id"], self.outputs["user_pool_client_id"]
            return Bearer(tokens(self.url, REGION, ACCOUNT, pool, client, groups=GROUPS))
        return None


@contextmanager
def whole_site(folder: Path) -> Iterator[Site]:
    """Apply everything, and stop the embedded AWS at the end. Skips where Terraform is not installed.

    It takes a minute or more: the provider waits for every bucket's lifecycle rules to settle.

    Args:
        folder: an empty one, for everything that is written.
    """
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("Terraform is not installed (https://developer.hashicorp.com/terraform/install)")
    artifacts = packed()
    emulator = Emulator.start(folder / "aws")
    try:
        outputs = _apply(_terraform(program, folder, emulator.url), artifacts)
        host = f"{outputs['api_id']}.execute-api.{REGION}.amazonaws.com"
        yield Site(emulator.url, host, outputs, artifacts)
    finally:
        emulator.stop()


def _terraform(program: str, folder: Path, endpoint: str) -> Terraform:
    configuration = folder / "cli.tfrc"
    configuration.write_text(cli_configuration(folder))
    tree = folder / "tree"
    shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns(".terraform", ".terraform.lock.hcl"))
    (tree / "creator/backend.tf").unlink()  # its state stays on this machine
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))}
    own = {
        "TF_CLI_CONFIG_FILE": str(configuration),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return Terraform(program, tree, {**inherited, **own})


def _apply(terraform: Terraform, artifacts: Artifacts) -> dict[str, Any]:
    """Switch on every module that brings functions; the outputs of the root module."""
    switches = {f"enable_{module.replace('-', '_')}": True for module in artifacts.packages}
    packed = artifact_variables(**artifacts.model_dump())
    variables = terraform.tree / "creator/terraform.tfvars.json"
    variables.write_text(json.dumps({**VARIABLES, **switches, **packed}, default=str))
    for step in (["init"], ["apply", "-auto-approve", "-parallelism=30"]):
        done = terraform.run("creator", *step, "-input=false", "-no-color")
        assert done.returncode == 0, f"{step[0]}\n{done.stdout}{done.stderr}"
    outputs = json.loads(terraform.run("creator", "output", "-json").stdout)
    return {name: output["value"] for name, output in outputs.items()}
