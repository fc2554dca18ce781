"""The packed functions behind a real HTTP API: however many vote at once, everybody is counted once."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from fleet_tui.sandbox.emulator.process import Emulator
from polls.settings import SAMPLE
from tests.lambdas import members
from tests.lambdas.deployed import OWNER, REGION, Deployed, all_at_once, client, deploy
from tests.lambdas.functions import handlers_of, table

pytestmark = pytest.mark.sandbox

FUNCTIONS = {
    "show_polls": {
        "GET /polls": "public",
        "GET /polls/{id}": "public",
        "GET /polls/{id}/votes/mine": "member",
    },
    "guest_votes": {"POST /polls/guest-token": "public", "POST /polls/{id}/votes": "public"},
    "member_votes": {"POST /polls/{id}/votes/mine": "member"},
    "manage_polls": {
        "POST /operator/polls": "operator",
        "GET /operator/polls/{id}": "operator",
        "POST /operator/polls/{id}/close": "operator",
    },
    "tidy_polls": {},
}
THREADS = 8
PEOPLE, REQUESTS = 150, 500


@dataclass(frozen=True)
class Site:
    """Polls of a creator with members."""

    deployed: Deployed
    pool: str
    client_id: str

    def create(self, **fields: Any) -> str:
        """Id of a new poll."""
        closes_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        body = {"question": "Which?", "options": ["A", "B"], "closes_at": closes_at, **fields}
        answer = self.deployed.call("POST", "/operator/polls", body, signer=OWNER)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["poll"]["id"])

    def managed(self, poll: str) -> dict[str, Any]:
        """The poll with how it stands."""
        return dict(self.deployed.call("GET", f"/operator/polls/{poll}", signer=OWNER).json()["poll"])

    def votes(self, poll: str) -> list[dict[str, Any]]:
        """The votes in the table."""
        scan = (
            client(self.deployed.emulator.url, "dynamodb").get_paginator("scan").paginate(TableName="polls")
        )
        items = [item for page in scan for item in page["Items"]]
        return [item for item in items if poll in item["pk"]["S"] and item["sk"]["S"].startswith("VOTE#")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Polls in a fresh embedded AWS."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        cognito = client(emulator.url, "cognito-idp")
        pool = cognito.create_user_pool(PoolName="kasper", UsernameAttributes=["email"])["UserPool"]["Id"]
        client_id = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="site", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
        )["UserPoolClient"]["ClientId"]
        table(client(emulator.url, "dynamodb"), "polls", index=True)
        issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
        jwt = {"issuer": issuer, "client_id": client_id}
        yield Site(deploy(emulator, "polls", FUNCTIONS, SAMPLE, jwt), pool, client_id)
    finally:
        emulator.stop()


def guests(site: Site, number: int) -> list[str]:
    """Tokens of as many visitors, signed as the site does it with the key of the day."""
    handlers_of("polls")
    from polls.guest_tokens import GuestTokens

    assert site.deployed.call("POST", "/polls/guest-token").status_code == 201
    found = client(site.deployed.emulator.url, "dynamodb").scan(TableName="polls")["Items"]
    keys = {item["pk"]["S"]: bytes(item["key"]["B"]) for item in found if item["sk"]["S"] == "GUEST_KEY"}
    (day, key) = keys.popitem()
    signer = GuestTokens("polls", SAMPLE["CREATOR_SLUG"])
    signer._keys[date.fromisoformat(day.partition("#")[2])] = key
    now = datetime.now(UTC)
    return [signer.issue(secrets.token_hex(16), now)[0] for _ in range(number)]


def test_hundreds_of_votes_at_once_are_one_a_person(site: Site) -> None:
    poll = site.create()
    tokens = guests(site, PEOPLE + 1)
    host = f"{site.deployed.api_id}.execute-api.{REGION}.amazonaws.com"
    with httpx.Client(base_url=site.deployed.emulator.url, timeout=60, trust_env=False) as http:

        def vote(request: int) -> int:
            person = request * PEOPLE // REQUESTS  # so that votes of one person meet
            choice = {"choice": [f"1-{1 + person % 3 // 2}"]}
            headers = {"Host": host, "Authorization": f"Bearer {tokens[person]}"}
            return http.post(f"/polls/{poll}/votes", json=choice, headers=headers).status_code

        assert Counter(all_at_once(vote, range(REQUESTS), THREADS)) == {200: REQUESTS}
    shown = site.managed(poll)
    assert (shown["voters"], [option["votes"] for option in shown["options"]]) == (PEOPLE, [100, 50])
    assert len(site.votes(poll)) == PEOPLE

    closed = site.deployed.call("POST", f"/operator/polls/{poll}/close", signer=OWNER)
    assert closed.json()["poll"]["voters"] == PEOPLE
    late = site.deployed.call("POST", f"/polls/{poll}/votes", {"choice": ["1-1"]}, token=tokens[PEOPLE])
    assert late.status_code == 409
    assert site.deployed.call("GET", f"/polls/{poll}").json()["voters"] == PEOPLE


def test_many_who_change_their_minds_at_once_count_for_one_each(site: Site) -> None:
    poll = site.create(changeable=True)
    person = members.tokens(site.deployed.emulator.url, REGION, OWNER, site.pool, site.client_id)
    path = f"/polls/{poll}/votes/mine"

    def vote(request: int) -> int:
        choice = {"choice": [f"1-{1 + request % 2}"]}
        return site.deployed.call("POST", path, choice, token=person).status_code

    statuses = Counter(all_at_once(vote, range(8), 4))
    assert statuses.keys() <= {200, 409, 503}
    (kept,) = site.votes(poll)
    shown = site.managed(poll)
    assert shown["voters"] == 1
    votes = {option["id"]: option["votes"] for option in shown["options"]}
    assert votes == {"1-1": 0, "1-2": 0} | {choice["S"]: 1 for choice in kept["choice"]["L"]}
    assert site.deployed.call("GET", path, token=person).json()["mine"] == [
        choice["S"] for choice in kept["choice"]["L"]
    ]


def test_a_poll_that_is_closed_amid_votes_counts_each_that_was_taken(site: Site) -> None:
    poll = site.create()
    tokens = guests(site, 40)

    def act(turn: int) -> tuple[str, int]:
        if turn == 15:
            return "close", site.deployed.call(
                "POST", f"/operator/polls/{poll}/close", signer=OWNER
            ).status_code
        vote = {"choice": ["1-1"]}
        answer = site.deployed.call("POST", f"/polls/{poll}/votes", vote, token=tokens[turn])
        return "vote", answer.status_code

    answers = Counter(all_at_once(act, range(40), THREADS))
    assert answers["close", 200] == 1
    assert answers["vote", 200] + answers["vote", 409] == 39
    assert site.managed(poll)["voters"] == answers["vote", 200] == len(site.votes(poll))


def test_what_is_over_is_counted_in_the_background(site: Site) -> None:
    poll = site.create()
    key = {"pk": {"S": f"POLL#{poll}"}, "sk": {"S": "POLL"}}
    dynamodb = client(site.deployed.emulator.url, "dynamodb")
    item = dynamodb.get_item(TableName="polls", Key=key)["Item"]
    past = "2026-01-01T00:00:00Z"
    due = item["closes_at"]["S"]
    dynamodb.delete_item(TableName="polls", Key={"pk": {"S": "JOB"}, "sk": {"S": f"{due}#close#{poll}"}})
    dynamodb.put_item(TableName="polls", Item={"pk": {"S": "JOB"}, "sk": {"S": f"{past}#close#{poll}"}})
    dynamodb.put_item(TableName="polls", Item={**item, "closes_at": {"S": past}})  # an hour passes
    site.deployed.invoke("tidy_polls", {"source": "aws.events", "detail-type": "Scheduled Event"})
    assert "tally" in dynamodb.get_item(TableName="polls", Key=key)["Item"]
    assert site.deployed.call("GET", f"/polls/{poll}").json()["state"] == "closed"
