"""How much a change behind Terraform's back matters: a rule over the type and what is different."""

from __future__ import annotations

import re

from fleet_tui.deploy.drift.model import DriftClass

# Types that are nothing but permissions, or a guard against the public.
_ACCESS_TYPES = re.compile(
    r"aws_iam_|aws_kms_|aws_wafv2_|aws_lambda_permission$|.*_policy$|aws_s3_bucket_public_access_block$"
    r"|aws_s3_bucket_ownership_controls$|aws_s3_bucket_server_side_encryption_configuration$"
    r"|aws_cloudfront_origin_access_control$|aws_cloudfront_response_headers_policy$"
    r"|aws_ivs_playback_key_pair$|aws_apigatewayv2_authorizer$|aws_cognito_user_group$"
)
# Names of attributes that decide who may do what, and whether somebody would notice.
_ACCESS_NAMES = re.compile(
    r"(^|[._])(policy|policies|policy_arns|permissions?_boundary|assume_role_policy|acl|grant|public\w*|principal\w*"
    r"|encrypt\w*|sse\w*|kms\w*|server_side_encryption\w*|sqs_managed_sse_enabled|key_id"
    r"|deletion_protection\w*|prevent_destroy|lock_configuration|object_lock\w*"
    r"|logging\w*|log_config\w*|access_log\w*|logs?_enabled|tracing\w*"
    r"|authori\w+|authenticat\w+|insecure_ingest|mfa\w*|password_policy|admin_create_user_config"
    r"|callback_urls|logout_urls|explicit_auth_flows|allowed_oauth\w*|cors\w*|allow_origins"
    r"|viewer_protocol_policy|viewer_certificate|minimum_protocol_version|tls_policy|web_acl_id"
    r"|origin_access\w*|trusted_\w+|block_\w+|restrict_\w+|ignore_public_acls|restrictions"
    r"|role|role_arn|execution_role\w*|code_sha256|source_code_hash|image_uri|layers|vpc_config)([._]|$)"
)
_DATA_TYPES = re.compile(
    r"aws_dynamodb_table|aws_backup_|aws_s3_bucket_(lifecycle|versioning|replication|object_lock)"
    r"|aws_ivs_recording_configuration$|aws_ivschat_logging_configuration$|aws_glue_catalog_|aws_s3_object$"
)
_DATA_NAMES = re.compile(
    r"(^|[._])(point_in_time_recovery|retention\w*|message_retention\w*|lifecycle\w*|versioning\w*|replica\w*"
    r"|ttl|stream_enabled|stream_view_type|hash_key|range_key|attribute|global_secondary_index"
    r"|recording_configuration_arn|redrive_policy|dead_letter_config|force_destroy|backup\w*)([._]|$)"
)
_COSMETIC_NAMES = re.compile(r"(^|\.)(tags|tags_all|description|comment|alarm_description|labels?)([.\[]|$)")


def class_of(kind: str, names: str) -> DriftClass:
    """How much it matters that an attribute of a resource is different.

    Args:
        kind: the resource's type.
        names: the way to the attribute without numbers, `cors_configuration.allow_origins`.
    """
    if _COSMETIC_NAMES.search(names):
        return DriftClass.COSMETIC
    if _DATA_NAMES.search(names):
        return DriftClass.DATA
    if _ACCESS_TYPES.match(kind) or _ACCESS_NAMES.search(names):
        return DriftClass.ACCESS
    if _DATA_TYPES.match(kind):
        return DriftClass.DATA
    return DriftClass.BEHAVIOUR
