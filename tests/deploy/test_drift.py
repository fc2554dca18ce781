"""From a refresh-only plan to what a person has to know."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.deploy.drift import AcceptedDrift, Drift, DriftClass, DriftedResource, DriftFinding
from fleet_tui.deploy.drift.classes import class_of
from fleet_tui.deploy.drift.findings import findings
from fleet_tui.deploy.drift.known import after_apply, after_check, after_plan
from fleet_tui.deploy.drift.schema import excerpt, schemas
from fleet_tui.deploy.drift.settings import scalar, setting_of
from fleet_tui.deploy.drift.sources import Place, Sources
from fleet_tui.deploy.drift.values import shown
from fleet_tui.deploy.variables import creator_variables
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import Modules

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
KASPER = Creator(
    slug="kasper",
    name="Kasper Kast",
    domain="kasper.live",
    account_id="123456789012",
    region="eu-central-1",
    contact="kasper@kasper.live",
    monthly_budget=Decimal(150),
    tags={"topic": "games"},
    modules=Modules.model_validate({"ivs-streaming": {"channel_type": "STANDARD"}}),
)


def drifted(
    kind: str,
    before: dict[str, Any],
    after: dict[str, Any] | None,
    *,
    module: str = "",
    secret: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "address": f"{module}.{kind}.this".lstrip("."),
        "module_address": module,
        "mode": "managed",
        "type": kind,
        "name": "this",
        "change": {"before": before, "after": after, "before_sensitive": secret, "after_sensitive": secret},
    }


def expressions(**references: list[str]) -> dict[str, Any]:
    return {
        name: {"references": found} if found else {"constant_value": 1} for name, found in references.items()
    }


def plan(
    *changes: dict[str, Any], managed: dict[str, list[dict[str, Any]]] | None = None, **configuration: Any
):
    resources = [
        {"mode": "managed", "type": kind, "values": values}
        for kind, all_values in (managed or {}).items()
        for values in all_values
    ]
    return {
        "resource_drift": list(changes),
        "prior_state": {"values": {"root_module": {"child_modules": [{"resources": resources}]}}},
        "configuration": {"root_module": configuration},
    }


def declared(kind: str, **references: list[str]) -> dict[str, Any]:
    return {"mode": "managed", "type": kind, "name": "this", "expressions": expressions(**references)}


def found(document: dict[str, Any], place: Place | None = None) -> tuple[DriftFinding, ...]:
    return findings(document, KASPER, lambda *_: place or Place())


def test_nothing_of_what_a_whole_creator_shows_after_an_apply_is_drift():
    """Every kind of difference that the AWS provider has shown for a creator with all modules on, whom nobody
    had touched."""
    document = json.loads((Path(__file__).parent / "drift_noise.json").read_text())
    assert len(document["resource_drift"]) > 20
    assert found(document) == ()
    alone = document | {"prior_state": {}}  # what manages a policy is not there: the policy is somebody's
    assert {one.type for one in found(alone)} >= {"aws_iam_role", "aws_sqs_queue", "aws_sns_topic"}


def test_the_worst_comes_first_and_every_resource_once():
    document = plan(
        drifted("aws_dynamodb_table", {"tags_all": {"a": "1"}}, {"tags_all": {"a": "2"}}),
        drifted("aws_lambda_function", {"timeout": 3}, {"timeout": 60}),
        drifted("aws_s3_bucket_policy", {"policy": "{}"}, {"policy": '{"Statement": [1]}'}),
        drifted("aws_sqs_queue", {"id": "q"}, None),
    )
    assert [one.worst for one in found(document)] == [
        DriftClass.GONE, DriftClass.ACCESS, DriftClass.BEHAVIOUR, DriftClass.COSMETIC,
    ]  # fmt: skip


def test_secrets_are_hidden_by_terraforms_marks_and_by_their_names():
    document = plan(
        drifted(
            "aws_ssm_parameter",
            {"value": "old-hush", "description": "a"},
            {"value": "new-hush", "description": "b"},
            secret={"value": True},
        ),
        drifted(
            "aws_lambda_function",
            {"environment": [{"variables": {"STRIPE_SECRET": "old-hush", "LEVEL": "INFO"}}]},
            {"environment": [{"variables": {"STRIPE_SECRET": "new-hush", "LEVEL": "DEBUG"}}]},
        ),
        drifted("aws_x", {"note": "none"}, {"note": "sk_live_" + "newhush" * 3}),
        drifted("aws_y", {"rules": []}, {"rules": [{"api_key": "new-hush", "on": True}]}),
    )
    told = found(document)
    text = "".join(one.model_dump_json() for one in told)
    assert "hush" not in text
    assert '"DEBUG"' in text
    hidden = {one.path for finding in told for one in finding.attributes if one.hidden}
    assert hidden == {"value", "environment[0].variables.STRIPE_SECRET", "note"}


def test_two_different_secrets_leave_one_mark_and_two_different_values_two():
    def mark(value: str, **more: Any) -> str:
        return found(plan(drifted("aws_ssm_parameter", {"value": "a"}, {"value": value}, **more)))[0].mark

    assert mark("b", secret={"value": True}) == mark("c", secret={"value": True})
    assert mark("b") != mark("c")
    assert mark("b") == mark("b")


def test_what_is_attached_to_a_role_past_terraform_is_told_and_what_is_managed_is_not():
    role = {"name": "r", "managed_policy_arns": [], "inline_policy": []}
    after = role | {
        "managed_policy_arns": ["arn:mine", "arn:aws:iam::aws:policy/AdministratorAccess"],
        "inline_policy": [{"name": "function", "policy": "{}"}, {"name": "backdoor", "policy": "{}"}],
    }
    document = plan(
        drifted("aws_iam_role", role, after),
        managed={
            "aws_iam_role_policy": [{"role": "r", "name": "function"}],
            "aws_iam_role_policy_attachment": [{"role": "r", "policy_arn": "arn:mine"}],
        },
        resources=[declared("aws_iam_role", name=[])],
    )
    (one,) = found(document)
    told = {attribute.path: attribute.after for attribute in one.attributes}
    assert "AdministratorAccess" in told["managed_policy_arns"]
    assert "arn:mine" not in told["managed_policy_arns"]
    assert "backdoor" in told["inline_policy"]
    assert '"function"' not in told["inline_policy"]
    assert one.worst is DriftClass.ACCESS
    assert not one.repaired  # no plan takes away what was attached by hand


def test_a_bucket_that_s3_encrypts_by_itself_has_not_drifted_and_one_with_another_key_has():
    def encrypted(algorithm: str) -> dict[str, Any]:
        rule = {"apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm}]}
        return {"id": "b", "server_side_encryption_configuration": [{"rule": [rule]}]}

    before = {"id": "b", "server_side_encryption_configuration": []}
    assert not found(plan(drifted("aws_s3_bucket", before, encrypted("AES256"))))
    (one,) = found(plan(drifted("aws_s3_bucket", before, encrypted("aws:kms"))))
    assert one.worst is DriftClass.ACCESS


def test_what_terraform_was_told_to_ignore_is_no_drift():
    change = drifted(
        "aws_s3_object", {"source": "a", "content_type": "x"}, {"source": "b", "content_type": "x"}
    )
    document = plan(change, resources=[declared("aws_s3_object", source=[])])
    assert found(document)
    assert not found(document, Place("main.tf", frozenset({"source"})))
    assert not found(document, Place("main.tf", frozenset({"all"})))


def test_code_that_was_exchanged_by_hand_shows_although_aws_computes_it():
    document = plan(
        drifted(
            "aws_lambda_function", {"code_sha256": "a", "version": "1"}, {"code_sha256": "b", "version": "2"}
        )
    )
    (one,) = found(document)
    assert [attribute.path for attribute in one.attributes] == ["code_sha256"]
    assert (one.worst, one.repaired) == (DriftClass.ACCESS, False)


def test_a_value_is_followed_back_through_the_modules_to_its_setting():
    before = {"type": "STANDARD", "latency_mode": "LOW", "name": "kasper", "tags_all": {"topic": "games"}}
    after = {"type": "BASIC", "latency_mode": "NORMAL", "name": "casper", "tags_all": {"topic": "music"}}
    module = {
        "source": "../modules/ivs-streaming",
        "expressions": expressions(
            channel=["var.ivs_streaming.channel_type", "var.ivs_streaming"],
            latency=["local.latency"],
            creator=["local.creator"],
        ),
        "module": {
            "resources": [
                declared(
                    "aws_ivs_channel",
                    type=["var.channel"],
                    latency_mode=["var.latency"],
                    name=["var.creator.slug", "var.creator"],
                )
            ]
        },
    }
    document = plan(
        drifted("aws_ivs_channel", before, after, module='module.ivs_streaming["a.b"]'),
        module_calls={"ivs_streaming": module},
    )
    seen: list[tuple[str, str, str]] = []

    def place(folder: str, kind: str, name: str) -> Place:
        seen.append((folder, kind, name))
        return Place("terraform/modules/ivs-streaming/main.tf")

    (one,) = findings(document, KASPER, place)
    assert {attribute.path: attribute.setting for attribute in one.attributes} == {
        "type": "modules.ivs-streaming.channel_type",
        "latency_mode": "",  # made in a local: nobody knows from what
        "name": "",
        "tags.topic": "tags.topic",
    }
    assert seen == [("../modules/ivs-streaming", "aws_ivs_channel", "this")]
    assert one.place == "terraform/modules/ivs-streaming/main.tf"


def test_a_setting_whose_value_is_made_into_another_one_carries_nothing():
    document = plan(
        drifted("aws_budgets_budget", {"limit_amount": "120.00"}, {"limit_amount": "175"}),
        resources=[declared("aws_budgets_budget", limit_amount=["var.monthly_budget"])],
    )
    assert found(document)[0].attributes[0].setting == ""  # 120 was applied, creator.toml says 150
    document["resource_drift"][0]["change"]["before"] = {"limit_amount": "150.00"}
    assert found(document)[0].attributes[0].setting == "monthly_budget"


def _paths(value: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if isinstance(value, dict):
        return [found for name, part in value.items() for found in _paths(part, (*path, name))]
    return [path]


@pytest.mark.parametrize("path", _paths(creator_variables(KASPER), ()), ids=".".join)
def test_a_setting_leads_back_to_the_variable_that_it_came_from(path):
    variables: Any = creator_variables(KASPER)
    for part in path:
        variables = variables[part]
    key = setting_of(KASPER, path, variables)
    if key is None or isinstance(variables, list):
        return
    assert scalar(KASPER, key, str(shown(variables))) == variables


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ivs_streaming", "channel_type"), "BASIC"),
        (("monthly_budget",), 151.0),
        (("slug",), "kasper"),
        (("account_id",), "123456789012"),
        (("configuration_digest",), "x"),
        (("ivs_streaming",), "x"),
    ],
)
def test_what_is_no_setting_or_says_something_else_carries_nothing(path, value):
    assert setting_of(KASPER, path, value) is None


def test_a_value_that_the_setting_cannot_have_is_none():
    assert scalar(KASPER, ("monthly_budget",), "many") is None
    assert scalar(KASPER, ("modules", "ivs-streaming", "recording"), "yes") is None
    assert scalar(KASPER, ("modules", "ivs-streaming", "recording"), "false") is False


@pytest.mark.parametrize(
    ("kind", "names", "expected"),
    [
        ("aws_s3_bucket_public_access_block", "block_public_acls", DriftClass.ACCESS),
        ("aws_dynamodb_table", "deletion_protection_enabled", DriftClass.ACCESS),
        ("aws_dynamodb_table", "server_side_encryption.kms_key_arn", DriftClass.ACCESS),
        ("aws_dynamodb_table", "point_in_time_recovery.enabled", DriftClass.DATA),
        ("aws_dynamodb_table", "billing_mode", DriftClass.DATA),
        ("aws_cloudwatch_log_group", "retention_in_days", DriftClass.DATA),
        ("aws_s3_bucket_versioning", "versioning_configuration.status", DriftClass.DATA),
        ("aws_cloudfront_distribution", "logging_config.bucket", DriftClass.ACCESS),
        ("aws_cloudfront_distribution", "default_cache_behavior.viewer_protocol_policy", DriftClass.ACCESS),
        ("aws_apigatewayv2_route", "authorization_type", DriftClass.ACCESS),
        ("aws_apigatewayv2_api", "cors_configuration.allow_origins", DriftClass.ACCESS),
        ("aws_cognito_user_pool", "mfa_configuration", DriftClass.ACCESS),
        ("aws_iam_role", "tags.topic", DriftClass.COSMETIC),
        ("aws_kms_key", "description", DriftClass.COSMETIC),
        ("aws_kms_key", "enable_key_rotation", DriftClass.ACCESS),
        ("aws_ivs_channel", "latency_mode", DriftClass.BEHAVIOUR),
        ("aws_ivs_channel", "insecure_ingest", DriftClass.ACCESS),
        ("aws_lambda_function", "memory_size", DriftClass.BEHAVIOUR),
    ],
)
def test_how_much_it_matters(kind, names, expected):
    assert class_of(kind, names) is expected


# What is kept


def finding(address: str = "aws_x.a", mark: str = "m", *, gone: bool = False) -> DriftFinding:
    return DriftFinding(
        address=address, type="aws_x", worst=DriftClass.GONE if gone else DriftClass.DATA, mark=mark
    )


def accepted(mark: str = "m", days: int = 3) -> AcceptedDrift:
    return AcceptedDrift(
        mark=mark, operator="ana", reason="known", accepted_at=NOW, until=NOW + timedelta(days=days)
    )


def kept(address: str = "aws_x.a", **more: Any) -> DriftedResource:
    return DriftedResource.model_validate(
        {"address": address, "type": "aws_x", "worst": DriftClass.DATA, "first_seen": NOW, "mark": "m"} | more
    )


def drift_of(*resources: DriftedResource) -> Drift:
    return Drift(checked_at=NOW, addresses=tuple(one.address for one in resources), resources=resources)


def test_a_drift_keeps_its_beginning_and_its_acceptance_for_as_long_as_it_is_the_same():
    before = drift_of(kept(accepted=accepted()), kept("aws_x.b", accepted=accepted()))
    later = NOW + timedelta(hours=1)
    after = after_check(before, [finding(), finding("aws_x.b", mark="other"), finding("aws_x.c")], later)
    a, b, c = after.resources
    assert (a.first_seen, b.first_seen, c.first_seen) == (NOW, NOW, later)
    assert a.accepted is not None
    assert b.accepted is None  # something else is different now
    assert after.open(later) == ("aws_x.b", "aws_x.c")
    assert after.since == NOW


def test_an_acceptance_is_over_on_its_day():
    drift = drift_of(kept(accepted=accepted(days=3)))
    assert drift.open(NOW + timedelta(days=2, hours=23)) == ()
    assert drift.open(NOW + timedelta(days=3)) == ("aws_x.a",)


def test_a_plan_drops_what_it_would_not_change_back_and_keeps_what_no_plan_sees():
    before = drift_of(kept("aws_x.a"), kept("aws_x.b"), kept("aws_x.c", repaired=False))
    after = after_plan(before, ["aws_x.a", "aws_x.new"], {"aws_x.new": "aws_x"}, NOW + timedelta(hours=1))
    assert after.addresses == ("aws_x.a", "aws_x.c", "aws_x.new")
    classes = {one.address: one.worst for one in after.resources}
    assert classes["aws_x.new"] is DriftClass.UNSORTED
    assert next(one for one in after.resources if one.address == "aws_x.a").first_seen == NOW
    assert after_apply(after, NOW).addresses == ("aws_x.c",)
    assert after_apply(drift_of(kept()), NOW) is None


@given(st.lists(st.sampled_from("abcd"), unique=True), st.lists(st.sampled_from("abcd"), unique=True))
def test_exactly_what_was_found_last_is_kept(first, second):
    one = after_check(None, [finding(name) for name in first], NOW)
    two = after_check(one, [finding(name) for name in second], NOW + timedelta(hours=1))
    assert set(two.addresses) == {resource.address for resource in two.resources} == set(second)
    assert all((one.first_seen == NOW) == (one.address in first) for one in two.resources)


def test_a_record_of_before_drift_had_resources_is_read():
    old = Drift.model_validate({"checked_at": NOW, "addresses": ["a"]})
    assert old.open(NOW) == ("a",)
    assert after_plan(old, ["a"], {}, NOW).resources[0].worst is DriftClass.UNSORTED


# The workspace, and the provider's schema


def test_a_resource_is_found_in_the_workspace_with_what_is_ignored_about_it():
    sources = Sources(ROOT)
    assert sources.place("../modules/ivs-streaming", "aws_ivs_channel", "this") == Place(
        "terraform/modules/ivs-streaming/main.tf"
    )
    assert sources.place("../modules/s3-website", "aws_s3_object", "placeholder").ignored == {"all"}
    assert sources.place("../modules/lambda-artifacts", "aws_s3_object", "this").ignored == {"source"}
    assert sources.place("../modules/shop", "aws_ivs_channel", "this") == Place()
    assert sources.place("../../..", "aws_ivs_channel", "this") == Place()


def test_the_schema_knows_every_type_that_our_modules_use():
    used = {
        kind
        for file in (ROOT / "terraform").rglob("*.tf")
        if ".terraform" not in file.parts
        for kind in re.findall(r'^resource "(\w+)"', file.read_text(), re.MULTILINE)
    }
    assert used <= schemas().keys()


def test_an_excerpt_of_the_providers_schema():
    block = {
        "attributes": {
            "arn": {"type": "string", "computed": True},
            "value": {"type": "string", "computed": True, "optional": True, "sensitive": True},
            "names": {"type": ["set", "string"], "optional": True},
        },
        "block_types": {"rule": {"nesting_mode": "set", "block": {"attributes": {"id": {"computed": True}}}}},
    }
    document = {
        "provider_schemas": {
            "registry.terraform.io/hashicorp/aws": {"resource_schemas": {"aws_x": {"block": block}}}
        }
    }
    assert excerpt(document, ["aws_x"]) == {
        "aws_x": {
            "computed": ["arn", "rule.id"],
            "kept": ["value"],
            "secret": ["value"],
            "sets": ["names", "rule"],
        }
    }
