"""Requests held on order: before they are carried out, or before they are answered, until released."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox


@pytest.fixture
def later() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def put(client, later):
    def go(name: str):
        return later.submit(client("ssm").put_parameter, Name=name, Value="x", Type="String")

    return go


@pytest.fixture
def held(emulator, account):
    def waiting() -> bool:
        return any(gate["waiting"] for gate in emulator.call("gates", {"account": account})["gates"])

    return lambda: until(waiting)


def names(client) -> list[str]:
    return [found["Name"] for found in client("ssm").describe_parameters()["Parameters"]]


def test_a_request_is_held_before_it_is_carried_out(emulator, client, account, put, held):
    place = {"account": account, "service": "ssm", "operation": "PutParameter"}
    emulator.call("gates/set", place)
    answer = put("/before")
    held()
    assert "/before" not in names(client)
    assert emulator.call("gates/release", {"account": account}) == {"released": 1}
    assert answer.result()["Version"] == 1
    assert "/before" in names(client)


def test_an_answer_is_held_after_it_was(emulator, client, account, put, held):
    place = {"account": account, "service": "ssm", "operation": "PutParameter", "after": True}
    emulator.call("gates/set", place)
    answer = put("/after")
    held()
    assert "/after" in names(client)
    assert not answer.done()
    emulator.call("gates/release", {"account": account})
    answer.result()


def test_what_is_dropped_is_never_carried_out(emulator, client, account, held, later):
    client("s3").create_bucket(
        Bucket="gates", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    place = {"account": account, "service": "s3", "operation": "PutObject", "path": "/held"}
    emulator.call("gates/set", place)
    client("s3").put_object(Bucket="gates", Key="free", Body=b"")
    fault = {**place, "status": 403, "code": "AccessDenied", "message": "no"}
    answer = later.submit(client("s3").put_object, Bucket="gates", Key="held", Body=b"")
    held()
    emulator.call("faults/set", fault)  # what the client tries again fails as well
    emulator.call("gates/release", {"account": account, "carry_out": False})
    with pytest.raises(ClientError):
        answer.result()
    client("s3").put_object(Bucket="gates", Key="free too", Body=b"")
    emulator.call("faults/clear", {"account": account})
    listed = client("s3").list_objects_v2(Bucket="gates")["Contents"]
    assert [found["Key"] for found in listed] == ["free", "free too"]
