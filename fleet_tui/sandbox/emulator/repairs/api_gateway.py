"""HTTP APIs.

Upstream:
- data-plane calls are looked up in the caller's account only, so that nobody without credentials reaches an
  API outside the default account, and callers of another account are told that there is no such API;
- `apiEndpoint` contains the emulator's own host and port, which then end up in Terraform state and are wrong
  after the next start; AWS' own host name is not understood as a Host header;
- a route with AWS_IAM accepts any Authorization header, of any account;
- `/health`, `/login` and their like are answered by ministack itself, also when they are asked of an API;
- taking one route's settings from a stage (DeleteRouteSettings) deletes the stage;
- JWT authorisers are given a payload version, which AWS does not have for them (eternal drift);
- JWT authorisers let in Cognito's refresh tokens, which are no JWT at AWS but are one here, and tokens that
  never expire; they ask the emulator itself for a pool's keys over a connection, which a busy machine may
  keep waiting until the caller is refused.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from ministack import app as ministack
from ministack.core.iam_evaluator import find_iam_access_key_account
from ministack.core.responses import _account_from_sts_session, get_region
from ministack.services import apigateway, cognito

from fleet_tui.sandbox.emulator.faults import faults
from fleet_tui.sandbox.emulator.registration import wrap
from fleet_tui.sandbox.emulator.wire import Handler, Headers, Query, Response, ServiceError, json_error

HOST = re.compile(r"^([a-z0-9]{8,32})\.execute-api\.(?:localhost|[a-z0-9-]+\.amazonaws\.com)(?::\d+)?$")
"""Host header of an HTTP API: AWS' own form, and ministack's."""

_SIGNATURE = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=([^/,]+)/\d{8}/([^/]+)/([^/]+)/aws4_request\b.*Signature=[0-9a-f]{64}"
)
JWKS_PATH = "/.well-known/jwks.json"

_ROUTE_SETTINGS = re.compile(r"^/v2/apis/(?P<api>[^/]+)/stages/(?P<stage>[^/]+)/routesettings/(?P<route>.+)$")
_ACCOUNT = re.compile(r"^\d{12}$")


def forbidden() -> Response:
    """What AWS answers to a caller whom an AWS_IAM route does not let in."""
    return 403, {"Content-Type": "application/json"}, b'{"message":"Forbidden"}'


def find_api_scope(api_id: str) -> tuple[str, str] | None:
    """Account and region that own an API, wherever it is."""
    for (account, region, known), _ in apigateway._apis.all_items():
        if known == api_id:
            return account, region
    return None


def caller_account(key: str) -> str | None:
    """The account an access key belongs to: the key itself, a session of a role, or an IAM user's key."""
    if _ACCOUNT.match(key):
        return key
    account: str | None = _account_from_sts_session(key) or find_iam_access_key_account(key)
    return account


def may_invoke(authorization: str, account: str, region: str) -> bool:
    """Whether a signature opens an AWS_IAM route: of the API's own account, for its region and this service.

    The signature itself is not computed again: the secrets of accounts are anybody's guess here. A caller of
    another account would need a resource policy, which HTTP APIs do not have.
    """
    match = _SIGNATURE.match(authorization)
    if match is None or match.group(2, 3) != (region, "execute-api"):
        return False
    return caller_account(match.group(1)) == account


def _use_aws_endpoints() -> None:
    create = apigateway._create_api

    def create_api(data: dict[str, object]) -> Response:
        status, headers, body = create(data)
        if status >= 300:
            return status, headers, body
        shown = json.loads(body)
        scheme = "wss" if shown["protocolType"] == "WEBSOCKET" else "https"
        endpoint = f"{scheme}://{shown['apiId']}.execute-api.{get_region()}.amazonaws.com"
        apigateway._apis[shown["apiId"]]["apiEndpoint"] = shown["apiEndpoint"] = endpoint
        return status, headers, json.dumps(shown).encode()

    apigateway._create_api = create_api
    ministack._EXECUTE_API_RE = HOST


