"""CloudFront: what a visitor without credentials gets of a private bucket, in whatever account it is."""

from __future__ import annotations

import json

import httpx
import pytest

pytestmark = pytest.mark.sandbox

REGION = "eu-central-1"


@pytest.fixture
def bucket(client, account):
    name = f"site-{account}"
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=name, Key="index.html", Body=b"hello", ContentType="text/html")
    return name


@pytest.fixture
def distribution(client, account, bucket):
    """A distribution whose default behaviour leads to a group of two origins."""
    cloudfront = client("cloudfront")
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": account, "SigningProtocol": "sigv4", "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]  # fmt: skip
    origins = [
        {
            "Id": name,
            "DomainName": f"{domain}.s3.{REGION}.amazonaws.com",
            "OriginAccessControlId": control,
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        for name, domain in (("site", bucket), ("site-standby", f"{bucket}-standby"))
    ]
    members = [{"OriginId": origin["Id"]} for origin in origins]
    group = {
        "Id": "site-anywhere",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [503]}},
        "Members": {"Quantity": 2, "Items": members},
    }
    return cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": account,
            "Comment": "",
            "Enabled": True,
            "DefaultRootObject": "index.html",
            "Origins": {"Quantity": 2, "Items": origins},
            "OriginGroups": {"Quantity": 1, "Items": [group]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "site-anywhere",
                "ViewerProtocolPolicy": "redirect-to-https",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
        }
    )["Distribution"]


@pytest.fixture
def policy(client, bucket, distribution):
    """Only this distribution may read, and nobody in the clear."""
    statements = [
        {
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"StringEquals": {"aws:SourceArn": distribution["ARN"]}},
        },
    ]  # fmt: skip
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    client("s3").put_bucket_policy(Bucket=bucket, Policy=document)


def visit(emulator, distribution):
    headers = {"Host": distribution["DomainName"], "X-Forwarded-Proto": "https"}
    return httpx.get(emulator.url, headers=headers)


def test_a_visitor_gets_the_page_from_the_first_origin_of_a_group(emulator, distribution, policy):
    answer = visit(emulator, distribution)
    assert (answer.status_code, answer.text) == (200, "hello")


def test_a_bucket_that_does_not_let_the_distribution_in_is_not_read(emulator, distribution):
    assert visit(emulator, distribution).status_code == 403
