"""S3: uploads by browsers, and who is told of them."""

from __future__ import annotations

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.sandbox.functions import make_function
from tests.sandbox.queues import Queue

pytestmark = pytest.mark.sandbox

CONTENT = b"x" * 100

SOURCE = """
    import json, os
    import boto3

    def handler(event, context):
        boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
"""


@pytest.fixture
def s3(client, account):
    # Presigned requests are checked against an account's secret, which is "test".
    return client("s3", aws_access_key_id=account, aws_secret_access_key="test")


@pytest.fixture
def bucket(s3, account):
    name = f"assets-{account}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return name


@pytest.fixture
def upload(s3, bucket):
    """Upload by a presigned form: PNG files of 10 to 1,000 bytes, below `incoming/`."""

    def upload(content=CONTENT, signer=s3, seconds=60, **changes):
        form = signer.generate_presigned_post(
            bucket,
            "incoming/a.png",
            Fields={"Content-Type": "image/png"},
            Conditions=[
                ["content-length-range", 10, 1000],
                ["starts-with", "$key", "incoming/"],
                ["eq", "$Content-Type", "image/png"],
            ],
            ExpiresIn=seconds,
        )
        fields = {**form["fields"], **{name.replace("_", "-"): text for name, text in changes.items()}}
        answer = httpx.post(form["url"], data=fields, files={"file": ("a.png", content)}, trust_env=False)
        return answer.status_code, answer.text.partition("<Code>")[2].partition("<")[0]

    return upload


def test_what_the_policy_allows_is_uploaded(s3, bucket, upload):
    assert upload() == (204, "")

    shown = s3.get_object(Bucket=bucket, Key="incoming/a.png", Range="bytes=90-")
    assert (shown["ContentType"], shown["ContentRange"]) == ("image/png", "bytes 90-99/100")
    assert shown["Body"].read() == CONTENT[90:]


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ({"content": b"x" * 1001}, (400, "EntityTooLarge")),
        ({"content": b"x"}, (400, "EntityTooSmall")),
        ({"Content_Type": "text/html"}, (403, "AccessDenied")),
        ({"key": "elsewhere/a.png"}, (403, "AccessDenied")),
        ({"acl": "public-read"}, (403, "AccessDenied")),
        ({"seconds": -1}, (403, "AccessDenied")),
        ({"policy": "e30="}, (403, "SignatureDoesNotMatch")),
        ({"x_amz_signature": "0" * 64}, (403, "SignatureDoesNotMatch")),
    ],
    ids=["large", "small", "type", "key", "field", "late", "policy", "signature"],
)
def test_nothing_else_is(s3, bucket, upload, wrong, answer):
    assert upload(**wrong) == answer
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_nobody_else_uploads(client, emulator, other_account, s3, bucket, upload):
    stranger = client("s3", aws_access_key_id=other_account, aws_secret_access_key="test")
    assert upload(signer=stranger) == (403, "AccessDenied")
    form = {"data": {"key": "incoming/a.png"}, "files": {"file": ("a.png", CONTENT)}}
    assert httpx.post(f"{emulator.url}/{bucket}", **form, trust_env=False).status_code == 403
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.list_objects_v2(Bucket=bucket)


def test_links_are_good_for_what_they_were_made_for(s3, bucket, upload):
    upload()
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "incoming/a.png"})

    assert httpx.get(link, trust_env=False).content == CONTENT
    assert httpx.get(link[:-4] + "0000", trust_env=False).status_code == 403
    assert httpx.get(link.partition("?")[0], trust_env=False).status_code == 403


def test_a_function_is_told_of_an_upload(client, account, bucket, upload, s3):
    seen = Queue(client("sqs"), "seen")
    function = make_function(client, "check", SOURCE, environment={"SEEN": seen.url})
    client("lambda").add_permission(
        FunctionName="check",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}",
        SourceAccount=account,
    )
    filters = [{"Name": "prefix", "Value": "incoming/"}, {"Name": "suffix", "Value": ".png"}]
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {
                    "LambdaFunctionArn": function,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": filters}},
                }
            ]
        },
    )

    s3.put_object(Bucket=bucket, Key="elsewhere/b.png", Body=b"1")
    upload()

    ((record,),) = [event["Records"] for event in seen.bodies(1)]
    assert (record["eventSource"], record["eventName"], record["awsRegion"]) == (
        "aws:s3", "ObjectCreated:Post", "eu-central-1",
    )  # fmt: skip
    assert record["s3"]["bucket"]["name"] == bucket
    assert (record["s3"]["object"]["key"], record["s3"]["object"]["size"]) == ("incoming/a.png", 100)
