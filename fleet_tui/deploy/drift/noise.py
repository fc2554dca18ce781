"""What differs from the state without anybody having changed it: pure rules.

AWS computes values, the provider reads back in one resource what another one manages, and what Terraform was
told to ignore is none of its business.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from fleet_tui.deploy.drift.schema import ResourceSchema
from fleet_tui.deploy.drift.values import Difference

Managed = Mapping[str, tuple[Mapping[str, Any], ...]]
"""The values of all managed resources, by type."""

IGNORE_ALL = "all"


class _Mirror(NamedTuple):
    """The resource that manages what another one only reads back.

    Args:
        kind: its type.
        key: its attribute that names the other resource.
        by: the attribute of the other resource that it names.
        element: where several can exist at once, the attribute that tells them apart.
    """

    kind: str
    key: str
    by: str = "id"
    element: str = ""


_S3 = "aws_s3_bucket"
_MIRRORS: Mapping[tuple[str, str], _Mirror] = {
    (_S3, "policy"): _Mirror("aws_s3_bucket_policy", "bucket"),
    (_S3, "acl"): _Mirror("aws_s3_bucket_acl", "bucket"),
    (_S3, "grant"): _Mirror("aws_s3_bucket_acl", "bucket"),
    (_S3, "cors_rule"): _Mirror("aws_s3_bucket_cors_configuration", "bucket"),
    (_S3, "lifecycle_rule"): _Mirror("aws_s3_bucket_lifecycle_configuration", "bucket"),
    (_S3, "logging"): _Mirror("aws_s3_bucket_logging", "bucket"),
    (_S3, "replication_configuration"): _Mirror("aws_s3_bucket_replication_configuration", "bucket"),
    (_S3, "server_side_encryption_configuration"): _Mirror(
        "aws_s3_bucket_server_side_encryption_configuration", "bucket"
    ),
    (_S3, "versioning"): _Mirror("aws_s3_bucket_versioning", "bucket"),
    (_S3, "website"): _Mirror("aws_s3_bucket_website_configuration", "bucket"),
    ("aws_sns_topic", "policy"): _Mirror("aws_sns_topic_policy", "arn", by="arn"),
    ("aws_sqs_queue", "policy"): _Mirror("aws_sqs_queue_policy", "queue_url", by="url"),
    ("aws_iam_role", "inline_policy"): _Mirror("aws_iam_role_policy", "role", by="name", element="name"),
    ("aws_iam_role", "managed_policy_arns"): _Mirror(
        "aws_iam_role_policy_attachment", "role", by="name", element="policy_arn"
    ),
}

# Computed by AWS, and yet the only place in which a change by hand shows: the code of a function.
_TELLING = frozenset({("aws_lambda_function", "code_sha256")})

# AWS gives these a new value whenever something else changes.
_CHURN = frozenset(
    {
        ("aws_apigatewayv2_stage", "deployment_id"),
        ("aws_kinesis_firehose_delivery_stream", "version_id"),
        ("aws_route53_record", "fqdn"),
    }
)


class Surroundings(NamedTuple):
    """What has to be known around a resource to judge what is different about it.

    Args:
        kind: its type.
        values: as they are now.
        schema: of its type.
        managed: everything that Terraform manages for this creator.
        ignored: names in its `ignore_changes`, or `all`.
    """

    kind: str
    values: Mapping[str, Any]
    schema: ResourceSchema
    managed: Managed
    ignored: frozenset[str] = frozenset()


def told(difference: Difference, around: Surroundings) -> Difference | None:
    """What of a difference a person has made; None where that is nothing."""
    top = difference.names.partition(".")[0]
    if IGNORE_ALL in around.ignored or top in around.ignored or (around.kind, top) in _CHURN:
        return None
    if (around.kind, top) in _TELLING:
        return difference
    if any(name in around.schema.computed for name in _ways(difference.names)):
        return None
    mirror = _MIRRORS.get((around.kind, top))
    return _unexplained(mirror, difference, around) if mirror else difference


def is_left_alone(difference: Difference, around: Surroundings) -> bool:
    """Whether no plan would change it back, wherever the configuration sets it."""
    top = difference.names.partition(".")[0]
    return (around.kind, top) in _MIRRORS or top in around.schema.computed


def _unexplained(mirror: _Mirror, difference: Difference, around: Surroundings) -> Difference | None:
    """What is not managed by a resource of its own, which tells of itself what is different about it."""
    theirs = [
        one
        for one in around.managed.get(mirror.kind, ())
        if one.get(mirror.key) == around.values.get(mirror.by)
    ]
    if not mirror.element:
        return None if theirs or _is_default(mirror, difference) else difference
    if difference.hidden:
        return difference
    known = {one.get(mirror.element) for one in theirs}
    before = _others(difference.before, mirror.element, known)
    after = _others(difference.after, mirror.element, known)
    return difference._replace(before=before, after=after) if before or after else None


def _others(side: Any, name: str, known: Container[Any]) -> list[Any] | None:
    """The elements that are not known by this name of theirs, or by themselves where they have no names."""
    elements = side if isinstance(side, list) else []
    return [
        one for one in elements if (one.get(name) if isinstance(one, Mapping) else one) not in known
    ] or None


def _is_default(mirror: _Mirror, difference: Difference) -> bool:
    """S3 encrypts with its own keys since 2023, asked or not
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html)."""
    return (
        mirror.kind.endswith("encryption_configuration")
        and not difference.before
        and _algorithms(difference.after) <= {"AES256"}
    )


def _algorithms(found: Any) -> set[str]:
    if isinstance(found, Mapping):
        own = {found["sse_algorithm"]} if found.get("sse_algorithm") else set()
        return own.union(*map(_algorithms, found.values()))
    return set().union(*map(_algorithms, found)) if isinstance(found, list) else set()


def _ways(names: str) -> Iterable[str]:
    parts = names.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))
