"""A creator with every module, applied by the real Terraform to an embedded AWS."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests.auth import AuthBase

from fleet_tui.deploy.packages import Artifacts
from fleet_tui.deploy.variables import artifact_variables
from fleet_tui.registry.modules import Modules
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.members import tokens
from tests.lambdas.packed import packed
from tests.terraform.terraform_program import SOURCE, Terraform, environment, program

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION = "111122223333", "eu-central-1"
OPERATOR, STATES = "999999999999", "states"  # whose bucket keeps Terraform's state, apart from the creator
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
    **{f"enable_{module}": True for module in Modules.model_fields},
    "ivs_streaming": {"authorized_playback": True, "playback_tier": "queen"},  # it has a route of its own
    "sponsor_system": {
        "rates": {"top": 12_000, "bottom": 8_000, "left": 5_000, "right": 5_000, "creator": 0}
    },
    "membership": {
        "tiers": [
            {"id": "bee", "name": "Bee", "price": 500, "benefits": []},
            {"id": "queen", "name": "Queen", "price": 1500, "benefits": ["A badge"]},
        ]
    },
    "newsletter": {"imprint": "Kasper Kast, Honigweg 1, 10115 Berlin"},
}


class Signature(AuthBase):
    """The signature of an operator of `account`, for requests that reach the API of `host`."""

    def __init__(
        self, host: str, *, account: str = ACCOUNT, region: str = REGION, service: str = "execute-api"
    ):
        self._host = host
        self._scope = (Credentials(account, "test"), service, region)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url = f"https://{self._host}{request.path_url}"
        signed = AWSRequest(request.method, url, data=request.body or b"", headers={"Host": self._host})
        SigV4Auth(*self._scope).add_auth(signed)
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
        terraform: what made it, in `creator`.
    """

    url: str
    host: str
    outputs: Mapping[str, Any]
    artifacts: Artifacts
    terraform: Terraform

    def client(self, service: str) -> Any:
        """A boto3 client in the creator's account."""
        return _client(self.url, service, ACCOUNT)

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


def _client(url: str, service: str, account: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )


@contextmanager
def whole_site(folder: Path) -> Iterator[Site]:
    """Apply everything, and stop the embedded AWS at the end. Skips where Terraform is not installed.

    It takes a minute or more: the provider waits for every bucket's lifecycle rules to settle.

    Args:
        folder: an empty one, for everything that is written.
    """
    artifacts = packed()
    emulator = Emulator.start(folder / "aws")
    try:
        place = {"LocationConstraint": REGION}
        states = _client(emulator.url, "s3", OPERATOR)
        states.create_bucket(Bucket=STATES, CreateBucketConfiguration=place)
        terraform = terraform_of(folder, emulator.url, artifacts)
        done(terraform, "apply", "-auto-approve", "-parallelism=30", "-input=false")
        outputs = json.loads(done(terraform, "output", "-json"))
        values = {name: output["value"] for name, output in outputs.items()}
        host = f"{values['api_id']}.execute-api.{REGION}.amazonaws.com"
        yield Site(emulator.url, host, values, artifacts, terraform)
    finally:
        emulator.stop()


def terraform_of(folder: Path, endpoint: str, artifacts: Artifacts, **changes: Any) -> Terraform:
    """Terraform with a copy of the tree, initialised. Skips where it is not installed.

    Args:
        folder: where the copy goes.
        endpoint: of the embedded AWS.
        artifacts: what the functions are made of.
        changes: variables that are not as in `VARIABLES`; the credentials are those of `account_id`.
    """
    tree = folder / "tree"
    shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns(".terraform", ".terraform.lock.hcl"))
    variables = {**VARIABLES, **changes}
    credentials = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": variables["account_id"],
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    terraform = Terraform(program(), tree, {**environment(folder), **credentials})
    configure(terraform, artifacts, **changes)
    # A state on this machine would be written anew, as a whole, after each of a thousand changes.
    state = {
        "bucket": STATES,
        "key": f"{variables['slug']}.tfstate",
        "region": REGION,
        "use_path_style": "true",
    }
    own = {"access_key": OPERATOR, "secret_key": "test", "skip_metadata_api_check": "true"}
    arguments = [f"-backend-config={name}={value}" for name, value in {**state, **own}.items()]
    done(terraform, "init", "-input=false", *arguments)
    return terraform


def configure(terraform: Terraform, artifacts: Artifacts, **changes: Any) -> None:
    """Write the variables of the next run: `VARIABLES` with these changes."""
    variables = {**VARIABLES, **artifact_variables(**artifacts.model_dump()), **changes}
    (terraform.tree / "creator/terraform.tfvars.json").write_text(json.dumps(variables, default=str))


def done(terraform: Terraform, *arguments: str) -> str:
    """What Terraform printed in `creator`; a failure fails the test with all that it said."""
    result = terraform.run("creator", *arguments, "-no-color")
    assert result.returncode == 0, f"{arguments[0]}\n{result.stdout}{result.stderr}"
    return result.stdout
