"""People come in with tokens, moderators keep order, and the room asks before it delivers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambdas.functions import NOW
from tests.lambdas.ivs_chat.chat_api import ADMIN, BEA, CARL, MODERATOR, OTHER_MODERATOR, Chat

ROOM = "arn:aws:ivschat:eu-central-1:100000000001:room/AbCdEf012345"


def test_a_guest_may_read_and_nothing_else(chat: Chat) -> None:
    answer = chat.visit()
    assert answer.status == 201
    assert answer.body == {
        "endpoint": "wss://edge.ivschat.eu-central-1.amazonaws.com",
        "token": "token-1",
        "user_id": answer.body["user_id"],
        "session_ends_at": "2026-05-20T13:00:00Z",
    }
    assert answer.body["user_id"].startswith("guest-")
    ((_, asked),) = chat.ivs.calls
    assert asked == {
        "roomIdentifier": ROOM,
        "userId": answer.body["user_id"],
        "capabilities": (),
        "attributes": {},
        "sessionDurationInMinutes": 60,
    }
    assert chat.visit().body["user_id"] != answer.body["user_id"]


def test_one_visitor_gets_twenty_tokens_a_minute(chat: Chat) -> None:
    assert [chat.visit().status for _ in range(21)] == [201] * 20 + [429]
    assert chat.visit(ip="198.51.100.9").status == 201
    chat.now = NOW + timedelta(minutes=1)
    assert chat.visit().status == 201


def test_programs_do_not_read_along(chat: Chat) -> None:
    assert chat.visit(agent="curl/8.5").problem == "automated"
    assert chat.ivs.calls == []


@pytest.mark.parametrize(
    ("member", "role", "capabilities"),
    [
        (BEA, "member", ("SEND_MESSAGE",)),
        (MODERATOR, "moderator", ("SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")),
        (ADMIN, "admin", ("SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")),
    ],
)
def test_a_token_allows_what_the_role_allows(
    chat: Chat, member: str, role: str, capabilities: tuple[str, ...]
) -> None:
    answer = chat.join(member, "Bea Biene")
    assert answer.status == 201
    assert answer.body == {
        "endpoint": "wss://edge.ivschat.eu-central-1.amazonaws.com",
        "token": "token-1",
        "user_id": member,
        "session_ends_at": "2026-05-20T13:00:00Z",
        "display_name": "Bea Biene",
        "role": role,
        "slow_mode_seconds": 0,
    }
    ((_, asked),) = chat.ivs.calls
    assert asked["capabilities"] == capabilities
    assert asked["attributes"] == {"display_name": "Bea Biene", "role": role}
    assert asked["sessionDurationInMinutes"] <= 60


@pytest.mark.parametrize("groups", [("admins",), ("Moderator",), ("member admin2",)])
def test_other_groups_make_no_moderator(chat: Chat, groups: tuple[str, ...]) -> None:
    assert chat.join(BEA, "Bea", groups=groups).body["role"] == "member"


def test_a_name_is_kept_until_another_is_wished_for(chat: Chat) -> None:
    first = chat.join(BEA)
    assert (first.status, first.body["errors"][0]["pointer"]) == (422, "/display_name")
    chat.join(BEA, "Bea")
    assert chat.join(BEA).body["display_name"] == "Bea"
    assert chat.join(CARL, "BEA").problem == "name-taken"
    assert chat.join(BEA, "Beate").body["display_name"] == "Beate"
    assert chat.join(CARL, "BEA").status == 201
    assert chat.join(BEA, "bea").problem == "name-taken"
    assert {item["pk"]["S"] for item in chat.items("NAME#")} == {"NAME#beate", "NAME#bea"}


def test_a_name_is_free_after_thirty_days_without_a_visit(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.now = NOW + timedelta(days=29)
    assert chat.join(CARL, "Bea").problem == "name-taken"
    chat.now = NOW + timedelta(days=30)
    assert chat.join(CARL, "Bea").status == 201
    assert chat.join(BEA).problem == "name-taken"
    assert chat.join(BEA, "Beate").status == 201
    assert chat.join(CARL).body["display_name"] == "Bea"


def test_only_the_creator_is_called_like_the_creator(chat: Chat) -> None:
    assert chat.join(BEA, "Каsper Kast").problem == "name-taken"
    assert chat.join(BEA, "Moderator").problem == "name-taken"
    assert chat.join(ADMIN, "Kasper Kast").status == 201


def test_a_member_gets_twenty_tokens_a_minute(chat: Chat) -> None:
    assert [chat.join(BEA, "Bea").status for _ in range(21)] == [201] * 20 + [429]
    assert chat.join(CARL, "Carl").status == 201


def test_who_is_banned_is_disconnected_and_stays_out_until_then(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    assert chat.say(BEA, "hello") == "ALLOW"
    ban = chat.ban(MODERATOR, BEA, minutes=60, reason="be kind")
    assert ban.status == 200
    assert ban.body == {
        "member": BEA,
        "display_name": "Bea",
        "until": "2026-05-20T13:00:00Z",
        "reason": "be kind",
        "by": MODERATOR,
        "banned_at": "2026-05-20T12:00:00Z",
    }
    assert chat.ivs.calls[-1] == (
        "disconnect",
        {"roomIdentifier": ROOM, "userId": BEA, "reason": "be kind"},
    )
    refused = chat.join(BEA)
    assert (refused.status, refused.problem) == (403, "banned")
    assert refused.body["until"] == "2026-05-20T13:00:00+00:00"
    assert refused.body["reason"] == "be kind"
    assert chat.say(BEA, "let me in") == "banned"
    assert [found["member"] for found in chat.moderate(MODERATOR, "GET", "/chat/bans").body["bans"]] == [BEA]

    chat.now = NOW + timedelta(minutes=61)
    assert chat.moderate(MODERATOR, "GET", "/chat/bans").body == {"bans": [], "next_cursor": None}
    assert chat.say(BEA, "here again") == "ALLOW"
    assert chat.join(BEA).status == 201
    assert chat.items("BAN") == []


def test_a_ban_for_ever_ends_when_it_is_lifted(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.ivs.connected = False  # who has left is banned all the same
    assert chat.ban(MODERATOR, BEA, permanent=True, reason="enough").body["until"] is None
    chat.now = NOW + timedelta(days=4000)
    assert chat.join(BEA).body["until"] is None
    assert all("expires_at" not in item for item in chat.items("BAN") + chat.items("MEMBER#"))
    assert chat.moderate(MODERATOR, "DELETE", f"/chat/bans/{BEA}").status == 204
    assert chat.join(BEA, "Bea").status == 201
    assert chat.moderate(MODERATOR, "DELETE", f"/chat/bans/{BEA}").problem == "not-found"


@pytest.mark.parametrize(
    ("actor", "target", "status"),
    [
        (MODERATOR, BEA, 200),
        (ADMIN, BEA, 200),
        (ADMIN, MODERATOR, 200),
        (MODERATOR, OTHER_MODERATOR, 403),
        (MODERATOR, MODERATOR, 403),
        (MODERATOR, ADMIN, 403),
        (ADMIN, ADMIN, 403),
        (BEA, CARL, 403),
    ],
)
def test_nobody_bans_an_equal_or_a_better(chat: Chat, actor: str, target: str, status: int) -> None:
    chat.join(target, "Target")
    assert chat.ban(actor, target).status == status
    assert bool(chat.items("BAN")) == (status == 200)
    assert chat.join(target).status == (403 if status == 200 else 201)


def test_who_has_become_an_admin_is_not_kept_out(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.ban(MODERATOR, BEA)
    assert chat.join(BEA, groups=("admin",)).status == 201
    assert chat.items("BAN") == []
    assert chat.say(BEA, "hello", "admin") == "ALLOW"


def test_only_who_was_in_the_chat_can_be_banned(chat: Chat) -> None:
    assert chat.ban(MODERATOR, CARL).problem == "not-found"
    assert chat.ban(MODERATOR, "x" * 129).problem == "not-found"
    assert chat.ban(MODERATOR, "a_b").problem == "not-found"
    assert chat.items() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"minutes": 5},
        {"reason": "x"},
        {"minutes": 5, "permanent": True, "reason": "x"},
        {"permanent": False, "reason": "x"},
        {"minutes": 0, "reason": "x"},
        {"minutes": 525_601, "reason": "x"},
        {"minutes": "5", "reason": "x"},
        {"minutes": 5, "reason": "x" * 201},
        {"minutes": 5, "reason": "a\nb"},
        {"minutes": 5, "reason": "x", "role": "admin"},
    ],
)
def test_a_ban_says_how_long_and_why(chat: Chat, body: dict[str, Any]) -> None:
    chat.join(BEA, "Bea")
    answer = chat.moderate(MODERATOR, "PUT", f"/chat/bans/{BEA}", body)
    assert (answer.status, answer.problem) == (422, "invalid")


def test_bans_come_by_the_page(chat: Chat) -> None:
    members = [f"6f1c7a3e-0000-4000-8000-{number:012d}" for number in range(5)]
    for number, member in enumerate(members):
        chat.join(member, f"Bea {'abcde'[number]}")
        assert chat.ban(MODERATOR, member).status == 200
    seen: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    for _ in range(3):
        page = chat.moderate(MODERATOR, "GET", "/chat/bans", query=query).body
        seen += [ban["member"] for ban in page["bans"]]
        if page["next_cursor"] is None:
            break
        query = {"limit": "2", "cursor": page["next_cursor"]}
    assert seen == members


def test_a_message_is_deleted_for_everybody(chat: Chat) -> None:
    path = "/chat/messages/AbCdEf012345"
    assert chat.moderate(MODERATOR, "DELETE", path, query={"reason": "spoiler"}).status == 204
    assert chat.ivs.calls == [("delete", {"roomIdentifier": ROOM, "id": "AbCdEf012345", "reason": "spoiler"})]
    assert chat.moderate(MODERATOR, "DELETE", path).status == 204
    for odd in ("short", "AbCdEf01234é", "AbCdEf0123456", "%2e%2e"):
        assert chat.moderate(MODERATOR, "DELETE", f"/chat/messages/{odd}").problem == "not-found"
    assert len(chat.ivs.calls) == 2


def test_slow_mode_slows_members_down(chat: Chat) -> None:
    for member, name in ((BEA, "Bea"), (MODERATOR, "Mo")):
        chat.join(member, name)
    assert chat.moderate(MODERATOR, "PUT", "/chat/slow-mode", {"seconds": 30}).body == {"seconds": 30}
    assert chat.join(BEA).body["slow_mode_seconds"] == 30
    assert chat.say(BEA, "one") == "ALLOW"
    chat.now = NOW + timedelta(seconds=29)
    assert chat.say(BEA, "two") == "slow-mode"
    assert chat.say(MODERATOR, "one", "moderator") == "ALLOW"
    assert chat.say(MODERATOR, "two", "moderator") == "ALLOW"
    chat.now = NOW + timedelta(seconds=30)
    assert chat.say(BEA, "two") == "ALLOW"
    chat.moderate(MODERATOR, "PUT", "/chat/slow-mode", {"seconds": 0})
    chat.now = NOW + timedelta(seconds=36)  # the settings hold for five seconds
    assert chat.say(BEA, "three") == "ALLOW"
    assert chat.say(BEA, "four") == "ALLOW"


@pytest.mark.parametrize("seconds", [-1, 121, 1.5, "5", None, True])
def test_slow_mode_has_bounds(chat: Chat, seconds: Any) -> None:
    assert chat.moderate(MODERATOR, "PUT", "/chat/slow-mode", {"seconds": seconds}).status == 422


def test_the_same_thing_is_not_said_twice_in_a_row(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    assert chat.say(BEA, "Hello!") == "ALLOW"
    assert chat.say(BEA, "hello") == "repeated"
    assert chat.say(BEA, "goodbye") == "ALLOW"
    assert chat.say(BEA, "hello") == "ALLOW"
    chat.now = NOW + timedelta(seconds=60)
    assert chat.say(BEA, "hello") == "ALLOW"


def test_words_and_links_are_refused(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.block("idiot", "go away")
    assert chat.say(BEA, "you ＩＤＩ\u200bＯＴ") == "blocked-word"
    assert chat.say(BEA, "Go Away!") == "blocked-word"
    assert chat.say(BEA, "see evil.com") == "link"
    assert chat.say(BEA, "idiotic") == "ALLOW"
    assert chat.say(ADMIN, "see kasper.live", "admin") == "signed-out"


def test_who_is_not_known_is_sent_for_a_new_token(chat: Chat) -> None:
    assert chat.say(BEA, "hello") == "signed-out"
    assert chat.items("MEMBER#") == []


def test_nothing_is_said_beside_the_message(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    assert chat.say(BEA, "hello", Attributes={"text": "unreviewed"}) == "attributes"


def test_a_review_is_one_request_once_the_settings_are_known(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.say(BEA, "one")
    asked: list[str] = []
    record = lambda model, **_: asked.append(model.name)  # noqa: E731
    chat.client.meta.events.register("before-call.dynamodb", record, unique_id="asked")
    try:
        chat.say(BEA, "two")
        assert asked == ["UpdateItem"]
        chat.say(BEA, "see evil.com")
        assert asked == ["UpdateItem"]
    finally:
        chat.client.meta.events.unregister("before-call.dynamodb", unique_id="asked")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Content": "x"},
        {"Content": "x", "Sender": {"UserId": BEA, "Attributes": {}}},
        {"Content": "x", "Sender": {"UserId": BEA, "Attributes": {"role": "owner"}}},
        {"Content": None, "Sender": {"UserId": BEA, "Attributes": {"role": "member"}}},
    ],
)
def test_what_cannot_be_reviewed_is_not_allowed(chat: Chat, event: dict[str, Any], capsys: Any) -> None:
    from shared.background import BackgroundError

    with pytest.raises(BackgroundError):
        chat.invoke("review_message", event)
    assert '"Faults":[1.0]' in capsys.readouterr().out


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    slow=st.integers(0, 120),
    gap_ms=st.integers(0, 130_000),
    same=st.booleans(),
    ban_s=st.none() | st.integers(-5, 5),
    role=st.sampled_from(["member", "moderator", "admin"]),
)
def test_the_tables_condition_is_the_rule(
    chat: Chat, slow: int, gap_ms: int, same: bool, ban_s: int | None, role: str
) -> None:
    from ivs_chat.review import Sender, bounds_of, sender_refusal
    from ivs_chat.review_table import ReviewTable, member_key
    from ivs_chat.roles import Role
    from shared.tables import CLIENT, pack

    now_ms = int(NOW.timestamp() * 1000)
    bounds = bounds_of("hello", BEA, Role(role), slow_seconds=slow, now_ms=now_ms)
    said = bounds_of("hello" if same else "goodbye", BEA, Role.MEMBER, slow_seconds=0, now_ms=0)
    sender = Sender(
        banned_until=None if ban_s is None else now_ms // 1000 + ban_s,
        last_ms=now_ms - gap_ms,
        last_digest=said.digest,
    )
    values = {name: getattr(sender, name) for name in ("banned_until", "last_ms", "last_digest")}
    CLIENT.put_item(TableName="chat", Item={**member_key(BEA), **pack(values)})
    assert ReviewTable("chat").let_speak(BEA, bounds, now_ms) == sender_refusal(sender, bounds)


def test_what_moderators_do_is_written_down_for_admins(chat: Chat) -> None:
    chat.join(BEA, "Bea")
    chat.ban(MODERATOR, BEA, minutes=5, reason="be kind")
    chat.now = NOW + timedelta(seconds=1)
    chat.moderate(ADMIN, "DELETE", f"/chat/bans/{BEA}")
    chat.now = NOW + timedelta(seconds=2)
    chat.moderate(MODERATOR, "PUT", "/chat/slow-mode", {"seconds": 30})
    chat.now = NOW + timedelta(seconds=3)
    chat.moderate(MODERATOR, "DELETE", "/chat/messages/AbCdEf012345", query={"reason": "spoiler"})

    page = chat.moderate(ADMIN, "GET", "/chat/audit", query={"limit": "3"}).body
    rest = chat.moderate(ADMIN, "GET", "/chat/audit", query={"cursor": page["next_cursor"]}).body
    acts = [(act["action"], act["by"], act["on"], act["detail"]) for act in page["acts"] + rest["acts"]]
    assert acts == [
        ("message-deleted", MODERATOR, "AbCdEf012345", "spoiler"),
        ("slow-mode", MODERATOR, "", "30 s"),
        ("unbanned", ADMIN, BEA, ""),
        ("banned", MODERATOR, BEA, "be kind"),
    ]
    assert rest["next_cursor"] is None
    assert page["acts"][-1]["at"] == "2026-05-20T12:00:01Z"
    assert chat.moderate(MODERATOR, "GET", "/chat/audit").problem == "not-allowed"
    chat.now = NOW + timedelta(days=91)
    assert chat.moderate(ADMIN, "GET", "/chat/audit").body["acts"] == []
    assert {int(item["expires_at"]["N"]) for item in chat.items("AUDIT")} == {
        int((NOW + timedelta(days=90, seconds=second)).timestamp()) for second in range(4)
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/chat/messages/AbCdEf012345", None),
        ("PUT", f"/chat/bans/{CARL}", {"minutes": 5, "reason": "x"}),
        ("DELETE", f"/chat/bans/{CARL}", None),
        ("GET", "/chat/bans", None),
        ("PUT", "/chat/slow-mode", {"seconds": 5}),
        ("GET", "/chat/audit", None),
    ],
)
def test_members_do_not_moderate(chat: Chat, method: str, path: str, body: Any) -> None:
    chat.join(CARL, "Carl")
    before = chat.items()
    assert chat.moderate(BEA, method, path, body).problem == "not-allowed"
    signed_out = chat.call("moderate_chat", method, path, body)
    assert (signed_out.status, signed_out.problem) == (401, "signed-out")
    assert chat.items() == before
    assert len(chat.ivs.calls) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_other"},
        {"client_id": "another"},
        {"token_use": "id"},
        {"exp": "1779278399"},
        {"sub": "not a subject"},
        {"sub": ""},
    ],
)
def test_other_tokens_are_no_members(chat: Chat, change: dict[str, str]) -> None:
    def edit(event: dict[str, Any]) -> None:
        event["requestContext"]["authorizer"]["jwt"]["claims"].update(change)

    assert chat.join(BEA, "Bea", change=edit).problem == "signed-out"
    assert chat.items() == []


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{", "[" * 5_000, '{"display_name": "\\ud800"}', "\ud800"]
)
def test_odd_bodies_are_the_callers_fault(chat: Chat, body: str) -> None:
    joined = chat.call("member_token", "POST", "/chat/token", body, member=BEA)
    assert joined.problem in ("malformed", "invalid")
    for path in (f"/chat/bans/{BEA}", "/chat/slow-mode"):
        assert chat.moderate(MODERATOR, "PUT", path, body).problem in ("malformed", "invalid")


def test_a_long_body_and_path_tricks_lead_nowhere(chat: Chat) -> None:
    assert chat.call("member_token", "POST", "/chat/token", " " * 16_385, member=BEA).problem == "too-large"
    for path in ("/chat/bans/", "/chat/bans/../bans", "/chat//bans", "/chat/bans/a/b", "/"):
        assert chat.moderate(MODERATOR, "PUT", path, {"minutes": 5, "reason": "x"}).problem == "not-found"


def test_no_log_line_and_no_metric_knows_a_person(chat: Chat, capsys: Any) -> None:
    chat.visit()
    chat.join(BEA, "Beate Biene")
    chat.join(CARL, "Beate Biene")
    chat.block("nastyword")
    for text in ("a private thing", "nastyword", "see secret.com"):
        chat.say(BEA, text)
    chat.ban(MODERATOR, BEA, minutes=5, reason="a private matter")
    chat.join(BEA)
    chat.moderate(MODERATOR, "DELETE", "/chat/messages/AbCdEf012345", query={"reason": "a private matter"})
    chat.moderate(MODERATOR, "GET", "/chat/bans")
    chat.moderate(ADMIN, "GET", "/chat/audit")
    written = chat.log.getvalue() + "".join(capsys.readouterr())
    assert "member banned" in written
    assert "message refused" in written
    for secret in (
        "Beate",
        "Biene",
        "private",
        "nastyword",
        "secret.com",
        "203.0.113",
        "Firefox",
        BEA,
        CARL,
        MODERATOR,
        "token-",
    ):
        assert secret not in written, secret
