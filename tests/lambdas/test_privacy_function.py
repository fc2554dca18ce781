"""What every module's privacy function has in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lambdas.functions import CONTEXT, handlers_of

MEMBER = "6f1c7a3e-0000-4000-8000-00000000cafe"
ADDRESS = "Beate.Biene@honey.example"


@pytest.fixture(autouse=True)
def imported() -> None:
    """The shared code, with the environment that it is imported in."""
    handlers_of("contact_form")


def called(event: Any, documents: Mapping[str, Any] | None = None) -> tuple[Any, list[Any]]:
    """The answer of a function that has these documents, and what it was asked."""
    from shared.privacy import Erased, Exported, Person, privacy

    asked: list[Any] = []

    def export(person: Person) -> Exported:
        asked.append(person)
        return Exported(documents=documents or {})

    def erase(person: Person, now: datetime) -> Erased:
        asked.append((person, now.tzinfo))
        return Erased(erased=1)

    return privacy(export, erase)(event, CONTEXT), asked  # type: ignore[arg-type]


def test_a_question_goes_to_whom_it_is_for() -> None:
    answer, (person,) = called({"action": "export", "person": {"member": MEMBER, "email": None}}, {"a": [1]})
    assert (answer, person.member, person.email) == ({"documents": {"a": [1]}, "person": None}, MEMBER, None)
    answer, ((person, zone),) = called({"action": "erase", "person": {"email": ADDRESS}})
    assert (answer, person.email, zone) == ({"erased": 1, "kept": []}, ADDRESS, UTC)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"action": "export"},
        {"action": "delete", "person": {"member": MEMBER}},
        {"action": "export", "person": {}},
        {"action": "export", "person": {"member": None, "email": None}},
        {"action": "export", "person": {"member": "../" + MEMBER}},
        {"action": "export", "person": {"member": f"{MEMBER[:-1]}*"}},
        {"action": "export", "person": {"email": "beate"}},
        {"action": "export", "person": {"email": ADDRESS, "name": "Beate"}},
        {"action": "export", "person": {"email": ADDRESS}, "modules": ["shop"]},
    ],
)
def test_what_is_not_understood_is_refused_and_not_repeated(
    event: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from shared.background import BackgroundError

    with pytest.raises(BackgroundError, match=r"^ValidationError$"):
        called(event)
    assert "beate" not in "".join(capsys.readouterr()).lower()


def test_more_than_an_answer_holds_is_said_so() -> None:
    from shared.background import BackgroundError
    from shared.privacy import MAX_ANSWER_BYTES

    person = {"action": "export", "person": {"email": ADDRESS}}
    assert called(person, {"a": ["x" * (MAX_ANSWER_BYTES - 100)]})[0]
    with pytest.raises(BackgroundError, match=r"^TooLargeError$"):
        called(person, {"a": ["x" * MAX_ANSWER_BYTES]})


def test_nothing_is_erased_while_the_other_region_takes_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared import privacy
    from shared.background import BackgroundError

    monkeypatch.setattr(privacy, "takes_writes", lambda: False)
    person = {"email": ADDRESS}
    with pytest.raises(BackgroundError, match=r"^OtherRegionError$"):
        called({"action": "erase", "person": person})
    assert called({"action": "export", "person": person}, {"a": [1]})[0]["documents"] == {"a": [1]}


@given(st.emails())
def test_an_address_is_the_same_in_any_case(address: str) -> None:
    from shared.fields import address_key

    assert address_key(address.upper()) == address_key(address.lower()) == address_key(address_key(address))


@given(st.dates(date(1990, 1, 1), date(2190, 12, 31)))
def test_records_stay_for_eight_years_after_their_own(made: date) -> None:
    from shared.privacy import tax_records_until

    until = tax_records_until(made)
    assert (until.month, until.day) == (12, 31)
    assert 8 * 365 <= (until - made).days <= 9 * 366
