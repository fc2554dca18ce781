"""Members in an embedded AWS: from the sign-up to the farewell, and what is refused on the way."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.lambdas import members
from tests.lambdas.user_auth.deployed import ACCOUNT, PASSWORD, REGION, Deployed, deployed, words_of

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]

STRANGER = members.STRANGER
OPERATORS_ROUTES = [
    ("GET", "/members", None),
    ("POST", "/members", {"email": "new@fans.example"}),
    ("GET", "/members/{id}", None),
    ("PUT", "/members/{id}/groups", {"groups": ["admin"]}),
    ("PUT", "/members/{id}/disabled", {"disabled": True}),
]
MEMBERS_ROUTES = [
    ("GET", "/account", None),
    ("PUT", "/account", {"display_name": "Ghost"}),
    ("POST", "/account/export", None),
    ("DELETE", "/account", {"email": "keeps@fans.example"}),
]
ADMINS_ROUTES = [(method, f"/admin{path}", body) for method, path, body in OPERATORS_ROUTES]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The module, applied."""
    with deployed(tmp_path_factory.mktemp("members")) as made:
        yield made


def error_of(call: object, **options: object) -> str:
    """The code of the error that a call of Cognito ends in."""
    assert callable(call)
    with pytest.raises(ClientError) as raised:
        call(**options)
    return str(raised.value.response["Error"]["Code"])


def test_from_the_sign_up_to_the_farewell(site: Deployed) -> None:
    fan = "Fanny@fans.example"
    site.browser.sign_up(ClientId=site.client, Username=fan, Password=PASSWORD)
    first = site.mail(fan)
    assert first["subject"] == "Your code for Kasper & Kast"
    assert "Welcome to Kasper & Kast!" in html.unescape(words_of(first["html"]))
    assert "#c0392b" in first["html"]
    site.browser.resend_confirmation_code(ClientId=site.client, Username=fan)
    second = site.mail(fan)
    assert second["subject"] == "Your new code for Kasper & Kast"
    assert words_of(second["html"]).count(second["code"]) == 1
    confirmation = {"ClientId": site.client, "Username": fan.lower()}
    wrong = f"{(int(second['code']) + 1) % 1_000_000:06}"
    assert error_of(site.browser.confirm_sign_up, **confirmation, ConfirmationCode=wrong)
    site.browser.confirm_sign_up(**confirmation, ConfirmationCode=second["code"])

    tokens = site.sign_in(fan)
    assert tokens["ExpiresIn"] == 3600
    token = tokens["AccessToken"]
    assert members.claims_of(token)["cognito:groups"] == ["member"]
    shown = site.call("GET", "/account", token=token)
    assert (shown.status_code, shown.json()["email"]) == (200, fan)
    assert (shown.json()["email_verified"], shown.json()["groups"]) == (True, ["member"])
    renamed = site.call("PUT", "/account", {"display_name": "Fanny 🐝"}, token=token)
    assert (renamed.status_code, renamed.json()["display_name"]) == (200, "Fanny 🐝")
    exported = site.call("POST", "/account/export", token=token)
    assert exported.json()["documents"]["user-auth"] == {"account": [renamed.json()]}

    farewell = {"email": fan}
    old = members.resigned(site.emulator.url, ACCOUNT, token, auth_time=int(time.time()) - 660)
    stale = site.call("DELETE", "/account", farewell, token=old)
    assert (stale.status_code, stale.json()["type"].rpartition("/")[2]) == (401, "sign-in-again")
    assert site.call("DELETE", "/account", {"email": "other@fans.example"}, token=token).status_code == 422
    assert site.call("DELETE", "/account", farewell, token=token).status_code == 204
    assert site.call("DELETE", "/account", farewell, token=token).status_code == 204
    assert site.call("GET", "/account", token=token).status_code == 401
    assert error_of(site.sign_in, email=fan) == "NotAuthorizedException"
    refresh = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"]}}
    assert error_of(site.browser.initiate_auth, ClientId=site.client, **refresh) == "NotAuthorizedException"


def test_a_forgotten_password_and_a_new_address(site: Deployed) -> None:
    site.member("member", email="moves@fans.example")
    site.browser.forgot_password(ClientId=site.client, Username="moves@fans.example")
    mail = site.mail("moves@fans.example")
    assert mail["subject"] == "Choose a new password for Kasper & Kast"
    site.browser.confirm_forgot_password(
        ClientId=site.client,
        Username="moves@fans.example",
        ConfirmationCode=mail["code"],
        Password=PASSWORD[::-1],
    )
    token = site.sign_in("moves@fans.example", PASSWORD[::-1])["AccessToken"]
    new = [{"Name": "email", "Value": "moved@fans.example"}]
    site.browser.update_user_attributes(AccessToken=token, UserAttributes=new)
    assert site.call("GET", "/account", token=token).json()["email"] == "moves@fans.example"
    mail = site.mail("moved@fans.example")
    assert mail["subject"] == "Confirm your e-mail address for Kasper & Kast"
    site.browser.verify_user_attribute(AccessToken=token, AttributeName="email", Code=mail["code"])
    assert site.call("GET", "/account", token=token).json()["email"] == "moved@fans.example"


