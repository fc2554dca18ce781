"""Who may do what after a plan, and what everybody may: pure rules over the planned values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fleet_tui.operations.model import Action, RiskLevel
from fleet_tui.operations.planjson import PlannedChange
from fleet_tui.operations.risk_findings import UNKNOWN, Finding, value_at
from fleet_tui.operations.risk_policies import denials, wide_grants

# Attributes that say who may do what, by the type that has them.
_POLICIES: dict[str, tuple[str, ...]] = {
    "aws_iam_role": ("assume_role_policy",),
    "aws_iam_role_policy": ("policy",),
    "aws_iam_policy": ("policy",),
    "aws_iam_user_policy": ("policy",),
    "aws_iam_group_policy": ("policy",),
    "aws_s3_bucket_policy": ("policy",),
    "aws_sqs_queue_policy": ("policy",),
    "aws_sqs_queue": ("policy",),
    "aws_sns_topic_policy": ("policy",),
    "aws_sns_topic": ("policy",),
    "aws_kms_key": ("policy",),
    "aws_kms_key_policy": ("policy",),
    "aws_backup_vault_policy": ("policy",),
    "aws_secretsmanager_secret_policy": ("policy",),
    "aws_dynamodb_resource_policy": ("policy",),
    "aws_sesv2_email_identity_policy": ("policy",),
}
_GRANTS: dict[str, tuple[str, ...]] = {
    "aws_iam_role": ("inline_policy", "managed_policy_arns", "permissions_boundary"),
    "aws_lambda_permission": ("principal", "action", "source_arn", "source_account"),
}
_WAYS_IN = frozenset(
    {
        "aws_iam_access_key",
        "aws_iam_user",
        "aws_iam_user_login_profile",
        "aws_iam_role_policy_attachment",
        "aws_iam_user_policy_attachment",
        "aws_iam_group_policy_attachment",
        "aws_iam_policy_attachment",
    }
)
_BLOCKS = frozenset({"aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"})
_BLOCKED = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_OPEN_ACLS = ("public-read", "public-read-write", "authenticated-read")
_COMING = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


def access_findings(changes: Sequence[PlannedChange], account_id: str = "") -> Iterator[Finding]:
    """What these changes give away.

    Args:
        changes: all changes of a plan; a route of an API that is made by the same plan opens nothing new.
        account_id: the creator's; empty leaves out whether another account is let in.
    """
    hidden = sum(map(_hides_grants, changes))
    if hidden:
        policies = "1 new policy allows" if hidden == 1 else f"{hidden} new policies allow"
        yield Finding(RiskLevel.LOW, "hidden", "", f"what {policies} is known only after the apply")
    new_api = any(
        change.type == "aws_apigatewayv2_api" and change.action is Action.CREATE for change in changes
    )
    for change in changes:
        if change.action not in _COMING:
            continue
        if change.with_values:
            yield from _policies(change, account_id)
            yield from _public(change, new_api=new_api)
        elif change.action is Action.UPDATE and (
            change.type.startswith("aws_iam_") or change.type in _POLICIES or change.type in _BLOCKS
        ):
            yield _grant(change, f"changes who may do what: {change.address}")
        if change.type in _WAYS_IN and change.action is not Action.UPDATE:
            yield _grant(change, f"gives permissions: {change.address}")


def _hides_grants(change: PlannedChange) -> bool:
    """Whether something new comes whose permissions are not known yet."""
    names = _POLICIES.get(change.type, ()) if change.action is Action.CREATE else ()
    return any(value_at(change.after, change.unknown, name) is UNKNOWN for name in names)


def _policies(change: PlannedChange, account_id: str) -> Iterator[Finding]:
    names = _POLICIES.get(change.type, ())
    for name in names:
        before, after = _text(change, name, old=True), value_at(change.after, change.unknown, name)
        if change.action is Action.UPDATE and name not in change.changed:
            continue
        if change.action is Action.UPDATE:
            text = f"changes who may do what: {change.address}"
            yield _grant(
                change, f"{text}, and how is known only after the apply" if after is UNKNOWN else text
            )
        if not isinstance(after, str) or not after:
            continue
        of_resource = not change.type.startswith("aws_iam_") or name == "assume_role_policy"
        wide = wide_grants(after, account_id=account_id, of_resource=of_resource)
        if change.action is not Action.CREATE:
            wide -= wide_grants(before, account_id=account_id, of_resource=of_resource)
        for grant in sorted(wide):
            yield Finding(
                RiskLevel.HIGH, f"allows {grant}", change.address, f"allows {grant}: {change.address}"
            )
        if denials(before) - denials(after):
            text = f"takes back what was denied: {change.address}"
            yield Finding(RiskLevel.HIGH, "denial", change.address, text)
    if change.action is Action.UPDATE and set(change.changed) & set(_GRANTS.get(change.type, ())):
        yield _grant(change, f"changes who may do what: {change.address}")


def _public(change: PlannedChange, *, new_api: bool) -> Iterator[Finding]:
    if change.type in _BLOCKS:
        for name in _BLOCKED:
            if _now(change, name) is not True and (change.before is None or _was(change, name) is True):
                yield _open(change, f"{name} is off, so that its bucket can become public: {change.address}")
    elif change.type == "aws_s3_bucket_acl":
        if any(_becomes(change, "acl", acl) for acl in _OPEN_ACLS):
            yield _open(change, f"lets everybody read the bucket: {change.address}")
    elif change.type == "aws_lambda_function_url":
        if _becomes(change, "authorization_type", "NONE"):
            yield _open(change, f"everybody can call the function by its address: {change.address}")
    elif change.type == "aws_apigatewayv2_route":
        if _becomes(change, "authorization_type", "NONE") and not (new_api and change.before is None):
            yield _open(change, f"opens a route to everybody, without signing in: {change.address}")
    elif change.type == "aws_lambda_permission":
        if _becomes(change, "principal", "*"):
            yield _open(change, f"everybody can call the function: {change.address}")
    elif change.type == "aws_ivs_channel":
        if _ends(change, "authorized", [True]):
            yield _open(change, f"everybody can watch, without a token: {change.address}")
        if _becomes(change, "insecure_ingest", True):
            yield _open(change, f"takes the stream without encryption: {change.address}")
    elif change.type == "aws_cognito_user_pool":
        if _ends(change, "admin_create_user_config.0.allow_admin_create_user_only", [True]):
            yield _open(change, f"everybody can sign up: {change.address}")
    elif change.type == "aws_cloudfront_distribution":
        yield from _distribution(change)


def _distribution(change: PlannedChange) -> Iterator[Finding]:
    behaviours = [
        "default_cache_behavior.0",
        *(f"ordered_cache_behavior.{n}" for n in range(_length(change))),
    ]
    if any(_becomes(change, f"{place}.viewer_protocol_policy", "allow-all") for place in behaviours):
        yield _open(change, f"answers without encryption: {change.address}")
    if change.before is None:
        return
    for name, text in (
        ("web_acl_id", "no longer stands behind its firewall"),
        ("default_cache_behavior.0.response_headers_policy_id", "answers without its security headers"),
        ("origin.0.origin_access_control_id", "asks its bucket without proving who it is"),
    ):
        if _was(change, name) and not _now(change, name):
            yield _open(change, f"{text}: {change.address}")
    oldest = "viewer_certificate.0.minimum_protocol_version"
    if _was(change, oldest) != _now(change, oldest) and str(_now(change, oldest)) < str(_was(change, oldest)):
        yield _open(change, f"takes older encryption: {change.address}")


def _length(change: PlannedChange) -> int:
    found = value_at(change.after, {}, "ordered_cache_behavior")
    return len(found) if isinstance(found, list) else 0


def _was(change: PlannedChange, path: str) -> object:
    return value_at(change.before, {}, path)


def _now(change: PlannedChange, path: str) -> object:
    return value_at(change.after, change.unknown, path)


def _becomes(change: PlannedChange, path: str, bad: object) -> bool:
    """Whether the value is the bad one afterwards, or may be, and was not before."""
    after = _now(change, path)
    return (after == bad or (after is UNKNOWN and change.before is not None)) and _was(change, path) != bad


def _ends(change: PlannedChange, path: str, good: Iterable[object]) -> bool:
    """Whether the value was a good one, and is or may be another one afterwards."""
    return _was(change, path) in good and _now(change, path) not in good


def _text(change: PlannedChange, name: str, *, old: bool) -> str:
    found = _was(change, name) if old else _now(change, name)
    return found if isinstance(found, str) and found else "{}"


def _grant(change: PlannedChange, text: str) -> Finding:
    return Finding(RiskLevel.HIGH, "grant", change.address, text)


def _open(change: PlannedChange, text: str) -> Finding:
    return Finding(
        RiskLevel.HIGH, f"public: {text.removesuffix(f': {change.address}')}", change.address, text
    )
