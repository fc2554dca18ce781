from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.operations.model import Action, RiskLevel
from fleet_tui.operations.planjson import PlannedChange
from fleet_tui.operations.risk import assess
from tests.operations.planned import change

ACCOUNT = "210000000001"
SITE = "arn:aws:s3:::kasper-site/*"


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]})


NARROW = policy(Action="s3:GetObject", Resource=SITE)
CLOUDFRONT = {
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": "s3:GetObject",
    "Resource": SITE,
}


@pytest.mark.parametrize("action", [Action.DELETE, Action.REPLACE])
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("aws_dynamodb_table", "its data is lost"),
        ("aws_s3_bucket", "its data is lost"),
        ("aws_cognito_user_pool", "its members are lost"),
        ("aws_backup_vault", "its backups are lost"),
        ("aws_cloudwatch_log_group", "its logs are lost"),
        ("aws_kms_key", "can never be read again"),
        ("aws_ivs_channel", "stream key"),
        ("aws_route53_zone", "name servers"),
        ("aws_cloudfront_distribution", "its address changes"),
        ("aws_apigatewayv2_api", "its address changes"),
    ],
)
def test_losing_data_or_what_people_outside_know_is_destructive(kind, action, told):
    risk = assess([change(kind, action, before={"id": "x"})])
    assert risk.level is RiskLevel.DESTRUCTIVE
    assert told in risk.reasons[0]
    assert f"{kind}.this" in risk.reasons[0]


def test_a_replacement_names_what_it_is_for():
    risk = assess([change("aws_dynamodb_table", Action.REPLACE, replaced_for=("hash_key",))])
    assert risk.reasons == ("replaces aws_dynamodb_table.this for hash_key: its data is lost",)


WIDENED = {
    "every action": policy(Action="*", Resource=SITE),
    "every action of s3": policy(Action=["s3:GetObject", "s3:*"], Resource=SITE),
    "every action but some": policy(NotAction="iam:*", Resource=SITE),
    "its actions on every resource": policy(Action="s3:GetObject", Resource="*"),
    "every resource but some": policy(Action="s3:GetObject", NotResource=SITE),
    "what cannot be read": "{",
}


@pytest.mark.parametrize(("told", "after"), WIDENED.items())
def test_a_policy_that_becomes_wide_is_told(told, after):
    widened = change("aws_iam_role_policy", before={"policy": NARROW}, after={"policy": after})
    risk = assess([widened])
    assert risk.level is RiskLevel.HIGH
    assert f"allows {told}: aws_iam_role_policy.this" in risk.reasons
    made = change("aws_iam_role_policy", Action.CREATE, after={"policy": after})
    assert f"allows {told}: aws_iam_role_policy.this" in assess([made]).reasons


def test_a_policy_that_was_wide_before_is_not_widened():
    wide = policy(Action="*", Resource="*")
    still = policy(Action="*", Resource="*", Sid="renamed")
    reasons = assess([change("aws_iam_policy", before={"policy": wide}, after={"policy": still})]).reasons
    assert reasons == ("changes who may do what: aws_iam_policy.this",)


def test_actions_that_have_no_resource_may_be_for_every_resource():
    metrics = policy(Action=["cloudwatch:PutMetricData"], Resource="*")
    made = change("aws_iam_role_policy", Action.CREATE, after={"policy": metrics})
    assert assess([made]).level is RiskLevel.LOW


@pytest.mark.parametrize(
    ("principal", "condition", "told"),
    [
        ("*", None, "allows everybody in"),
        ({"AWS": "*"}, {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}, "allows everybody in"),
        ({"AWS": ["*"]}, {"StringLike": {"aws:SourceArn": "*"}}, "allows everybody in"),
        ({"AWS": "*"}, {"StringEquals": {"AWS:SourceAccount": ACCOUNT}}, None),
        ({"AWS": "arn:aws:iam::999999999999:root"}, None, "allows another account in"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, None, None),
        ({"Service": "cloudfront.amazonaws.com"}, None, None),
    ],
)
def test_whom_a_resource_lets_in(principal, condition, told):
    after = policy(Principal=principal, Action="s3:GetObject", Resource=SITE) if condition is None else None
    after = after or policy(Principal=principal, Action="s3:GetObject", Resource=SITE, Condition=condition)
    made = change("aws_s3_bucket_policy", Action.CREATE, after={"policy": after})
    reasons = assess([made], ACCOUNT).reasons
    assert reasons == ((f"{told}: aws_s3_bucket_policy.this",) if told else ())


