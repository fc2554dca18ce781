"""Where two sets of values differ, and how that is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.deploy.drift.values import HIDDEN, differences, shown

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
values = st.dictionaries(st.text(min_size=1, max_size=5), plain, max_size=4)


def paths(before: dict[str, Any], after: dict[str, Any], **more: Any) -> list[str]:
    return [one.path for one in differences(before, after, **more)]


@pytest.mark.parametrize("nothing", [None, "", [], {}, False, 0])
@pytest.mark.parametrize("likewise", [None, "", [], {}, False, 0, [None], {"a": None}, [{"b": ""}]])
def test_nothing_has_many_spellings(nothing, likewise):
    assert not paths({"x": nothing}, {"x": likewise})
    assert not paths({"x": nothing}, {})


@pytest.mark.parametrize("something", ["a", True, 1, ["a"], {"a": 1}])
def test_something_is_never_nothing(something):
    assert paths({"x": None}, {"x": something}) == ["x"]


@given(values)
def test_values_do_not_differ_from_themselves(value):
    assert not differences(value, json.loads(json.dumps(value)))


@given(values, values)
def test_differences_are_the_same_both_ways(before, after):
    assert sorted(paths(before, after)) == sorted(paths(after, before))


def test_the_way_to_a_difference():
    before = {"origin": [{"name": "a", "headers": {"X-One": "1"}}], "tags": {"a b": "1"}}
    after = {"origin": [{"name": "b", "headers": {"X-One": "2"}}, {"name": "c"}], "tags": {"a b": "2"}}
    assert paths(before, after) == ["origin[0].headers.X-One", "origin[0].name", "origin[1]", 'tags["a b"]']


def test_a_set_has_no_order_and_a_list_has():
    before, after = {"x": ["a", "b", "c"]}, {"x": ["c", "a", "d"]}
    (one,) = differences(before, after, sets=frozenset({"x"}))
    assert (one.before, one.after) == (["b"], ["d"])
    assert not paths(before, {"x": ["b", "c", "a"]}, sets=frozenset({"x"}))
    assert paths(before, {"x": ["b", "c", "a"]}) == ["x[0]", "x[1]", "x[2]"]


def policy(*statements: dict[str, Any]) -> dict[str, str]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


READ = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:a", "arn:b"]}
READ_OTHERWISE = {
    "Effect": "Allow",
    "Resource": ["arn:b", "arn:a"],
    "Action": ["s3:ListBucket", "s3:GetObject"],
}
WRITE = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
WRITE_OTHERWISE = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["*"]}


def test_a_policy_means_the_same_in_every_order():
    assert not paths(policy(READ, WRITE), policy(WRITE_OTHERWISE, READ_OTHERWISE))
    alone = {"policy": json.dumps({"Version": "2012-10-17", "Statement": WRITE})}
    assert not paths(alone, policy(WRITE))


def test_a_statement_that_was_added_to_a_policy_is_told_alone():
    (one,) = differences(policy(READ), policy(READ, WRITE))
    assert (one.path, one.before) == ("policy.Statement", None)
    assert one.after == [WRITE]


def test_marks_hide_the_whole_and_parts():
    before: dict[str, Any] = {"a": "1", "b": {"c": "1", "d": "1"}, "e": [{"f": "1"}], "g": ["1"]}
    after: dict[str, Any] = {"a": "2", "b": {"c": "2", "d": "2"}, "e": [{"f": "2"}], "g": ["2"]}
    marks = {"a": True, "b": {"c": True}, "e": [{"f": True}], "g": [True]}
    found = differences(before, after, secret_before=marks, sets=frozenset({"g"}))
    assert {one.path for one in found if one.hidden} == {"a", "b.c", "e[0].f", "g"}
    assert all(one.before is None and one.after is None for one in found if one.hidden)
    assert [one.path for one in found if not one.hidden] == ["b.d"]
    (whole,) = differences({"b": {"c": "1"}}, {"b": {"c": "2"}}, secret_after={"b": True})
    assert (whole.path, whole.hidden) == ("b", True)  # not even the names in it


@pytest.mark.parametrize(
    "name",
    ["password", "db_passwd", "client_secret", "auth_token", "privateKey", "api_key", "stream_key",
     "passphrase", "STRIPE_SECRET_KEY", "key_material", "credentials"],
)  # fmt: skip
def test_names_hide(name):
    (one,) = differences({name: "old"}, {name: "new"})
    assert one.hidden
    assert "new" not in str(shown({name: "new", "other": ["new-ish"]})).replace("new-ish", "")


@pytest.mark.parametrize("name", ["hash_key", "kms_key_arn", "public", "key_id", "sort_keys"])
def test_names_of_what_is_no_secret_do_not_hide(name):
    (one,) = differences({name: "old"}, {name: "new"})
    assert (one.hidden, one.after) == (False, "new")


def test_what_is_told_about_a_secret_is_shown():
    found = differences(
        {"access_token_validity": 1, "enable_token_revocation": True},
        {"access_token_validity": 24, "enable_token_revocation": False},
    )
    assert not any(one.hidden for one in found)


@pytest.mark.parametrize(
    "text",
    ["-----BEGIN RSA PRIVATE KEY-----\nMII", "AKIA" + "A" * 16, "sk_live_" + "a" * 20, "whsec_" + "b" * 20],
)
def test_what_looks_like_a_secret_is_hidden_whatever_its_name(text):
    (one,) = differences({"note": ""}, {"note": text})
    assert one.hidden
    assert shown({"notes": ["x", text]}) == f'{{"notes": ["x", "{HIDDEN}"]}}'


def test_json_in_a_text_is_shown_as_what_it_says_and_without_its_secrets():
    told = shown([{"policy": json.dumps({"Sid": "a", "password": "hush"})}])
    assert told == '[{"policy": {"Sid": "a", "password": "(hidden)"}}]'


def test_how_values_are_shown():
    assert shown(None) is None
    assert shown("") is None
    assert shown(False) == "false"
    assert shown(12) == "12"
    assert shown({"b": 1, "a": [None, "ä"]}) == '{"a": [null, "ä"], "b": 1}'
    assert len(shown("x" * 9000)) == 4000
