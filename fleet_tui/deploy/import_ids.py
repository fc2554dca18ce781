"""How what a broken run has made is found in the account, and under which id Terraform imports it: pure data.

Every name in `terraform/` follows from the creator, so what a plan wants to make can be asked for by its
planned attributes. Texts in braces are filled from those, with `{account}` and `{region}`, `{answer[…]}` of
what was described and `{item[…]}` of what was found in a list. Import ids are those of the provider's
documentation, the section "Import" of each resource
(https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Described:
    """Asked for by its name; it is there when there is an answer.

    Args:
        service: boto3's name of the service.
        call: the client's method.
        arguments: of the call.
        import_id: under which Terraform imports it.
    """

    service: str
    call: str
    arguments: Mapping[str, str]
    import_id: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Looked for in a list; it is there when exactly one entry fits.

    Args:
        service: boto3's name of the service.
        call: the client's method.
        items: where the entries are in the answer, with dots.
        fits: what an entry's fields (with dots) have to be.
        import_id: under which Terraform imports it.
        arguments: of the call.
    """

    service: str
    call: str
    items: str
    fits: Mapping[str, str]
    import_id: str
    arguments: Mapping[str, str] = field(default_factory=dict)


Finding = Described | Listed


def _named(service: str, call: str, argument: str, name: str = "{name}") -> Described:
    """Described by its name, which is its import id."""
    return Described(service, call, {argument: name}, name)


def _in_api(call: str, fits: Mapping[str, str], id_field: str) -> Listed:
    """A part of an HTTP API."""
    import_id = f"{{api_id}}/{{item[{id_field}]}}"
    return Listed("apigatewayv2", call, "Items", fits, import_id, {"ApiId": "{api_id}"})


