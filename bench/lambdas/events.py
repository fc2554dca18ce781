"""Events that functions could get."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import jwt
from hypothesis import HealthCheck, Phase, given, settings
from requests.auth import AuthBase

from tests.lambdas.made_up import described
from tests.lambdas.whole_site import ACCOUNT, ROOT, Bearer, Signature, Site

SCHEDULED = {
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "time": "2026-05-20T12:00:00Z",
    "resources": [],
    "detail": {},
}
_PERSON = {
    "userName": "0b6f0d3c-0000-4000-8000-000000000000",
    "request": {
        "userAttributes": {"sub": "0b6f0d3c-0000-4000-8000-000000000000", "email": "ana@example.com"},
        "codeParameter": "{####}",
        "usernameParameter": None,
    },
    "response": {},
}
POOL_TRIGGERS = {
    "CustomMessage": {**_PERSON, "triggerSource": "CustomMessage_SignUp"},
    "PostConfirmation": {**_PERSON, "triggerSource": "PostConfirmation_ConfirmSignUp"},
}
"""Events of a user pool, by the name of the trigger in its settings."""

_TRIES = 20
_ID = "0123456789abc"
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def matching(pattern: dict[str, Any]) -> dict[str, Any]:
    """The barest event that a pattern of EventBridge lets through."""
    return {
        name: matching(wanted) if isinstance(wanted, dict) else wanted[0]
        for name, wanted in pattern.items()
        if isinstance(wanted, dict) or not isinstance(wanted[0], dict)
    }


def request_to(site: Site, module: str, route: str) -> dict[str, Any]:
    """An event of the HTTP API, payload format 2.0, with a request that follows the route's description."""
    method, _, path = route.partition(" ")
    document = json.loads((ROOT / f"docs/api/{module}.json").read_text())
    operation = document["paths"][path][method.lower()]
    credentials = site.credentials(operation.get("security", ()))
    case = _made_up(site, described(document)[path][method.lower()], credentials)
    parameters = dict.fromkeys(case.path_parameters or {}, _ID)
    query = {name: str(value) for name, value in (case.query or {}).items()}
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path.format(**parameters),
        "rawQueryString": urlencode(query),
        "headers": {"content-type": "application/json", "user-agent": _BROWSER},
        "pathParameters": parameters,
        "requestContext": {
            "accountId": ACCOUNT,
            "http": {
                "method": method,
                "path": path.format(**parameters),
                "sourceIp": "203.0.113.77",
                "userAgent": _BROWSER,
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "stage": "$default",
            "timeEpoch": int(time.time() * 1000),
            "authorizer": _authorizer(credentials),
        },
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = query
    if "requestBody" in operation:
        event["body"] = json.dumps(case.body)
    return event


def _authorizer(credentials: AuthBase | None) -> dict[str, Any]:
    """What API Gateway says of the caller."""
    if isinstance(credentials, Signature):
        return {
            "iam": {"accountId": ACCOUNT, "userArn": f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/bench"}
        }
    if isinstance(credentials, Bearer):
        claims = jwt.decode(credentials.token, options={"verify_signature": False})
        text = {
            name: f"[{' '.join(value)}]" if isinstance(value, list) else str(value)
            for name, value in claims.items()
        }
        return {"jwt": {"claims": text}}
    return {}


def _made_up(site: Site, operation: Any, credentials: AuthBase | None) -> Any:
    """A request that follows the operation's description, one that is accepted if any of those made up is."""
    chosen: list[Any] = []

    @settings(
        max_examples=_TRIES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def choose(case: Any) -> None:
        if not (chosen and chosen[-1][0]):
            answer = case.call(site.url, headers={"Host": site.host}, auth=credentials)
            chosen.append((answer.status_code < 300, case))

    choose()
    return chosen[-1][1]