def _guard_iam_routes() -> None:
    execute = apigateway.handle_execute

    async def handle_execute(
        api_id: str, stage: str, path: str, method: str, headers: Headers, body: bytes, query: Query,
        raw_query_string: str | None = None,
    ) -> Response:  # fmt: skip
        scope = find_api_scope(api_id)
        if scope is not None:
            fault: ServiceError | None = faults.find(scope[0], "execute-api", "Invoke", scope[1])
            if fault:
                return json_error(fault)
            iam = apigateway.route_authorization_type(api_id, stage, method, path) == "AWS_IAM"
            if iam and method != "OPTIONS" and not may_invoke(headers.get("authorization", ""), *scope):
                return forbidden()
        answer: Response = await execute(api_id, stage, path, method, headers, body, query, raw_query_string)
        return answer

    apigateway.handle_execute = handle_execute


def _leave_paths_to_apis() -> None:
    handle = ministack._handle_pre_body_request

    async def pre_body(
        method: str, path: str, headers: Headers, query: Query, request_id: str
    ) -> Response | None:
        if HOST.match(headers.get("host", "")):
            return None
        answer: Response | None = await handle(method, path, headers, query, request_id)
        return answer

    ministack._handle_pre_body_request = pre_body
    shortcuts = ministack._handle_post_body_shortcuts

    async def post_body(
        method: str, path: str, headers: Headers, body: bytes, query: Query, request_id: str
    ) -> Response | None:
        if HOST.match(headers.get("host", "")):
            return None
        answer: Response | None = await shortcuts(method, path, headers, body, query, request_id)
        return answer

    ministack._handle_post_body_shortcuts = post_body


async def _no_payload_version(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    status, answer_headers, answer = await inner(method, path, headers, body, query)
    if "/authorizers" not in path or status >= 300 or not answer:
        return status, answer_headers, answer
    shown = json.loads(answer)
    for authorizer in shown.get("items", [shown]):
        if authorizer.get("authorizerType") == "JWT":
            authorizer.pop("authorizerPayloadFormatVersion", None)
    return status, answer_headers, json.dumps(shown).encode()


async def _delete_route_settings(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    asked = _ROUTE_SETTINGS.match(path) if method == "DELETE" else None
    if asked is None:
        answer: Response = await inner(method, path, headers, body, query)
        return answer
    stage = apigateway._stages.get(asked["api"], {}).get(unquote(asked["stage"]))
    if stage is None or stage["routeSettings"].pop(unquote(asked["route"]), None) is None:
        return json_error(ServiceError(404, "NotFoundException", "Unable to find the route settings"))
    return 204, {}, b""


def _refuse_what_is_no_bearer_token() -> None:
    validate = apigateway._validate_jwt_authorizer

    async def validate_jwt(
        route: dict[str, Any], authorizer: dict[str, Any], headers: Headers, query: Query
    ) -> tuple[dict[str, Any] | None, list[str] | None, Response | None]:
        claims, scopes, refusal = await validate(route, authorizer, headers, query)
        if refusal is None and ("exp" not in claims or claims.get("token_use") == "refresh"):
            return None, None, apigateway._jwt_unauthorized()
        return claims, scopes, refusal

    apigateway._validate_jwt_authorizer = validate_jwt


def _take_keys_from_the_pool() -> None:
    fetch = apigateway._fetch_jwks

    async def fetch_jwks(url: str) -> dict[str, Any]:
        pool = url.removesuffix(JWKS_PATH).rsplit("/", 1)[-1]
        if any(known == pool for (_, _, known), _ in cognito._user_pools.all_items()):
            own: dict[str, Any] = json.loads(cognito.well_known_jwks(pool)[2])
            return own
        keys: dict[str, Any] = await fetch(url)
        return keys

    apigateway._fetch_jwks = fetch_jwks


def install() -> None:
    """Put the repair in place."""
    apigateway.find_api_scope = find_api_scope
    _use_aws_endpoints()
    _guard_iam_routes()
    _refuse_what_is_no_bearer_token()
    _take_keys_from_the_pool()
    _leave_paths_to_apis()
    wrap("apigateway", _no_payload_version)
    wrap("apigateway", _delete_route_settings)
