"""A second region is asked of Terraform as the file says, and is not forgotten while something is in it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fleet_tui.deploy.second_region import left_behind
from fleet_tui.deploy.variables import creator_variables
from tests.costs.fleet import creator

SECOND = {"failover": {"region": "eu-west-1"}}
SWITCHED_OFF = {"failover": {"region": "eu-west-1", "enabled": False}}
THERE = {"creator": {"slug": "mina-moor", "standby_region": "eu-west-1"}}


@pytest.mark.parametrize(
    ("changes", "enabled", "settings"),
    [
        ({}, False, {}),
        (SECOND, True, {"region": "eu-west-1"}),
        (SWITCHED_OFF, False, {"region": "eu-west-1"}),
    ],
)
def test_terraform_is_told_where_the_second_region_is_while_it_is_removed(
    changes: dict[str, Any], enabled: bool, settings: dict[str, Any]
) -> None:
    variables = creator_variables(creator(**changes))
    assert (variables["enable_failover"], variables["failover"]) == (enabled, settings)


@pytest.mark.parametrize("own_key", [True, False])
def test_terraform_is_told_of_a_key_of_the_creators_own(own_key: bool) -> None:
    variables = creator_variables(creator(encryption={"own_key": own_key}))
    assert variables["encryption"] == {"own_key": own_key}


@pytest.mark.parametrize("outputs", [{}, {"creator": {"standby_region": None}}, {"creator": {}}])
def test_nothing_is_left_behind_where_nothing_is(outputs: dict[str, Any]) -> None:
    assert left_behind(creator(), outputs) is None
    assert left_behind(creator(**SECOND), outputs) is None


@pytest.mark.parametrize("changes", [SECOND, SWITCHED_OFF])
def test_a_second_region_may_be_changed_and_removed_while_it_is_named(changes: dict[str, Any]) -> None:
    assert left_behind(creator(**changes), THERE) is None


@pytest.mark.parametrize("changes", [{}, {"failover": {"region": "eu-central-1"}}])
def test_a_second_region_is_not_forgotten(changes: dict[str, Any]) -> None:
    problem = left_behind(creator(**changes), THERE)
    assert problem
    assert "eu-west-1" in problem.what
    assert 'region = "eu-west-1" and enabled = false' in problem.hint


def test_the_first_region_does_not_stand_in_for_itself() -> None:
    with pytest.raises(ValidationError, match="is the region that it is to stand in for"):
        creator(failover={"region": "us-east-1"})
