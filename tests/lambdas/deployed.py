"""A module's packed functions behind an HTTP API of the embedded AWS, with the least that they need."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.functions import COMMON
from tests.lambdas.packed import packed

OWNER, STRANGER = "100000000001", "100000000002"
REGION = "eu-central-1"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_AUTHORIZATION = {"public": "NONE", "operator": "AWS_IAM"}
_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}


def client(url: str, service: str, account: str = OWNER) -> Any:
    """A client of the embedded AWS."""
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
    )


def all_at_once(task: Callable[[Any], Any], subjects: Sequence[Any], threads: int) -> list[Any]:
    """Run the task for every subject in threads of which the first ones begin together."""
    gate = Barrier(threads)

    def run(index: int) -> Any:
        if index < threads:
            gate.wait(timeout=60)
        return task(subjects[index])

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(len(subjects))))


def eventually(look: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What `look` sees as soon as that is something."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
    return seen


@dataclass(frozen=True)
class Deployed:
    """A module of one account, as its clients see it; `functions` are ARNs by name."""

    emulator: Emulator
    api_id: str
    functions: Mapping[str, str]

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        signer: str | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Call the API: signed with the key of the account `signer`, with a member's token, or as anyone."""
        host = f"{self.api_id}.execute-api.{REGION}.amazonaws.com"
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Host": host, "Content-Type": "application/json", "User-Agent": BROWSER, **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if signer:
            request = AWSRequest(method, f"https://{host}{path}", data=content, headers={"Host": host})
            SigV4Auth(Credentials(signer, "secret"), "execute-api", REGION).add_auth(request)
            sent.update(request.headers.items())
        with httpx.Client(base_url=self.emulator.url, timeout=60, trust_env=False) as http:
            return http.request(method, path, content=content, headers={**sent, **(headers or {})})

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function as AWS does it in the background, and wait for its end."""
        answer = client(self.emulator.url, "lambda").invoke(
            FunctionName=self.functions[function], Payload=json.dumps(event).encode()
        )
        result = json.loads(answer["Payload"].read() or b"null")
        assert "FunctionError" not in answer, result
        return result


def deploy(
    emulator: Emulator,
    module: str,
    functions: Mapping[str, Mapping[str, str]],
    environment: Mapping[str, str],
    jwt: Mapping[str, str] | None = None,
    *,
    slug: str = "",
) -> Deployed:
    """What Terraform makes of a module.

    Args:
        emulator: where.
        module: Python package of the module.
        functions: routes of each function by its name: route key → who may call it.
        environment: what the functions are told, besides what all are.
        jwt: issuer and client of the user pool whose members may call.
        slug: the functions are called as Terraform calls them for this creator, and not by their names alone.
    """
    artifacts = packed()
    lambdas, gateway, roles = (client(emulator.url, name) for name in ("lambda", "apigatewayv2", "iam"))
    role = roles.create_role(
        RoleName=module, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
    )["Role"]["Arn"]
    layer = lambdas.publish_layer_version(
        LayerName="libraries", Content={"ZipFile": artifacts.layer.read_bytes()}
    )["LayerVersionArn"]
    own = {name: value for name, value in COMMON.items() if not name.startswith("AWS_")}
    members = {"MEMBERS_ISSUER": jwt["issuer"], "MEMBERS_CLIENT_ID": jwt["client_id"]} if jwt else {}
    api = gateway.create_api(Name=module, ProtocolType="HTTP")["ApiId"]
    authorizer = {}
    if jwt:
        authorizer["AuthorizerId"] = gateway.create_authorizer(
            ApiId=api,
            Name="members",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": jwt["issuer"], "Audience": [jwt["client_id"]]},
        )["AuthorizerId"]
    arns = {}
    for name, routes in functions.items():
        arns[name] = lambdas.create_function(
            FunctionName=f"{slug}-{name.replace('_', '-')}" if slug else name,
            Runtime=artifacts.runtime,
            Architectures=[artifacts.architecture],
            Role=role,
            Handler=f"{module}.handlers.{name}.handler",
            Code={"ZipFile": artifacts.packages[module.replace("_", "-")].read_bytes()},
            Layers=[layer],
            Timeout=30,
            MemorySize=256,
            Environment={"Variables": {**own, "OPERATOR_ACCOUNT_ID": OWNER, **members, **environment}},
        )["FunctionArn"]
        if not routes:
            continue
        integration = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arns[name], PayloadFormatVersion="2.0"
        )["IntegrationId"]
        for route, by in routes.items():
            authorization = _AUTHORIZATION.get(by, "JWT")
            gateway.create_route(
                ApiId=api,
                RouteKey=route,
                Target=f"integrations/{integration}",
                AuthorizationType=authorization,
                **(authorizer if authorization == "JWT" else {}),
            )
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return Deployed(emulator, api, arns)
