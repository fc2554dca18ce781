"""The module with an HTTP API, applied by the real Terraform to an embedded AWS."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fleet_tui.deploy.packages import Artifacts
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas import members
from tests.lambdas.packed import packed
from tests.terraform.terraform_program import SOURCE, Terraform, environment, program

ROOT = Path(__file__).parents[3]
ACCOUNT, REGION = "100000000001", "eu-central-1"
PASSWORD = "correct horse battery"

# What the creator's root module makes around this one, without the buckets and queues that take a minute.
_ROOT_MODULE = """
variable "code" {}

provider "aws" {
  region                  = "eu-central-1"
  skip_metadata_api_check = true
}

module "http_api" {
  source = "../modules/http-api"

  name            = "kasper"
  cors_origins    = ["https://kasper.live"]
  has_members     = true
  members         = { issuer = module.user_auth.issuer, client_id = module.user_auth.client_id }
  route_throttles = module.user_auth.route_throttles
}

module "user_auth" {
  source = "../modules/user-auth"

  slug         = "kasper"
  settings     = { self_sign_up = true, mfa = "optional" }
  branding     = { primary = "#c0392b", accent = "#2b2d42", background = "#fffaf0" }
  site_origins = ["https://kasper.live", "https://www.kasper.live"]
  creator = {
    slug       = "kasper"
    name       = "Kasper & Kast"
    domain     = "kasper.live"
    account_id = "100000000001"
    language   = "en"
  }
  api = {
    id            = module.http_api.api_id
    execution_arn = module.http_api.execution_arn
    authorizer_id = module.http_api.authorizer_id
  }
  code         = var.code
  failures_arn = "arn:aws:sqs:eu-central-1:100000000001:kasper-failures"
  protect_data = false
}

output "api_id" { value = module.http_api.api_id }
output "pool" { value = module.user_auth.user_pool_id }
output "client" { value = module.user_auth.client_id }
"""


@dataclass(frozen=True)
class Deployed:
    """A creator's members, as the site, operators and Cognito's own callers see them."""

    emulator: Emulator
    outputs: dict[str, str]

    @cached_property
    def browser(self) -> Any:
        """Cognito's public API."""
        return members.browser_of(self.emulator.url, REGION)

    @property
    def client(self) -> str:
        """Id of the site's app client."""
        return self.outputs["client"]

    def aws(self, service: str) -> Any:
        """A client in the creator's account."""
        return _client(self.emulator.url, service)

    def sign_in(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        """Tokens of a person."""
        return members.sign_in(self.emulator.url, REGION, self.outputs["pool"], self.client, email, password)

    def member(self, *groups: str, email: str | None = None) -> str:
        """The access token of a new person in these groups."""
        pool = self.outputs["pool"]
        return members.tokens(
            self.emulator.url, REGION, ACCOUNT, pool, self.client, groups=groups, email=email
        )

    def mail(self, to: str) -> dict[str, Any]:
        """The e-mail that somebody got last."""
        found: dict[str, Any] = self.emulator.call("mails", {"account": ACCOUNT, "to": to})["mails"][-1]
        return found

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        signer: str | None = None,
        authorization: str | None = None,
    ) -> httpx.Response:
        """Call the HTTP API with a member's token, an operator's account, any header, or nothing."""
        host = f"{self.outputs['api_id']}.execute-api.{REGION}.amazonaws.com"
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Host": host, "Content-Type": "application/json"}
        if authorization or token:
            headers["Authorization"] = authorization or f"Bearer {token}"
        if signer:
            request = AWSRequest(method, f"https://{host}{path}", data=content, headers={"Host": host})
            SigV4Auth(Credentials(signer, "secret"), "execute-api", REGION).add_auth(request)
            headers.update(request.headers.items())
        with httpx.Client(base_url=self.emulator.url, timeout=60, trust_env=False) as http:
            return http.request(method, path, content=content, headers=headers)

    def speak(self, language: str) -> None:
        """Let the creator have another language, without Terraform, which takes its time."""
        functions, name = self.aws("lambda"), "kasper-custom-message"
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**variables, "CREATOR_LANGUAGE": language}}
        )


@contextmanager
def deployed(folder: Path) -> Iterator[Deployed]:
    """Apply the module. Skips where Terraform is not installed.

    Args:
        folder: an empty one, for everything that is written.
    """
    artifacts = packed()
    emulator = Emulator.start(folder / "aws")
    try:
        terraform = _terraform(folder, emulator.url, _code(emulator.url, artifacts))
        _done(terraform, "init")
        _done(terraform, "apply", "-auto-approve", "-parallelism=30")
        outputs = json.loads(terraform.run("creator", "output", "-json").stdout)
        yield Deployed(emulator, {name: found["value"] for name, found in outputs.items()})
    finally:
        emulator.stop()


def _terraform(folder: Path, endpoint: str, code: dict[str, str]) -> Terraform:
    tree = folder / "tree"
    for module in ("http-api", "lambda-functions", "user-auth"):
        shutil.copytree(
            SOURCE / "modules" / module,
            tree / "modules" / module,
            ignore=shutil.ignore_patterns(".terraform", ".terraform.lock.hcl"),
        )
    (tree / "creator").mkdir()
    shutil.copy(SOURCE / "creator/versions.tf", tree / "creator")
    (tree / "creator/main.tf").write_text(_ROOT_MODULE)
    (tree / "creator/terraform.tfvars.json").write_text(json.dumps({"code": code}))
    own = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return Terraform(program(), tree, {**environment(folder), **own})


def _code(url: str, artifacts: Artifacts) -> dict[str, str]:
    """Bring the code to where functions take it from."""
    s3, functions = _client(url, "s3"), _client(url, "lambda")
    s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
    package = artifacts.packages["user-auth"]
    s3.put_object(Bucket="code", Key=package.name, Body=package.read_bytes())
    layer = functions.publish_layer_version(
        LayerName="libraries", Content={"ZipFile": artifacts.layer.read_bytes()}
    )
    return {
        "bucket": "code",
        "key": package.name,
        "hash": package.stem,
        "layer_arn": layer["LayerVersionArn"],
        "runtime": artifacts.runtime,
        "architecture": artifacts.architecture,
    }


def _client(url: str, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="secret",
    )


def _done(terraform: Terraform, *arguments: str) -> None:
    done = terraform.run("creator", *arguments, "-input=false", "-no-color")
    assert done.returncode == 0, f"{arguments[0]}\n{done.stdout}{done.stderr}"


def words_of(html: str) -> str:
    """What a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