def test_who_is_invited_signs_in_with_the_password_of_the_mail(site: Deployed) -> None:
    for _ in range(2):
        invited = site.call("POST", "/members", {"email": "guest@fans.example"}, signer=ACCOUNT)
        assert (invited.status_code, invited.json()["status"]) == (201, "invited")
    mail = site.mail("guest@fans.example")
    assert mail["subject"] == "Your invitation to Kasper & Kast"
    words = words_of(mail["html"])
    assert "as guest@fans.example with" in words
    password = words.partition("choose one of your own: ")[2].partition(" ")[0]
    pool = site.outputs["pool"]
    answer = members.first_answer(site.browser, pool, site.client, "guest@fans.example", password)
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    site.member("member", email="settled@fans.example")
    again = site.call("POST", "/members", {"email": "settled@fans.example"}, signer=ACCOUNT)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "already-member")


def test_what_the_public_api_does_not_tell_or_take(site: Deployed) -> None:
    token = site.member("member", email="known@fans.example")
    for address in ("known@fans.example", "nobody@fans.example"):
        assert error_of(site.sign_in, email=address) == "NotAuthorizedException"
        answer = site.browser.forgot_password(ClientId=site.client, Username=address)
        assert answer["CodeDeliveryDetails"]["AttributeName"] == "email"
    name = [{"Name": "preferred_username", "Value": "<b>Kasper</b>"}]
    assert error_of(site.browser.update_user_attributes, AccessToken=token, UserAttributes=name)
    sign_up = {"ClientId": site.client, "Username": "new@fans.example"}
    assert error_of(site.browser.sign_up, **sign_up, Password="short") == "InvalidPasswordException"
    password = {"USERNAME": "known@fans.example", "PASSWORD": PASSWORD}
    plain = {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": password}
    assert error_of(site.browser.initiate_auth, ClientId=site.client, **plain)


def test_no_bad_token_opens_a_route_of_members(site: Deployed) -> None:
    email = "keeps@fans.example"
    token = site.member("admin", "member", email=email)
    sub = members.claims_of(token)["sub"]
    routes = [(m, path.replace("{id}", sub), body) for m, path, body in MEMBERS_ROUTES + ADMINS_ROUTES]
    refused = members.refused(site.emulator.url, REGION, ACCOUNT, token)
    assert len(refused) == 11
    for wrong, header in refused.items():
        for method, path, body in routes:
            answer = site.call(method, path, body, authorization=header)
            assert answer.status_code == 401, (wrong, method, path)
    for method, path, body in routes:
        assert site.call(method, path, body).status_code == 401
        assert site.call(method, path, body, signer=ACCOUNT).status_code == 401
    unchanged = site.call("GET", "/account", token=token).json()
    assert (unchanged["email"], unchanged["display_name"], unchanged["disabled"]) == (email, None, False)


def test_rights_are_those_of_the_group_and_end_at_once(site: Deployed) -> None:
    fan, boss = site.member("moderator", "member"), site.member("admin", "member")
    target = members.claims_of(fan)["sub"]
    routes = [(method, path.replace("{id}", target), body) for method, path, body in ADMINS_ROUTES]
    for method, path, body in routes:
        assert site.call(method, path, body, token=fan).status_code == 403, path
    groups = f"/members/{target}/groups"
    demoted = site.call("PUT", f"/admin{groups}", {"groups": []}, token=boss)
    assert (demoted.status_code, demoted.json()["groups"]) == (200, ["member"])
    assert site.call("PUT", f"/admin{groups}", {"groups": ["admin"]}, token=boss).status_code == 403
    promoted = site.call("PUT", groups, {"groups": ["admin"]}, signer=ACCOUNT)
    assert (promoted.status_code, promoted.json()["groups"]) == (200, ["admin", "member"])
    own = members.claims_of(boss)["sub"]
    assert site.call("PUT", f"/members/{own}/groups", {"groups": []}, signer=ACCOUNT).status_code == 200
    assert site.call("GET", "/admin/members", token=boss).status_code == 403


def test_operators_routes_are_for_the_accounts_own(site: Deployed) -> None:
    token = site.member("admin", "member", email="target@fans.example")
    target = members.claims_of(token)["sub"]
    for method, path, body in OPERATORS_ROUTES:
        path = path.replace("{id}", target)
        for caller in ({}, {"signer": STRANGER}, {"token": token}):
            assert site.call(method, path, body, **caller).status_code == 403, (path, caller)
    found = site.call("GET", "/members?query=target", signer=ACCOUNT).json()["members"]
    assert [person["id"] for person in found] == [target]
    out = site.call("PUT", f"/members/{target}/disabled", {"disabled": True}, signer=ACCOUNT)
    assert (out.status_code, out.json()["disabled"]) == (200, True)
    assert site.call("GET", "/account", token=token).status_code == 401


@pytest.mark.parametrize("path", ["/members/..%2f", "/members/%00", "/members/x%2f..%2fgroups", "//account"])
def test_path_tricks_lead_nowhere(site: Deployed, path: str) -> None:
    assert site.call("GET", path, signer=ACCOUNT).status_code in (403, 404)
    assert site.call("GET", path).status_code in (401, 403, 404)


def test_mail_is_in_the_creators_language(site: Deployed) -> None:
    site.speak("de")
    site.browser.sign_up(ClientId=site.client, Username="beate@fans.example", Password=PASSWORD)
    mail = site.mail("beate@fans.example")
    assert mail["subject"] == "Dein Code für Kasper & Kast"
    assert "um deine E-Mail-Adresse zu bestätigen: " + mail["code"] in words_of(mail["html"])
    assert 'lang="de"' in mail["html"]
