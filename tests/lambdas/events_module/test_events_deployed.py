"""The packed functions behind a real HTTP API: many people for few seats, all at once."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from events.ids import new_sign_up_id
from events.settings import SAMPLE
from events.sign_up import SignUp, State
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas.deployed import BROWSER, OWNER, REGION, Deployed, all_at_once, client, deploy, eventually
from tests.lambdas.events_module.events_api import NEW
from tests.lambdas.functions import handlers_of
from tests.lambdas.members import tokens

pytestmark = pytest.mark.sandbox

GUESTS, SEATS = 200, 10
SECRET = b"s" * 32
THREADS = 4  # each thread keeps a function's process busy
FUNCTIONS = {
    "get_programme": {"GET /events/{id}": "public", "GET /events.ics": "public"},
    "sign_up_guests": {
        "POST /events/{id}/sign-ups": "public",
        "POST /events/{id}/sign-ups/confirm": "public",
        "DELETE /events/{id}/sign-ups": "public",
    },
    "sign_up_members": {"PUT /events/{id}/sign-up": "member"},
    "manage_events": {"POST /events": "operator", "GET /events/{id}/sign-ups/export": "operator"},
    "tend_events": {},
    "events_privacy": {},
}
FILTER = {
    "eventName": ["INSERT", "MODIFY"],
    "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "SIGN_UP#"}, {"prefix": "NEWS#"}]}}},
}


@dataclass(frozen=True)
class Site:
    """The module of one account, its table's stream, and the access token of one of its members."""

    deployed: Deployed
    stream: str
    member: str

    def announce(self, **fields: Any) -> str:
        """An event that begins tomorrow; its id."""
        starts = datetime.now(UTC) + timedelta(days=1)
        times = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=1)).isoformat()}
        made = self.deployed.call("POST", "/events", {**NEW, **times, **fields}, signer=OWNER)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def ask(self, event: str, guest: int) -> int:
        """A guest signs up, with a browser of their own."""
        body = {"name": f"Guest {guest}", "email": f"guest{guest}@honey.example"}
        headers = {"User-Agent": f"{BROWSER} {guest}"}
        return self.deployed.call("POST", f"/events/{event}/sign-ups", body, headers=headers).status_code

    def confirm(self, event: str, token: str) -> Any:
        """A guest confirms."""
        answer = self.deployed.call("POST", f"/events/{event}/sign-ups/confirm", token=token)
        return answer.status_code, answer.json()

    def leave(self, event: str, token: str) -> int:
        """A guest leaves."""
        return self.deployed.call("DELETE", f"/events/{event}/sign-ups", token=token).status_code

    def asked(self, event: str, guests: int) -> list[str]:
        """Put people into the table who have asked for a seat and got none yet; their tokens."""
        handlers_of("events")
        from events.sign_up_items import SignUpItems
        from events.tokens import Keys
        from shared.table_secret import TableSecret

        secret = TableSecret(SAMPLE["EVENTS_TABLE"])
        secret._secret = SECRET
        items = SignUpItems(SAMPLE["EVENTS_TABLE"])
        now = datetime.now(UTC)
        asked = [
            SignUp(
                id=new_sign_up_id(),
                event=event,
                state=State.ASKED,
                email=f"guest{guest}@honey.example",
                asked_at=now,
                hold_until=now + timedelta(hours=1),
                expires_at=int((now + timedelta(days=90)).timestamp()),
            )
            for guest in range(guests)
        ]
        dynamodb = client(self.deployed.emulator.url, "dynamodb")
        for start in range(0, guests, 25):
            puts = [
                {"PutRequest": {"Item": items.put(one)["Put"]["Item"]}} for one in asked[start : start + 25]
            ]
            dynamodb.batch_write_item(RequestItems={SAMPLE["EVENTS_TABLE"]: puts})
        return [Keys(secret).token(event, sign_up.id) for sign_up in asked]

    def listen(self) -> None:
        """From now on the table's stream calls the function that sends letters."""
        client(self.deployed.emulator.url, "lambda").create_event_source_mapping(
            EventSourceArn=self.stream,
            FunctionName=self.deployed.functions["tend_events"],
            StartingPosition="LATEST",
            FilterCriteria={"Filters": [{"Pattern": json.dumps(FILTER)}]},
        )

    def mails(self, subject: str, count: int) -> list[dict[str, Any]]:
        """All letters of a subject, when there are so many at least."""
        found = self.deployed.emulator.call("mails", {"account": OWNER})["mails"]
        letters = [mail for mail in found if mail["subject"].startswith(subject)]
        return letters if len(letters) >= count else []

    def sign_ups(self, event: str) -> list[dict[str, Any]]:
        """The event's sign-ups, read from the table."""
        found = client(self.deployed.emulator.url, "dynamodb").query(
            TableName=SAMPLE["EVENTS_TABLE"],
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sign_up)",
            ExpressionAttributeValues={":pk": {"S": f"GUESTS#{event}"}, ":sign_up": {"S": "SIGN_UP#"}},
        )["Items"]
        return [{name: next(iter(value.values())) for name, value in item.items()} for item in found]

    def seats(self, event: str) -> tuple[int, int]:
        """Seats that are left, and how many wait, as everybody sees it."""
        shown = self.deployed.call("GET", f"/events/{event}").json()
        return shown["seats_left"], shown["waiting"]

    def numbers(self, event: str, state: str) -> list[int]:
        """Numbers of those in a state, sorted."""
        return sorted(int(found["number"]) for found in self.sign_ups(event) if found["state"] == state)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The module in a fresh embedded AWS that may send mail."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        url, place = emulator.url, {"account": OWNER, "region": REGION}
        table = client(url, "dynamodb").create_table(
            TableName=SAMPLE["EVENTS_TABLE"],
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "gsi1pk", "gsi1sk")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "gsi1",
                    "KeySchema": [
                        {"AttributeName": "gsi1pk", "KeyType": "HASH"},
                        {"AttributeName": "gsi1sk", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )["TableDescription"]
        client(url, "sesv2").create_email_identity(EmailIdentity="kasper.live")
        emulator.call("ses/verify", {**place, "identity": "kasper.live"})
        emulator.call("ses/production", place)
        cognito = client(url, "cognito-idp")
        pool = cognito.create_user_pool(PoolName="kasper", UsernameAttributes=["email"])["UserPool"]["Id"]
        app = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="site", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
        )["UserPoolClient"]["ClientId"]
        issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
        jwt = {"issuer": issuer, "client_id": app}
        made = deploy(emulator, "events", FUNCTIONS, SAMPLE, jwt)
        client(url, "dynamodb").put_item(
            TableName=SAMPLE["EVENTS_TABLE"],
            Item={"pk": {"S": "SECRET"}, "sk": {"S": "SECRET"}, "secret": {"B": SECRET}},
        )
        yield Site(
            made, table["LatestStreamArn"], tokens(url, REGION, OWNER, pool, app, email="bea@honey.example")
        )
    finally:
        emulator.stop()


