"""Many at once: one slot is held once, and one visitor is counted once.

Against moto the tables are called from threads in this process; against the embedded AWS the packed functions
run in processes of their own behind a real HTTP API.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from tests.lambdas.sponsor_api import ENVIRONMENT, HANDLERS, NOW, SUBMISSION, table

RIVALS = 200
THREADS = 8  # each thread keeps a function's process busy
REGION = "eu-central-1"
OWNER, STRANGER = "100000000001", "100000000002"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ROUTES = {
    "POST /bookings": ("create_booking", "NONE"),
    "GET /bookings": ("list_bookings", "AWS_IAM"),
    "PUT /bookings/{id}/approve": ("approve_booking", "AWS_IAM"),
    "PUT /bookings/{id}/reject": ("reject_booking", "AWS_IAM"),
    "GET /sponsors/active": ("get_active_sponsors", "NONE"),
    "POST /sponsors/{id}/track/view": ("track_stats", "NONE"),
    "POST /sponsors/{id}/track/click": ("track_stats", "NONE"),
}


def all_at_once(task: Callable[[Any], Any], subjects: list[Any], threads: int) -> list[Any]:
    """Run the task for every subject in threads of which the first ones begin together."""
    gate = Barrier(threads)

    def run(index: int) -> Any:
        if index < threads:
            gate.wait(timeout=60)
        return task(subjects[index])

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(len(subjects))))


def rivals_for_one_slot(rivals: list[str], threads: int) -> Counter[str]:
    """What becomes of bookings that are all approved at once, by the table's own adapter."""
    from shared.problems import ProblemError
    from sponsor_system.bookings_table import BookingsTable
    from sponsor_system.lifecycle import approve
    from sponsor_system.model import Approval

    bookings = BookingsTable("sponsors")

    def decide(booking: str) -> str:
        try:
            bookings.decide(booking, lambda seen: approve(seen, Approval(version=1), operator="ana", now=NOW))
        except ProblemError as problem:
            return problem.name
        return "approved"

    return Counter(all_at_once(decide, rivals, threads))


