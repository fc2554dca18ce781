"""No answer is lost: clients are the ones who close connections, and Terraform is not rushed."""

from __future__ import annotations

import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from fleet_tui.sandbox.emulator.front import HASTE_S
from fleet_tui.sandbox.emulator.process import Emulator

pytestmark = pytest.mark.sandbox

REQUESTS = 1_100
"""More than Hypercorn answers on one connection by itself, and than an apply of all modules sends on one."""


def test_a_connection_stays_open_for_as_many_requests_as_it_is_used_for(emulator: Emulator) -> None:
    connection = HTTPConnection(urlsplit(emulator.url).netloc, timeout=60)
    connection.connect()
    connection.auto_open = 0
    for _ in range(REQUESTS):
        connection.request("GET", "/_ministack/health")
        answer = connection.getresponse()
        answer.read()
        assert not answer.will_close
    connection.close()


def test_an_answer_to_terraform_leaves_its_client_the_time_to_finish_the_request(emulator: Emulator) -> None:
    connection = HTTPConnection(urlsplit(emulator.url).netloc, timeout=60)
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    headers = {
        "User-Agent": "APN/1.0 HashiCorp/1.0 Terraform/1.11.4",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    fastest = min(_seconds(connection, body, headers) for _ in range(5))
    assert fastest >= HASTE_S


def _seconds(connection: HTTPConnection, body: str, headers: dict[str, str]) -> float:
    begun = time.monotonic()
    connection.request("POST", "/", body, headers)
    connection.getresponse().read()
    return time.monotonic() - begun
