from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from fleet_tui.privacy.model import Outcome, Person, Standing
from fleet_tui.privacy.people import People
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.modules import KNOW_PEOPLE
from tests.costs.fleet import creator

MEMBER, ADDRESS = "6f1c7a3e-0000-4000-8000-00000000cafe", "Fanny.Fan@fans.example"
MINA = creator(modules={"user-auth": {}, "ivs-chat": {}, "shop": {}, "contact-form": {"enabled": False}})
BOTH = {"member": MEMBER, "email": ADDRESS}


class Door:
    """A door to an account with the functions of these modules."""

    def __init__(self, *modules: str) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, str, Mapping[str, str | None]]] = []
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0
        for module in modules:
            known = BOTH if module == "user-auth" else None
            export = {"documents": {"things": [{"of": module}]}, "person": known}
            kept = [{"what": "paid orders", "count": 2, "why": "the tax office"}] if module == "shop" else []
            self.answers[module] = {"export": export, "erase": {"erased": 3, "kept": kept}}

    def prove_account(self, creator: Any) -> None:
        pass

    @contextmanager
    def entered(self, creator: Any) -> Iterator[Any]:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield SimpleNamespace(client=lambda service: SimpleNamespace(invoke=self.invoke))
        finally:
            with self.lock:
                self.at_once -= 1

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - AWS' names
        module = FunctionName.removeprefix("mina-moor-").removesuffix("-privacy")
        event = json.loads(Payload)
        with self.lock:
            self.asked.append((module, event["action"], event["person"]))
        if module not in self.answers:
            raise FleetError.of(ProblemKind.NOT_FOUND, "Invoke: ResourceNotFoundException", where="mina-moor")
        answer = self.answers[module][event["action"]]
        if isinstance(answer, FleetError):
            raise answer
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}


@pytest.fixture
def door() -> Door:
    return Door("user-auth", "ivs-chat", "shop")


def standings(outcome: Outcome) -> dict[str, Standing]:
    return {
        report.module: report.standing for report in outcome.reports if report.standing is not Standing.OFF
    }


@pytest.mark.parametrize("known", [Person(member=MEMBER), Person(email=ADDRESS)])
def test_who_is_known_by_one_name_is_asked_for_by_both(door: Door, known: Person) -> None:
    outcome = People(door).export(MINA, known)
    assert outcome.complete
    assert set(outcome.documents) == {"user-auth", "ivs-chat", "shop"}
    assert outcome.counts == "user-auth 1, ivs-chat 1, shop 1"
    assert [report.module for report in outcome.reports] == list(KNOW_PEOPLE)
    assert door.asked[0] == ("user-auth", "export", known.model_dump())
    assert all(person == BOTH for _, _, person in door.asked[1:])
    assert door.most_at_once <= 4


def test_whom_the_user_pool_does_not_know_is_asked_for_as_they_are(door: Door) -> None:
    door.answers["user-auth"]["export"] = {"documents": {}, "person": None}
    outcome = People(door).export(MINA, Person(email=ADDRESS))
    assert outcome.complete
    assert {person["email"] for _, _, person in door.asked} == {ADDRESS}
    assert {person["member"] for _, _, person in door.asked} == {None}


def test_the_account_is_erased_after_everything_else(door: Door) -> None:
    outcome = People(door).erase(MINA, Person(member=MEMBER))
    assert outcome.complete
    assert outcome.counts == "user-auth 3, ivs-chat 3, shop 3 (2 kept)"
    assert door.asked[0][:2] == ("user-auth", "export")
    assert door.asked[-1] == ("user-auth", "erase", BOTH)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ({"errorMessage": "ClientError"}, "its function ended in ClientError: its log has the place"),
        (
            {"errorMessage": f"no luck with {ADDRESS}"},
            "its function ended in an error: its log has the place",
        ),
        (
            {"errorMessage": "2026-11-22T23:00:00Z 0f Task timed out after 300.00 seconds"},
            "it was not done in time",
        ),
        ({"errorMessage": "TooLargeError"}, "there is more than a function can answer"),
        ({"errorMessage": "OtherRegionError"}, "the creator's second region takes changes"),
        ({"erased": "many", "documents": 5}, "its answer is not understood"),
        (FleetError.of(ProblemKind.THROTTLED, "AWS throttles Invoke"), "AWS throttles Invoke"),
    ],
)
def test_a_module_that_fails_keeps_the_others_from_nothing_but_the_account(
    door: Door, trouble: Any, why: str
) -> None:
    door.answers["shop"] = {"export": trouble, "erase": trouble}
    for ask in (People(door).export, People(door).erase):
        outcome = ask(MINA, Person(email=ADDRESS))
        assert not outcome.complete
        shop = next(report for report in outcome.reports if report.module == "shop")
        assert shop.standing is Standing.FAILED
        assert shop.why.startswith(why)
        assert ADDRESS not in outcome.model_dump_json(exclude={"documents"})
        assert standings(outcome)["ivs-chat"] is Standing.DONE
    assert standings(outcome)["user-auth"] is Standing.WAITS
    assert outcome.missing == ("user-auth", "shop")
    assert ("user-auth", "erase", BOTH) not in door.asked


