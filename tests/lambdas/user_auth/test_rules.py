"""The rules by themselves: for every person, group and moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.problems import ProblemError
from user_auth.model import Group
from user_auth.rules import (
    MAX_SIGN_IN_AGE,
    Actor,
    Moves,
    check_fresh_sign_in,
    check_may_disable,
    check_may_invite,
    regroup,
)

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
GROUPS = st.frozensets(st.sampled_from(Group))
OPERATOR, ADMIN = Actor(admin=None), Actor(admin="boss")


@given(st.integers(-100_000, 100_000))
def test_a_sign_in_is_fresh_for_ten_minutes(age: int) -> None:
    auth_time = int((NOW - timedelta(seconds=age)).timestamp())
    fresh = -60 <= age <= MAX_SIGN_IN_AGE.total_seconds()
    for claim in (auth_time, str(auth_time)):
        if fresh:
            check_fresh_sign_in(claim, NOW)
        else:
            with pytest.raises(ProblemError, match="sign-in-again"):
                check_fresh_sign_in(claim, NOW)


@given(st.none() | st.text() | st.floats() | st.integers() | st.lists(st.integers()))
def test_what_is_no_moment_is_not_fresh(claim: object) -> None:
    if claim in (None, "") or isinstance(claim, list | float) or not str(claim).strip().isdecimal():
        with pytest.raises(ProblemError):
            check_fresh_sign_in(claim, NOW)


@given(GROUPS, GROUPS)
def test_moves_lead_to_what_was_wanted_and_to_membership(
    current: frozenset[Group], wanted: frozenset[Group]
) -> None:
    moves = regroup(OPERATOR, "fan", current, wanted)
    assert (current | moves.joins) - moves.leaves == wanted | {Group.MEMBER}
    assert not moves.joins & current
    assert moves.leaves <= current
    done = (current | moves.joins) - moves.leaves
    assert regroup(OPERATOR, "fan", done, wanted) == Moves(frozenset(), frozenset())


@given(GROUPS, GROUPS)
def test_no_admin_ever_makes_or_unmakes_an_admin(current: frozenset[Group], wanted: frozenset[Group]) -> None:
    if (Group.ADMIN in current) == (Group.ADMIN in wanted):
        moves = regroup(ADMIN, "fan", current, wanted)
        assert Group.ADMIN not in moves.joins | moves.leaves
    else:
        with pytest.raises(ProblemError, match="operators-decide"):
            regroup(ADMIN, "fan", current, wanted)


@given(GROUPS, GROUPS)
def test_nobody_changes_their_own_rights(current: frozenset[Group], wanted: frozenset[Group]) -> None:
    with pytest.raises(ProblemError, match="not-oneself"):
        regroup(ADMIN, "boss", current, wanted)
    with pytest.raises(ProblemError, match="not-oneself"):
        check_may_disable(ADMIN, "boss", current)


@given(GROUPS)
def test_admins_invite_and_keep_out_whom_they_outrank(groups: frozenset[Group]) -> None:
    check_may_disable(OPERATOR, "fan", groups)
    check_may_invite(OPERATOR, groups)
    if Group.ADMIN in groups:
        for refused in (
            lambda: check_may_disable(ADMIN, "fan", groups),
            lambda: check_may_invite(ADMIN, groups),
        ):
            with pytest.raises(ProblemError, match="operators-decide"):
                refused()
    else:
        check_may_disable(ADMIN, "fan", groups)
        check_may_invite(ADMIN, groups)
