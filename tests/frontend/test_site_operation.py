"""The operation that deploys a site: what it is told, how it is stopped, what its journal says."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from fleet_tui.frontend.deploying import StoppedError
from fleet_tui.frontend.model import Order, Wish
from fleet_tui.operations.context import Cancelled
from fleet_tui.operations.journal import JournalWriter, read_events
from fleet_tui.operations.kinds import carry_out_of, frontend
from fleet_tui.operations.model import EventKind, Operation, OperationKind
from fleet_tui.problems import FleetError, ProblemKind
from tests.frontend.sites import creator

OUTPUTS = {
    "site_bucket": "kasper-site",
    "distribution_id": "E1",
    "distribution_domain_name": "d1.cloudfront.net",
    "site_url": "https://kasper.live",
}
ORDER = Order(wish=Wish.DEPLOY)


@pytest.fixture
def run(tmp_path):
    operation = Operation(
        id="20261123T000000.000-frontend-kasper-0001",
        kind=OperationKind.FRONTEND,
        slug="kasper",
        account_id="210000000001",
        operator="ana@ops",
        target=ORDER.model_dump_json(),
        requested_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    return SimpleNamespace(
        operation=operation,
        buckets=SimpleNamespace(outputs=lambda creator: OUTPUTS),
        settings=SimpleNamespace(workspace=tmp_path, emulated=False),
        door=None,
        lease=None,
        folder=tmp_path / "run",
        journal=JournalWriter(tmp_path / "run"),
    )


def deployment_that(does):
    """A Deployment that does this instead, with its circumstances."""

    class Deployment:
        def __init__(self, circumstances):
            self.circumstances = circumstances

        def carry_out(self, order, build):
            assert order == ORDER
            return does(self.circumstances)

    return Deployment


async def test_what_is_said_while_it_works_stands_in_the_journal_in_order(run, monkeypatch):
    proved = []

    async def prove():
        proved.append(threading.current_thread())

    run.lease = SimpleNamespace(prove=prove)

    def talk(at):
        at.teller.progress(1, 2, "one uploaded")
        at.prove()
        at.teller.say("careful", severity="warning")
        return "visitors get release r1"

    monkeypatch.setattr(frontend, "Deployment", deployment_that(talk))
    carry_out = carry_out_of(OperationKind.FRONTEND)
    assert await carry_out(run, creator()) == "visitors get release r1"
    events = read_events(run.folder)
    told = [(event.kind, event.text, event.severity, event.done, event.total) for event in events]
    assert told == [
        (EventKind.PROGRESS, "one uploaded", "info", 1, 2),
        (EventKind.LOG, "careful", "warning", None, None),
    ]
    assert proved == [threading.main_thread()]  # the lease belongs to the loop


@pytest.mark.parametrize("switched", [False, True])
async def test_asked_to_stop_it_stops_before_the_switch_and_never_half_way(run, monkeypatch, switched):
    begun = threading.Event()

    def work(at):
        begun.set()
        at.wait(60)  # until it is to stop
        assert at.stopped()
        if not switched:
            raise StoppedError
        return "visitors get release r1"

    monkeypatch.setattr(frontend, "Deployment", deployment_that(work))
    task = asyncio.ensure_future(frontend.carry_out(run, creator()))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    if switched:
        assert await task == "visitors get release r1"
    else:
        with pytest.raises(Cancelled):
            await task


async def test_an_operation_that_does_not_say_what_to_do_is_refused(run):
    run.operation = run.operation.model_copy(update={"target": "plan-of-somebody"})
    with pytest.raises(FleetError, match="does not say what is to be deployed") as caught:
        await frontend.carry_out(run, creator())
    assert caught.value.problem.kind is ProblemKind.UNEXPECTED


async def test_without_a_bucket_it_says_what_to_switch_on(run):
    run.buckets = SimpleNamespace(outputs=lambda creator: {})
    with pytest.raises(FleetError, match=r"Switch on \[modules.s3-website\]"):
        await frontend.carry_out(run, creator())
