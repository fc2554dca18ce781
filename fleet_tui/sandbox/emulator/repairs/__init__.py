"""What ministack 1.5.33 gets wrong, put right in memory; one module per service, each says what and why.

The repairs reach into ministack's insides, which is why its version is pinned to the letter. They are held
by the contract test of the emulator: after a new version of ministack, run it and take out what is repaired.
"""

from __future__ import annotations

from fleet_tui.sandbox.emulator.repairs import (
    alarms,
    api_gateway,
    async_invocation,
    backups,
    cloudfront,
    cloudtrail,
    cloudwatch,
    cognito,
    cognito_sign_up,
    dynamodb_backups,
    dynamodb_replicas,
    firehose,
    lambda_functions,
    lambda_workers,
    route53,
    s3_control,
    s3_post,
    schedules,
    ses,
    stream_mappings,
    sts,
    topic_mails,
)

ALL = (
    alarms, api_gateway, async_invocation, backups, cloudfront, cloudtrail, cloudwatch, cognito,
    cognito_sign_up, dynamodb_backups, dynamodb_replicas, firehose, lambda_functions, lambda_workers,
    route53, s3_control, s3_post, schedules, ses, stream_mappings, sts, topic_mails,
)  # fmt: skip


def install() -> None:
    """Put every repair in place."""
    for module in ALL:
        module.install()
