"""Processes of functions: which end, and what those that run share."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.sandbox.emulator.warm_pool import surplus
from tests.sandbox.functions import make_function, zipped

NOW, IDLE, MOST = 10_000.0, 120.0, 3


@dataclass(eq=False)
class Process:
    in_use: bool
    last_used: float


processes = st.lists(st.builds(Process, st.booleans(), st.floats(NOW - 1000, NOW)), max_size=12)


def test_who_waits_too_long_ends_and_who_works_does_not():
    idle, busy = Process(False, NOW - IDLE), Process(True, NOW - 10 * IDLE)
    fresh = Process(False, NOW - IDLE + 1)
    assert surplus([busy, fresh, idle], NOW, IDLE, MOST) == [idle]


def test_of_too_many_those_end_that_waited_longest():
    waiting = [Process(False, NOW - age) for age in (5, 50, 1, 10)]
    busy = Process(True, NOW)
    assert [process.last_used for process in surplus([*waiting, busy], NOW, IDLE, MOST)] == [
        NOW - 50,
        NOW - 10,
    ]


@given(processes)
def test_no_more_end_than_have_to(known):
    ended = surplus(known, NOW, IDLE, MOST)
    kept = [process for process in known if process not in ended]
    assert not any(process.in_use for process in ended)
    assert all(process.in_use or NOW - process.last_used < IDLE for process in kept)
    assert len(kept) <= MOST or all(process.in_use for process in kept)
    for process in ended:
        waiting = [other for other in kept if not other.in_use]
        assert all(other.last_used >= process.last_used for other in waiting)
        assert NOW - process.last_used >= IDLE or len(kept) >= MOST


WHERE = """
    import os
    from library import PLACE

    def handler(event, context):
        return [os.path.realpath(PLACE), os.path.realpath(__file__)]
"""


@pytest.mark.sandbox
def test_equal_packages_are_unpacked_once_for_all_accounts(client, account, other_account):
    def places(owner, name):
        def here(service, **more):
            return client(service, account=owner, **more)

        layer = here("lambda").publish_layer_version(
            LayerName="library", Content={"ZipFile": zipped(python__library="PLACE = __file__")}
        )["LayerVersionArn"]
        make_function(here, name, WHERE, layers=[layer])
        return here("lambda").invoke(FunctionName=name, Payload=b"{}")["Payload"].read()

    first = places(account, "first")
    assert b"/packages/" in first
    assert places(other_account, "second") == first


@pytest.mark.sandbox
def test_a_function_never_runs_more_often_at_once_than_is_reserved_for_it(client):
    functions = client("lambda")
    make_function(client, "reserved", "def handler(event, context):\n    return None")
    functions.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=0)
    with pytest.raises(functions.exceptions.TooManyRequestsException):
        functions.invoke(FunctionName="reserved", Payload=b"{}")
    functions.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=1)
    assert functions.invoke(FunctionName="reserved", Payload=b"{}")["StatusCode"] == 200
