"""What there is in an account of the embedded AWS, by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3

GLOBAL_REGION = "us-east-1"


@dataclass(frozen=True)
class Subject:
    """One creator of a test, in an account of its own."""

    slug: str
    account_id: str
    region: str


def everything_in(url: str, subject: Subject) -> dict[str, list[str]]:
    """Names of what is in the account, by kind; kinds of which there is nothing are left out."""

    def client(service: str, region: str = subject.region) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id=subject.account_id,
            aws_secret_access_key="test",
        )

    def names(items: list[dict[str, Any]], key: str) -> list[str]:
        return [item[key] for item in items]

    cloudfront, events, kms = client("cloudfront"), client("events"), client("kms")
    keys = (kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"])
    found = {
        "buckets": names(client("s3").list_buckets()["Buckets"], "Name"),
        "tables": client("dynamodb").list_tables()["TableNames"],
        "functions": names(client("lambda").list_functions()["Functions"], "FunctionName"),
        "event sources": names(
            client("lambda").list_event_source_mappings()["EventSourceMappings"], "FunctionArn"
        ),
        "layers": names(client("lambda").list_layers()["Layers"], "LayerName"),
        "roles": names(client("iam").list_roles()["Roles"], "RoleName"),
        "apis": names(client("apigatewayv2").get_apis()["Items"], "Name"),
        "log groups": names(client("logs").describe_log_groups()["logGroups"], "logGroupName"),
        "alarms": names(client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmName"),
        "rules": names(events.list_rules()["Rules"], "Name"),
        "queues": client("sqs").list_queues().get("QueueUrls", []),
        "topics": names(client("sns").list_topics()["Topics"], "TopicArn"),
        "parameters": names(client("ssm").describe_parameters()["Parameters"], "Name"),
        "keys": [key["Description"] for key in keys if key["KeyState"] == "Enabled"],
        "channels": names(client("ivs").list_channels()["channels"], "name"),
        "recordings": names(client("ivs").list_recording_configurations()["recordingConfigurations"], "name"),
        "playback keys": names(client("ivs").list_playback_key_pairs()["keyPairs"], "name"),
        "rooms": names(client("ivschat").list_rooms()["rooms"], "name"),
        "chat logs": names(client("ivschat").list_logging_configurations()["loggingConfigurations"], "name"),
        "user pools": names(client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"], "Name"),
        "mail identities": names(client("sesv2").list_email_identities()["EmailIdentities"], "IdentityName"),
        "zones": names(client("route53").list_hosted_zones()["HostedZones"], "Name"),
        "certificates": names(
            client("acm", GLOBAL_REGION).list_certificates()["CertificateSummaryList"], "DomainName"
        ),
        "distributions": names(
            cloudfront.list_distributions()["DistributionList"].get("Items", []), "Comment"
        ),
        "configuration sets": client("sesv2").list_configuration_sets()["ConfigurationSets"],
        "delivery streams": client("firehose").list_delivery_streams()["DeliveryStreamNames"],
        "catalogues": names(client("glue").get_databases()["DatabaseList"], "Name"),
        "workgroups": [
            group["Name"]
            for group in client("athena").list_work_groups()["WorkGroups"]
            if group["Name"] != "primary"
        ],
        "dashboards": names(client("cloudwatch").list_dashboards()["DashboardEntries"], "DashboardName"),
        "budgets": names(
            client("budgets", GLOBAL_REGION).describe_budgets(AccountId=subject.account_id)["Budgets"],
            "BudgetName",
        ),
        "anomaly monitors": names(
            client("ce", GLOBAL_REGION).get_anomaly_monitors()["AnomalyMonitors"], "MonitorName"
        ),
        "vaults": names(client("backup").list_backup_vaults()["BackupVaultList"], "BackupVaultName"),
        "backup plans": names(client("backup").list_backup_plans()["BackupPlansList"], "BackupPlanName"),
        "CloudFront functions": names(cloudfront.list_functions()["FunctionList"].get("Items", []), "Name"),
    }
    return {kind: sorted(listed) for kind, listed in found.items() if listed}