def test_rivals_in_threads_and_one_of_them_gets_the_slot(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sponsor_system import bookings_table

    # moto's transactions are not atomic among threads as DynamoDB's are. What lies between them runs free.
    write, one_at_a_time = bookings_table.write_together, Lock()

    def write_alone(actions: Any) -> Any:
        with one_at_a_time:
            return write(actions)

    monkeypatch.setattr(bookings_table, "write_together", write_alone)
    rivals = [api.create().body["id"] for _ in range(30)]
    assert rivals_for_one_slot(rivals, threads=30) == {"approved": 1, "slot-taken": 29}
    assert len({item["booking"]["S"] for item in api.items("sponsors", "SLOT#")}) == 1


@pytest.mark.parametrize("rival", ["approve", "reject"])
@pytest.mark.parametrize("late", ["approve", "reject"])
def test_a_decision_between_reading_and_writing_wins(api: Any, rival: str, late: str) -> None:
    from shared.problems import ProblemError
    from sponsor_system.bookings_table import BookingsTable
    from sponsor_system.lifecycle import approve, reject
    from sponsor_system.model import Approval, Booking, Rejection

    identifier = api.create().body["id"]
    first = {"approve": api.approve, "reject": api.reject}[rival]

    def decide(seen: Booking) -> Booking:
        if seen.version == 1:
            assert first(identifier).status == 200
        if late == "approve":
            return approve(seen, Approval(version=1), operator="berta", now=NOW)
        return reject(seen, Rejection(version=1, reason="late"), operator="berta", now=NOW)

    with pytest.raises(ProblemError, match="already-decided"):
        BookingsTable("sponsors").decide(identifier, decide)
    (stored,) = api.items("sponsors", "BOOKING#")
    assert stored["decided_by"]["S"] == "ana@ops"
    assert stored["version"]["N"] == "2"
    assert bool(api.items("sponsors", "SLOT#")) == (rival == "approve")


class Deployed:
    """The sponsor system of one account in the embedded AWS, as its clients see it."""

    def __init__(self, url: str, api_id: str, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self._host = f"{api_id}.execute-api.{REGION}.amazonaws.com"
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def call(
        self, method: str, path: str, body: Any = None, *, signer: str | None = None, agent: str = BROWSER
    ) -> Any:
        """Call the API, signed with the key of the account `signer` or not at all."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Host": self._host, "Content-Type": "application/json", "User-Agent": agent}
        if signer:
            request = AWSRequest(
                method, f"https://{self._host}{path}", data=content, headers={"Host": self._host}
            )
            SigV4Auth(Credentials(signer, "secret"), "execute-api", REGION).add_auth(request)
            headers.update(request.headers.items())
        return self._http.request(method, path, content=content, headers=headers)

    def create(self, **fields: Any) -> str:
        """Send in a booking that is to begin today, and give its id."""
        today = datetime.now(UTC).date()
        days = {"start_day": f"{today}", "end_day": f"{today + timedelta(days=2)}"}
        answer = self.call("POST", "/bookings", {**SUBMISSION, **days, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def approve(self, booking: str, signer: str | None = OWNER) -> Any:
        """Approve a booking."""
        return self.call("PUT", f"/bookings/{booking}/approve", {"version": 1}, signer=signer)

    def counts(self, booking: str) -> Counter[str]:
        """The counters of a booking, added up over days and shards."""
        items = self.dynamodb.query(
            TableName="sponsor-stats",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"BOOKING#{booking}"}},
        )["Items"]
        return sum(
            (Counter({k: int(v["N"]) for k, v in item.items() if "N" in v}) for item in items), Counter()
        )


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The packed functions behind an HTTP API in a fresh embedded AWS."""
    from fleet_tui.deploy.packages import HOST, build
    from fleet_tui.sandbox.emulator.process import Emulator

    artifacts = build(Path(__file__).parents[2] / "lambdas", tmp_path_factory.mktemp("packages"), HOST)
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        yield deploy(emulator.url, artifacts)
    finally:
        emulator.stop()


def deploy(url: str, artifacts: Any) -> Deployed:
    """What Terraform makes, with the least that the functions need."""
    session = boto3.Session(aws_access_key_id=OWNER, aws_secret_access_key="secret", region_name=REGION)
    dynamodb, functions, gateway, roles = (
        session.client(name, endpoint_url=url, config=Config(max_pool_connections=RIVALS))
        for name in ("dynamodb", "lambda", "apigatewayv2", "iam")
    )
    table(dynamodb, "sponsors", index=True)
    table(dynamodb, "sponsor-stats", index=False)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = roles.create_role(
        RoleName="sponsor",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    layer = functions.publish_layer_version(
        LayerName="dependencies", Content={"ZipFile": artifacts.layer.read_bytes()}
    )["LayerVersionArn"]
    code = artifacts.packages["sponsor-system"].read_bytes()
    own = {name: value for name, value in ENVIRONMENT.items() if not name.startswith("AWS_")}
    api = gateway.create_api(Name="sponsors", ProtocolType="HTTP")["ApiId"]
    targets = {}
    for name in HANDLERS:
        function = functions.create_function(
            FunctionName=name,
            Runtime=artifacts.runtime,
            Architectures=[artifacts.architecture],
            Role=role,
            Handler=f"sponsor_system.handlers.{name}.handler",
            Code={"ZipFile": code},
            Layers=[layer],
            Timeout=30,
            MemorySize=256,
            Environment={"Variables": {**own, "OPERATOR_ACCOUNT_ID": OWNER}},
        )["FunctionArn"]
        targets[name] = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
        )["IntegrationId"]
    for route, (name, authorization) in ROUTES.items():
        gateway.create_route(
            ApiId=api, RouteKey=route, Target=f"integrations/{targets[name]}", AuthorizationType=authorization
        )
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return Deployed(url, api, dynamodb)


@pytest.mark.sandbox
def test_two_hundred_threads_and_one_of_them_gets_the_slot(
    deployed: Deployed, handlers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sponsor_system import bookings_table, tables
    from sponsor_system.lifecycle import open_booking
    from sponsor_system.model import Placement, Submission

    monkeypatch.setattr(tables, "CLIENT", deployed.dynamodb)
    monkeypatch.setattr(bookings_table, "CLIENT", deployed.dynamodb)
    wish = Submission.model_validate_json(json.dumps({**SUBMISSION, "placement": "right"}))
    rivals = [f"{number:013d}" for number in range(RIVALS)]
    for rival in rivals:
        booking = open_booking(
            wish, booking_id=rival, now=NOW, rates={Placement.RIGHT: 1}, currency="EUR", max_days=90
        )
        bookings_table.BookingsTable("sponsors").add(booking, None, NOW)
    assert rivals_for_one_slot(rivals, threads=RIVALS) == {"approved": 1, "slot-taken": RIVALS - 1}
    days = [f"2026-05-{day}" for day in range(21, 31)]
    keys = [{"pk": {"S": f"SLOT#right#{day}"}, "sk": {"S": "SLOT"}} for day in days]
    slots = deployed.dynamodb.batch_get_item(RequestItems={"sponsors": {"Keys": keys}})["Responses"][
        "sponsors"
    ]
    assert len(slots) == len(days)
    assert len({slot["booking"]["S"] for slot in slots}) == 1


@pytest.mark.sandbox
def test_rivals_over_http_and_one_of_them_gets_the_slot(deployed: Deployed) -> None:
    rivals = [deployed.create(placement="left") for _ in range(4 * THREADS)]
    answers = all_at_once(deployed.approve, rivals, THREADS)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: len(rivals) - 1}
    (winner,) = [answer.json()["id"] for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["type"].endswith("/slot-taken")
            assert {conflict["booking"] for conflict in answer.json()["conflicts"]} == {winner}
    shown = deployed.call("GET", "/sponsors/active").json()["sponsors"]
    assert shown["left"]["id"] == winner


@pytest.mark.sandbox
def test_rivals_for_one_booking_and_one_of_them_decides(deployed: Deployed) -> None:
    booking = deployed.create(placement="creator")
    answers = all_at_once(deployed.approve, [booking] * RIVALS, THREADS)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: RIVALS - 1}
    refused = {answer.json()["type"].rpartition("/")[2] for answer in answers if answer.status_code == 409}
    assert refused == {"already-decided"}


@pytest.mark.sandbox
def test_a_thousand_views_of_one_visitor_are_one_and_those_of_many_are_many(deployed: Deployed) -> None:
    booking = deployed.create(placement="top")
    assert deployed.approve(booking).status_code == 200
    path = f"/sponsors/{booking}/track/view"
    answers = all_at_once(lambda _: deployed.call("POST", path).status_code, list(range(1_000)), THREADS)
    assert Counter(answers) == {204: 1_000}
    counts = deployed.counts(booking)
    assert counts["views"] == 1
    assert counts["dropped_repeated"] + counts["dropped_rate"] == 999
    many = [f"{BROWSER} Edg/{number}.0" for number in range(RIVALS)]
    all_at_once(lambda agent: deployed.call("POST", path, agent=agent), many, THREADS)
    assert deployed.counts(booking)["views"] == 1 + RIVALS


@pytest.mark.sandbox
def test_only_the_accounts_own_operators_get_in(deployed: Deployed) -> None:
    booking = deployed.create(placement="creator")
    assert deployed.approve(booking, signer=None).status_code == 403
    assert deployed.approve(booking, signer=STRANGER).status_code == 403
    assert deployed.call("GET", "/bookings?status=pending").status_code == 403
    listed = deployed.call("GET", "/bookings?status=pending&limit=1", signer=OWNER)
    assert listed.status_code == 200
    assert listed.json()["bookings"][0]["status"] == "pending"
