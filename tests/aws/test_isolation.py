"""No call is ever signed for another account than the one it is meant for."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from fleet_tui.aws import Account, AwsDoor
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from tests.aws.fake_aws import Aws, creator, role_of

ACCOUNTS = [f"{number:012d}" for number in range(100_000, 100_200)]


def fleet() -> list[Creator]:
    return [
        creator(f"creator-{index}", account, role_arn=role_of(account), external_id="fleet-7")
        for index, account in enumerate(ACCOUNTS)
    ]


def strangers(aws: Aws) -> list[tuple[str, str]]:
    """Calls that were signed with a key of another account than the one they name."""
    return [(account, key) for account, key in aws.calls if aws.account_of.get(key) != account]


def ask(account: Account, name: str) -> None:
    account.client("ivs").list_streams(nextToken=name)


def test_2000_calls_in_32_threads_over_200_accounts(aws: Aws, door: AwsDoor) -> None:
    """Roles are refreshed all the while, and every seventh account answers with an error."""
    aws.clock.step = timedelta(seconds=1)
    aws.lasts = timedelta(seconds=1800)
    aws.answer = lambda body: (
        (403, "AccessDeniedException", "no") if int(body["nextToken"]) % 7 == 0 else None
    )

    def look(one: Creator) -> bool:
        if int(one.account_id) % 7:
            with door.entered(one) as account:
                ask(account, one.account_id)
            return True
        with pytest.raises(FleetError) as caught, door.entered(one) as account:
            ask(account, one.account_id)
        assert caught.value.problem.kind is ProblemKind.DENIED
        assert caught.value.problem.where == f"{one.slug}: ivs"
        return False

    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(look, fleet() * 10))

    assert len(aws.calls) == 2000
    assert outcomes.count(False) == sum(int(account) % 7 == 0 for account in ACCOUNTS) * 10
    assert strangers(aws) == []
    assert Counter(account for account, _ in aws.calls) == dict.fromkeys(ACCOUNTS, 10)
    assert len(aws.assumed) > len(
        ACCOUNTS
    )  # or nothing was refreshed, and this test proves less than it says
    assert {call["key"] for call in aws.assumed} == {"AKIAOPERATOR00000000"}


def test_one_refresh_at_a_time_per_role(aws: Aws, door: AwsDoor) -> None:
    one = fleet()[0]

    def look(_: int) -> None:
        with door.entered(one) as account:
            ask(account, one.account_id)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(look, range(64)))
    assert len(aws.assumed) == 1
    aws.clock.at += timedelta(minutes=58)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(look, range(64)))
    assert len(aws.assumed) == 2
    assert strangers(aws) == []


def test_a_client_stays_with_its_account_inside_another(aws: Aws, door: AwsDoor) -> None:
    first, second = fleet()[:2]
    with door.entered(first) as outer:
        ivs = outer.client("ivs")
        with door.entered(second) as inner:
            ivs.list_streams(nextToken=first.account_id)
            ask(inner, second.account_id)
            ivs.list_streams(nextToken=first.account_id)
        ask(outer, first.account_id)
    assert len(aws.calls) == 4
    assert strangers(aws) == []


def test_generators_that_are_left_half_way(aws: Aws, door: AwsDoor) -> None:
    def lazily(one: Creator) -> Iterator[None]:
        with door.entered(one) as account:
            while True:
                ask(account, one.account_id)
                yield

    runs = [lazily(one) for one in fleet()[:3]]
    for _ in range(3):
        for run in runs:
            next(run)
    for run in runs:
        run.close()
    assert len(aws.calls) == 9
    assert strangers(aws) == []


def test_threads_started_inside_the_block(aws: Aws, door: AwsDoor) -> None:
    first, second = fleet()[:2]
    with door.entered(first) as one, door.entered(second) as two, ThreadPoolExecutor(8) as pool:
        for account, name in [(one, first.account_id), (two, second.account_id)] * 20:
            pool.submit(ask, account, name).result()
    assert len(aws.calls) == 40
    assert strangers(aws) == []


def test_pages_are_signed_for_the_account_they_came_from(aws: Aws, door: AwsDoor) -> None:
    first, second = fleet()[:2]
    with door.entered(first) as outer:
        pages = (
            outer.client("ivs")
            .get_paginator("list_streams")
            .paginate(PaginationConfig={"StartingToken": first.account_id})
        )
        with door.entered(second):
            assert [page["streams"] for page in pages] == [[]]
    assert len(aws.calls) == 1
    assert strangers(aws) == []


def test_nothing_is_sent_after_the_account_was_left(aws: Aws, door: AwsDoor) -> None:
    one = fleet()[0]
    with door.entered(one) as account:
        ivs = account.client("ivs")
    with pytest.raises(FleetError, match="after the account was left"):
        ivs.list_streams()
    assert (aws.calls, aws.assumed) == ([], [])


def test_nothing_is_sent_by_a_client_that_no_account_was_given(aws: Aws, door: AwsDoor) -> None:
    with door.entered(fleet()[0]) as account:
        shared = door._opened().clients._shared("ivs", "eu-central-1")
        assert shared is not account.client("ivs")
        with pytest.raises(FleetError, match="outside of an entered account"):
            shared.list_streams()
    assert (aws.calls, aws.assumed) == ([], [])


def test_presigning_outside_of_a_call_is_refused_as_well(aws: Aws, door: AwsDoor) -> None:
    with (
        door.entered(fleet()[0]) as account,
        pytest.raises(FleetError, match="outside of an entered account"),
    ):
        account.client("s3").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})


def test_one_client_per_service_and_region_however_many_threads_ask(aws: Aws, door: AwsDoor) -> None:
    def look(one: Creator) -> None:
        with contextlib.suppress(FleetError), door.entered(one) as account:
            ask(account, one.account_id)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(look, fleet()))
    assert set(door._opened().clients._clients) == {("ivs", "eu-central-1"), ("sts", "eu-central-1")}
