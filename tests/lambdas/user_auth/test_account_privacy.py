"""A member's data over all modules: taken along, or erased before the account is."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from fleet_tui.registry.modules import KNOW_PEOPLE
from tests.lambdas.people import ask
from tests.lambdas.user_auth.accounts import FAN, Accounts

MODULES = ("ivs-chat", "shop")
NOBODY = "6f1c7a3e-0000-4000-8000-00000000cafe"


@dataclass
class Lambda:
    """AWS Lambda with the privacy functions of two modules."""

    answers: dict[str, Callable[[], Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def invoke(self, **options: Any) -> dict[str, Any]:
        """Invoke."""
        name, event = options["FunctionName"], json.loads(options["Payload"])
        self.calls.append((name, event))
        made = self.answers[name]() if name in self.answers else self.usual(event["action"])
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in made else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(made).encode()), **failed}

    @staticmethod
    def usual(action: str) -> dict[str, Any]:
        """What a module answers that has something."""
        if action == "export":
            return {"documents": {"things": [{"thing": 1}]}, "person": None}
        return {"erased": 1, "kept": [{"what": "paid orders", "count": 1, "why": "the tax office"}]}

    def fails(self, module: str, error: str = "ClientError") -> None:
        """A module's function ends in an error from now on."""
        self.answers[f"kasper-{module}-privacy"] = lambda: {
            "errorMessage": error,
            "errorType": "BackgroundError",
        }

    def raises(self, module: str, error: Exception) -> None:
        """A module's function cannot be called from now on."""

        def refuse() -> Any:
            raise error

        self.answers[f"kasper-{module}-privacy"] = refuse


@pytest.fixture
def others(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The other modules, all of them well."""
    from user_auth import modules, settings

    functions = Lambda()
    monkeypatch.setattr(modules, "CLIENT", functions)
    monkeypatch.setitem(settings.SAMPLE, "PRIVACY_MODULES", json.dumps(MODULES))  # type: ignore[arg-type]
    settings.settings.cache_clear()
    yield functions
    settings.settings.cache_clear()


def unproven(accounts: Accounts, person: str) -> None:
    """The person's address is not proven."""
    accounts.client.admin_update_user_attributes(
        UserPoolId=accounts.pool,
        Username=person,
        UserAttributes=[{"Name": "email_verified", "Value": "false"}],
    )


def test_an_export_has_what_every_module_keeps(accounts: Accounts, others: Lambda) -> None:
    fan = accounts.person()
    answer = accounts.export(fan)
    assert answer.status == 200
    things = {"things": [{"thing": 1}]}
    account = {"account": [accounts.show(fan).body]}
    assert answer.body["documents"] == {"user-auth": account, "ivs-chat": things, "shop": things}
    person = {"member": fan, "email": FAN}
    assert sorted(others.calls, key=str) == [
        ("kasper-ivs-chat-privacy", {"action": "export", "person": person}),
        ("kasper-shop-privacy", {"action": "export", "person": person}),
    ]


def test_all_modules_that_there_are_fit_into_the_time_of_a_request(others: Lambda) -> None:
    from user_auth.modules import AT_ONCE, WAIT_S

    rounds = math.ceil((len(KNOW_PEOPLE) - 1) / AT_ONCE)
    assert rounds * WAIT_S <= 25


def test_an_address_that_is_not_proven_finds_nothing(accounts: Accounts, others: Lambda) -> None:
    fan = accounts.person()
    unproven(accounts, fan)
    accounts.export(fan)
    assert [event["person"] for _, event in others.calls] == [{"member": fan, "email": None}] * 2


def test_an_address_that_no_form_takes_keeps_nobody_from_their_data(
    accounts: Accounts, others: Lambda
) -> None:
    fan = accounts.person("fan..ny@fans.example")
    assert accounts.export(fan).status == 200
    assert [event["person"] for _, event in others.calls] == [{"member": fan, "email": None}] * 2


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": FAN}}, "Invoke"),
        ReadTimeoutError(endpoint_url="https://lambda.eu-central-1.amazonaws.com"),
        None,
    ],
    ids=["not applied", "slow", "failed"],
)
def test_an_account_stays_until_every_module_has_erased_its_part(
    accounts: Accounts, others: Lambda, error: Exception | None
) -> None:
    fan = accounts.person()
    others.raises("shop", error) if error else others.fails("shop")
    answer = accounts.delete(fan)
    assert (answer.status, answer.problem) == (503, "deletion-incomplete")
    assert answer.body["modules"] == ["shop"]
    assert answer.headers["Retry-After"] == "60"
    assert FAN not in json.dumps(answer.body)
    assert [event["action"] for _, event in others.calls] == ["erase", "erase"], "others did their part"
    assert accounts.show(fan).status == 200
    others.answers.clear()
    assert accounts.delete(fan).status == 204
    assert accounts.people() == 0
    assert accounts.delete(fan).status == 204
    assert len(others.calls) == 4, "who is gone is asked for no more"


