"""`POST /live/token`: members get a token that IVS takes, everyone else gets nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ivs_streaming.settings import SAMPLE
from tests.lambdas.functions import MEMBER, Answer, table
from tests.lambdas.ivs_streaming.streaming_api import CHANNEL, Streaming, set_to


@pytest.fixture
def public_key(site: Streaming, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The public half of a key that KMS has made, and that the function signs with."""
    from ivs_streaming.handlers import issue_playback_token

    kms = issue_playback_token.CLIENT
    key = kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    monkeypatch.setattr(issue_playback_token.tokens, "_last", None)
    with set_to(monkeypatch, issue_playback_token, playback_key_id=key):
        yield load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])


def ask(site: Streaming, **options: Any) -> Answer:
    return site.call("issue_playback_token", "POST", "/live/token", **options)


def test_a_member_gets_a_token_that_the_public_key_confirms(site: Streaming, public_key: Any) -> None:
    answer = ask(site, member=MEMBER)
    assert answer.status == 201
    assert answer.headers["Cache-Control"] == "no-store"
    claims = jwt.decode(answer.body["token"], public_key, algorithms=["ES384"], options={"verify_exp": False})
    assert claims["aws:channel-arn"] == CHANNEL
    assert claims["aws:access-control-allow-origin"] == "https://kasper.live,https://www.kasper.live"
    assert claims["exp"] == int((site.now + timedelta(minutes=10)).timestamp())
    assert answer.body["expires_at"] == "2026-05-20T12:10:00Z"
    assert answer.body["playback_url"] == SAMPLE["PLAYBACK_URL"]
    assert MEMBER not in str(claims)


def test_a_signature_serves_many_members(site: Streaming, public_key: Any, capsys: Any) -> None:
    assert len({ask(site, member=f"member-{number}").body["token"] for number in range(20)}) == 1
    assert capsys.readouterr().out.count('"PlaybackSignatures":[1.0]') == 1


@pytest.fixture
def entitle(site: Streaming, public_key: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Playback is for workers and queens; gives a member a tier for so many minutes."""
    from ivs_streaming.handlers import issue_playback_token
    from shared.entitlements import entitlement_key
    from shared.tables import pack

    table(site.dynamodb, "membership")

    def put(tier: str, minutes: int, member: str = MEMBER) -> None:
        until = (site.now + timedelta(minutes=minutes)).isoformat()
        item = pack({**entitlement_key(member), "tier": tier, "until": until})
        site.dynamodb.put_item(TableName="membership", Item=item)

    changes = {
        "playback_key_id": issue_playback_token.settings().playback_key_id,
        "playback_tier": "worker",
        "tiers": ("bee", "worker", "queen"),
        "membership_table": "membership",
    }
    with set_to(monkeypatch, issue_playback_token, **changes):
        yield put


@pytest.mark.parametrize("tier", ["worker", "queen"])
def test_who_has_the_tier_or_a_higher_one_may_watch(site: Streaming, entitle: Any, tier: str) -> None:
    entitle(tier, 1)
    assert ask(site, member=MEMBER).status == 201
    site.now += timedelta(minutes=1)
    assert ask(site, member=MEMBER).status == 403


@pytest.mark.parametrize(
    ("tier", "minutes"), [("bee", 60), ("gone", 60), ("queen", 0), ("worker", -1), (None, 0)]
)
def test_who_has_not_or_no_longer_is_told_what_to_do(
    site: Streaming, entitle: Any, tier: str | None, minutes: int
) -> None:
    entitle("queen", 60, "somebody-else")
    if tier:
        entitle(tier, minutes)
    answer = ask(site, member=MEMBER)
    assert (answer.status, answer.problem, answer.body["tier"]) == (403, "tier-needed", "worker")
    assert "Subscribe to the tier worker" in answer.body["detail"]


def test_nobody_else_gets_one(site: Streaming, public_key: Any) -> None:
    assert ask(site).problem == "signed-out"
    assert ask(site, operator=True).problem == "signed-out"

    def of_another_creator(event: dict[str, Any]) -> None:
        event["requestContext"]["authorizer"]["jwt"]["claims"]["iss"] = "https://cognito-idp.example/pool"

    def expired(event: dict[str, Any]) -> None:
        event["requestContext"]["authorizer"]["jwt"]["claims"]["exp"] = str(int(site.now.timestamp()) - 1)

    for change in (of_another_creator, expired):
        answer = ask(site, member=MEMBER, change=change)
        assert (answer.status, answer.problem) == (401, "signed-out")


def test_the_log_knows_neither_the_token_nor_the_member(
    site: Streaming, public_key: Any, capsys: Any
) -> None:
    token = ask(site, member=MEMBER).body["token"]
    ask(site)
    written = site.log.getvalue() + "".join(capsys.readouterr())
    assert "refused" in written
    for secret in (token, token.rpartition(".")[2], MEMBER):
        assert secret not in written


@pytest.mark.parametrize("path", ["/live/token/", "/live//token", "/live/../token", "/", "/live/token/x"])
def test_path_tricks_lead_nowhere(site: Streaming, path: str) -> None:
    answer = site.call("issue_playback_token", "POST", path, member=MEMBER)
    assert (answer.status, answer.problem) == (404, "not-found")