FINDINGS: Mapping[str, Finding] = MappingProxyType(
    {
        "aws_acm_certificate": Listed(
            "acm", "list_certificates", "CertificateSummaryList",
            {"DomainName": "{domain_name}"}, "{item[CertificateArn]}",
        ),
        "aws_apigatewayv2_api": Listed(
            "apigatewayv2", "get_apis", "Items", {"Name": "{name}"}, "{item[ApiId]}"
        ),
        "aws_apigatewayv2_api_mapping": Listed(
            "apigatewayv2", "get_api_mappings", "Items", {"ApiId": "{api_id}", "Stage": "{stage}"},
            "{item[ApiMappingId]}/{domain_name}", {"DomainName": "{domain_name}"},
        ),
        "aws_apigatewayv2_authorizer": _in_api("get_authorizers", {"Name": "{name}"}, "AuthorizerId"),
        "aws_apigatewayv2_domain_name": _named(
            "apigatewayv2", "get_domain_name", "DomainName", "{domain_name}"
        ),
        "aws_apigatewayv2_integration": _in_api(
            "get_integrations", {"IntegrationUri": "{integration_uri}"}, "IntegrationId"
        ),
        "aws_apigatewayv2_route": _in_api("get_routes", {"RouteKey": "{route_key}"}, "RouteId"),
        "aws_apigatewayv2_stage": Described(
            "apigatewayv2", "get_stage", {"ApiId": "{api_id}", "StageName": "{name}"}, "{api_id}/{name}"
        ),
        "aws_athena_workgroup": _named("athena", "get_work_group", "WorkGroup"),
        "aws_backup_plan": Listed(
            "backup", "list_backup_plans", "BackupPlansList",
            {"BackupPlanName": "{name}"}, "{item[BackupPlanId]}",
        ),
        "aws_backup_selection": Listed(
            "backup", "list_backup_selections", "BackupSelectionsList",
            {"SelectionName": "{name}"}, "{plan_id}|{item[SelectionId]}", {"BackupPlanId": "{plan_id}"},
        ),
        "aws_backup_vault": _named("backup", "describe_backup_vault", "BackupVaultName"),
        "aws_budgets_budget": Described(
            "budgets", "describe_budget", {"AccountId": "{account}", "BudgetName": "{name}"},
            "{account}:{name}",
        ),
        "aws_ce_anomaly_monitor": Listed(
            "ce", "get_anomaly_monitors", "AnomalyMonitors",
            {"MonitorName": "{name}"}, "{item[MonitorArn]}",
        ),
        "aws_ce_anomaly_subscription": Listed(
            "ce", "get_anomaly_subscriptions", "AnomalySubscriptions",
            {"SubscriptionName": "{name}"}, "{item[SubscriptionArn]}",
        ),
        "aws_cloudfront_distribution": Listed(
            "cloudfront", "list_distributions", "DistributionList.Items",
            {"Comment": "{comment}"}, "{item[Id]}",
        ),
        "aws_cloudfront_function": _named("cloudfront", "describe_function", "Name"),
        "aws_cloudfront_origin_access_control": Listed(
            "cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items",
            {"Name": "{name}"}, "{item[Id]}",
        ),
        "aws_cloudfront_response_headers_policy": Listed(
            "cloudfront", "list_response_headers_policies", "ResponseHeadersPolicyList.Items",
            {"ResponseHeadersPolicy.ResponseHeadersPolicyConfig.Name": "{name}"},
            "{item[ResponseHeadersPolicy][Id]}", {"Type": "custom"},
        ),
        "aws_cloudwatch_event_rule": _named("events", "describe_rule", "Name"),
        "aws_cloudwatch_event_target": Listed(
            "events", "list_targets_by_rule", "Targets", {"Arn": "{arn}"},
            "{rule}/{item[Id]}", {"Rule": "{rule}"},
        ),
        "aws_cloudwatch_log_group": Listed(
            "logs", "describe_log_groups", "logGroups", {"logGroupName": "{name}"}, "{name}",
            {"logGroupNamePrefix": "{name}"},
        ),
        "aws_cloudwatch_log_stream": Listed(
            "logs", "describe_log_streams", "logStreams", {"logStreamName": "{name}"},
            "{log_group_name}:{name}",
            {"logGroupName": "{log_group_name}", "logStreamNamePrefix": "{name}"},
        ),
        "aws_cognito_user_group": Described(
            "cognito-idp", "get_group", {"GroupName": "{name}", "UserPoolId": "{user_pool_id}"},
            "{user_pool_id}/{name}",
        ),
        "aws_cognito_user_pool": Listed(
            "cognito-idp", "list_user_pools", "UserPools", {"Name": "{name}"}, "{item[Id]}"
        ),
        "aws_cognito_user_pool_client": Listed(
            "cognito-idp", "list_user_pool_clients", "UserPoolClients", {"ClientName": "{name}"},
            "{user_pool_id}/{item[ClientId]}", {"UserPoolId": "{user_pool_id}"},
        ),
        "aws_cognito_user_pool_domain": Described(
            "cognito-idp", "describe_user_pool_domain", {"Domain": "{domain}"},
            "{answer[DomainDescription][Domain]}",  # an empty description where there is none
        ),
        "aws_dynamodb_table": _named("dynamodb", "describe_table", "TableName"),
        "aws_glue_catalog_database": Described(
            "glue", "get_database", {"Name": "{name}"}, "{account}:{name}"
        ),
        "aws_glue_catalog_table": Described(
            "glue", "get_table", {"DatabaseName": "{database_name}", "Name": "{name}"},
            "{account}:{database_name}:{name}",
        ),
        "aws_iam_role": _named("iam", "get_role", "RoleName"),
        "aws_ivs_channel": Listed(
            "ivs", "list_channels", "channels", {"name": "{name}"}, "{item[arn]}"
        ),
        "aws_ivs_playback_key_pair": Listed(
            "ivs", "list_playback_key_pairs", "keyPairs", {"name": "{name}"}, "{item[arn]}"
        ),
        "aws_ivs_recording_configuration": Listed(
            "ivs", "list_recording_configurations", "recordingConfigurations",
            {"name": "{name}"}, "{item[arn]}",
        ),
        "aws_ivschat_logging_configuration": Listed(
            "ivschat", "list_logging_configurations", "loggingConfigurations",
            {"name": "{name}"}, "{item[arn]}",
        ),
        "aws_ivschat_room": Listed(
            "ivschat", "list_rooms", "rooms", {"name": "{name}"}, "{item[arn]}"
        ),
        "aws_kinesis_firehose_delivery_stream": Described(
            "firehose", "describe_delivery_stream", {"DeliveryStreamName": "{name}"},
            "{answer[DeliveryStreamDescription][DeliveryStreamARN]}",
        ),
        "aws_kms_alias": Listed("kms", "list_aliases", "Aliases", {"AliasName": "{name}"}, "{name}"),
        "aws_lambda_event_source_mapping": Listed(
            "lambda", "list_event_source_mappings", "EventSourceMappings",
            {"EventSourceArn": "{event_source_arn}"}, "{item[UUID]}",
            {"FunctionName": "{function_name}", "EventSourceArn": "{event_source_arn}"},
        ),
        "aws_lambda_function": _named("lambda", "get_function", "FunctionName", "{function_name}"),
        "aws_route53_health_check": Listed(
            "route53", "list_health_checks", "HealthChecks",
            {"HealthCheckConfig.FullyQualifiedDomainName": "{fqdn}"}, "{item[Id]}",
        ),
        "aws_route53_record": Listed(
            "route53", "list_resource_record_sets", "ResourceRecordSets",
            {"Name": "{name}.", "Type": "{type}"}, "{zone_id}_{name}_{type}",
            {"HostedZoneId": "{zone_id}"},
        ),
        "aws_route53_zone": Listed(
            "route53", "list_hosted_zones", "HostedZones", {"Name": "{name}."}, "{item[Id]}"
        ),
        "aws_s3_bucket": _named("s3", "head_bucket", "Bucket", "{bucket}"),
        "aws_sesv2_configuration_set": _named(
            "sesv2", "get_configuration_set", "ConfigurationSetName", "{configuration_set_name}"
        ),
        "aws_sesv2_configuration_set_event_destination": Listed(
            "sesv2", "get_configuration_set_event_destinations", "EventDestinations",
            {"Name": "{event_destination_name}"}, "{configuration_set_name}|{event_destination_name}",
            {"ConfigurationSetName": "{configuration_set_name}"},
        ),
        "aws_sesv2_email_identity": _named(
            "sesv2", "get_email_identity", "EmailIdentity", "{email_identity}"
        ),
        "aws_sns_topic": _named(
            "sns", "get_topic_attributes", "TopicArn", "arn:aws:sns:{region}:{account}:{name}"
        ),
        "aws_sqs_queue": Described("sqs", "get_queue_url", {"QueueName": "{name}"}, "{answer[QueueUrl]}"),
        "aws_ssm_parameter": _named("ssm", "get_parameter", "Name"),
        "aws_wafv2_web_acl": Listed(
            "wafv2", "list_web_acls", "WebACLs", {"Name": "{name}"},
            "{item[Id]}/{name}/{scope}", {"Scope": "{scope}"},
        ),
    }
)  # fmt: skip
"""What is found by one call."""

FOUND_BY_MORE = frozenset({"aws_athena_named_query", "aws_kms_key", "aws_lambda_permission"})
"""What takes more than one call; `orphans` has how."""

WRITTEN_OVER = frozenset(
    {
        "aws_acm_certificate_validation",  # nothing of its own: it waits
        "aws_backup_vault_policy",
        "aws_cloudwatch_dashboard",
        "aws_cloudwatch_metric_alarm",
        "aws_cognito_user_pool_ui_customization",
        "aws_iam_role_policy",
        "aws_lambda_function_event_invoke_config",
        "aws_s3_bucket_cors_configuration",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_notification",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_replication_configuration",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_s3_object",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",  # AWS answers with the one that is there
        "aws_sqs_queue_policy",
    }
)
"""What AWS has one of, by its place or its name: to make it again writes over it, so nothing is doubled."""

BY_HAND: Mapping[str, str] = MappingProxyType(
    {
        "aws_dynamodb_table_item": "Terraform cannot import it: where the apply says that it exists, delete "
        "the item, and plan again",
        "aws_lambda_layer_version": "a version that a broken run has published stays beside the new one; "
        "delete the older one",
    }
)
"""What a person has to look after, and how."""
