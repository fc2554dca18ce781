"""Polls are opened, voted in, closed, counted for good, and forget who voted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.lambdas.functions import COMMON, MEMBER, NOW
from tests.lambdas.polls.polls_api import CLOSES_AT, NEW, Polls, counts

OTHER = "6f1c7a3e-0000-4000-8000-00000000beef"


def test_members_and_guests_vote_and_everybody_sees_how_it_stands(polls: Polls) -> None:
    made = polls.create()
    poll, first, second = made["poll"]["id"], "1-1", "1-2"
    assert [option["text"] for option in made["poll"]["options"]] == NEW["options"]
    assert made["poll"]["state"] == "open"

    answer = polls.vote(poll, [first])
    assert answer.status == 200
    assert answer.body == {"poll": poll, "choice": [first], "voted_at": "2026-05-20T12:00:00Z"}
    token = polls.token().body["token"]
    assert polls.guest_vote(poll, [second], token).status == 200

    shown = polls.show(poll)
    assert counts(shown) == [2, 1, 1, 0]
    assert [option["share"] for option in shown.body["options"]] == [0.5, 0.5, 0.0]
    assert shown.body["mine"] is None
    assert polls.show(poll, member=MEMBER).body["mine"] == [first]
    assert polls.show(poll, member=OTHER).body["mine"] is None
    assert polls.show(poll, token=token).body["mine"] == [second]
    listed = polls.call("show_polls", "GET", "/polls")
    assert [found["id"] for found in listed.body["polls"]] == [poll]
    assert listed.body["polls"][0]["voters"] == 2


def test_one_person_has_one_vote(polls: Polls) -> None:
    poll = polls.create()["poll"]["id"]
    assert polls.vote(poll, ["1-1"]).status == 200
    assert polls.vote(poll, ["1-1"]).status == 200, "said again, it is the same vote"
    refused = polls.vote(poll, ["1-2"])
    assert (refused.status, refused.problem) == (409, "already-voted")
    assert counts(polls.show(poll)) == [1, 1, 0, 0]


def test_all_tokens_of_one_visitor_of_a_day_are_one_vote(polls: Polls) -> None:
    poll = polls.create(changeable=True)["poll"]["id"]
    first, second = (polls.token().body["token"] for _ in range(2))
    assert first != second
    assert polls.guest_vote(poll, ["1-1"], first).status == 200
    refused = polls.guest_vote(poll, ["1-2"], second)
    assert (refused.status, refused.problem) == (409, "visitor-voted")
    assert polls.guest_vote(poll, ["1-3"], first).status == 200
    elsewhere = polls.token(ip="198.51.100.9").body["token"]
    assert polls.guest_vote(poll, ["1-2"], elsewhere).status == 200
    assert polls.show(poll, token=second).body["mine"] is None, "who shares an address learns no vote"
    assert counts(polls.show(poll)) == [2, 0, 1, 1]


def test_a_visitor_gets_twenty_tokens_a_minute_and_programs_none(polls: Polls) -> None:
    assert [polls.token().status for _ in range(21)] == [201] * 20 + [429]
    assert polls.token().problem == "too-many"
    assert polls.token(ip="198.51.100.9").status == 201

    def program(event: dict[str, Any]) -> None:
        event["requestContext"]["http"]["userAgent"] = "python-requests/2.32"

    refused = polls.call("guest_votes", "POST", "/polls/guest-token", change=program)
    assert (refused.status, refused.problem) == (403, "automated")


def test_a_token_works_for_thirty_days_and_only_as_it_was_signed(
    polls: Polls, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = polls.create(closes_at=(NOW + timedelta(days=60)).isoformat())["poll"]["id"]
    token = polls.token().body["token"]
    version, expires, visitor, own, mac = token.split(".")
    bad = [
        None,
        "",
        "token",
        ".".join([version, str(int(expires) + 1), visitor, own, mac]),
        ".".join([version, expires, "0" * 32, own, mac]),
        ".".join([version, expires, visitor, "0" * 32, mac]),
        ".".join([version, expires, visitor, own, "0" * 64]),
        ".".join([version, "9999999999", visitor, own, mac]),
        token + "0",
    ]
    for forged in bad:
        refused = polls.guest_vote(poll, ["1-1"], forged)
        assert (refused.status, refused.problem) == (401, "no-guest-token"), forged
    from polls.handlers import guest_votes

    with monkeypatch.context() as patched:
        patched.setattr(guest_votes.guests, "_slug", "beate")
        assert polls.guest_vote(poll, ["1-1"], token).status == 401, "another creator's"
    polls.now = NOW + timedelta(days=30)
    assert polls.guest_vote(poll, ["1-1"], token).status == 401
    polls.now = NOW + timedelta(days=30, seconds=-1)
    assert polls.guest_vote(poll, ["1-1"], token).status == 200


def test_the_key_of_a_day_goes_when_its_last_token_has(polls: Polls) -> None:
    polls.token()
    (key,) = polls.items("GUEST_KEY")
    last = NOW.replace(hour=23, minute=59, second=59) + timedelta(days=30)
    assert last.timestamp() < int(key["expires_at"]["N"]) < (last + timedelta(days=2)).timestamp()


def test_a_poll_may_be_for_members_only(polls: Polls) -> None:
    poll = polls.create(guests=False)["poll"]["id"]
    refused = polls.guest_vote(poll, ["1-1"], polls.token().body["token"])
    assert (refused.status, refused.problem) == (403, "members-only")
    assert polls.show(poll).body["guests"] is False
    assert polls.vote(poll, ["1-1"]).status == 200


def test_several_choices_are_one_voter(polls: Polls) -> None:
    poll = polls.create(max_choices=2)["poll"]["id"]
    assert polls.vote(poll, ["1-3", "1-1"]).body["choice"] == ["1-1", "1-3"]
    assert polls.vote(poll, ["1-1", "1-3"]).status == 200, "in another order it is the same vote"
    assert counts(polls.show(poll)) == [1, 1, 0, 1]
    for choice in (["1-1", "1-2", "1-3"], ["1-1", "1-1"], ["1-4"], ["2-1"], []):
        assert polls.vote(poll, choice, OTHER).problem == "invalid"


def test_a_vote_is_changed_until_closing_where_the_poll_lets_one(polls: Polls) -> None:
    poll = polls.create(changeable=True, max_choices=2)["poll"]["id"]
    polls.vote(poll, ["1-1", "1-2"])
    assert polls.vote(poll, ["1-2", "1-3"]).status == 200
    assert counts(polls.show(poll)) == [1, 0, 1, 1]
    statuses = [polls.vote(poll, [f"1-{1 + number % 2}"]).status for number in range(25)]
    assert statuses == [200] * 19 + [409, 200] * 3, "a mind is changed twenty times, and then only repeated"
    polls.now = CLOSES_AT
    assert polls.vote(poll, ["1-3"]).problem == "poll-closed"


@pytest.mark.parametrize(
    ("results", "before", "after_vote"),
    [("live", True, True), ("after-vote", False, True), ("after-closing", False, False)],
)
def test_results_show_when_the_poll_says(polls: Polls, results: str, before: bool, after_vote: bool) -> None:
    poll = polls.create(results=results)["poll"]["id"]
    token = polls.token().body["token"]
    polls.guest_vote(poll, ["1-1"], token)
    assert (polls.show(poll).body["voters"] is not None) is before
    assert (polls.show(poll, token=token).body["voters"] is not None) is after_vote
    assert (polls.show(poll, member=OTHER).body["options"][0]["share"] is not None) is before
    assert counts(polls.manage("GET", f"/{poll}")) == [1, 1, 0, 0], "managers always see them"
    polls.now = CLOSES_AT
    assert counts(polls.show(poll)) == [1, 1, 0, 0]


def test_after_the_closing_time_no_vote_counts_though_nothing_ran(polls: Polls) -> None:
    poll = polls.create()["poll"]["id"]
    polls.now = CLOSES_AT - timedelta(milliseconds=1)
    assert polls.vote(poll, ["1-1"]).status == 200
    polls.now = CLOSES_AT
    refused = polls.vote(poll, ["1-1"], OTHER)
    assert (refused.status, refused.problem) == (409, "poll-closed")
    assert polls.show(poll).body["state"] == "closed"


def test_the_write_itself_refuses_a_late_vote(polls: Polls, monkeypatch: pytest.MonkeyPatch) -> None:
    from polls import votes_table
    from polls.voting import Step

    poll = polls.create()["poll"]["id"]
    monkeypatch.setattr(votes_table, "step_of", lambda *_, **__: Step.FIRST)  # nothing is looked at before
    monkeypatch.setattr(votes_table, "attempts", lambda: iter(range(2)))
    polls.now = CLOSES_AT
    assert polls.vote(poll, ["1-1"]).problem == "busy"
    assert polls.items("VOTE#") == []


def test_a_poll_is_counted_for_good_and_forgets_who_voted(polls: Polls) -> None:
    poll = polls.create()["poll"]["id"]
    for number in range(5):
        polls.vote(poll, [f"1-{1 + number % 2}"], str(uuid4()))
    polls.tidy()
    assert polls.manage("GET", f"/{poll}").body["version"] == 1, "it is not due"
    polls.now = CLOSES_AT
    polls.tidy()
    polls.tidy()
    assert polls.manage("GET", f"/{poll}").body["version"] == 2
    assert len(polls.items("VOTE#")) == 5
    polls.now = CLOSES_AT + timedelta(days=7, seconds=-1)
    polls.tidy()
    assert len(polls.items("VOTE#")) == 5
    polls.now = CLOSES_AT + timedelta(days=7)
    polls.tidy()
    assert [item["sk"]["S"] for item in polls.items()] == ["POLL"]
    assert counts(polls.show(poll)) == [5, 3, 2, 0]
    polls.tidy()


def test_a_poll_is_closed_early_and_stays_closed(polls: Polls) -> None:
    poll = polls.create()["poll"]["id"]
    polls.vote(poll, ["1-1"])
    polls.now = NOW + timedelta(minutes=5)
    closed = polls.manage("POST", f"/{poll}/close")
    assert closed.status == 200
    assert closed.body["poll"]["closes_at"] == "2026-05-20T12:05:00Z"
    assert polls.vote(poll, ["1-1"], OTHER).problem == "poll-closed"
    assert polls.manage("POST", f"/{poll}/close").body["version"] == closed.body["version"]
    polls.now = NOW + timedelta(days=7, minutes=5)
    polls.tidy()
    assert polls.items("VOTE#") == []


def test_a_closing_that_broke_off_lets_no_vote_in_and_is_finished_later(
    polls: Polls, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polls.handlers import manage_polls

    poll = polls.create()["poll"]["id"]
    polls.vote(poll, ["1-1"])
    with monkeypatch.context() as patched:
        patched.setattr(manage_polls.polls, "finish", lambda *_: 1 / 0)
        assert polls.manage("POST", f"/{poll}/close").status == 500
    assert polls.vote(poll, ["1-1"], OTHER).problem == "poll-closed"
    polls.now = CLOSES_AT
    polls.tidy()
    assert counts(polls.show(poll)) == [1, 1, 0, 0]


def test_a_poll_is_changed_until_somebody_has_voted(polls: Polls) -> None:
    poll = polls.create()["poll"]["id"]
    later = (CLOSES_AT + timedelta(hours=1)).isoformat()
    changed = polls.manage(
        "PUT", f"/{poll}", {**NEW, "options": ["A", "B"], "closes_at": later, "version": 1}
    )
    assert changed.status == 200
    assert [option["id"] for option in changed.body["poll"]["options"]] == ["2-1", "2-2"]
    stale = polls.manage("PUT", f"/{poll}", {**NEW, "version": 1})
    assert (stale.problem, stale.body["version"]) == ("version-changed", 2)
    assert polls.vote(poll, ["1-1"]).problem == "invalid", "what was seen before is no option any more"
    assert polls.vote(poll, ["2-1"]).status == 200
    assert polls.manage("PUT", f"/{poll}", {**NEW, "version": 2}).problem == "has-votes"
    polls.now = CLOSES_AT
    polls.tidy()
    assert polls.vote(poll, ["2-2"], OTHER).status == 200, "it closes at the new time"
    polls.now = CLOSES_AT + timedelta(hours=1)
    assert polls.manage("PUT", f"/{poll}", {**NEW, "version": 2}).problem == "poll-closed"
    polls.tidy()
    assert counts(polls.show(poll)) == [2, 1, 1]


def test_wording_is_corrected_for_all_to_see_and_counts_stay(polls: Polls) -> None:
    made = polls.create(options=["Akazie", "Heather"])
    poll = made["poll"]["id"]
    polls.vote(poll, ["1-1"])
    options = [{"id": "1-1", "text": "Acacia"}, {"id": "1-2", "text": "Heather"}]
    body = {"question": "Which honey next?", "options": options, "version": 1}
    assert (
        polls.manage("PUT", f"/{poll}/wording", {**body, "options": options[::-1]}).problem
        == "options-differ"
    )
    polls.now = NOW + timedelta(minutes=1)
    assert polls.manage("PUT", f"/{poll}/wording", body).status == 200
    shown = polls.show(poll)
    assert shown.body["options"][0]["text"] == "Acacia"
    assert shown.body["reworded_at"] == "2026-05-20T12:01:00Z"
    assert counts(shown) == [1, 1, 0]
    assert polls.manage("PUT", f"/{poll}/wording", body).problem == "version-changed"


def test_a_poll_is_deleted_with_its_votes(polls: Polls) -> None:
    poll, other = polls.create()["poll"]["id"], polls.create()["poll"]["id"]
    for name in (poll, other):
        polls.vote(name, ["1-1"])
    assert polls.manage("DELETE", f"/{poll}").status == 204
    assert polls.show(poll).status == 404
    assert polls.vote(poll, ["1-1"], OTHER).status == 404
    assert polls.manage("DELETE", f"/{poll}").status == 404
    polls.tidy()
    assert [item["pk"]["S"].split("#")[1] for item in polls.items("VOTE#")] == [other]
    assert not [item for item in polls.items() if poll in str(item)]


def test_one_key_is_one_poll(polls: Polls) -> None:
    key = {"idempotency-key": "0123456789"}
    ids = {polls.manage("POST", "", NEW, headers=key).body["poll"]["id"] for _ in range(3)}
    assert len(ids) == 1
    assert (
        polls.manage("POST", "", {**NEW, "question": "Other?"}, headers=key).problem
        == "idempotency-key-reused"
    )


def test_admins_manage_polls_and_members_do_not(polls: Polls) -> None:
    admin = polls.manage("POST", "", NEW, member=MEMBER, groups=("admin",))
    assert admin.status == 201
    assert polls.manage("GET", "", member=MEMBER, groups=("moderator",)).problem == "not-allowed"
    assert polls.manage("GET", "", member=MEMBER, groups=("admin",)).body["polls"] == [admin.body]


def test_polls_are_listed_page_by_page_the_newest_first(polls: Polls) -> None:
    made = []
    for number in range(5):
        polls.now = NOW + timedelta(seconds=number)
        made.append(polls.create(question=f"Question {number}?")["poll"]["id"])
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        page = polls.call("show_polls", "GET", "/polls", query=query).body
        seen += [poll["id"] for poll in page["polls"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == made[::-1]
    assert polls.call("show_polls", "GET", "/polls", query={"cursor": "bm9uc2Vuc2U="}).problem == "bad-cursor"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"question": ""}, "/question"),
        ({"question": "x" * 301}, "/question"),
        ({"options": ["one"]}, "/options"),
        ({"options": [str(number) for number in range(21)]}, "/options"),
        ({"options": ["Yes", "yes"]}, "/options"),
        ({"options": ["x" * 121, "y"]}, "/options/0"),
        ({"max_choices": 0}, "/max_choices"),
        ({"closes_at": "2026-05-20T13:00:00"}, "/closes_at"),
        ({"closes_at": NOW.isoformat()}, "/closes_at"),
        ({"closes_at": (NOW + timedelta(days=367)).isoformat()}, "/closes_at"),
        ({"closes_at": "0001-01-01T00:00:00+14:00"}, "/closes_at"),
        ({"closes_at": "9999-12-31T23:59:59-14:00"}, "/closes_at"),
        ({"results": "never"}, "/results"),
        ({"secret": 1}, "/secret"),
    ],
)
def test_a_refusal_points_at_the_member(polls: Polls, fields: dict[str, Any], pointer: str) -> None:
    answer = polls.manage("POST", "", {**NEW, **fields})
    assert (answer.status, answer.problem) == (422, "invalid")
    assert pointer in [error["pointer"] for error in answer.body["errors"]]


@pytest.mark.parametrize("poll", ["0000000000000", "x", "../polls", "POLL#1", "ä" * 13])
def test_what_is_no_poll_is_not_found(polls: Polls, poll: str) -> None:
    assert polls.show(poll).status == 404
    assert polls.vote(poll, ["1-1"]).status == 404
    assert polls.manage("GET", f"/{poll}").status == 404
    assert polls.manage("POST", f"/{poll}/close").status == 404


def test_a_member_is_handed_their_votes(polls: Polls) -> None:
    poll = polls.create(max_choices=2)["poll"]["id"]
    polls.vote(poll, ["1-2", "1-1"])
    polls.vote(poll, ["1-3"], OTHER)
    vote = {
        "poll": poll,
        "question": "Which honey next?",
        "choice": ["Acacia", "Heather"],
        "voted_at": "2026-05-20T12:00:00+00:00",
    }
    assert polls.privacy("export", member=MEMBER) == {"documents": {"votes": [vote]}, "person": None}
    assert polls.privacy("export", email="beate@honey.example") == {"documents": {}, "person": None}


def test_an_erased_member_is_out_of_open_polls_and_unknown_in_closed_ones(polls: Polls) -> None:
    open_one, closed_one = polls.create()["poll"]["id"], polls.create()["poll"]["id"]
    for poll in (open_one, closed_one):
        polls.vote(poll, ["1-1"])
        polls.vote(poll, ["1-2"], OTHER)
    polls.manage("POST", f"/{closed_one}/close")
    assert polls.privacy("erase", member=MEMBER) == {"erased": 2, "kept": []}
    assert polls.privacy("erase", member=MEMBER) == {"erased": 0, "kept": []}
    assert polls.privacy("erase", email="beate@honey.example") == {"erased": 0, "kept": []}
    assert MEMBER not in str(polls.items())
    assert len(polls.items("VOTE#")) == 2
    polls.now = NOW + timedelta(seconds=5)
    assert counts(polls.show(open_one)) == [1, 0, 1, 0]
    assert counts(polls.show(closed_one)) == [2, 1, 1, 0]


def test_how_a_poll_stands_is_read_once_for_all_who_look(
    polls: Polls, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = polls.create()["poll"]["id"]
    assert counts(polls.show(poll))[0] == 0
    polls.vote(poll, ["1-1"])
    assert counts(polls.show(poll))[0] == 0
    polls.now = NOW + timedelta(seconds=2)
    assert counts(polls.show(poll))[0] == 1


def test_no_log_line_and_no_metric_knows_a_person(polls: Polls, capsys: Any) -> None:
    poll = polls.create()["poll"]["id"]
    token = polls.token().body["token"]
    polls.guest_vote(poll, ["1-1"], token)
    polls.guest_vote(poll, ["1-2"], token)
    polls.guest_vote(poll, ["1-2"], "forged-token")
    polls.vote(poll, ["1-1"])
    polls.vote(poll, ["1-9"])
    polls.privacy("export", member=MEMBER)
    polls.privacy("erase", member=MEMBER)
    polls.manage("POST", f"/{poll}/close")
    polls.now = NOW + timedelta(days=8)
    polls.tidy()
    written = polls.log.getvalue() + "".join(capsys.readouterr())
    assert "poll opened" in written
    assert "votes forgotten" in written
    for secret in (MEMBER, token, token.split(".")[2], "forged", "honey", "203.0.113", "Firefox", "ana@ops"):
        assert secret not in written, secret


def test_members_of_another_creator_do_not_vote(polls: Polls, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = polls.create()["poll"]["id"]
    monkeypatch.setitem(COMMON, "MEMBERS_CLIENT_ID", "somebodyelses")
    claims = polls.claims(MEMBER)
    monkeypatch.undo()

    def change(event: dict[str, Any]) -> None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}

    path = f"/polls/{poll}/votes/mine"
    assert polls.call("member_votes", "POST", path, {"choice": ["1-1"]}, change=change).status == 401
