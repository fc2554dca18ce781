"""Operators and the creator's admins: who is there, and who may what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambdas.user_auth.accounts import FAN, Accounts

NOBODY = "6f1c7a3e-0000-4000-8000-00000000cafe"
ROUTES = [
    ("GET", "", None),
    ("POST", "", {"email": "new@fans.example"}),
    ("GET", f"/{NOBODY}", None),
    ("PUT", f"/{NOBODY}/groups", {"groups": []}),
    ("PUT", f"/{NOBODY}/disabled", {"disabled": True}),
]


@pytest.fixture
def admin(accounts: Accounts) -> str:
    """The creator's admin."""
    return accounts.person("admin@kasper.live", "admin", "member")


def sessions_ended(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The people who are signed out from here on."""
    ended: list[str] = []
    real = accounts.client.admin_user_global_sign_out

    def note(**options: Any) -> Any:
        ended.append(options["Username"])
        return real(**options)

    monkeypatch.setattr(accounts.client, "admin_user_global_sign_out", note)
    return ended


@pytest.mark.parametrize("by_admin", [False, True])
def test_the_list_has_pages(accounts: Accounts, admin: str, by_admin: bool) -> None:
    people = {admin} | {accounts.person(f"fan{number}@fans.example") for number in range(4)}
    caller: dict[str, Any] = {"admin": admin if by_admin else None}
    seen: list[str] = []
    query = {"limit": "2"}
    for size in (2, 2, 1):
        answer = accounts.manage("GET", "", query=query, **caller)
        assert (answer.status, len(answer.body["members"])) == (200, size)
        seen += [person["id"] for person in answer.body["members"]]
        query["cursor"] = answer.body["next_cursor"]
    assert query["cursor"] is None
    assert len(seen) == 5
    assert set(seen) == people


def test_people_are_found_by_how_their_address_begins(accounts: Accounts) -> None:
    fan = accounts.person("fanny@fans.example")
    accounts.person("other@fans.example")
    (found,) = accounts.manage("GET", "", query={"query": "fan"}).body["members"]
    assert (found["id"], found["email"]) == (fan, "fanny@fans.example")
    assert "groups" not in found
    assert accounts.manage("GET", "", query={"query": "nobody"}).body == {"members": [], "next_cursor": None}


@pytest.mark.parametrize(
    "query",
    [
        {"query": 'fan" or email ^= "'},
        {"query": "back\\slash"},
        {"query": ""},
        {"query": "x" * 255},
        {"query": "fän"},
        {"limit": "0"},
        {"limit": "61"},
        {"limit": "many"},
        {"cursor": ""},
        {"cursor": "white space"},
        {"cursor": "x" * 4097},
        {"sub": "1"},
    ],
)
def test_odd_questions_are_refused(accounts: Accounts, query: dict[str, str]) -> None:
    answer = accounts.manage("GET", "", query=query)
    assert (answer.status, answer.problem) == (422, "invalid")


def test_a_made_up_cursor_is_refused(accounts: Accounts) -> None:
    answer = accounts.manage("GET", "", query={"cursor": "made-up"})
    assert (answer.status, answer.problem) == (400, "bad-cursor")


def test_one_person_is_shown_with_their_groups(accounts: Accounts, admin: str) -> None:
    fan = accounts.person(FAN, "member")
    for answer in (accounts.manage("GET", f"/{fan}"), accounts.manage("GET", f"/{fan}", admin=admin)):
        assert answer.status == 200
        assert answer.body == accounts.show(fan).body


@pytest.mark.parametrize(("method", "path", "body"), ROUTES[2:])
def test_nobody_is_not_found(accounts: Accounts, admin: str, method: str, path: str, body: Any) -> None:
    for caller in (None, admin):
        answer = accounts.manage(method, path, body, admin=caller)
        assert (answer.status, answer.problem) == (404, "not-found")


@pytest.mark.parametrize("by_admin", [False, True])
def test_groups_are_those_that_were_asked_for(
    accounts: Accounts, admin: str, by_admin: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = sessions_ended(accounts, monkeypatch)
    fan = accounts.person()
    caller: dict[str, Any] = {"admin": admin if by_admin else None}
    for wanted, signed_out in ((["moderator", "moderator"], []), (["moderator"], []), ([], [fan])):
        answer = accounts.manage("PUT", f"/{fan}/groups", {"groups": wanted}, **caller)
        assert answer.status == 200
        assert set(answer.body["groups"]) == accounts.groups(fan) == {*wanted, "member"}
        assert ended == signed_out, "who loses a right loses the sessions that have it"


def test_operators_decide_who_is_an_admin(accounts: Accounts, admin: str) -> None:
    fan, other = accounts.person(), accounts.person("other@fans.example", "admin")
    for person, wanted in ((fan, ["admin"]), (other, [])):
        refused = accounts.manage("PUT", f"/{person}/groups", {"groups": wanted}, admin=admin)
        assert (refused.status, refused.problem) == (403, "operators-decide")
        assert accounts.manage("PUT", f"/{person}/groups", {"groups": wanted}).status == 200
        assert accounts.groups(person) == {*wanted, "member"}
    refused = accounts.manage("PUT", f"/{fan}/disabled", {"disabled": True}, admin=admin)
    assert (refused.status, refused.problem) == (403, "operators-decide")
    invited = accounts.manage("POST", "", {"email": "new@fans.example", "groups": ["admin"]}, admin=admin)
    assert (invited.status, invited.problem) == (403, "operators-decide")
    assert accounts.people() == 3


def test_admins_leave_their_own_rights_alone(accounts: Accounts, admin: str) -> None:
    for path, body in (("groups", {"groups": []}), ("disabled", {"disabled": True})):
        answer = accounts.manage("PUT", f"/{admin}/{path}", body, admin=admin)
        assert (answer.status, answer.problem) == (403, "not-oneself")
    assert accounts.groups(admin) == {"admin", "member"}


@pytest.mark.parametrize("by_admin", [False, True])
def test_a_person_is_kept_out_and_let_in_again(
    accounts: Accounts, admin: str, by_admin: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = sessions_ended(accounts, monkeypatch)
    fan = accounts.person()
    caller: dict[str, Any] = {"admin": admin if by_admin else None}
    for disabled in (True, True, False):
        answer = accounts.manage("PUT", f"/{fan}/disabled", {"disabled": disabled}, **caller)
        assert (answer.status, answer.body["disabled"]) == (200, disabled)
        assert accounts.user(fan)["Enabled"] is not disabled
    assert ended == [fan, fan]
    assert accounts.show(fan).status == 200


@pytest.mark.parametrize("by_admin", [False, True])
def test_who_is_invited_is_a_member(
    accounts: Accounts, admin: str, by_admin: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    create = accounts.client.admin_create_user

    def note(**options: Any) -> Any:
        sent.append(options)
        return create(**options)

    monkeypatch.setattr(accounts.client, "admin_create_user", note)
    body = {"email": "New.Fan@Fans.Example", "groups": ["moderator"]}
    answer = accounts.manage("POST", "", body, admin=admin if by_admin else None)
    assert answer.status == 201
    assert answer.body["status"] == "invited"
    assert answer.body["email"] == "New.Fan@fans.example"
    assert answer.body["groups"] == ["member", "moderator"]
    (invitation,) = sent
    password = invitation["TemporaryPassword"]
    assert len(password) >= 12
    assert password.replace("-", "").replace("_", "").isalnum(), "it stands in HTML as it is"
    assert password not in accounts.log.getvalue()


def test_who_has_an_account_is_not_invited(accounts: Accounts) -> None:
    fan = accounts.person()
    answer = accounts.manage("POST", "", {"email": FAN, "groups": ["moderator"]})
    assert (answer.status, answer.problem) == (409, "already-member")
    assert accounts.people() == 1
    assert accounts.groups(fan) == set()


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody"},
        {"email": "new@fans.example", "groups": ["owner"]},
        {"email": "new@fans.example", "groups": ["member"] * 4},
        {"email": "new@fans.example", "password": "given"},
        {},
    ],
)
def test_odd_invitations_are_refused(accounts: Accounts, body: Any) -> None:
    assert accounts.manage("POST", "", body).status == 422
    assert accounts.people() == 0


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_the_routes_are_for_operators_and_admins(
    accounts: Accounts, admin: str, method: str, path: str, body: Any
) -> None:
    assert accounts.manage(method, path, body, operator=False).problem == "forbidden"
    assert accounts.manage(method, path, body, operator=False, member=admin).problem == "forbidden"
    fan = accounts.person(FAN, "moderator", "member")
    for groups in (("moderator", "member"), ()):
        answer = accounts.manage(method, path, body, admin=fan, groups=groups)
        assert (answer.status, answer.problem) == (403, "not-allowed")
    assert accounts.manage(method, path, body, admin=admin, member=None).problem == "signed-out"
    assert accounts.people() == 2


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_token_from_before_the_end_of_a_right_opens_nothing(
    accounts: Accounts, admin: str, method: str, path: str, body: Any
) -> None:
    accounts.client.admin_remove_user_from_group(UserPoolId=accounts.pool, Username=admin, GroupName="admin")
    answer = accounts.manage(method, path, body, admin=admin)
    assert (answer.status, answer.problem) == (403, "not-allowed")
    disabled = accounts.person("second@kasper.live", "admin")
    accounts.client.admin_disable_user(UserPoolId=accounts.pool, Username=disabled)
    assert accounts.manage(method, path, body, admin=disabled).status == 403
    assert accounts.manage(method, path, body, admin=NOBODY).status == 403
    assert accounts.people() == 2


@pytest.mark.parametrize("path", [f"/{FAN}", "/..", "/%00", "/x/groups", "/" + "x" * 3000, "//groups"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_path_tricks_lead_nowhere(accounts: Accounts, method: str, path: str) -> None:
    accounts.person()
    answer = accounts.manage(method, path, {"groups": []})
    assert (answer.status, answer.problem) == (404, "not-found")


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{", "[" * 5_000, '{"groups": "admin"}', '{"groups": null}']
)
def test_odd_bodies_are_the_callers_fault(accounts: Accounts, body: str) -> None:
    fan = accounts.person()
    assert accounts.manage("PUT", f"/{fan}/groups", body).status in (400, 422)
    assert accounts.manage("PUT", f"/{fan}/disabled", body).status in (400, 422)
    assert accounts.manage("PUT", f"/{fan}/disabled", " " * 20_000).status == 413
