"""Small Lambda functions and HTTP APIs for the tests."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROLE_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def zipped(**modules: str) -> bytes:
    """A zip with these modules; `path__name` becomes `path/name.py`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, source in modules.items():
            # A fixed time, or the same modules make other bytes two seconds later.
            entry = zipfile.ZipInfo(f"{name.replace('__', '/')}.py", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, textwrap.dedent(source))
    return content.getvalue()


def make_function(client, name, source, layers=(), environment=None):
    """Create a function with `handler` in `source`; returns its ARN."""
    role = client("iam").create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=ROLE_TRUST)["Role"][
        "Arn"
    ]
    made = client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": zipped(app=source)},
        Layers=list(layers),
        Environment={"Variables": environment or {}},
    )
    return made["FunctionArn"]


def make_api(client, function_arn, routes):
    """An HTTP API on a function; `routes`: route key → authorisation. Returns it as AWS shows it."""
    gateway = client("apigatewayv2")
    api = gateway.create_api(Name="bookings", ProtocolType="HTTP")
    integration = gateway.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri=function_arn,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    for key, authorisation in routes.items():
        gateway.create_route(
            ApiId=api["ApiId"],
            RouteKey=key,
            Target=f"integrations/{integration}",
            AuthorizationType=authorisation,
        )
    gateway.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    return gateway.get_api(ApiId=api["ApiId"])


def call_api(emulator, api, method, path, body=None, *, keys=None, region="eu-central-1"):
    """Call an API as a client with an endpoint override does: at the emulator, with AWS' own Host.

    Args:
        emulator: where it runs.
        api: what `make_api` gave.
        method: HTTP verb.
        path: with its query.
        body: sent as JSON, or None.
        keys: `(access key, secret, token)` to sign with, or None.
        region: to sign for.
    """
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if content else {}
    if keys:
        request = AWSRequest(method, api["ApiEndpoint"] + path, data=content, headers=headers)
        SigV4Auth(Credentials(*keys), "execute-api", region).add_auth(request)
        headers = dict(request.headers)
    headers["Host"] = api["ApiEndpoint"].removeprefix("https://")
    return httpx.request(method, emulator.url + path, content=content, headers=headers, trust_env=False)
