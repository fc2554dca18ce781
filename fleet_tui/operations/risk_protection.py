"""Encryption, logging and protection that a plan would switch off: pure rules over the planned values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fleet_tui.operations.model import Action, RiskLevel
from fleet_tui.operations.planjson import PlannedChange
from fleet_tui.operations.risk_findings import UNKNOWN, Finding, value_at

PRESENT = object()
"""Stands for any value that is not empty."""


class _Guard(NamedTuple):
    """An attribute that protects while it has one of these values."""

    type: str
    path: str
    good: tuple[object, ...]
    text: str


_GUARDS = (
    _Guard("aws_dynamodb_table", "deletion_protection_enabled", (True,), "can be deleted afterwards"),
    _Guard("aws_dynamodb_table", "point_in_time_recovery.0.enabled", (True,), "cannot be taken back in time"),
    _Guard("aws_dynamodb_table", "server_side_encryption.0.enabled", (True,), "loses its own encryption key"),
    _Guard("aws_dynamodb_table", "ttl.0.enabled", (False, None), "rows begin to expire by themselves"),
    _Guard("aws_cognito_user_pool", "deletion_protection", ("ACTIVE",), "can be deleted afterwards"),
    _Guard("aws_cognito_user_pool", "mfa_configuration", ("ON",), "no longer asks for a second factor"),
    _Guard("aws_cognito_user_pool", "mfa_configuration", ("ON", "OPTIONAL"), "allows no second factor"),
    _Guard(
        "aws_cognito_user_pool_client",
        "prevent_user_existence_errors",
        ("ENABLED",),
        "tells strangers who is a member",
    ),
    _Guard("aws_s3_bucket", "force_destroy", (False, None), "can be deleted with all that is in it"),
    _Guard(
        "aws_s3_bucket_versioning",
        "versioning_configuration.0.status",
        ("Enabled",),
        "keeps no older versions any more",
    ),
    _Guard("aws_cloudfront_distribution", "logging_config", (PRESENT,), "writes no access logs any more"),
    _Guard("aws_apigatewayv2_stage", "access_log_settings", (PRESENT,), "writes no access logs any more"),
    _Guard("aws_lambda_function", "logging_config", (PRESENT,), "no longer writes into its own log"),
    _Guard("aws_kms_key", "enable_key_rotation", (True,), "its key is no longer rotated"),
    _Guard("aws_kms_key", "is_enabled", (True,), "what it encrypts cannot be read"),
    _Guard("aws_cloudwatch_metric_alarm", "actions_enabled", (True,), "tells nobody any more"),
    _Guard("aws_cloudwatch_metric_alarm", "alarm_actions", (PRESENT,), "tells nobody any more"),
)
# Attributes of any type that name the key that it is encrypted with.
_KEYS = ("kms_key_id", "kms_key_arn", "kms_master_key_id", "kms_key_identifier")
# Attributes whose rules decide how long something is kept, or what is let in.
_RULES = {
    ("aws_s3_bucket_lifecycle_configuration", "rule"): "changes how long files are kept",
    ("aws_backup_plan", "rule"): "changes what is backed up, and how long that is kept",
    ("aws_backup_selection", "resources"): "changes what is backed up",
    ("aws_wafv2_web_acl", "rule"): "changes what the firewall lets in",
    ("aws_wafv2_web_acl", "default_action"): "changes what the firewall lets in",
}
# Types that are there for protection alone.
_PROTECTORS = {
    "aws_backup_plan": "nothing is backed up any more",
    "aws_backup_selection": "nothing is backed up any more",
    "aws_backup_vault_policy": "its backups are less protected",
    "aws_s3_bucket_public_access_block": "its bucket can become public",
    "aws_s3_account_public_access_block": "the account's buckets can become public",
    "aws_s3_bucket_versioning": "older versions are kept no more",
    "aws_s3_bucket_server_side_encryption_configuration": "its bucket loses its encryption settings",
    "aws_s3_bucket_replication_configuration": "nothing is copied to the other region any more",
    "aws_s3_bucket_logging": "access is logged no more",
    "aws_wafv2_web_acl": "the firewall is gone",
    "aws_cloudtrail": "nobody's actions are recorded any more",
    "aws_cloudwatch_metric_alarm": "nobody is told any more",
}


def protection_findings(changes: Sequence[PlannedChange]) -> Iterator[Finding]:
    """What these changes leave less protected than it was."""
    for change in changes:
        if change.action is Action.DELETE and change.type in _PROTECTORS:
            yield _finding(change, _PROTECTORS[change.type])
        if change.action not in (Action.UPDATE, Action.REPLACE) or change.before is None:
            continue
        for guard in _GUARDS:
            if guard.type == change.type and _lost(change, guard.path, guard.good):
                yield _finding(change, guard.text)
        if any(_lost(change, name, (PRESENT,)) for name in _KEYS):
            yield _finding(change, "is no longer encrypted with its own key")
        for (kind, name), text in _RULES.items():
            if kind == change.type and name in change.changed:
                yield _finding(change, text)
        if change.type == "aws_cloudwatch_log_group" and _kept_shorter(change):
            yield _finding(change, "older logs are deleted")


def _lost(change: PlannedChange, path: str, good: tuple[object, ...]) -> bool:
    return _is_good(value_at(change.before, {}, path), good) and not _is_good(
        value_at(change.after, change.unknown, path), good
    )


def _is_good(value: object, good: tuple[object, ...]) -> bool:
    if PRESENT in good:
        return bool(value)  # what is not known yet is present: a reference to what the plan makes
    return value is not UNKNOWN and value in good


def _kept_shorter(change: PlannedChange) -> bool:
    """Whether logs are kept for fewer days; 0 keeps them for ever."""
    before = value_at(change.before, {}, "retention_in_days") or float("inf")
    after = value_at(change.after, change.unknown, "retention_in_days")
    if after is UNKNOWN:
        return True
    days = after or float("inf")
    return isinstance(before, int | float) and isinstance(days, int | float) and days < before


def _finding(change: PlannedChange, text: str) -> Finding:
    return Finding(RiskLevel.HIGH, f"protection: {text}", change.address, f"{text}: {change.address}")
