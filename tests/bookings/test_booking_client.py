from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from fleet_tui.aws import AwsDoor
from fleet_tui.bookings.client import BookingClient
from fleet_tui.bookings.model import Booking, BookingStatus
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import Modules
from tests.aws.fake_aws import Aws, creator, role_of, serving

ENDPOINT = "https://a1b2c3d4.execute-api.eu-central-1.amazonaws.com"
ACCOUNT = "111122223333"
KASPER = creator(role_arn=role_of(ACCOUNT)).model_copy(
    update={"modules": Modules.model_validate({"sponsor-system": {}})}
)


def row(id_: str = "b0", status: str = "pending", **changes: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "sponsor": "Bienenwachs GmbH",
        "contact": "sponsor@example.org",
        "placement": "top",
        "start_day": "2026-03-10",
        "end_day": "2026-03-12",
        "status": status,
        "version": 1,
        "price": {"currency": "EUR", "total": 36_000, "lines": [{"label": "3 days", "amount": 36_000}]},
        "title": "Wax",
        "target_url": "https://example.org/",
        "asset_url": "https://example.org/a.png",
        "created_at": "2026-03-01T10:00:00+00:00",
        "decided_at": None,
        "decided_by": None,
        "reason": None,
    } | changes


class Api:
    """A bookings API: answers by status and cursor, or as `answer` says."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.pages: dict[tuple[str, str], tuple[list[dict[str, Any]], str | None]] = {}
        self.answer: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.waited: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answered = self.answer(request)
        if answered is not None:
            return answered
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        rows, cursor = self.pages.get((query["status"], query.get("cursor", "")), ([], None))
        return httpx.Response(200, json={"bookings": rows, "next_cursor": cursor})

    def always(self, status: int, document: Any) -> None:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.answer = lambda request: httpx.Response(status, content=content)


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOPERATOR00000000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "operators-secret")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with serving() as state:
        monkeypatch.setenv("AWS_ENDPOINT_URL", state.url)
        yield state


@pytest.fixture
def client(api: Api, aws: Aws) -> Iterator[BookingClient]:
    door = AwsDoor(operator="ana@ops", now=aws.clock)
    made = BookingClient(
        door, lambda creator: ENDPOINT + "/", transport=httpx.MockTransport(api), wait=api.waited.append
    )
    yield made
    made.close()
    door.close()


def problem(kind: ProblemKind, call: Callable[[], object]) -> str:
    with pytest.raises(FleetError) as caught:
        call()
    assert caught.value.problem.kind is kind
    assert caught.value.problem.where == "kasper: bookings"
    return caught.value.problem.what


def seen(**changes: Any) -> Booking:
    return Booking.model_validate_json(json.dumps(row(**changes)))


def test_the_queue_over_all_pages_and_states(client: BookingClient, api: Api) -> None:
    late = row("b1", created_at="2026-03-02T10:00:00+00:00", start_day="2026-03-12", end_day="2026-03-20")
    api.pages = {
        ("pending", ""): ([late], "c=1"),
        ("pending", "c=1"): ([row("b0")], None),
        ("approved", ""): ([row("b2", "approved", placement="left", start_day="2026-03-09")], None),
        ("active", ""): (
            [row("b3", "active", placement="left", start_day="2026-03-01", end_day="2026-03-03")],
            None,
        ),
    }
    queue = client.queue(KASPER)
    assert [booking.id for booking in queue.pending] == ["b0", "b1"]
    assert [booking.id for booking in queue.upcoming] == ["b3", "b2"]
    assert queue.conflicts == {"b0": ("b1",), "b1": ("b0",)}
    assert queue.available
    assert queue.pending[0].price.total == 36_000


def test_requests_are_signed_for_the_account_and_name_the_api(
    client: BookingClient, api: Api, aws: Aws
) -> None:
    client.queue(KASPER)
    request = api.requests[0]
    assert request.headers["host"] == "a1b2c3d4.execute-api.eu-central-1.amazonaws.com"
    assert str(request.url) == f"{aws.url}/bookings?status=pending&limit=100"
    assert f"Credential=ASIA{ACCOUNT}0001/" in request.headers["authorization"]


@pytest.mark.parametrize(
    "modules", [Modules(), Modules.model_validate({"sponsor-system": {"enabled": False}})]
)
def test_a_module_that_is_off(client: BookingClient, api: Api, modules: Modules) -> None:
    assert not client.queue(KASPER.model_copy(update={"modules": modules})).available
    assert api.requests == []


def test_an_api_that_was_never_deployed(api: Api, aws: Aws) -> None:
    door = AwsDoor(operator="ana@ops", now=aws.clock)
    client = BookingClient(door, lambda creator: None, transport=httpx.MockTransport(api))
    assert not client.queue(KASPER).available
    assert "not deployed" in problem(ProblemKind.NOT_FOUND, lambda: client.approve(KASPER, seen()))
    assert api.requests == []


def test_a_booking_that_moves_on_while_the_lists_are_read(client: BookingClient, api: Api) -> None:
    api.pages = {
        ("pending", ""): ([row()], None),
        ("approved", ""): ([row(status="approved", version=2)], None),
    }
    queue = client.queue(KASPER)
    assert queue.pending == ()
    assert [booking.status for booking in queue.upcoming] == [BookingStatus.APPROVED]


@pytest.mark.parametrize(
    ("call", "path", "body"),
    [
        (lambda client: client.approve(KASPER, seen()), "/bookings/b0/approve", {"version": 1}),
        (
            lambda client: client.reject(KASPER, seen(), "no"),
            "/bookings/b0/reject",
            {"version": 1, "reason": "no"},
        ),
    ],
)
def test_a_decision(
    client: BookingClient, api: Api, call: Callable[[BookingClient], Booking], path: str, body: dict[str, Any]
) -> None:
    api.always(200, row(status="approved", version=2, decided_by="ana", decided_at="2026-03-02T09:00:00Z"))
    decided = call(client)
    (request,) = api.requests
    assert (request.method, request.url.path) == ("PUT", path)
    assert json.loads(request.content) == body
    assert "content-type;" in request.headers["authorization"]
    assert (decided.version, decided.decided_by) == (2, "ana")


def test_an_own_decision_shows_at_once_though_the_list_is_late(client: BookingClient, api: Api) -> None:
    api.always(200, row(status="approved", version=2))
    client.approve(KASPER, seen())
    api.answer = lambda request: None
    api.pages = {("pending", ""): ([row()], None)}
    for _ in range(2):
        queue = client.queue(KASPER)
        assert (len(queue.pending), len(queue.upcoming)) == (0, 1)
    api.pages = {("approved", ""): ([row(status="approved", version=2)], None)}
    assert len(client.queue(KASPER).upcoming) == 1
    assert client._decided == {"kasper": {}}


def test_an_id_is_no_path(client: BookingClient, api: Api) -> None:
    api.always(200, row())
    client.approve(KASPER, seen(id_="../x?y"))
    assert api.requests[0].url.raw_path == b"/bookings/..%2Fx%3Fy/approve"


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (
            {
                "type": "https://kasper.live/problems/already-decided",
                "booking_status": "approved",
                "decided_by": "ben",
                "decided_at": "2026-03-02T09:30:00+00:00",
            },
            "already approved by ben on 2026-03-02 at 09:30",
        ),
        (
            {
                "type": "https://kasper.live/problems/slot-taken",
                "conflicts": [
                    {"booking": "b7", "placement": "top", "days": ["2026-03-10", "2026-03-11"]},
                    {"booking": "b8", "placement": "top", "days": ["2026-03-12"]},
                ],
            },
            "the placement is taken by booking b7 from 2026-03-10 to 2026-03-11 and booking b8 on 2026-03-12",
        ),
        ({"type": "x/changed", "version": 3}, "the booking has changed since you saw it"),
        ({"type": "x/over", "detail": "Its last day was 2026-03-01."}, "Its last day was 2026-03-01"),
        ({"type": "x/slot-taken"}, "the placement is taken by another booking"),
        (
            {
                "type": "x/slot-held",
                "free_from": "2026-03-04T09:30:00+00:00",
                "conflicts": [{"booking": "b7", "placement": "top", "days": ["2026-03-10"]}],
            },
            "the placement is held for booking b7 on 2026-03-10 until 2026-03-04 at 09:30",
        ),
        ({"type": "x/slot-held"}, "the placement is held for another booking"),
        ({"type": "x/creative-not-ready", "creative_state": "missing"}, "the booking's picture is missing"),
        ({"type": "x/creative-not-ready"}, "the booking's picture is not ready"),
        ({"type": "x/already-decided"}, "already decided"),
        ({}, "somebody else was first"),
        (b"<html>", "somebody else was first"),
    ],
)
def test_conflicts_say_who_or_what(client: BookingClient, api: Api, document: Any, what: str) -> None:
    api.always(409, document)
    assert problem(ProblemKind.CONFLICT, lambda: client.approve(KASPER, seen())) == what
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("status", "document", "kind", "what"),
    [
        (403, {"message": "Forbidden"}, ProblemKind.DENIED, "lets operators of this account in"),
        (401, {"message": "Unauthorized"}, ProblemKind.DENIED, "lets operators of this account in"),
        (
            403,
            {"message": "The security token included in the request is expired"},
            ProblemKind.CREDENTIALS,
            "expired",
        ),
        (404, {"message": "Not Found"}, ProblemKind.NOT_FOUND, "the bookings API is not there"),
        (404, {"detail": "There is no such booking."}, ProblemKind.NOT_FOUND, "There is no such booking"),
        (
            422,
            {"detail": "x", "errors": [{"pointer": "/reason", "detail": "too long"}]},
            ProblemKind.UNEXPECTED,
            "refused the request: /reason too long",
        ),
        (429, {}, ProblemKind.THROTTLED, "throttles"),
        (500, {}, ProblemKind.SERVICE, "failed (status 500)"),
        (503, b"", ProblemKind.SERVICE, "failed (status 503)"),
        (302, b"", ProblemKind.SERVICE, "failed (status 302)"),
        (200, b"<html>", ProblemKind.SERVICE, "something else than bookings"),
        (200, b"\xff\xfe", ProblemKind.SERVICE, "something else than bookings"),
        (200, [1], ProblemKind.SERVICE, "something else than bookings"),
        (200, {"bookings": [{"id": 1}]}, ProblemKind.SERVICE, "something else than bookings"),
        (200, {"bookings": [], "next_cursor": 7}, ProblemKind.SERVICE, "something else than bookings"),
        (200, b"[" * 100_000, ProblemKind.SERVICE, "something else than bookings"),
    ],
)
@pytest.mark.parametrize("reading", [True, False])
def test_every_bad_answer_is_a_problem(
    client: BookingClient, api: Api, status: int, document: Any, kind: ProblemKind, what: str, reading: bool
) -> None:
    api.always(status, document)
    call = (lambda: client.queue(KASPER)) if reading else (lambda: client.approve(KASPER, seen()))
    assert what in problem(kind, call)
    tries = 3 if reading and (status == 429 or status >= 500) else 1
    assert len(api.requests) == tries
    assert len(api.waited) == tries - 1


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (httpx.ConnectError("[Errno -2] Name or service not known"), "cannot be reached"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "TLS certificate"),
        (httpx.ConnectTimeout("x"), "cannot be reached"),
        (httpx.ReadTimeout("x"), "did not answer"),
        (httpx.RemoteProtocolError("x"), "did not answer"),
    ],
)
def test_reads_are_tried_again_and_decisions_are_not(
    client: BookingClient, api: Api, error: httpx.HTTPError, what: str
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    api.answer = fail
    assert what in problem(ProblemKind.NETWORK, lambda: client.queue(KASPER))
    assert len(api.requests) == 3
    api.requests.clear()
    assert what in problem(ProblemKind.NETWORK, lambda: client.reject(KASPER, seen(), "no"))
    assert len(api.requests) == 1


def test_a_decision_without_an_answer_may_have_been_made(client: BookingClient, api: Api) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("x")

    api.answer = fail
    assert "not known whether the decision was made" in problem(
        ProblemKind.NETWORK, lambda: client.approve(KASPER, seen())
    )


def test_a_read_that_works_the_second_time(client: BookingClient, api: Api) -> None:
    api.answer = lambda request: httpx.Response(503) if len(api.requests) == 1 else None
    assert client.queue(KASPER).available
    assert len(api.waited) == 1


def test_a_cursor_that_leads_nowhere(client: BookingClient, api: Api) -> None:
    api.always(200, {"bookings": [], "next_cursor": "same"})
    assert "more than 5000 pending" in problem(ProblemKind.SERVICE, lambda: client.queue(KASPER))


def test_nothing_is_asked_or_decided_in_the_wrong_account(client: BookingClient, api: Api) -> None:
    other: Creator = KASPER.model_copy(update={"account_id": "444455556666"})
    for call in (lambda: client.queue(other), lambda: client.approve(other, seen())):
        with pytest.raises(FleetError) as caught:
            call()
        assert caught.value.problem.kind is ProblemKind.WRONG_ACCOUNT
    assert api.requests == []


def test_a_newer_api_may_tell_more(client: BookingClient, api: Api) -> None:
    api.pages = {("pending", ""): ([row(colour="yellow")], None)}
    assert len(client.queue(KASPER).pending) == 1


def test_what_sponsors_write_cannot_steer_the_terminal(client: BookingClient, api: Api) -> None:
    api.pages = {("pending", ""): ([row(title="\x1b]52;c;x\x07 buy\n\u202enow")], None)}
    assert client.queue(KASPER).pending[0].title == " ]52;c;x  buy  now"


def test_importing_the_client_loads_no_http_library() -> None:
    code = (
        "import sys, fleet_tui.bookings.client; sys.exit('httpx' in sys.modules or 'botocore' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
