"""A member's own account: shown, changed, handed out, and gone for good."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lambdas.functions import NOW
from tests.lambdas.user_auth.accounts import FAN, Accounts

NOBODY = "6f1c7a3e-0000-4000-8000-00000000cafe"


def test_a_member_sees_their_own_account(accounts: Accounts) -> None:
    accounts.person("other@fans.example", "admin")
    fan = accounts.person(FAN, "moderator", "member")
    answer = accounts.show(fan)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    since = answer.body.pop("since")
    assert since.endswith("Z")
    assert answer.body == {
        "id": fan,
        "email": FAN,
        "email_verified": True,
        "display_name": None,
        "status": "confirmed",
        "disabled": False,
        "second_factor": False,
        "groups": ["member", "moderator"],
    }


def test_an_authenticator_app_is_told(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    fan = accounts.person()
    get = accounts.client.admin_get_user

    def with_app(**options: Any) -> Any:
        return {**get(**options), "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}

    monkeypatch.setattr(accounts.client, "admin_get_user", with_app)
    assert accounts.show(fan).body["second_factor"] is True


def test_a_display_name_is_given_changed_and_taken_away(accounts: Accounts) -> None:
    fan = accounts.person()
    for name in ("Fanny 🐝", "Ünï", None):
        answer = accounts.rename(fan, name)
        assert (answer.status, answer.body["display_name"]) == (200, name)
        assert accounts.show(fan).body["display_name"] == name


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "a\nb", "\u202eevil", "a\u0000", 5, ["Fanny"], "\u200b"])
def test_a_display_name_has_limits(accounts: Accounts, name: Any) -> None:
    fan = accounts.person()
    answer = accounts.rename(fan, name)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert accounts.show(fan).body["display_name"] is None


def test_nothing_but_the_display_name_is_changed_here(accounts: Accounts) -> None:
    fan = accounts.person()
    body = {"display_name": "Fanny", "email": "new@fans.example", "groups": ["admin"]}
    assert accounts.call("account", "PUT", "/account", body, member=fan).status == 422
    assert accounts.call("account", "PUT", "/account", {}, member=fan).status == 422


def test_an_export_has_a_document_of_each_module(accounts: Accounts) -> None:
    fan = accounts.person(FAN, "member")
    accounts.rename(fan, "Fanny")
    answer = accounts.export(fan)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert (answer.body["site"], answer.body["made_at"]) == ("kasper.live", "2026-05-20T12:00:00Z")
    assert answer.body["documents"] == {"user-auth": {"account": [accounts.show(fan).body]}}


def test_deletion_is_for_good_and_may_be_asked_for_twice(accounts: Accounts) -> None:
    fan, other = accounts.person(), accounts.person("other@fans.example")
    for _ in range(2):
        answer = accounts.delete(fan, FAN.swapcase())
        assert (answer.status, answer.body) == (204, None)
    assert accounts.people() == 1
    assert accounts.show(other).status == 200
    for gone in (accounts.show(fan), accounts.rename(fan, "Ghost"), accounts.export(fan)):
        assert (gone.status, gone.problem) == (401, "signed-out")


def test_sessions_end_before_the_account_does(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    fan = accounts.person()
    calls = []
    for name in ("admin_user_global_sign_out", "admin_delete_user"):
        real = getattr(accounts.client, name)

        def note(name: str = name, real: Any = real, **options: Any) -> Any:
            calls.append(name)
            return real(**options)

        monkeypatch.setattr(accounts.client, name, note)
    accounts.delete(fan)
    assert calls == ["admin_user_global_sign_out", "admin_delete_user"]


@pytest.mark.parametrize("ago", [None, 601, 86_400, -120])
def test_deletion_wants_a_fresh_sign_in(accounts: Accounts, ago: int | None) -> None:
    fan = accounts.person()
    answer = accounts.delete(fan, signed_in_s_ago=ago)
    assert (answer.status, answer.problem) == (401, "sign-in-again")
    assert (
        answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication", max_age=600'
    )
    assert accounts.people() == 1


@pytest.mark.parametrize("email", ["other@fans.example", "", None, "Fanny.Fan", True])
def test_deletion_wants_the_address_typed(accounts: Accounts, email: Any) -> None:
    fan = accounts.person()
    accounts.person("other@fans.example")
    assert accounts.delete(fan, email).status == 422
    assert accounts.people() == 2


def test_who_is_not_signed_in_is_told_nothing(accounts: Accounts) -> None:
    accounts.person()
    for call in (accounts.show, accounts.export, accounts.delete):
        answer = call(None)
        assert (answer.status, answer.problem) == (401, "signed-out")
    assert accounts.rename(None, "Ghost").status == 401
    assert accounts.people() == 1


def test_a_token_of_nobody_opens_nothing(accounts: Accounts) -> None:
    assert accounts.show(NOBODY).status == 401
    assert accounts.rename(NOBODY, "Ghost").status == 401
    assert accounts.export(NOBODY).status == 401


def test_an_address_is_no_name_of_an_account(accounts: Accounts) -> None:
    accounts.person("fan@x.example")
    assert accounts.manage("GET", "/fan@x.example").status == 404

    def change(event: dict[str, Any]) -> None:
        event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = "fan@x.example"

    assert accounts.call("account", "GET", "/account", member=NOBODY, change=change).status == 401


def test_who_is_kept_out_is_out_at_once(accounts: Accounts) -> None:
    fan = accounts.person()
    accounts.client.admin_disable_user(UserPoolId=accounts.pool, Username=fan)
    assert accounts.show(fan).status == 401
    assert accounts.rename(fan, "Ghost").status == 401
    assert accounts.export(fan).status == 401


def test_who_is_kept_out_may_still_leave(accounts: Accounts) -> None:
    fan = accounts.person()
    accounts.client.admin_disable_user(UserPoolId=accounts.pool, Username=fan)
    assert accounts.delete(fan).status == 204
    assert accounts.people() == 0


@pytest.mark.parametrize("call", ["show", "export", "delete"])
def test_cognitos_limits_are_told_as_busy(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    fan = accounts.person()

    def refuse(**_: Any) -> Any:
        error = {"Error": {"Code": "TooManyRequestsException", "Message": f"Rate exceeded for {FAN}"}}
        raise accounts.client.exceptions.TooManyRequestsException(error, "AdminGetUser")

    monkeypatch.setattr(accounts.client, "admin_get_user", refuse)
    answer = getattr(accounts, call)(fan)
    assert (answer.status, answer.problem, answer.headers["Retry-After"]) == (503, "busy", "1")


def test_who_goes_while_they_are_changed_is_no_fault(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> Any:
        error = {"Error": {"Code": "UserNotFoundException", "Message": f"{FAN} does not exist."}}
        raise accounts.client.exceptions.UserNotFoundException(error, "AdminUpdateUserAttributes")

    fan = accounts.person()
    monkeypatch.setattr(accounts.client, "admin_update_user_attributes", refuse)
    answer = accounts.rename(fan, "Ghost")
    assert (answer.status, answer.problem) == (404, "not-found")


def test_no_log_line_and_no_metric_knows_a_person(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fan = accounts.person()
    admin = accounts.person("boss@fans.example", "admin")
    accounts.show(fan)
    accounts.rename(fan, "Secret Name")
    accounts.rename(fan, "Secret\nName")
    accounts.export(fan)
    accounts.manage("GET", "", query={"query": "Fanny.Fan"})
    accounts.manage("GET", "", query={"query": 'Fanny"'})
    accounts.manage("POST", "", {"email": "invited@fans.example"})
    accounts.manage("PUT", f"/{fan}/groups", {"groups": ["moderator"]}, admin=admin)
    accounts.manage("PUT", f"/{fan}/disabled", {"disabled": True})
    accounts.delete(fan, "Typed.Wrong@fans.example")
    before = accounts.log.getvalue()
    accounts.delete(fan)
    farewell = accounts.log.getvalue().removeprefix(before)
    assert "account deleted" in farewell
    assert fan not in farewell

    def fail(**_: Any) -> Any:
        error = {"Error": {"Code": "InternalErrorException", "Message": f"no luck with {FAN}"}}
        raise ClientError(error, "AdminGetUser")  # type: ignore[arg-type]

    monkeypatch.setattr(accounts.client, "admin_get_user", fail)
    answer = accounts.show(fan)
    assert (answer.status, answer.problem) == (500, "unexpected")
    written = accounts.log.getvalue() + "".join(capsys.readouterr())
    for event in ("display name changed", "account exported", "member invited", "groups changed", "Faults"):
        assert event in written
    for secret in ("Fanny", "fans.example", "Secret", "Typed", "invited@", "203.0.113", "Firefox", "ana@ops"):
        assert secret not in written, secret
    assert f"{NOW.year}" in written