def test_a_role_that_another_account_may_take_on_is_told():
    trust = policy(Principal={"AWS": "arn:aws:iam::999999999999:root"}, Action="sts:AssumeRole")
    made = change("aws_iam_role", Action.CREATE, after={"assume_role_policy": trust})
    assert assess([made], ACCOUNT).reasons == ("allows another account in: aws_iam_role.this",)


def test_taking_back_a_denial_is_told():
    deny = json.dumps({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*"}, CLOUDFRONT]})
    allow = json.dumps({"Statement": CLOUDFRONT | {"Effect": "Allow"}})
    reasons = assess(
        [change("aws_s3_bucket_policy", before={"policy": deny}, after={"policy": allow})]
    ).reasons
    assert "takes back what was denied: aws_s3_bucket_policy.this" in reasons


def test_a_policy_that_is_known_only_later_is_never_taken_for_a_good_one():
    later = change("aws_iam_role_policy", before={"policy": NARROW}, after={}, unknown={"policy": True})
    assert "how is known only after the apply" in assess([later]).reasons[0]
    assert assess([later]).level is RiskLevel.HIGH
    new = change("aws_iam_role_policy", Action.CREATE, after={}, unknown={"policy": True})
    assert assess([new, new]).reasons == ("what 2 new policies allow is known only after the apply",)


def test_a_role_that_only_gets_another_tag_is_no_risk():
    tagged = change("aws_iam_role", before={"tags": {"a": "1"}}, after={"tags": {"a": "2"}})
    assert assess([tagged]).level is RiskLevel.LOW


def test_without_values_every_change_of_permissions_is_a_risk():
    assert assess([change("aws_iam_role")]).reasons == ("changes who may do what: aws_iam_role.this",)


BLOCK = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
)
PUBLIC = {
    "block off": (
        change(
            "aws_s3_bucket_public_access_block", before=BLOCK, after=BLOCK | {"block_public_policy": False}
        ),
        "block_public_policy is off",
    ),
    "block made open": (
        change(
            "aws_s3_account_public_access_block",
            Action.CREATE,
            after=BLOCK | {"restrict_public_buckets": False},
        ),
        "restrict_public_buckets is off",
    ),
    "block unknown": (
        change(
            "aws_s3_bucket_public_access_block", before=BLOCK, after={}, unknown=dict.fromkeys(BLOCK, True)
        ),
        "block_public_acls is off",
    ),
    "acl": (
        change("aws_s3_bucket_acl", before={"acl": "private"}, after={"acl": "public-read"}),
        "lets everybody read the bucket",
    ),
    "function address": (
        change("aws_lambda_function_url", Action.CREATE, after={"authorization_type": "NONE"}),
        "everybody can call the function",
    ),
    "route": (
        change(
            "aws_apigatewayv2_route",
            before={"authorization_type": "JWT"},
            after={"authorization_type": "NONE"},
        ),
        "opens a route to everybody",
    ),
    "new route": (
        change("aws_apigatewayv2_route", Action.CREATE, after={"authorization_type": "NONE"}),
        "opens a route to everybody",
    ),
    "route unknown": (
        change(
            "aws_apigatewayv2_route",
            before={"authorization_type": "JWT"},
            after={},
            unknown={"authorization_type": True},
        ),
        "opens a route to everybody",
    ),
    "permission": (
        change("aws_lambda_permission", Action.CREATE, after={"principal": "*"}),
        "everybody can call the function",
    ),
    "playback": (
        change("aws_ivs_channel", before={"authorized": True}, after={"authorized": False}),
        "everybody can watch",
    ),
    "plain http": (
        change(
            "aws_cloudfront_distribution",
            before={"default_cache_behavior": [{"viewer_protocol_policy": "redirect-to-https"}]},
            after={"default_cache_behavior": [{"viewer_protocol_policy": "allow-all"}]},
        ),
        "answers without encryption",
    ),
    "firewall": (
        change("aws_cloudfront_distribution", before={"web_acl_id": "a"}, after={"web_acl_id": ""}),
        "no longer stands behind its firewall",
    ),
    "old tls": (
        change(
            "aws_cloudfront_distribution",
            before={"viewer_certificate": [{"minimum_protocol_version": "TLSv1.2_2021"}]},
            after={"viewer_certificate": [{"minimum_protocol_version": "TLSv1"}]},
        ),
        "takes older encryption",
    ),
    "origin": (
        change(
            "aws_cloudfront_distribution",
            before={"origin": [{"origin_access_control_id": "E1"}]},
            after={"origin": [{"origin_access_control_id": ""}]},
        ),
        "asks its bucket without proving who it is",
    ),
}


@pytest.mark.parametrize("case", PUBLIC)
def test_what_everybody_may_afterwards_is_told(case):
    opened, told = PUBLIC[case]
    risk = assess([opened])
    assert risk.level is RiskLevel.HIGH
    assert any(told in reason for reason in risk.reasons)


def test_the_public_routes_of_an_api_that_is_made_open_nothing_new():
    api = change("aws_apigatewayv2_api", Action.CREATE, after={"name": "kasper"})
    assert assess([api, PUBLIC["new route"][0]]).level is RiskLevel.LOW


def test_a_distribution_that_is_made_with_all_its_guards_is_no_risk():
    made = change(
        "aws_cloudfront_distribution",
        Action.CREATE,
        after={"default_cache_behavior": [{"viewer_protocol_policy": "redirect-to-https"}]},
        unknown={"web_acl_id": True},
    )
    assert assess([made]).level is RiskLevel.LOW


UNPROTECTED = {
    "table": ("aws_dynamodb_table", {"deletion_protection_enabled": (True, False)}, "can be deleted"),
    "recovery": (
        "aws_dynamodb_table",
        {"point_in_time_recovery": ([{"enabled": True}], [{"enabled": False}])},
        "cannot be taken back in time",
    ),
    "no recovery": (
        "aws_dynamodb_table",
        {"point_in_time_recovery": ([{"enabled": True}], [])},
        "cannot be taken back in time",
    ),
    "encryption": (
        "aws_dynamodb_table",
        {"server_side_encryption": ([{"enabled": True}], [])},
        "loses its own encryption key",
    ),
    "expiry": ("aws_dynamodb_table", {"ttl": ([], [{"enabled": True}])}, "begin to expire"),
    "pool": ("aws_cognito_user_pool", {"deletion_protection": ("ACTIVE", "INACTIVE")}, "can be deleted"),
    "factor": ("aws_cognito_user_pool", {"mfa_configuration": ("ON", "OPTIONAL")}, "second factor"),
    "versions": (
        "aws_s3_bucket_versioning",
        {"versioning_configuration": ([{"status": "Enabled"}], [{"status": "Suspended"}])},
        "keeps no older versions",
    ),
    "force": ("aws_s3_bucket", {"force_destroy": (False, True)}, "with all that is in it"),
    "key": ("aws_sns_topic", {"kms_master_key_id": ("alias/aws/sns", None)}, "no longer encrypted"),
    "access logs": (
        "aws_apigatewayv2_stage",
        {"access_log_settings": ([{"format": "x"}], [])},
        "access logs",
    ),
    "logs": ("aws_cloudwatch_log_group", {"retention_in_days": (90, 30)}, "older logs are deleted"),
    "logs for ever": ("aws_cloudwatch_log_group", {"retention_in_days": (0, 365)}, "older logs are deleted"),
    "alarm": ("aws_cloudwatch_metric_alarm", {"actions_enabled": (True, False)}, "tells nobody"),
    "nobody": ("aws_cloudwatch_metric_alarm", {"alarm_actions": (["arn"], [])}, "tells nobody"),
    "rotation": ("aws_kms_key", {"enable_key_rotation": (True, False)}, "no longer rotated"),
    "files": ("aws_s3_bucket_lifecycle_configuration", {"rule": ([{"id": "a"}], [])}, "how long files are"),
    "firewall": ("aws_wafv2_web_acl", {"rule": ([{"name": "a"}], [])}, "what the firewall lets in"),
}


@pytest.mark.parametrize("case", UNPROTECTED)
def test_protection_that_is_switched_off_is_told_and_switching_it_on_is_not(case):
    kind, values, told = UNPROTECTED[case]
    before = {name: pair[0] for name, pair in values.items()}
    after = {name: pair[1] for name, pair in values.items()}
    risk = assess([change(kind, before=before, after=after)])
    assert risk.level is RiskLevel.HIGH
    assert any(told in reason for reason in risk.reasons), risk.reasons
    if kind not in ("aws_s3_bucket_lifecycle_configuration", "aws_wafv2_web_acl"):
        assert not any(
            told in reason for reason in assess([change(kind, before=after, after=before)]).reasons
        )


def test_protection_that_may_be_switched_off_is_told():
    table = change(
        "aws_dynamodb_table",
        before={"deletion_protection_enabled": True},
        after={},
        unknown={"deletion_protection_enabled": True},
    )
    assert assess([table]).reasons == ("can be deleted afterwards: aws_dynamodb_table.this",)
    logs = change(
        "aws_cloudwatch_log_group",
        before={"retention_in_days": 30},
        after={},
        unknown={"retention_in_days": True},
    )
    assert assess([logs]).reasons == ("older logs are deleted: aws_cloudwatch_log_group.this",)


def test_logs_that_are_kept_longer_are_no_risk():
    for before, after in ((30, 90), (365, 0)):
        longer = change(
            "aws_cloudwatch_log_group",
            before={"retention_in_days": before},
            after={"retention_in_days": after},
        )
        assert assess([longer]).level is RiskLevel.LOW


def test_what_protects_is_missed_when_it_is_deleted():
    reasons = assess([change("aws_backup_plan", Action.DELETE, before={"name": "daily"})]).reasons
    assert "nothing is backed up any more: aws_backup_plan.this" in reasons


def test_taking_in_what_exists_has_its_reason_and_is_low():
    risk = assess([change("aws_s3_bucket", Action.IMPORT, imported=True)])
    assert risk.level is RiskLevel.LOW
    assert risk.reasons == ("takes in aws_s3_bucket.this, which is in the account and not in the state",)


KINDS = ["aws_dynamodb_table", "aws_ivs_channel", "aws_iam_role", "aws_lambda_function", "aws_backup_plan"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
attributes = st.dictionaries(
    st.sampled_from(
        ["policy", "assume_role_policy", "acl", "ttl", "retention_in_days", "default_cache_behavior", "x"]
    ),
    json_values,
    max_size=3,
)
changes = st.builds(
    PlannedChange,
    address=st.text("abc._", min_size=1, max_size=8),
    type=st.sampled_from([*KINDS, "aws_s3_bucket_policy", "aws_cloudwatch_log_group", "aws_s3_bucket_acl"]),
    action=st.sampled_from(Action),
    changed=st.just(("policy", "x")),
    before=st.none() | attributes,
    after=st.none() | attributes,
    unknown=st.dictionaries(st.sampled_from(["policy", "acl"]), st.just(True), max_size=2),
)


@given(st.lists(changes), changes)
def test_one_more_change_never_makes_a_plan_safer(found, more):
    order = list(RiskLevel)
    assert order.index(assess([*found, more]).level) >= order.index(assess(found).level)


@given(st.lists(changes))
def test_the_order_of_changes_says_nothing(found):
    assert assess(found) == assess(list(reversed(found)))


@given(st.lists(changes))
def test_losing_data_or_an_address_is_always_destructive(found):
    lost = any(
        one.action in (Action.DELETE, Action.REPLACE)
        and one.type in ("aws_dynamodb_table", "aws_ivs_channel", "aws_cloudwatch_log_group")
        for one in found
    )
    assert (assess(found).level is RiskLevel.DESTRUCTIVE) == lost


@given(changes)
def test_every_level_above_low_has_a_reason(one):
    risk = assess([one])
    assert risk.reasons or risk.level is RiskLevel.LOW


@given(st.text(), st.sampled_from(["aws_iam_role_policy", "aws_s3_bucket_policy", "aws_s3_bucket_acl"]))
def test_no_value_gets_into_a_reason(text, kind):
    secret = f"hunter2{text}"
    before = {"policy": secret, "acl": secret, "bucket": secret}
    after = {"policy": policy(Principal="*", Action=secret, Resource=secret), "acl": "public-read"}
    reasons = assess([change(kind, before=before, after=after)]).reasons
    assert reasons
    assert not any("hunter2" in reason for reason in reasons)