def test_two_hundred_people_for_ten_seats(site: Site) -> None:
    event = site.announce(capacity=SEATS)
    guests = site.asked(event, GUESTS)
    confirmed = all_at_once(lambda token: site.confirm(event, token), guests, THREADS)
    assert Counter((status, body["state"]) for status, body in confirmed) == {
        (200, "seated"): SEATS,
        (200, "waiting"): GUESTS - SEATS,
    }
    numbers = {found["id"]: int(found["number"]) for found in site.sign_ups(event)}
    assert len(set(numbers.values())) == GUESTS, "no number is given twice"
    seated, waiting = site.numbers(event, "seated"), site.numbers(event, "waiting")
    assert (len(seated), site.seats(event)) == (SEATS, (0, GUESTS - SEATS))

    # Half of the seats are given back, while some of those who are first in line leave, too.
    by_number = {numbers[token.partition(".")[0]]: token for token in guests}
    leaving = [*seated[:5], *waiting[1:16:2]]
    assert set(all_at_once(lambda who: site.leave(event, by_number[who]), leaving, THREADS)) == {204}
    line = [number for number in waiting if number not in leaving]
    assert site.numbers(event, "seated") == sorted(seated[5:] + line[:5]), "who waited longest moves up"
    assert site.numbers(event, "waiting") == line[5:]
    assert site.seats(event) == (0, len(line) - 5)
    rows = site.deployed.call("GET", f"/events/{event}/sign-ups/export", signer=OWNER).text.splitlines()
    assert len(rows) == 1 + SEATS + len(line) - 5


def test_letters_come_by_themselves_and_once(site: Site) -> None:
    site.listen()
    event = site.announce(title="Letters", capacity=2)
    assert all_at_once(lambda guest: site.ask(event, guest), range(5), THREADS) == [202] * 5
    letters = eventually(lambda: site.mails("Please confirm: Letters", 5))
    assert Counter(found["state"] for found in site.sign_ups(event)) == {"held": 2, "asked": 3}
    assert {mail["to"][0] for mail in letters} == {f"guest{guest}@honey.example" for guest in range(5)}
    tokens = [str(re.findall(r"#confirm\.\w+\.(\S+)", mail["text"])[0]) for mail in letters]
    states = {token: site.confirm(event, token)[1]["state"] for token in tokens}
    assert Counter(states.values()) == {"seated": 2, "waiting": 3}
    eventually(lambda: site.mails("You are in: Letters", 2) and site.mails("On the waiting list: Letters", 3))
    assert site.leave(event, next(token for token in tokens if states[token] == "seated")) == 204
    (mail,) = eventually(lambda: site.mails("A seat for you: Letters", 1))
    assert mail["attachments"] == ["event.ics"]
    site.deployed.invoke("tend_events", {"source": "aws.events", "detail-type": "Scheduled Event"})
    told = Counter((mail["to"][0], mail["subject"]) for mail in site.mails("", 0))
    assert {count for (_, subject), count in told.items() if subject.endswith("Letters")} == {1}


def test_a_member_signs_up_is_told_and_is_erased(site: Site) -> None:
    event = site.announce(title="For members", members_only=True)
    assert site.ask(event, 1) == 403
    answers = [site.deployed.call("PUT", f"/events/{event}/sign-up", token=site.member) for _ in range(2)]
    assert [answer.json()["state"] for answer in answers] == ["seated"] * 2
    (mail,) = eventually(lambda: site.mails("You are in: For members", 1))
    assert (mail["to"], mail["attachments"]) == (["bea@honey.example"], ["event.ics"])
    person = {"email": "Bea@honey.example"}
    kept = site.deployed.invoke("events_privacy", {"action": "export", "person": person})
    assert [found["title"] for found in kept["documents"]["sign_ups"]] == ["For members"]
    assert site.deployed.invoke("events_privacy", {"action": "erase", "person": person})["erased"] == 1
    assert site.sign_ups(event) == []
    assert site.seats(event) == (NEW["capacity"], 0)


def test_the_feed_is_read_by_calendar_programs(site: Site) -> None:
    event = site.announce(title="Süß; sauer, \\ und 🍯")
    answer = site.deployed.call("GET", "/events.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = {
        str(entry["UID"]): str(entry["SUMMARY"]) for entry in icalendar.Calendar.from_ical(answer.text).events
    }
    assert found[f"{event}@kasper.live"] == "Süß; sauer, \\ und 🍯"
