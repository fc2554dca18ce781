"""The door in front of an emulator that is not ours: accounts are apart, and prove themselves."""

from __future__ import annotations

import pytest
from moto import mock_aws

from fleet_tui.aws import AwsDoor
from fleet_tui.problems import FleetError, ProblemKind
from tests.aws.fake_aws import creator, role_of

FIRST = creator("first", "111122223333", role_arn=role_of("111122223333"))
SECOND = creator("second", "444455556666", role_arn=role_of("444455556666"))


@mock_aws
def test_each_creator_has_an_account_of_its_own(operator_keys: None) -> None:
    door = AwsDoor(operator="ana@ops")
    for one in (FIRST, SECOND):
        door.prove_account(one)
        assert door.identity(one).account_id == one.account_id
        with door.entered(one) as account:
            account.client("s3").create_bucket(
                Bucket=one.state_bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )
    with door.entered(FIRST) as account:
        buckets = account.client("s3").list_buckets()["Buckets"]
        assert [bucket["Name"] for bucket in buckets] == [FIRST.state_bucket]


@mock_aws
def test_a_bucket_that_is_not_there(operator_keys: None) -> None:
    with pytest.raises(FleetError) as caught, AwsDoor(operator="ana").entered(FIRST) as account:
        account.client("s3").get_object(Bucket="fleet-state-nowhere", Key="k")
    assert caught.value.problem.kind is ProblemKind.NOT_FOUND
    assert caught.value.problem.where == "first: s3"


@mock_aws
def test_who_catches_an_error_of_aws_inside_goes_on(operator_keys: None) -> None:
    with AwsDoor(operator="ana").entered(FIRST) as account:
        s3 = account.client("s3")
        with pytest.raises(s3.exceptions.NoSuchBucket):
            s3.get_object(Bucket="fleet-state-nowhere", Key="k")
        assert s3.list_buckets()["Buckets"] == []