def test_a_module_that_is_on_and_not_applied_is_told_from_one_that_is_off(door: Door) -> None:
    del door.answers["shop"]
    outcome = People(door).export(MINA, Person(email=ADDRESS))
    assert standings(outcome)["shop"] is Standing.MISSING
    assert outcome.missing == ("shop",)
    assert "contact-form" not in standings(outcome)


def test_a_module_that_is_off_but_still_there_is_asked(door: Door) -> None:
    door.answers["contact-form"] = {"export": {"documents": {"messages": [1, 2]}}, "erase": {"erased": 2}}
    outcome = People(door).export(MINA, Person(email=ADDRESS))
    assert outcome.counts.endswith("contact-form 2, shop 1")


def test_without_the_user_pool_the_rest_is_done_by_what_is_known(door: Door) -> None:
    door.answers["user-auth"]["export"] = {"errorMessage": "ClientError"}
    outcome = People(door).erase(MINA, Person(email=ADDRESS))
    assert standings(outcome) == {
        "user-auth": Standing.FAILED,
        "ivs-chat": Standing.DONE,
        "shop": Standing.DONE,
    }


def test_nobody_is_asked_for_in_another_account(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(creator: Any) -> None:
        raise FleetError.of(ProblemKind.WRONG_ACCOUNT, "the credentials lead elsewhere", where=creator.slug)

    monkeypatch.setattr(door, "prove_account", refuse)
    for ask in (People(door).export, People(door).erase):
        with pytest.raises(FleetError, match="elsewhere"):
            ask(MINA, Person(email=ADDRESS))
    assert door.asked == []


def test_a_person_shows_themselves_nowhere() -> None:
    person = Person(member=MEMBER, email=ADDRESS)
    outcome = Outcome(slug="mina-moor", reports=(), documents={"shop": {"orders": (ADDRESS,)}})
    for text in (repr(person), str(person), repr(outcome)):
        assert ADDRESS not in text
        assert MEMBER not in text


@pytest.mark.parametrize(
    ("member", "email"),
    [
        (None, None),
        (MEMBER, ADDRESS),
        ("Fanny", None),
        ("", None),
        (None, ""),
        (None, "fanny"),
        (None, "a@b\n@c.de"),
    ],
)
def test_what_is_nobody_is_refused_without_being_repeated(member: str | None, email: str | None) -> None:
    with pytest.raises(FleetError) as raised:
        Person.known_by(member=member, email=email)
    assert raised.value.problem.kind is ProblemKind.CONFIGURATION
    assert "fanny" not in str(raised.value).lower()


def test_what_is_typed_may_have_spaces_around_it() -> None:
    assert Person.known_by(member=f" {MEMBER.upper()}\n", email=None) == Person(member=MEMBER)
    assert Person.known_by(member=None, email=f"{ADDRESS}\r\n") == Person(email=ADDRESS)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("ticket 4711", False),
        ("asked by mail @ noon", False),
        (f"asked by {MEMBER.upper()}", True),
        ("asked by fanny@fans.example", True),
    ],
)
def test_a_reason_must_not_tell_who_it_was(reason: str, told: bool) -> None:
    assert Person(member=MEMBER).is_told_in(reason) is told
