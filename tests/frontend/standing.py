"""A site on the embedded AWS as `terraform/modules/s3-website` makes it, with its state beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fleet_tui.deploy.variables import STATE_KEY
from tests.small_fleet import REGION, SmallFleet

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "terraform" / "modules" / "s3-website"


def stand(small: SmallFleet, slug: str, *, api: str | None = None, policy: str = "") -> dict[str, str]:
    """Bucket, distribution, function, placeholder and state; returns the outputs of the state."""
    account = small.accounts[slug]
    bucket = f"{slug}-site-{account}"
    s3, cloudfront = small.client("s3", slug), small.client("cloudfront", slug)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for page in ("index.html", "404.html"):
        s3.put_object(Bucket=bucket, Key=page, Body=b"placeholder", ContentType="text/html; charset=utf-8")
    made = cloudfront.create_distribution(DistributionConfig=_distribution(cloudfront, bucket, slug, policy))
    distribution = made["Distribution"]
    s3.put_bucket_policy(Bucket=bucket, Policy=_readable(bucket, distribution["ARN"]))
    outputs = {
        "site_bucket": bucket,
        "site_url": f"https://{distribution['DomainName']}",
        "distribution_id": distribution["Id"],
        "distribution_domain_name": distribution["DomainName"],
    }
    write_state(small, slug, outputs | ({"site_api_url": api} if api else {}))
    return outputs


def write_state(small: SmallFleet, slug: str, outputs: dict[str, str]) -> None:
    """A state that has these outputs."""
    state: dict[str, Any] = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "1c0ffee1-0000-4000-8000-000000000000",
        "outputs": {name: {"value": value, "type": "string"} for name, value in outputs.items()},
        "resources": [],
        "check_results": None,
    }
    small.client("s3", slug).put_object(
        Bucket=small.bucket(slug), Key=STATE_KEY, Body=json.dumps(state).encode()
    )


def _readable(bucket: str, distribution: str) -> str:
    by_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    by_cloudfront = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringEquals": {"aws:SourceArn": distribution}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [by_tls, by_cloudfront]})


def _distribution(cloudfront: Any, bucket: str, slug: str, policy: str) -> dict[str, Any]:
    function = cloudfront.create_function(
        Name=f"{slug}-clean-urls",
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=(MODULE / "clean-urls.js").read_bytes(),
    )
    cloudfront.publish_function(Name=f"{slug}-clean-urls", IfMatch=function["ETag"])
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": slug,
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]
    headers = cloudfront.create_response_headers_policy(
        ResponseHeadersPolicyConfig={
            "Name": slug,
            "SecurityHeadersConfig": {
                "ContentSecurityPolicy": {
                    "ContentSecurityPolicy": policy or "default-src 'self'",
                    "Override": True,
                }
            },
        }
    )["ResponseHeadersPolicy"]
    origin = {
        "Id": "site",
        "DomainName": f"{bucket}.s3.{REGION}.amazonaws.com",
        "OriginAccessControlId": control["Id"],
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    function_arn = function["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    return {
        "CallerReference": slug,
        "Comment": slug,
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "ResponseHeadersPolicyId": headers["Id"],
            "FunctionAssociations": {
                "Quantity": 1,
                "Items": [{"EventType": "viewer-request", "FunctionARN": function_arn}],
            },
        },
        "CustomErrorResponses": {
            "Quantity": 1,
            "Items": [
                {
                    "ErrorCode": 403,
                    "ResponseCode": "404",
                    "ResponsePagePath": "/404.html",
                    "ErrorCachingMinTTL": 60,
                }
            ],
        },
    }
