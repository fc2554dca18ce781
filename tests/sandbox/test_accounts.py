"""Accounts do not see each other, and a session leads to its account or nowhere."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox


def assume(client, account):
    sts = client("sts", account="operator")
    taken = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/FleetOperator", RoleSessionName="ana")[
        "Credentials"
    ]
    return {
        "aws_access_key_id": taken["AccessKeyId"],
        "aws_secret_access_key": taken["SecretAccessKey"],
        "aws_session_token": taken["SessionToken"],
    }


def make_table(dynamodb, name="bookings"):
    return dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )


def test_a_session_works_in_the_account_of_its_role(client, account):
    identity = client("sts", **assume(client, account)).get_caller_identity()

    assert identity["Account"] == account
    assert identity["Arn"] == f"arn:aws:sts::{account}:assumed-role/FleetOperator/ana"


def test_what_one_account_has_another_does_not_see(client, account, other_account):
    mine, theirs = assume(client, account), assume(client, other_account)
    make_table(client("dynamodb", **mine))
    client("s3", **mine).create_bucket(
        Bucket=f"site-{account}", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    channel = client("ivs", **mine).create_channel(name="main")["channel"]["arn"]

    assert client("dynamodb", **theirs).list_tables()["TableNames"] == []
    assert client("s3", **theirs).list_buckets()["Buckets"] == []
    assert client("ivs", **theirs).list_channels()["channels"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("ivs", **theirs).get_channel(arn=channel)
    with pytest.raises(ClientError):
        client("s3", **theirs).list_objects_v2(Bucket=f"site-{account}")


def test_regions_are_apart(client):
    client("ivs", region="us-east-1").create_channel(name="main")

    assert client("ivs", region="eu-west-1").list_channels()["channels"] == []


@pytest.mark.parametrize(
    ("service", "call"), [("dynamodb", "list_tables"), ("s3", "list_buckets"), ("ivs", "list_channels")]
)
def test_a_session_that_nobody_knows_is_refused(client, service, call):
    forgotten = {
        "aws_access_key_id": "ASIAQQQQQQQQQQQQQQQQ",
        "aws_secret_access_key": "x",
        "aws_session_token": "t",
    }

    with pytest.raises(ClientError) as refused:
        getattr(client(service, **forgotten), call)()

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
