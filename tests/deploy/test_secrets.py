from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from fleet_tui.deploy.secrets import MAX_BYTES, Secret, Secrets
from fleet_tui.problems import FleetError, ProblemKind
from tests.costs.fleet import creator

MADE = datetime(2026, 11, 1, tzinfo=UTC)
MINA = creator()


class Door:
    def __init__(self) -> None:
        self.ssm = boto3.client(
            "ssm", region_name="us-east-1", aws_access_key_id="AKIATEST", aws_secret_access_key="test"
        )
        self.stubber = Stubber(self.ssm)
        self.stubber.activate()
        self.proven: list[str] = []
        self.wrong = False

    @contextmanager
    def entered(self, creator: Any) -> Iterator[Any]:
        yield SimpleNamespace(client=lambda service: self.ssm)

    def prove_account(self, creator: Any) -> None:
        if self.wrong:
            raise FleetError.of(
                ProblemKind.WRONG_ACCOUNT, "the credentials lead elsewhere", where=creator.slug
            )
        self.proven.append(creator.slug)

    def has(self, *versions: tuple[str, int]) -> None:
        parameters = [
            {"Name": name, "Version": version, "LastModifiedDate": MADE} for name, version in versions
        ]
        self.stubber.add_response(
            "describe_parameters", {"Parameters": parameters}, {"ParameterFilters": ANY}
        )


@pytest.fixture
def door() -> Door:
    return Door()


def test_secrets_are_listed_without_a_value_and_with_whether_there_is_one(door: Door) -> None:
    door.has(("/mina-moor/shop/b", 2), ("/mina-moor/shop/a", 1))
    assert Secrets(door).listed(MINA) == (
        Secret(name="shop/a", filled=False, changed_at=MADE),
        Secret(name="shop/b", filled=True, changed_at=MADE),
    )


def test_a_secret_is_filled_in_the_proven_account(door: Door) -> None:
    door.has(("/mina-moor/shop/a", 1))
    door.stubber.add_response(
        "put_parameter",
        {"Version": 2},
        {"Name": "/mina-moor/shop/a", "Value": "sk_test_1", "Type": "SecureString", "Overwrite": True},
    )
    Secrets(door).fill(MINA, "shop/a", "sk_test_1")
    assert door.proven == ["mina-moor"]
    door.stubber.assert_no_pending_responses()


def test_nothing_is_sent_into_another_account(door: Door) -> None:
    door.wrong = True
    with pytest.raises(FleetError) as raised:
        Secrets(door).fill(MINA, "shop/a", "sk_test_1")
    assert raised.value.problem.kind is ProblemKind.WRONG_ACCOUNT


def test_a_secret_that_is_not_there_is_not_made(door: Door) -> None:
    door.has(("/mina-moor/shop/a", 1))
    with pytest.raises(FleetError) as raised:
        Secrets(door).fill(MINA, "shop/z", "sk_test_1")
    assert raised.value.problem.kind is ProblemKind.NOT_FOUND
    assert "shop/a" in raised.value.problem.sentence
    assert "sk_test_1" not in raised.value.problem.sentence


@pytest.mark.parametrize("value", ["", " sk", "sk\n", "x" * (MAX_BYTES + 1)])
def test_what_cannot_be_a_secret_is_refused_before_anything_is_asked(door: Door, value: str) -> None:
    with pytest.raises(FleetError, match="empty, has spaces"):
        Secrets(door).fill(MINA, "shop/a", value)
    assert door.proven == []
