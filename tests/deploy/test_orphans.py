"""What a broken run has made is found in the account by what a plan wants to make."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from fleet_tui.deploy import orphans
from fleet_tui.deploy.orphans import Orphan, Wanted
from fleet_tui.registry.model import Creator

REGION = "eu-central-1"
ACCOUNT = "123456789012"  # moto's


def creator(**more: Any) -> Creator:
    basis = {
        "slug": "kasper",
        "name": "Kasper",
        "domain": "kasper.live",
        "account_id": ACCOUNT,
        "region": REGION,
        "contact": "k@kasper.live",
        "monthly_budget": 50,
    }
    return Creator.model_validate(basis | more)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield SimpleNamespace(
            client=lambda service, region=None: boto3.client(service, region_name=region or REGION)
        )


def found(account: Any, kind: str, **values: Any) -> str | None:
    orphan = orphans.find(account, creator(), [Wanted("a.b", kind, values)])
    assert all(one.address == "a.b" for one in orphan)
    return orphan[0].import_id if orphan else None


def test_what_is_asked_for_by_its_name(account):
    assert found(account, "aws_ssm_parameter", name="/kasper/key") is None
    account.client("ssm").put_parameter(Name="/kasper/key", Value="secret", Type="SecureString")
    assert found(account, "aws_ssm_parameter", name="/kasper/key") == "/kasper/key"

    assert found(account, "aws_s3_bucket", bucket="kasper-site") is None
    account.client("s3").create_bucket(
        Bucket="kasper-site", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    assert found(account, "aws_s3_bucket", bucket="kasper-site") == "kasper-site"

    assert found(account, "aws_sqs_queue", name="kasper-failures") is None
    url = account.client("sqs").create_queue(QueueName="kasper-failures")["QueueUrl"]
    assert found(account, "aws_sqs_queue", name="kasper-failures") == url

    assert found(account, "aws_sns_topic", name="kasper-live") is None
    arn = account.client("sns").create_topic(Name="kasper-live")["TopicArn"]
    assert found(account, "aws_sns_topic", name="kasper-live") == arn

    assert found(account, "aws_iam_role", name="kasper-backup") is None
    account.client("iam").create_role(RoleName="kasper-backup", AssumeRolePolicyDocument="{}")
    assert found(account, "aws_iam_role", name="kasper-backup") == "kasper-backup"


def test_what_is_looked_for_in_a_list(account):
    route53 = account.client("route53")
    assert found(account, "aws_route53_zone", name="kasper.live") is None
    route53.create_hosted_zone(Name="kasper.live.eu", CallerReference="0")
    zone = route53.create_hosted_zone(Name="kasper.live", CallerReference="1")["HostedZone"]["Id"]
    zone = zone.removeprefix("/hostedzone/")
    assert found(account, "aws_route53_zone", name="kasper.live") == zone

    record = {"zone_id": zone, "name": "WWW.kasper.live", "type": "TXT"}
    assert found(account, "aws_route53_record", **record) is None
    change = {"Name": "www.kasper.live", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": change}]}
    )
    assert found(account, "aws_route53_record", **record) == f"{zone}_www.kasper.live_TXT"

    logs = account.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/kasper-mail-more")
    assert found(account, "aws_cloudwatch_log_group", name="/aws/lambda/kasper-mail") is None
    logs.create_log_group(logGroupName="/aws/lambda/kasper-mail")
    assert found(account, "aws_cloudwatch_log_group", name="/aws/lambda/kasper-mail") == (
        "/aws/lambda/kasper-mail"
    )


def test_two_of_a_name_are_left_to_a_person(account):
    for number in range(2):
        account.client("route53").create_hosted_zone(Name="kasper.live", CallerReference=str(number))
    assert found(account, "aws_route53_zone", name="kasper.live") is None


def test_a_key_is_known_by_its_description_while_it_is_in_use(account):
    kms = account.client("kms")
    wanted = {"description": "Tables and buckets of kasper"}
    assert found(account, "aws_kms_key", **wanted) is None
    key = kms.create_key(Description=wanted["description"])["KeyMetadata"]["KeyId"]
    kms.create_key(Description="another one")
    assert found(account, "aws_kms_key", **wanted) == key
    kms.schedule_key_deletion(KeyId=key)
    assert found(account, "aws_kms_key", **wanted) is None


def test_what_hangs_on_something_that_is_not_there_is_not_there(account):
    # The API's id is known only when it is made, so the plan does not have it.
    assert found(account, "aws_apigatewayv2_route", route_key="GET /") is None
    assert found(account, "aws_lambda_permission", statement_id="schedule") is None


def test_it_is_looked_for_in_the_second_region_as_well(account):
    account.client("sqs", region="eu-west-1").create_queue(QueueName="kasper-failures")
    wanted = [Wanted("a", "aws_sqs_queue", {"name": "kasper-failures"})]
    assert orphans.find(account, creator(), wanted) == []
    (one,) = orphans.find(account, creator(failover={"region": "eu-west-1"}), wanted)
    assert one == Orphan("a", f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/kasper-failures")


def test_what_could_not_be_asked_is_not_taken_for_absent(account, monkeypatch):
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetParameter")

    class Client:
        def get_parameter(self, **_arguments: str) -> None:
            raise refused

    monkeypatch.setattr(account, "client", lambda service, region=None: Client())
    with pytest.raises(ClientError):
        found(account, "aws_ssm_parameter", name="/kasper/key")


def test_what_is_written_over_is_not_looked_for(account):
    assert found(account, "aws_s3_bucket_policy", bucket="kasper-site") is None


def test_what_a_person_has_to_look_after_is_named():
    (said,) = orphans.by_hand([Wanted("a.b", "aws_dynamodb_table_item", {}), Wanted("c", "aws_iam_role", {})])
    assert said.startswith("a.b: Terraform cannot import it")
