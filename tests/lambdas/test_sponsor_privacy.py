"""What the sponsor system keeps of a booking's contact: handed out; erased where there was no contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lambdas.functions import MEMBER
from tests.lambdas.people import ask
from tests.lambdas.sponsor_api import BUCKET, SUBMISSION, Api

BEATE = str(SUBMISSION["contact"])
OTHER = "carl@honey.example"


def test_bookings_are_handed_out_in_any_case_of_the_address(api: Api) -> None:
    booking = api.ready()
    api.ready(placement="left", contact=OTHER)
    api.approve(booking)
    (document,) = ask(api, "export", email=BEATE.lower())["documents"]["bookings"]
    assert (document["id"], document["contact"], document["sponsor"]) == (
        booking,
        BEATE,
        SUBMISSION["sponsor"],
    )
    assert [change["status"] for change in document["history"]] == ["approved"]
    assert "ana@" not in json.dumps(document), "which operator decided is theirs"


def test_a_booking_that_waits_goes_with_its_picture_its_tokens_and_its_days(api: Api) -> None:
    booking = api.ready()
    other = api.ready(placement="left", contact=OTHER)
    key = api.stored(booking)["creative"]["M"]["key"]["S"]
    assert ask(api, "erase", email=BEATE.swapcase()) == {"erased": 1, "kept": []}
    table = api.items("sponsors")
    assert booking not in json.dumps(table)
    assert "beate" not in json.dumps(table).lower()
    assert api.stored(other)
    with pytest.raises(ClientError):
        api.s3.head_object(Bucket=BUCKET, Key=key)
    assert api.create(contact=OTHER).status == 201, "its days are free"
    assert ask(api, "erase", email=BEATE) == {"erased": 0, "kept": []}


def test_a_rejected_booking_goes(api: Api) -> None:
    booking = api.ready()
    api.reject(booking)
    assert ask(api, "erase", email=BEATE)["erased"] == 1
    assert api.stored(booking) == {}


@pytest.mark.parametrize("then", ["runs", "cancelled", "refunded"])
def test_what_was_approved_once_is_kept_for_the_tax_office(api: Api, then: str) -> None:
    booking = api.ready()
    api.approve(booking)
    if then != "runs":
        api.cancel(booking)
    if then == "refunded":
        api.refund(booking, 100)
    api.ready(placement="left")
    answer = ask(api, "erase", email=BEATE)
    assert answer["erased"] == 1
    assert answer["kept"] == [
        {
            "what": "bookings that were approved",
            "count": 1,
            "why": "records for the tax office (§ 147 AO, 8 years), until 2034-12-31",
        }
    ]
    assert api.stored(booking)["contact"]["S"] == BEATE
    api.now = datetime(2035, 1, 1, tzinfo=UTC)
    assert ask(api, "erase", email=BEATE) == {"erased": 1, "kept": []}
    assert api.stored(booking) == {}


@pytest.mark.parametrize("step", ["change", "forget"])
def test_a_booking_is_not_deleted_from_under_an_approval(
    api: Api, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from sponsor_system.handlers import sponsor_system_privacy

    booking = api.ready()
    key = api.stored(booking)["creative"]["M"]["key"]["S"]
    table = sponsor_system_privacy.bookings
    real = getattr(table, step)
    answers = []

    def meanwhile(*arguments: Any) -> Any:
        """An operator approves right before."""
        answers.append(api.approve(booking))
        return real(*arguments)

    monkeypatch.setattr(table, step, meanwhile)
    erased = ask(api, "erase", email=BEATE)["erased"]
    if step == "change":  # the approval came first: it holds, and has its picture
        assert (answers[0].status, erased) == (200, 0)
        assert api.stored(booking)["status"]["S"] == "approved"
        assert api.s3.head_object(Bucket=BUCKET, Key=key)
    else:  # it came too late
        assert (answers[0].problem, erased) == ("creative-not-ready", 1)
        assert api.stored(booking) == {}


def test_members_are_not_known_by_their_id(api: Api) -> None:
    api.ready()
    assert ask(api, "export", member=MEMBER)["documents"] == {}
    assert ask(api, "erase", member=MEMBER) == {"erased": 0, "kept": []}


def test_no_log_line_tells_who_it_was(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    api.ready()
    ask(api, "export", email=BEATE)
    ask(api, "erase", email=BEATE)
    written = (api.log.getvalue() + "".join(capsys.readouterr())).lower()
    assert "sponsor erased" in written
    for part in ("beate", "honey", "söhne"):
        assert part not in written