def test_nothing_is_erased_for_a_request_that_is_refused(accounts: Accounts, others: Lambda) -> None:
    fan = accounts.person()
    assert accounts.delete(fan, "other@fans.example").status == 422
    assert accounts.delete(fan, signed_in_s_ago=700).status == 401
    assert others.calls == []


def test_half_an_export_is_none(accounts: Accounts, others: Lambda) -> None:
    others.fails("ivs-chat")
    answer = accounts.export(accounts.person())
    assert (answer.status, answer.problem, answer.body["modules"]) == (503, "export-incomplete", ["ivs-chat"])


@pytest.mark.parametrize("by", ["module", "sum"])
def test_what_is_too_large_is_handed_out_by_the_operator(accounts: Accounts, others: Lambda, by: str) -> None:
    if by == "module":
        others.fails("shop", "TooLargeError")
    else:
        documents = {"things": ["x" * 1000] * 3100}
        for module in MODULES:
            others.answers[f"kasper-{module}-privacy"] = lambda: {"documents": documents, "person": None}
    answer = accounts.export(accounts.person())
    assert (answer.status, answer.problem) == (503, "export-too-large")


def test_operators_find_an_account_by_id_and_by_address(accounts: Accounts) -> None:
    fan = accounts.person(FAN, "member")
    accounts.person("other@fans.example")
    known = {"member": fan, "email": FAN}
    by_id = ask(accounts, "export", member=fan)
    assert by_id == {"documents": {"account": [accounts.show(fan).body]}, "person": known}
    assert ask(accounts, "export", email=FAN) == by_id
    long = f"{'x' * 60}@{'y' * 60}.example.com"
    for somebody in ({"member": NOBODY}, {"email": "nobody@fans.example"}, {"email": long}):
        assert ask(accounts, "export", **somebody) == {"documents": {}, "person": None}


def test_an_unproven_address_makes_nobody_the_same_person(accounts: Accounts) -> None:
    fan = accounts.person()
    unproven(accounts, fan)
    by_address = ask(accounts, "export", email=FAN)
    assert by_address["documents"]["account"][0]["id"] == fan
    assert by_address["person"] is None
    assert ask(accounts, "export", member=fan)["person"] == {"member": fan, "email": None}


@pytest.mark.parametrize("by", ["member", "email"])
def test_operators_erase_an_account(accounts: Accounts, by: str) -> None:
    fan = accounts.person()
    other = accounts.person("other@fans.example")
    person = {by: fan if by == "member" else FAN}
    assert ask(accounts, "erase", **person) == {"erased": 1, "kept": []}
    assert ask(accounts, "erase", **person) == {"erased": 0, "kept": []}
    assert accounts.show(fan).status == 401
    assert accounts.show(other).status == 200


def test_no_log_line_tells_who_it_was(
    accounts: Accounts, others: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    fan = accounts.person()
    ask(accounts, "export", member=fan)
    accounts.export(fan)
    error = ClientError({"Error": {"Code": "ServiceException", "Message": f"no luck with {FAN}"}}, "Invoke")
    others.raises("shop", error)
    accounts.delete(fan)
    others.answers.clear()
    accounts.delete(fan)
    ask(accounts, "erase", email=FAN)
    written = accounts.log.getvalue() + "".join(capsys.readouterr())
    for event in ("modules failed", "module erased", "account deleted", "ModulesFailed"):
        assert event in written
    for secret in (fan, FAN, "fans.example"):
        assert secret not in written
