"""The packed functions behind a real HTTP API, members of a real user pool, and a room that asks first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fleet_tui.sandbox.emulator.process import Emulator
from ivs_chat.settings import SAMPLE
from tests.lambdas import members
from tests.lambdas.deployed import OWNER, REGION, Deployed, all_at_once, client, deploy
from tests.lambdas.functions import table

pytestmark = pytest.mark.sandbox

FUNCTIONS = {
    "guest_token": {"POST /chat/guest-token": "public"},
    "member_token": {"POST /chat/token": "member"},
    "moderate_chat": {
        "DELETE /chat/messages/{id}": "moderator",
        "PUT /chat/bans/{member}": "moderator",
        "DELETE /chat/bans/{member}": "moderator",
        "GET /chat/bans": "moderator",
        "PUT /chat/slow-mode": "moderator",
        "GET /chat/audit": "admin",
    },
    "review_message": {},
}
THREADS = 4
PLACE = {"account": OWNER, "region": REGION}


@dataclass(frozen=True)
class Site:
    """The chat of a creator with members."""

    deployed: Deployed
    pool: str
    client_id: str
    room: str

    def person(self, *groups: str) -> str:
        """The access token of somebody new."""
        url = self.deployed.emulator.url
        return members.tokens(url, REGION, OWNER, self.pool, self.client_id, groups=groups)

    def join(self, token: str, name: str | None = None) -> Any:
        """Ask for a token of the room."""
        return self.deployed.call("POST", "/chat/token", {"display_name": name} if name else {}, token=token)

    def say(self, chat_token: str, content: str) -> str:
        """What becomes of a message: `delivered`, or the reason why not."""
        sent = {**PLACE, "token": chat_token, "content": content}
        answer = self.deployed.emulator.call("chat/send", sent)
        return "delivered" if answer["delivered"] else str(answer["error"]["ErrorMessage"])

    def received(self) -> list[dict[str, Any]]:
        """What the room's clients received."""
        return list(
            self.deployed.emulator.call("chat/deliveries", {**PLACE, "room": self.room})["deliveries"]
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The chat in a fresh embedded AWS."""
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        cognito, ivs, dynamodb = (
            client(emulator.url, name) for name in ("cognito-idp", "ivschat", "dynamodb")
        )
        pool = cognito.create_user_pool(PoolName="kasper", UsernameAttributes=["email"])["UserPool"]["Id"]
        client_id = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="site", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
        )["UserPoolClient"]["ClientId"]
        for group in ("moderator", "admin"):
            cognito.create_group(UserPoolId=pool, GroupName=group)
        table(dynamodb, "chat")
        words = {"pk": "ROOM", "sk": "BLOCKED_WORDS", "blocked": '["idiot"]'}
        dynamodb.put_item(TableName="chat", Item={name: {"S": value} for name, value in words.items()})
        room = ivs.create_room(name="kasper", maximumMessageLength=300)["arn"]
        deployed = deploy(
            emulator,
            "ivs_chat",
            FUNCTIONS,
            {**SAMPLE, "ROOM_ARN": room},
            {"issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}", "client_id": client_id},
        )
        handler = {"uri": deployed.functions["review_message"], "fallbackResult": "DENY"}
        ivs.update_room(identifier=room, messageReviewHandler=handler)
        yield Site(deployed, pool, client_id, room)
    finally:
        emulator.stop()


@pytest.fixture(scope="module")
def moderator(site: Site) -> str:
    """The access token of a moderator."""
    return site.person("moderator")


# Comes first: a review that has run before may know the old settings for five seconds.
def test_slow_mode_lets_one_of_many_messages_through(site: Site, moderator: str) -> None:
    slowed = site.deployed.call("PUT", "/chat/slow-mode", {"seconds": 120}, token=moderator)
    assert slowed.status_code == 200, slowed.text
    joined = site.join(site.person(), "Chatterbox").json()
    assert joined["slow_mode_seconds"] == 120
    numbers = range(3 * THREADS)
    said = all_at_once(lambda number: site.say(joined["token"], f"message {number}"), numbers, THREADS)
    assert Counter(said) == {"delivered": 1, "slow-mode": len(numbers) - 1}


def test_people_talk_and_moderators_keep_order(site: Site, moderator: str) -> None:
    guest = site.deployed.call("POST", "/chat/guest-token")
    assert guest.status_code == 201, guest.text
    held = site.deployed.emulator.call("chat/token", {**PLACE, "token": guest.json()["token"]})
    assert held["capabilities"] == []

    bea = site.person()
    joined = site.join(bea, "Bea").json()
    assert site.say(joined["token"], "hello") == "delivered"
    assert site.say(joined["token"], "you ＩＤＩＯＴ") == "blocked-word"
    assert site.say(joined["token"], "see evil.com") == "link"
    message = site.received()[-1]
    assert message["Content"] == "hello"
    assert message["Sender"]["Attributes"] == {"display_name": "Bea", "role": "member"}

    deleted = site.deployed.call("DELETE", f"/chat/messages/{message['Id']}", token=moderator)
    assert deleted.status_code == 204, deleted.text
    assert site.received()[-1]["Attributes"]["MessageID"] == message["Id"]

    path = f"/chat/bans/{joined['user_id']}"
    banned = site.deployed.call("PUT", path, {"minutes": 5, "reason": "be kind"}, token=moderator)
    assert banned.status_code == 200, banned.text
    assert site.received()[-1]["EventName"] == "aws:DISCONNECT_USER"
    refused = site.join(bea)
    assert (refused.status_code, refused.json()["until"]) == (
        403,
        banned.json()["until"].replace("Z", "+00:00"),
    )
    assert site.deployed.call("DELETE", path, token=moderator).status_code == 204
    assert site.join(bea).json()["display_name"] == "Bea"


def test_one_of_many_gets_a_name(site: Site) -> None:
    rivals = [site.person() for _ in range(THREADS)]
    answers = all_at_once(lambda token: site.join(token, "Honeybee").status_code, rivals, THREADS)
    assert Counter(answers) == {201: 1, 409: THREADS - 1}


def test_only_the_creators_own_members_get_in(site: Site, moderator: str) -> None:
    url = site.deployed.emulator.url
    routes = [
        ("POST", "/chat/token", {"display_name": "Bea"}),
        ("PUT", "/chat/slow-mode", {"seconds": 0}),
        ("GET", "/chat/audit", None),
    ]
    for what, header in members.refused(url, REGION, OWNER, moderator).items():
        for method, path, body in routes:
            answer = site.deployed.call(method, path, body, headers={"Authorization": header})
            assert answer.status_code == 401, what
    member = site.person()
    for method, path, body in routes[1:]:
        assert site.deployed.call(method, path, body).status_code == 401
        assert site.deployed.call(method, path, body, signer=OWNER).status_code == 401
        assert site.deployed.call(method, path, body, token=member).status_code == 403
    assert site.deployed.call("GET", "/chat/audit", token=moderator).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe{}", 400),
        (b"[" * 5000, 400),
        (b"null", 422),
        (b" " * 16_385, 413),
        (b'{"a":1}', 422),
    ],
    ids=range(6),
)
def test_odd_bodies_are_refused(site: Site, moderator: str, body: bytes, status: int) -> None:
    for method, path in (("POST", "/chat/token"), ("PUT", "/chat/slow-mode"), ("PUT", "/chat/bans/someone")):
        assert site.deployed.call(method, path, body, token=moderator).status_code == status


@pytest.mark.parametrize("path", ["/chat/bans/a%2Fb", "/chat/bans/%2e%2e", "/chat/bans/a/b", "/chat/Bans/a"])
def test_path_tricks_lead_nowhere(site: Site, moderator: str, path: str) -> None:
    answer = site.deployed.call("PUT", path, {"minutes": 5, "reason": "x"}, token=moderator)
    assert answer.status_code == 404
