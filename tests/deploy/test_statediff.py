"""Two states compared, and an older one made the newest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.deploy.records import RunEnd, RunEntry, RunFacts, StateMark
from fleet_tui.deploy.statediff import compare, not_restorable, redacted, restored
from fleet_tui.deploy.versions import StateVersion, with_runs
from fleet_tui.problems import ProblemKind
from fleet_tui.registry.model import Creator

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
KASPER = Creator(
    slug="kasper",
    name="Kasper Kast",
    domain="kasper.live",
    account_id="123456789012",
    region="eu-central-1",
    contact="kasper@kasper.live",
    monthly_budget=Decimal(150),
)


def resource(called: str, *, kind: str = "aws_ssm_parameter", module: str = "", **attributes: Any):
    return {
        "mode": "managed",
        "type": kind,
        "name": called,
        **({"module": module} if module else {}),
        "instances": [{"attributes": attributes, "sensitive_attributes": []}],
    }


def state(*resources: dict[str, Any], serial: int = 7, lineage: str = "l", **more: Any) -> dict[str, Any]:
    creator = {"slug": "kasper", "account_id": "123456789012", "region": "eu-central-1"}
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": serial,
        "lineage": lineage,
        "outputs": {"creator": {"value": creator}},
        "resources": list(resources),
    } | more


def mark(serial: int, lineage: str = "l") -> StateMark:
    return StateMark(lineage=lineage, serial=serial, seen_at=NOW)


def test_what_came_what_went_and_what_is_another_one():
    earlier = state(resource("a", name="x"), resource("b"), resource("c", tier="Standard"))
    later = state(
        resource("a", name="x"), resource("c", tier="Advanced"), resource("d", module="module.m[0]")
    )
    found = compare(earlier, later)
    assert (found.added, found.removed) == (("module.m[0].aws_ssm_parameter.d",), ("aws_ssm_parameter.b",))
    (changed,) = found.changed
    assert changed.address == "aws_ssm_parameter.c"
    assert [(one.path, one.before, one.after) for one in changed.values] == [("tier", "Standard", "Advanced")]


def test_every_instance_has_an_address_of_its_own_and_deposed_objects_have_none():
    keyed = resource("a")
    keyed["instances"] = [{"index_key": 0, "attributes": {}}, {"index_key": 'x"y', "attributes": {}}]
    keyed["instances"].append({"index_key": 0, "deposed": "1f", "attributes": {}})
    assert compare(state(), state(keyed)).added == (
        'aws_ssm_parameter.a["x\\"y"]',
        "aws_ssm_parameter.a[0]",
    )


def test_secret_values_are_in_no_comparison():
    """By the provider's schema (`value` of a parameter), by Terraform's marks, and by their names."""
    earlier, later = (
        state(resource("a", value=hush), resource("b", kind="aws_x", note=hush, password=hush))
        for hush in ("old-hush", "new-hush")
    )
    for one in (earlier, later):
        instance = one["resources"][1]["instances"][0]
        instance["sensitive_attributes"] = [[{"type": "get_attr", "value": "note"}]]
    found = compare(earlier, later)
    assert "hush" not in found.model_dump_json()
    assert all(value.hidden for changed in found.changed for value in changed.values)
    assert len(found.changed) == 2


@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_a_comparison_is_the_same_backwards(first, second):
    one, two = state(*map(resource, sorted(first))), state(*map(resource, sorted(second)))
    there, back = compare(one, two), compare(two, one)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert there.empty == (first == second)


def test_a_redacted_state_has_names_alone():
    found = redacted(state(resource("a", value="hush", tier="hush")))
    assert "hush" not in json.dumps(found)
    assert found["resources"] == [
        {"address": "aws_ssm_parameter.a", "type": "aws_ssm_parameter", "attributes": ["tier", "value"]}
    ]


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_a_restored_state_has_a_serial_that_was_never_used(old, current, remembered):
    made = restored(state(resource("a"), serial=old), state(serial=current), [mark(remembered)])
    assert made["serial"] == max(old, current, remembered) + 1
    assert {**made, "serial": old} == state(resource("a"), serial=old)


def test_the_serial_of_another_lineage_says_nothing():
    made = restored(state(serial=3), state(serial=90, lineage="other"), [mark(5), mark(80, "third")])
    assert made["serial"] == 6


OLD, CURRENT = state(resource("a"), serial=3), state(serial=7)
OTHERS = {"creator": {"value": {"slug": "mina", "account_id": "999999999999"}}}


@pytest.mark.parametrize(
    ("old", "current", "known", "kind"),
    [
        (OLD, CURRENT, [mark(7)], None),
        (OLD, CURRENT, [], None),
        (OLD, None, [mark(7)], None),
        (OLD, None, [], None),
        (OLD, state(serial=1, lineage="other"), [mark(7)], None),  # what lies there is the wrong one
        (OLD, state(serial=1, lineage="other"), [], ProblemKind.CONFLICT),
        (state(resource("a"), lineage="other"), CURRENT, [mark(7)], ProblemKind.CONFLICT),
        (CURRENT, CURRENT, [mark(7)], ProblemKind.CONFLICT),
        (state(serial=2), CURRENT, [mark(7)], ProblemKind.CONFLICT),  # says the same
        (state(resource("a"), outputs=OTHERS), CURRENT, [mark(7)], ProblemKind.WRONG_ACCOUNT),
        ({"version": 3, "serial": 1, "lineage": "l"}, CURRENT, [], ProblemKind.CONFIGURATION),
        ({"version": 4}, CURRENT, [], ProblemKind.CONFIGURATION),
    ],
)
def test_what_may_be_restored(old, current, known, kind):
    problem = not_restorable(KASPER, old, current, known)
    assert (problem.kind if problem else None) is kind


def entry(run_id: str, before: StateMark | None, after: StateMark | None) -> RunEntry:
    facts = RunFacts(
        run_id=run_id, kind="apply", operator=f"{run_id}@ops", host="h", requested_at=NOW, started_at=NOW,
        before=before,
    )  # fmt: skip
    return RunEntry(number=1, run=facts, end=RunEnd(outcome="succeeded", at=NOW, after=after))


def test_a_version_is_of_the_run_that_left_its_serial_or_passed_it():
    entries = [
        entry("third", mark(5), mark(5)),  # it wrote nothing
        entry("second", mark(2), mark(5)),
        entry("first", None, mark(2)),
        entry("lost", mark(5), None),
    ]
    versions = [StateVersion(id=str(one), written_at=NOW, serial=one, lineage="l") for one in (6, 5, 4, 2, 1)]
    versions.append(StateVersion(id="x", written_at=NOW, serial=4, lineage="other"))
    versions.append(StateVersion(id="gone", written_at=NOW, removed=True))
    told = [one.run_id for one in with_runs(versions, entries)]
    assert told == ["", "second", "second", "first", "first", "", ""]
