from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.operations.model import Action
from fleet_tui.operations.planjson import changed_names, read_plan


def entry(address: str, actions: list[str], **change) -> dict:
    kind = address.removeprefix("module.shop[0].").split(".", 1)[0]
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "change": {"actions": actions, "before": None, "after": None, "after_unknown": {}} | change,
    }


SHOWN = {
    "resource_changes": [
        entry(
            "aws_sqs_queue.b", ["update"], before={"a": 1, "b": "", "c": 1}, after={"a": 2, "b": None, "c": 1}
        ),
        entry("aws_sqs_queue.a", ["create"], after={"name": "x"}),
        entry(
            "module.shop[0].aws_dynamodb_table.this",
            ["delete", "create"],
            before={"hash_key": "id"},
            after={"hash_key": "pk"},
            replace_paths=[["hash_key"], ["attribute", 0, "name"]],
        )
        | {"action_reason": "replace_because_cannot_update"},
        entry("aws_sqs_queue.c", ["no-op"], before={"a": 1}, after={"a": 1}),
        entry("aws_s3_bucket.d", ["no-op"], before={"a": 1}, after={"a": 1}, importing={"id": "kasper-site"}),
        entry("data.aws_region.here", ["read"], after={}) | {"mode": "data"},
        entry("aws_sqs_queue.e", ["delete"], before={"name": "x"}) | {"deposed": "1a2b3c4d"},
        entry("aws_sqs_queue.f", ["forget"], before={"name": "x"}),
        entry(
            "aws_sqs_queue.g", ["update"], before={"a": 1, "c": 1}, after={"a": 2}, after_unknown={"c": True}
        ),
    ],
    "prior_state": {
        "values": {
            "root_module": {
                "child_modules": [
                    {"address": "module.shop[0]", "resources": [{"mode": "managed"}]},
                    {"address": "module.polls[0]", "resources": [{"mode": "data"}]},
                ]
            }
        }
    },
    "planned_values": {
        "root_module": {
            "child_modules": [
                {
                    "address": "module.user_auth[0]",
                    "child_modules": [{"address": "x", "resources": [{"mode": "managed"}]}],
                }
            ]
        }
    },
}


def test_the_changes_of_a_plan_are_read():
    read = read_plan(SHOWN)
    told = {change.address: (change.action, change.changed, change.replaced_for) for change in read.changes}
    assert told == {
        "aws_s3_bucket.d": (Action.IMPORT, (), ()),
        "aws_sqs_queue.a": (Action.CREATE, (), ()),
        "aws_sqs_queue.b": (Action.UPDATE, ("a",), ()),
        "aws_sqs_queue.e (deposed)": (Action.DELETE, (), ()),
        "aws_sqs_queue.f": (Action.DELETE, (), ()),
        "aws_sqs_queue.g": (Action.UPDATE, ("a", "c"), ()),
        "module.shop[0].aws_dynamodb_table.this": (
            Action.REPLACE,
            ("hash_key",),
            ("attribute", "hash_key"),
        ),
    }
    assert [change.address for change in read.changes if change.imported] == ["aws_s3_bucket.d"]
    assert read.changes[-1].because == "replace_because_cannot_update"


def drifted(address: str, actions: list[str], **change) -> dict:
    return {"resource_drift": [entry(address, actions, **change)]}


def test_drift_is_what_the_plan_changes_back():
    spelt = {"before": {"a": 1, "b": ""}, "after": {"a": 1, "b": None}}
    by_hand = {"before": {"a": 2, "b": ""}, "after": {"a": 1, "b": None}}
    elsewhere = {"before": {"a": 1, "c": 1}, "after": {"a": 1, "c": 2}}
    for address, actions, change, found in (
        ("aws_sqs_queue.b", ["update"], by_hand, {"aws_sqs_queue.b"}),
        ("aws_sqs_queue.b", ["update"], spelt, set()),
        ("aws_sqs_queue.b", ["update"], elsewhere, set()),  # the plan changes another attribute of it
        ("aws_sqs_queue.c", ["update"], by_hand, set()),  # the plan leaves it alone
        ("aws_sqs_queue.g", ["update"], elsewhere, set()),  # AWS computes it anew
        ("aws_sqs_queue.a", ["delete"], {"before": {"name": "x"}}, {"aws_sqs_queue.a"}),
        ("aws_sqs_queue.f", ["update"], by_hand, set()),  # it goes anyway
    ):
        assert read_plan(SHOWN | drifted(address, actions, **change)).drift == found, (address, change)


def test_modules_count_where_they_have_resources():
    read = read_plan(SHOWN)
    assert (read.modules_before, read.modules_after) == ({"shop"}, {"user_auth"})


def test_what_is_known_only_later_differs():
    assert changed_names({"a": 1, "b": [1]}, {"b": [1]}, {"a": True, "b": [False]}) == ["a"]


def test_values_stay_where_they_are():
    planted = entry(
        "aws_ssm_parameter.a", ["update"], before={"value": "hunter1"}, after={"value": "hunter2"}
    )
    (change,) = read_plan({"resource_changes": [planted]}).changes
    assert "hunter" not in repr(change)
    assert "hunter" not in change.names_only.model_dump_json()


values = st.recursive(st.none() | st.booleans() | st.text(max_size=3), lambda v: st.lists(v, max_size=2))
attributes = st.dictionaries(st.text("abc", max_size=2), values, max_size=4)


@given(attributes, attributes)
def test_names_differ_by_value_and_by_nothing_else(before, after):
    assert changed_names(before, after, {}) == changed_names(after, before, {})
    assert changed_names(before, before, {}) == []
    assert set(changed_names(before, after, {})) <= before.keys() | after.keys()


@given(st.lists(st.sampled_from(SHOWN["resource_changes"]), unique_by=lambda one: one["address"]))
def test_the_order_of_the_lines_says_nothing(entries):
    there = read_plan({"resource_changes": entries})
    back = read_plan(json.loads(json.dumps({"resource_changes": entries[::-1]})))
    assert there.changes == back.changes
