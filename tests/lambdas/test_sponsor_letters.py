"""Letters to sponsors: at each change, each once, and nothing in them that a stranger has typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from shared.images import Refusal
from sponsor_system.lifecycle import NO_PICTURE
from sponsor_system.model import (
    Booking,
    Change,
    Creative,
    CreativeState,
    Placement,
    Price,
    Refund,
    Status,
)
from sponsor_system.occasions import Occasion, occasion_of, occasions_on
from sponsor_system.report import report_of
from sponsor_system.settings import SAMPLE, Settings
from sponsor_system.texts import letter_of
from tests.lambdas.sponsor_api import picture

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
TYPED = "BUY NOW https://evil.example"


def booking(status: Status = Status.PENDING, **changes: Any) -> Booking:
    history = () if status is Status.PENDING else (Change(status=status, at=NOW, by="ana", reason="Full"),)
    values: dict[str, Any] = {
        "id": "0123456789abc",
        "sponsor": TYPED,
        "contact": "a@b.example",
        "placement": Placement.TOP,
        "start_day": date(2026, 6, 1),
        "end_day": date(2026, 6, 3),
        "status": status,
        "version": 1,
        "price": Price(currency="EUR", total=36_000, lines=()),
        "title": TYPED,
        "target_url": "https://evil.example/",
        "created_at": NOW,
        "held_until": NOW + timedelta(days=2),
        "history": history,
    }
    return Booking(**(values | changes))


def test_each_change_of_status_has_its_letter() -> None:
    pending = booking()
    assert occasion_of(None, pending) is Occasion.RECEIVED
    for status in (Status.APPROVED, Status.REJECTED, Status.CANCELLED, Status.REFUNDED):
        assert occasion_of(pending, booking(status)) == status.value
        assert occasion_of(booking(status), booking(status)) is None


@given(st.sampled_from(CreativeState), st.sampled_from(CreativeState))
def test_only_a_refused_picture_has_a_letter(before: CreativeState, after: CreativeState) -> None:
    found = occasion_of(booking(creative=Creative(state=before)), booking(creative=Creative(state=after)))
    refused = after is CreativeState.REFUSED and before is not CreativeState.REFUSED
    assert found is (Occasion.CREATIVE_REFUSED if refused else None)


@given(st.sampled_from(Status), st.integers(-10, 10), st.integers(1, 30), st.integers(-20, 20))
def test_the_calendar_tells_of_beginning_and_end_and_only_lately(
    status: Status, start: int, days: int, decided: int
) -> None:
    today = date(2026, 6, 1)
    first = today + timedelta(days=start)
    at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=decided)
    given_booking = booking(
        status,
        start_day=first,
        end_day=first + timedelta(days=days - 1),
        history=(Change(status=status, at=at, by="ana"),),
    )
    found = occasions_on(given_booking, today)
    if status is not Status.APPROVED or start > 0:
        assert found == ()
    elif start + days > 0:  # it runs
        assert found == ((Occasion.STARTED,) if start > -3 and decided < start else ())
    else:
        assert found == ((Occasion.ENDED,) if start + days > -3 else ())


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("occasion", Occasion)
def test_every_letter_can_be_written_and_repeats_nothing_that_was_typed(
    occasion: Occasion, language: str
) -> None:
    creative = Creative(state=CreativeState.REFUSED, refusal=Refusal.ANIMATED)
    refund = Refund(amount=12_050, reference="B-17", at=NOW, by="ana@ops")
    wanted = booking(Status.REJECTED, creative=creative, refund=refund)
    site = Settings.read({**SAMPLE, "CREATOR_LANGUAGE": language})
    report = report_of(wanted.id, {date(2026, 6, 1): {"views": 3, "clicks": 1, "dropped_bot": 7}})
    subject, text = letter_of(occasion, wanted, site, token="TOKEN", report=report)
    assert "kasper.live" in subject
    assert "\n" not in subject
    assert "{" not in text
    for typed in (TYPED, "evil.example", "ana@ops", "a@b.example"):
        assert typed not in subject + text
    assert text.endswith("Kasper Kast\n")
    assert ("0123456789abc" in text, "360.00 EUR" in text) == (True, True)
    expected = {
        Occasion.RECEIVED: "https://kasper.live/sponsor/#0123456789abc.TOKEN",
        Occasion.CREATIVE_REFUSED: "600 × 75 – 2400 × 600",
        Occasion.REJECTED: "Full",
        Occasion.REFUNDED: "120.50 EUR",
        Occasion.ENDED: "33.33%",
    }
    assert expected.get(occasion, "") in text


@pytest.mark.parametrize(("by", "told"), [("sponsor", False), ("ana", True), ("system", True)])
def test_a_reason_is_told_where_one_of_us_gave_it(by: str, told: bool) -> None:
    change = Change(status=Status.CANCELLED, at=NOW, by=by, reason=NO_PICTURE)
    cancelled = booking(Status.CANCELLED, history=(change,))
    for language, words in (("en", NO_PICTURE), ("de", "Es kam rechtzeitig kein Bild")):
        site = Settings.read({**SAMPLE, "CREATOR_LANGUAGE": language})
        assert (words in letter_of(Occasion.CANCELLED, cancelled, site)[1]) is told


def subjects(api: Any) -> list[str]:
    return [mail.subject for mail in api.mails()]


def test_a_bookings_life_in_letters(api: Any) -> None:
    receipt = api.create(start_day="2026-05-21", end_day="2026-05-22").body
    api.follow()
    api.upload(receipt["upload"], b"no picture")
    api.follow()
    form = api.by_sponsor(receipt, "creative", {"creative_type": "image/png"}).body
    api.upload(form, picture("top"))
    api.follow()
    api.approve(receipt["id"])
    api.follow()
    for day in (20, 21, 21, 22, 23, 23, 24):
        api.now = datetime(2026, 5, day, 0, 5, tzinfo=UTC)
        if day == 21:
            api.track(receipt["id"])
        api.turn_day()
    api.refund(receipt["id"], 100)
    api.follow()
    assert subjects(api) == [
        "Your booking on kasper.live",
        "Your picture for kasper.live",
        "Your booking on kasper.live is approved",
        "Your booking on kasper.live has begun",
        "Your booking on kasper.live has ended",
        "Your money for the booking on kasper.live",
    ]
    assert {tuple(mail.destinations["ToAddresses"]) for mail in api.mails()} == {
        ("Beate.Biene@honey.example",)
    }
    assert "Views: 1\n" in api.mails()[4].body


def test_the_first_letter_lets_its_reader_in(api: Any) -> None:
    receipt = api.create().body
    api.follow()
    link = next(word for word in api.mails()[0].body.split() if word.startswith("https://"))
    identifier, _, token = link.partition("#")[2].partition(".")
    assert (identifier, token != receipt["token"]) == (receipt["id"], True)
    assert api.own(receipt, token).status == 200
    assert token not in str(api.items("sponsors"))


def test_a_change_that_is_told_twice_is_written_of_once(api: Any) -> None:
    api.create()
    records = api.stream()
    for _ in range(3):
        assert api.invoke("follow_booking", {"Records": records}) == {"batchItemFailures": []}
    assert len(subjects(api)) == 1


def test_a_letter_that_could_not_be_sent_is_sent_later_and_the_others_are_not_held_up(
    api: Any, monkeypatch: Any
) -> None:
    from sponsor_system import letters

    for placement in ("top", "left", "creator"):
        api.create(placement=placement)
    records = api.stream()
    send, calls = letters.send, iter([True, False])

    def once_not(*arguments: Any) -> bool:
        if next(calls, True):
            return send(*arguments)
        raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, "SendEmail")

    monkeypatch.setattr(letters, "send", once_not)
    again = api.invoke("follow_booking", {"Records": records})
    assert again == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert len(subjects(api)) == 1
    assert api.invoke("follow_booking", {"Records": records[1:]}) == {"batchItemFailures": []}
    assert len(subjects(api)) == 3


def test_what_has_expired_is_not_written_of(api: Any) -> None:
    api.create()
    (record,) = api.stream()
    gone = {"dynamodb": {"SequenceNumber": "9", "OldImage": record["dynamodb"]["NewImage"]}}
    assert api.invoke("follow_booking", {"Records": [gone]}) == {"batchItemFailures": []}
    assert subjects(api) == []


def test_what_nobody_cares_for_is_given_up(api: Any) -> None:
    without = api.create(placement="left", start_day="2026-06-01", end_day="2026-06-01").body["id"]
    waiting = api.ready(placement="creator", start_day="2026-06-01", end_day="2026-06-01")
    passing = api.ready(placement="top", start_day="2026-05-21", end_day="2026-05-21")
    api.now += timedelta(hours=47)
    api.turn_day()
    assert [booking["id"] for booking in api.list(status="cancelled").body["bookings"]] == [passing]
    api.now += timedelta(hours=1)
    api.turn_day()
    cancelled = {booking["id"]: booking for booking in api.list(status="cancelled").body["bookings"]}
    assert cancelled.keys() == {without, passing}
    assert (cancelled[without]["decided_by"], cancelled[without]["reason"]) == (
        "system",
        "No picture came in time",
    )
    assert [booking["id"] for booking in api.list(status="pending").body["bookings"]] == [waiting]
    assert {item["booking"]["S"] for item in api.items("sponsors", "SLOT#")} == {waiting}


def test_what_is_decided_while_the_day_turns_stays_decided(api: Any, monkeypatch: Any) -> None:
    from sponsor_system.handlers import turn_day

    without = api.create(start_day="2026-06-01", end_day="2026-06-01").body["id"]
    api.now += timedelta(days=2)
    listed = turn_day.bookings.pending()
    api.reject(without)
    monkeypatch.setattr(turn_day.bookings, "pending", lambda: listed)
    api.turn_day()
    assert [booking["id"] for booking in api.list(status="rejected").body["bookings"]] == [without]
