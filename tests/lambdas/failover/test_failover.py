"""One of two regions takes writes, and health tells which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.lambdas.contact_form.contact_api import Contact
from tests.lambdas.failover.conftest import HOME, SECOND
from tests.lambdas.functions import Functions

Switch = Callable[[str], Any]


@pytest.fixture
def two_regions(monkeypatch: pytest.MonkeyPatch, switch: Switch) -> Switch:
    """What Terraform tells the functions of every module, those of the home region."""
    _tell(monkeypatch, HOME)
    return switch


def _tell(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    told = {"SWITCH_TABLE": "region", "HOME_REGION": HOME, "AWS_REGION": region}
    for name, value in told.items():
        monkeypatch.setenv(name, value)


class TestHealth:
    def test_the_home_region_takes_writes_until_it_is_said_otherwise(self, health: Functions) -> None:
        answer = health.call("health", "GET", "/health")
        assert (answer.status, answer.body) == (200, {"region": HOME, "home": HOME})

    def test_is_red_while_the_other_region_takes_writes(self, health: Functions, switch: Switch) -> None:
        switch(SECOND)
        answer = health.call("health", "GET", "/health")
        assert (answer.status, answer.problem) == (503, "read-only")
        switch(HOME)
        assert health.call("health", "GET", "/health").status == 200

    def test_is_red_when_the_tables_cannot_be_read(self, health: Functions) -> None:
        from shared import tables

        tables.CLIENT.delete_table(TableName="region")
        answer = health.call("health", "GET", "/health")
        assert (answer.status, answer.problem) == (503, "tables-unreadable")

    def test_answers_for_every_route_that_its_region_does_not_have(self, health: Functions) -> None:
        answer = health.call("health", "POST", "/live/token", {})
        assert (answer.status, answer.problem) == (503, "not-in-this-region")
        assert answer.headers["Retry-After"] == "600"


class TestEveryModule:
    def test_only_reads_where_the_other_region_takes_writes(
        self, two_regions: Switch, contact: Contact
    ) -> None:
        assert contact.post().status == 202
        two_regions(SECOND)
        refused = contact.post()
        assert (refused.status, refused.problem) == (503, "read-only")
        assert refused.headers["Retry-After"] == "120"
        waiting = contact.waiting()
        assert (waiting.status, waiting.body["waiting"]) == (200, 1)

    def test_the_second_region_takes_writes_once_it_is_named(
        self, two_regions: Switch, contact: Contact, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _tell(monkeypatch, SECOND)
        assert contact.post().problem == "read-only"
        two_regions(SECOND)
        assert contact.post().status == 202

    def test_takes_no_write_while_nobody_can_say_which_region_does(
        self, two_regions: Switch, contact: Contact
    ) -> None:
        from shared import tables

        tables.CLIENT.delete_table(TableName="region")
        assert contact.post().status == 500
        waiting = contact.waiting()
        assert waiting.body["waiting"] == 0

    def test_who_may_not_call_is_told_so_first(self, two_regions: Switch, contact: Contact) -> None:
        two_regions(SECOND)
        answer = contact.waiting(operator=False)
        assert answer.status == 403

    def test_what_is_called_on_time_waits_and_what_a_stream_brings_does_not(
        self, two_regions: Switch, contact: Contact
    ) -> None:
        contact.post()
        two_regions(SECOND)
        contact.hourly()
        assert not contact.mailbox.sent
        two_regions(HOME)
        contact.hourly()
        assert len(contact.mailbox.sent) == 1
        contact.post()
        two_regions(SECOND)
        contact.stream()
        assert len(contact.mailbox.sent) == 2
