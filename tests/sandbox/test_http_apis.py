"""HTTP APIs in front of real Lambda functions, addressed as AWS addresses them."""

from __future__ import annotations

import pytest

from tests.sandbox.functions import call_api, make_api, make_function, zipped

pytestmark = pytest.mark.sandbox

SOURCE = """
    import json, os
    import boto3

    def handler(event, context):
        context_of = event["requestContext"]
        identity = boto3.client("sts").get_caller_identity()
        return {
            "statusCode": 201,
            "headers": {"x-answered-by": "lambda"},
            "body": json.dumps({
                "method": context_of["http"]["method"],
                "path": event["rawPath"],
                "query": event.get("queryStringParameters"),
                "body": event.get("body"),
                "iam": context_of.get("authorizer", {}).get("iam"),
                "host": event["headers"]["host"],
                "account": identity["Account"],
                "region": boto3.Session().region_name,
                "setting": os.environ.get("SETTING"),
            }),
        }
"""


@pytest.fixture
def api(client):
    function = make_function(client, "bookings", SOURCE, environment={"SETTING": "on"})
    routes = {
        "POST /bookings": "NONE",
        "GET /bookings": "AWS_IAM",
        "PUT /bookings/{id}/approve": "AWS_IAM",
        "GET /health": "NONE",
        "POST /login": "NONE",
    }
    return make_api(client, function, routes)


def session_keys(client, account):
    taken = client("sts", account="operator").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/FleetOperator", RoleSessionName="ana"
    )["Credentials"]
    return taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"]


def test_the_endpoint_has_the_form_of_aws(api):
    assert api["ApiEndpoint"] == f"https://{api['ApiId']}.execute-api.eu-central-1.amazonaws.com"


def test_anybody_reaches_a_public_route(emulator, api, account):
    answer = call_api(emulator, api, "POST", "/bookings?draft=1", {"sponsor": "Honig GmbH"})

    assert answer.status_code == 201
    assert answer.headers["x-answered-by"] == "lambda"
    seen = answer.json()
    assert (seen["method"], seen["path"], seen["query"]) == ("POST", "/bookings", {"draft": "1"})
    assert seen["body"] == '{"sponsor": "Honig GmbH"}'
    assert seen["host"] == api["ApiEndpoint"].removeprefix("https://")
    assert seen["iam"] is None


def test_a_function_calls_aws_in_its_own_account_and_region(emulator, client):
    from functools import partial

    tokyo = partial(client, region="ap-northeast-1")
    api = make_api(
        tokyo,
        make_function(tokyo, "bookings", SOURCE, environment={"SETTING": "on"}),
        {"POST /bookings": "NONE"},
    )

    seen = call_api(emulator, api, "POST", "/bookings", {}).json()

    identity = client("sts").get_caller_identity()
    assert (seen["account"], seen["region"], seen["setting"]) == (identity["Account"], "ap-northeast-1", "on")


def test_paths_that_the_emulator_knows_itself_belong_to_the_api(emulator, api):
    assert call_api(emulator, api, "GET", "/health").json()["path"] == "/health"
    assert call_api(emulator, api, "POST", "/login", {}).json()["path"] == "/login"


def test_an_unknown_route_and_an_unknown_api(emulator, api):
    assert call_api(emulator, api, "GET", "/nothing").status_code == 404
    nobody = {"ApiEndpoint": "https://abcdefab.execute-api.eu-central-1.amazonaws.com"}
    assert call_api(emulator, nobody, "GET", "/bookings").status_code == 404


def test_a_route_for_operators_refuses_who_is_not_one(emulator, api, client, account, other_account):
    good = session_keys(client, account)

    def status(**how):
        return call_api(emulator, api, "GET", "/bookings", **how).status_code

    assert status() == 403
    assert status(keys=session_keys(client, other_account)) == 403
    assert status(keys=(other_account, "secret", None)) == 403
    assert status(keys=("ASIAQQQQQQQQQQQQQQQQ", "secret", "token")) == 403
    assert status(keys=good, region="us-east-1") == 403
    assert status(keys=good) == 201


def test_a_route_for_operators_refuses_other_authorisation_headers(emulator, api):
    import httpx

    headers = {"Host": api["ApiEndpoint"].removeprefix("https://"), "Authorization": "Bearer token"}
    assert httpx.get(f"{emulator.url}/bookings", headers=headers, trust_env=False).status_code == 403


def test_the_function_learns_who_the_operator_is(emulator, api, client, account):
    iam = call_api(
        emulator, api, "PUT", "/bookings/7/approve", {"version": 1}, keys=session_keys(client, account)
    ).json()["iam"]

    assert iam["accountId"] == account
    assert iam["userArn"] == f"arn:aws:sts::{account}:assumed-role/FleetOperator/ana"


def test_layers_are_on_the_path(client):
    layer = client("lambda").publish_layer_version(
        LayerName="shared", Content={"ZipFile": zipped(python__shared__words="GREETING = 'from the layer'")}
    )["LayerVersionArn"]
    source = """
        from shared.words import GREETING

        def handler(event, context):
            return GREETING
    """
    make_function(client, "layered", source, layers=[layer])

    answer = client("lambda").invoke(FunctionName="layered", Payload=b"{}")

    assert "FunctionError" not in answer
    assert answer["Payload"].read() == b'"from the layer"'


def test_a_fault_reaches_the_callers_of_an_api(emulator, api, account):
    fault = {"account": account, "service": "execute-api", "operation": "Invoke"}
    emulator.call(
        "faults/set", {**fault, "status": 503, "code": "ServiceUnavailable", "message": "Service Unavailable"}
    )
    assert call_api(emulator, api, "POST", "/bookings", {}).status_code == 503

    emulator.call("faults/clear", fault)
    assert call_api(emulator, api, "POST", "/bookings", {}).status_code == 201


def test_a_routes_settings_can_be_taken_from_a_stage_which_stays(client):
    gateway = client("apigatewayv2")
    api = gateway.create_api(Name="limits", ProtocolType="HTTP")["ApiId"]
    gateway.create_route(ApiId=api, RouteKey="POST /orders/{id}")
    limit = {"ThrottlingRateLimit": 2.0, "ThrottlingBurstLimit": 5}
    gateway.create_stage(
        ApiId=api, StageName="$default", RouteSettings={"POST /orders/{id}": limit, "GET /": limit}
    )
    gateway.delete_route_settings(ApiId=api, StageName="$default", RouteKey="POST /orders/{id}")
    assert list(gateway.get_stage(ApiId=api, StageName="$default")["RouteSettings"]) == ["GET /"]
    with pytest.raises(gateway.exceptions.NotFoundException):
        gateway.delete_route_settings(ApiId=api, StageName="$default", RouteKey="POST /orders/{id}")
