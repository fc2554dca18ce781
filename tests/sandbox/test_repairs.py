"""What is put right in ministack stays right; a new version of it has to pass here."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from tests.sandbox.functions import make_function

pytestmark = pytest.mark.sandbox

ROOT = Path(__file__).parents[2]

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def signature(account, service, region="eu-central-1"):
    scope = f"{account}/20260101/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"


def test_route53_changes_are_in_sync_at_once(client):
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="kasper.live", CallerReference="1")
    assert zone["ChangeInfo"]["Status"] == "INSYNC"

    change = route53.change_resource_record_sets(
        HostedZoneId=zone["HostedZone"]["Id"],
        ChangeBatch={
            "Changes": [
                {
                    "Action": "CREATE",
                    "ResourceRecordSet": {
                        "Name": "www.kasper.live",
                        "Type": "TXT",
                        "TTL": 60,
                        "ResourceRecords": [{"Value": '"a"'}],
                    },
                }
            ]
        },
    )["ChangeInfo"]
    assert change["Status"] == "INSYNC"
    assert route53.get_change(Id=change["Id"])["ChangeInfo"]["Status"] == "INSYNC"


def test_cloudfront_leaves_empty_header_settings_out(client):
    cloudfront = client("cloudfront", region="us-east-1")
    made = cloudfront.create_response_headers_policy(
        ResponseHeadersPolicyConfig={
            "Name": "security",
            "SecurityHeadersConfig": {"ContentTypeOptions": {"Override": True}},
            "CustomHeadersConfig": {"Quantity": 0, "Items": []},
            "RemoveHeadersConfig": {"Quantity": 0, "Items": []},
        }
    )["ResponseHeadersPolicy"]

    shown = cloudfront.get_response_headers_policy(Id=made["Id"])["ResponseHeadersPolicy"][
        "ResponseHeadersPolicyConfig"
    ]
    assert "CustomHeadersConfig" not in shown
    assert "RemoveHeadersConfig" not in shown
    assert shown["SecurityHeadersConfig"]["ContentTypeOptions"]["Override"] is True


def test_alarms_over_the_query_protocol_keep_their_fields(emulator, client, account):
    fields = {
        "Action": "PutMetricAlarm", "Version": "2010-08-01", "AlarmName": "errors",
        "AlarmDescription": "5 & more", "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": "3", "DatapointsToAlarm": "2", "Threshold": "5.5",
        "TreatMissingData": "notBreaching", "MetricName": "Errors", "Namespace": "AWS/Lambda",
        "Period": "60", "Statistic": "Sum",
        "Dimensions.member.1.Name": "FunctionName", "Dimensions.member.1.Value": "f",
        "AlarmActions.member.1": "arn:aws:sns:eu-central-1:1:topic",
    }  # fmt: skip
    headers = {"Authorization": signature(account, "monitoring"), "Content-Type": FORM}
    put = httpx.post(emulator.url, data=fields, headers=headers, trust_env=False)
    assert put.status_code == 200, put.text

    text = httpx.post(
        emulator.url,
        data={"Action": "DescribeAlarms", "Version": "2010-08-01"},
        headers=headers,
        trust_env=False,
    ).text
    for element in (
        "<AlarmDescription>5 &amp; more</AlarmDescription>", "<DatapointsToAlarm>2</DatapointsToAlarm>",
        "<TreatMissingData>notBreaching</TreatMissingData>", "<ActionsEnabled>true</ActionsEnabled>",
        "<Threshold>5.5</Threshold>", "<member><Name>FunctionName</Name><Value>f</Value></member>",
        "<member>arn:aws:sns:eu-central-1:1:topic</member>",
    ):  # fmt: skip
        assert element in text
    assert re.search(r"<StateUpdatedTimestamp>\d{4}-\d\d-\d\dT", text)
    (alarm,) = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (5.5, 3)


def test_alarms_on_expressions_keep_their_queries(client):
    cloudwatch = client("cloudwatch")
    stat = {"Metric": {"Namespace": "Fleet", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    cloudwatch.put_metric_alarm(
        AlarmName="rate", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=1,
        Metrics=[
            {"Id": "m", "MetricStat": stat, "ReturnData": False},
            {"Id": "e", "Expression": "m * 2", "ReturnData": True},
        ],
    )  # fmt: skip

    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert [query["Id"] for query in alarm["Metrics"]] == ["m", "e"]
    assert "MetricName" not in alarm


def test_jwt_authorisers_have_no_payload_version(client):
    gateway = client("apigatewayv2")
    api = gateway.create_api(Name="x", ProtocolType="HTTP")["ApiId"]
    made = gateway.create_authorizer(
        ApiId=api, AuthorizerType="JWT", Name="members", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["a"], "Issuer": "https://issuer.example"},
    )  # fmt: skip

    assert "AuthorizerPayloadFormatVersion" not in made
    assert "AuthorizerPayloadFormatVersion" not in gateway.get_authorizers(ApiId=api)["Items"][0]


def test_people_sign_in_without_credentials_in_every_account(client):
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="members")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    app = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)[
        "UserPoolClient"
    ]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="fan", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="fan", Password="Abcdef1!x", Permanent=True)

    anybody = boto3.client(
        "cognito-idp",
        region_name="eu-central-1",
        endpoint_url=cognito.meta.endpoint_url,
        config=Config(signature_version=UNSIGNED),
    )
    signed_in = anybody.initiate_auth(
        ClientId=app,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "fan", "PASSWORD": "Abcdef1!x"},
    )["AuthenticationResult"]

    assert anybody.get_user(AccessToken=signed_in["AccessToken"])["Username"] == "fan"


def test_mappings_on_streams_take_a_hundred_records(client):
    make_function(client, "reader", "def handler(event, context):\n    return None")
    table = client("dynamodb").create_table(
        TableName="source", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]  # fmt: skip

    mapping = client("lambda").create_event_source_mapping(
        FunctionName="reader", EventSourceArn=table["LatestStreamArn"], StartingPosition="LATEST"
    )
    assert mapping["BatchSize"] == 100


def test_firehose_tells_its_time_zone(client, account):
    firehose = client("firehose")
    s3 = {"RoleARN": f"arn:aws:iam::{account}:role/r", "BucketARN": "arn:aws:s3:::views-bucket"}
    firehose.create_delivery_stream(DeliveryStreamName="views", ExtendedS3DestinationConfiguration=s3)

    (destination,) = firehose.describe_delivery_stream(DeliveryStreamName="views")[
        "DeliveryStreamDescription"
    ]["Destinations"]
    assert destination["ExtendedS3DestinationDescription"]["CustomTimeZone"] == "UTC"


def test_trails_keep_their_tags(client):
    cloudtrail = client("cloudtrail")
    arn = cloudtrail.create_trail(
        Name="t", S3BucketName="b", TagsList=[{"Key": "creator", "Value": "kasper"}]
    )["TrailARN"]

    (listed,) = cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert listed["TagsList"] == [{"Key": "creator", "Value": "kasper"}]


def test_contact_lists(client, account):
    ses = client("sesv2")
    ses.create_contact_list(
        ContactListName="fans",
        Topics=[{"TopicName": "news", "DisplayName": "News", "DefaultSubscriptionStatus": "OPT_OUT"}],
    )
    ses.create_contact(ContactListName="fans", EmailAddress="fan@example.com", TopicPreferences=[])

    assert ses.get_contact_list(ContactListName="fans")["Topics"][0]["TopicName"] == "news"
    assert [c["EmailAddress"] for c in ses.list_contacts(ContactListName="fans")["Contacts"]] == [
        "fan@example.com"
    ]
    with pytest.raises(ses.exceptions.LimitExceededException):
        ses.create_contact_list(ContactListName="second")
    arn = f"arn:aws:ses:eu-central-1:{account}:contact-list/fans"
    ses.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert ses.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    ses.delete_contact(ContactListName="fans", EmailAddress="fan@example.com")
    assert ses.list_contacts(ContactListName="fans")["Contacts"] == []
    ses.delete_contact_list(ContactListName="fans")
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.get_contact_list(ContactListName="fans")


def test_the_public_access_block_of_an_account_through_a_proxy(emulator, account, other_account):
    path = "http://{account}.127.0.0.1/v20180820/configuration/publicAccessBlock"
    root = "PublicAccessBlockConfiguration"
    document = f"<{root}><IgnorePublicAcls>true</IgnorePublicAcls></{root}>"

    def ask(method, owner, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port)
        headers = {
            "Host": f"{owner}.127.0.0.1",
            "Authorization": signature(owner, "s3"),
            "x-amz-account-id": owner,
        }
        connection.request(method, path.format(account=owner), body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    assert ask("GET", account)[0] == 404
    assert ask("PUT", account, document)[0] == 200
    assert ask("GET", account) == (200, document)
    assert ask("GET", other_account)[0] == 404
    assert ask("DELETE", account)[0] == 204
    assert ask("GET", account)[0] == 404


def test_it_answers_on_loopback_only(emulator):
    listening = json.loads((emulator.state / "emulator.json").read_text())
    assert listening["url"].startswith("http://127.0.0.1:")
