"""Faults on order: in one account, for one operation, until they are cleared, in each protocol's form."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox

DENY = "User is not authorized to perform this action with an explicit deny in a service control policy"

CALLS = [
    ("dynamodb", "ListTables", "list_tables", {}),
    ("ivs", "ListStreams", "list_streams", {}),
    ("s3", "ListAllMyBuckets", "list_buckets", {}),
    ("iam", "ListRoles", "list_roles", {}),
    ("lambda", "ListFunctions", "list_functions", {}),
    ("cloudwatch", "DescribeAlarms", "describe_alarms", {}),
    ("route53", "ListHostedZones", "list_hosted_zones", {}),
    ("sts", "GetCallerIdentity", "get_caller_identity", {}),
    ("apigatewayv2", "GET", "get_apis", {}),
]


@pytest.mark.parametrize(
    ("service", "operation", "call", "arguments"), CALLS, ids=[call[0] for call in CALLS]
)
def test_an_operation_fails_where_it_was_ordered(
    emulator, client, account, other_account, service, operation, call, arguments
):
    fault = {"account": account, "service": service, "operation": operation}
    emulator.call("faults/set", {**fault, "status": 403, "code": "AccessDeniedException", "message": DENY})

    with pytest.raises(ClientError) as raised:
        getattr(client(service), call)(**arguments)

    response = raised.value.response
    assert response["Error"]["Code"] == "AccessDeniedException"
    assert response["Error"]["Message"] == DENY
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    getattr(client(service, account=other_account), call)(**arguments)
    emulator.call("faults/clear", fault)
    getattr(client(service), call)(**arguments)


def test_all_operations_of_a_service(emulator, client, account):
    fault = {"account": account, "service": "ivs", "operation": "*", "status": 403}
    said = {"code": "PendingVerification", "message": "Your account is pending verification"}
    emulator.call("faults/set", {**fault, **said})

    with pytest.raises(ClientError, match="PendingVerification"):
        client("ivs").create_channel(name="main")
    assert [f["code"] for f in emulator.call("faults")["faults"] if f["account"] == account] == [
        "PendingVerification"
    ]
    assert emulator.call("faults/clear", {"account": account}) == {"cleared": 1}


def test_one_region_fails_and_the_other_does_not(emulator, client, account):
    fault = {"account": account, "service": "dynamodb", "operation": "*", "region": "eu-central-1"}
    emulator.call("faults/set", {**fault, "status": 503, "code": "ServiceUnavailable"})

    with pytest.raises(ClientError, match="ServiceUnavailable"):
        client("dynamodb", region="eu-central-1").list_tables()
    client("dynamodb", region="eu-west-1").list_tables()
    assert emulator.call("faults/clear", {"account": account}) == {"cleared": 1}
    client("dynamodb", region="eu-central-1").list_tables()
