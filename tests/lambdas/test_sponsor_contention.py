"""Many at once: one slot is held once, and one visitor is counted once.

Against moto the tables are called from threads in this process; against the embedded AWS the packed functions
run in processes of their own behind a real HTTP API.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from tests.lambdas.deployed import all_at_once
from tests.lambdas.packed import packed
from tests.lambdas.sponsor_api import BUCKET, ENVIRONMENT, HANDLERS, NOW, SUBMISSION, picture, table

RIVALS = 200
THREADS = 8  # each thread keeps a function's process busy
REGION = "eu-central-1"
OWNER, STRANGER = "100000000001", "100000000002"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ROUTES = {
    "POST /bookings": ("create_booking", "NONE"),
    "GET /bookings/{id}": ("own_booking", "NONE"),
    "POST /bookings/{id}/creative": ("own_booking", "NONE"),
    "POST /bookings/{id}/cancel": ("own_booking", "NONE"),
    "GET /bookings": ("list_bookings", "AWS_IAM"),
    "GET /bookings/{id}/report": ("list_bookings", "AWS_IAM"),
    "PUT /bookings/{id}/approve": ("decide_booking", "AWS_IAM"),
    "PUT /bookings/{id}/reject": ("decide_booking", "AWS_IAM"),
    "PUT /bookings/{id}/cancel": ("decide_booking", "AWS_IAM"),
    "PUT /bookings/{id}/refund": ("decide_booking", "AWS_IAM"),
    "GET /sponsors/active": ("get_active_sponsors", "NONE"),
    "POST /sponsors/{id}/track/view": ("track_stats", "NONE"),
    "POST /sponsors/{id}/track/click": ("track_stats", "NONE"),
}


def rivals_for_one_slot(rivals: list[str], threads: int) -> Counter[str]:
    """What becomes of bookings of the same days that all come in at once, by the table's own adapter."""
    from shared.problems import ProblemError
    from sponsor_system import tokens
    from sponsor_system.bookings_table import BookingsTable
    from sponsor_system.lifecycle import open_booking
    from sponsor_system.model import Placement, Submission

    wish = Submission.model_validate_json(json.dumps({**SUBMISSION, "placement": "right"}))
    bookings = BookingsTable("sponsors")

    def ask(rival: str) -> str:
        booking = open_booking(
            wish, booking_id=rival, now=NOW, rates={Placement.RIGHT: 1}, currency="EUR", max_days=90
        )
        try:
            bookings.add(booking, tokens.new_token(), None, NOW)
        except ProblemError as problem:
            return problem.name
        return "held"

    return Counter(all_at_once(ask, rivals, threads))


def ids(count: int) -> list[str]:
    return [f"{number:013d}" for number in range(count)]


def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto's transactions are not atomic among threads as DynamoDB's are; what lies between runs free."""
    from sponsor_system import bookings_table

    write, alone = bookings_table.write_together, Lock()

    def write_alone(actions: Any) -> Any:
        with alone:
            return write(actions)

    monkeypatch.setattr(bookings_table, "write_together", write_alone)


def test_rivals_in_threads_and_one_of_them_gets_the_days(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one_at_a_time(monkeypatch)
    assert rivals_for_one_slot(ids(30), threads=30) == {"held": 1, "slot-held": 29}
    assert len({item["booking"]["S"] for item in api.items("sponsors", "SLOT#")}) == 1


def test_rivals_whose_holds_have_ended_and_one_of_them_is_approved(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_at_a_time(monkeypatch)
    rivals = []
    for _ in range(8):
        rivals.append(api.ready(start_day="2026-06-10", end_day="2026-06-12"))
        api.now += timedelta(days=2)
    answers = all_at_once(api.approve, rivals, threads=8)
    assert Counter(answer.status for answer in answers) == {200: 1, 409: 7}
    assert {answer.problem for answer in answers if answer.status == 409} <= {"slot-held", "slot-taken"}
    assert len({item["booking"]["S"] for item in api.items("sponsors", "SLOT#")}) == 1


@pytest.mark.parametrize("rival", ["approve", "reject"])
@pytest.mark.parametrize("late", ["approve", "reject"])
def test_a_decision_between_reading_and_writing_wins(api: Any, rival: str, late: str) -> None:
    from shared.problems import ProblemError
    from sponsor_system.bookings_table import BookingsTable
    from sponsor_system.lifecycle import approve, reject
    from sponsor_system.model import Approval, Booking, Rejection

    identifier = api.ready()
    first = {"approve": api.approve, "reject": api.reject}[rival]

    def decide(seen: Booking) -> Booking:
        if seen.version == 3:
            assert first(identifier).status == 200
        if late == "approve":
            return approve(seen, Approval(version=3), operator="berta", now=NOW)
        return reject(seen, Rejection(version=3, reason="late"), operator="berta", now=NOW)

    with pytest.raises(ProblemError, match="already-decided"):
        BookingsTable("sponsors").change(identifier, decide, NOW)
    stored = api.stored(identifier)
    assert [change["M"]["by"]["S"] for change in stored["history"]["L"]] == ["ana@ops"]
    assert stored["version"]["N"] == "4"
    assert bool(api.items("sponsors", "SLOT#")) == (rival == "approve")


class Deployed:
    """The sponsor system of one account in the embedded AWS, as its clients see it."""

    def __init__(self, url: str, api_id: str, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self._host = f"{api_id}.execute-api.{REGION}.amazonaws.com"
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        signer: str | None = None,
        agent: str = BROWSER,
        token: str = "",
    ) -> Any:
        """Call the API, signed with the key of the account `signer` or not at all."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Host": self._host, "Content-Type": "application/json", "User-Agent": agent}
        if token:
            headers["Booking-Token"] = token
        if signer:
            request = AWSRequest(
                method, f"https://{self._host}{path}", data=content, headers={"Host": self._host}
            )
            SigV4Auth(Credentials(signer, "secret"), "execute-api", REGION).add_auth(request)
            headers.update(request.headers.items())
        return self._http.request(method, path, content=content, headers=headers)

    def ask(self, **fields: Any) -> Any:
        """Send in a booking that is to begin today."""
        today = datetime.now(UTC).date()
        days = {"start_day": f"{today}", "end_day": f"{today + timedelta(days=2)}"}
        return self.call("POST", "/bookings", {**SUBMISSION, **days, **fields})

    def create(self, **fields: Any) -> Any:
        """Send in a booking that is to begin today, with its picture, and wait until that is ready.

        Returns:
            The receipt.
        """
        answer = self.ask(**fields)
        assert answer.status_code == 201, answer.text
        receipt = answer.json()
        assert self.post(receipt["upload"], picture(receipt["placement"])).status_code == 204
        self.wait_for(receipt, "ready")
        return receipt

    def post(self, form: Any, data: bytes, **changes: str) -> Any:
        """Post a file by a form as a browser does; changes are to its fields."""
        fields = {**form["fields"], **changes}
        return self._http.post(form["url"], data=fields, files={"file": ("picture", data)})

    def own(self, receipt: Any) -> Any:
        """The booking as its sponsor sees it."""
        return self.call("GET", f"/bookings/{receipt['id']}", token=receipt["token"]).json()

    def wait_for(self, receipt: Any, state: str) -> Any:
        """The booking as its sponsor sees it once its picture has this state."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            booking = self.own(receipt)
            if booking["creative"]["state"] == state:
                return booking
            time.sleep(0.05)
        raise AssertionError(f"the picture is not {state}: {booking}")

    def approve(self, receipt: Any, signer: str | None = OWNER) -> Any:
        """Approve a booking with its picture."""
        return self.call("PUT", f"/bookings/{receipt['id']}/approve", {"version": 3}, signer=signer)

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
    from fleet_tui.sandbox.emulator.process import Emulator

    artifacts = packed()
    emulator = Emulator.start(tmp_path_factory.mktemp("aws"))
    try:
        yield deploy(emulator.url, artifacts)
    finally:
        emulator.stop()


def deploy(url: str, artifacts: Any) -> Deployed:
    """What Terraform makes, with the least that the functions need."""
    session = boto3.Session(aws_access_key_id=OWNER, aws_secret_access_key="secret", region_name=REGION)
    dynamodb, functions, gateway, roles, s3 = (
        session.client(name, endpoint_url=url, config=Config(max_pool_connections=RIVALS))
        for name in ("dynamodb", "lambda", "apigatewayv2", "iam", "s3")
    )
    table(dynamodb, "sponsors", index=True)
    table(dynamodb, "sponsor-stats")
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
    targets, arns = {}, {}
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
        arns[name] = function
        targets[name] = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
        )["IntegrationId"]
    for route, (name, authorization) in ROUTES.items():
        gateway.create_route(
            ApiId=api, RouteKey=route, Target=f"integrations/{targets[name]}", AuthorizationType=authorization
        )
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    called = {"LambdaFunctionArn": arns["check_creative"], "Events": ["s3:ObjectCreated:*"]}
    below = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "incoming/"}]}}
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={"LambdaFunctionConfigurations": [{**called, "Filter": below}]},
    )
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return Deployed(url, api, dynamodb)


@pytest.mark.sandbox
def test_two_hundred_threads_and_one_of_them_gets_the_days(
    deployed: Deployed, handlers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared import tables
    from sponsor_system import bookings_table

    monkeypatch.setattr(tables, "CLIENT", deployed.dynamodb)
    monkeypatch.setattr(bookings_table, "CLIENT", deployed.dynamodb)
    assert rivals_for_one_slot(ids(RIVALS), threads=RIVALS) == {"held": 1, "slot-held": RIVALS - 1}
    days = [f"2026-05-{day}" for day in range(21, 31)]
    keys = [{"pk": {"S": f"SLOT#right#{day}"}, "sk": {"S": "SLOT"}} for day in days]
    slots = deployed.dynamodb.batch_get_item(RequestItems={"sponsors": {"Keys": keys}})["Responses"][
        "sponsors"
    ]
    assert len(slots) == len(days)
    assert len({slot["booking"]["S"] for slot in slots}) == 1


@pytest.mark.sandbox
def test_two_hundred_sponsors_over_http_and_one_of_them_gets_the_days(deployed: Deployed) -> None:
    answers = all_at_once(lambda _: deployed.ask(placement="left"), list(range(RIVALS)), THREADS)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: RIVALS - 1}
    refused = {answer.json()["type"].rpartition("/")[2] for answer in answers if answer.status_code == 409}
    assert refused == {"slot-held"}
    (winner,) = [answer.json() for answer in answers if answer.status_code == 201]
    deployed.post(winner["upload"], picture("left"))
    deployed.wait_for(winner, "ready")
    assert deployed.approve(winner).status_code == 200
    shown = deployed.call("GET", "/sponsors/active").json()["sponsors"]
    assert shown["left"]["id"] == winner["id"]


@pytest.mark.sandbox
def test_rivals_for_one_booking_and_one_of_them_decides(deployed: Deployed) -> None:
    booking = deployed.create(placement="creator")
    answers = all_at_once(deployed.approve, [booking] * 5 * THREADS, THREADS)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 5 * THREADS - 1}
    refused = {answer.json()["type"].rpartition("/")[2] for answer in answers if answer.status_code == 409}
    assert refused == {"already-decided"}


@pytest.mark.sandbox
def test_a_form_takes_the_one_file_that_it_was_signed_for(deployed: Deployed) -> None:
    receipt = deployed.ask(placement="top", **far_days(40)).json()
    form, data = receipt["upload"], picture("top")
    assert deployed.post(form, data, key="media/creatives/mine.png").status_code == 403
    assert deployed.post(form, data, **{"Content-Type": "text/html"}).status_code == 403
    assert deployed.post(form, b"x" * (form["max_bytes"] + 1)).status_code == 400
    assert deployed.own(receipt)["creative"]["state"] == "missing"
    assert deployed.post(form, b"<script>alert(1)</script>").status_code == 204
    assert deployed.wait_for(receipt, "refused")["creative"]["refusal"] == "not-an-image"
    path = f"/bookings/{receipt['id']}/creative"
    again = deployed.call("POST", path, {"creative_type": "image/png"}, token=receipt["token"])
    assert deployed.post(again.json(), data).status_code == 204
    assert deployed.wait_for(receipt, "ready")["creative"]["width"] == 728
    (listed,) = [
        booking
        for booking in deployed.call("GET", "/bookings?status=pending", signer=OWNER).json()["bookings"]
        if booking["id"] == receipt["id"]
    ]
    assert httpx.get(listed["creative_url"], trust_env=False).headers["content-type"] == "image/png"


@pytest.mark.sandbox
def test_a_thousand_views_of_one_visitor_are_one_and_those_of_many_are_many(deployed: Deployed) -> None:
    receipt = deployed.create(placement="top")
    assert deployed.approve(receipt).status_code == 200
    booking = receipt["id"]
    path = f"/sponsors/{booking}/track/view"
    answers = all_at_once(lambda _: deployed.call("POST", path).status_code, list(range(1_000)), THREADS)
    assert Counter(answers) == {204: 1_000}
    counts = deployed.counts(booking)
    assert counts["views"] == 1
    assert counts["dropped_repeated"] + counts["dropped_rate"] == 999
    many = [f"{BROWSER} Edg/{number}.0" for number in range(RIVALS)]
    all_at_once(lambda agent: deployed.call("POST", path, agent=agent), many, THREADS)
    assert deployed.counts(booking)["views"] == 1 + RIVALS
    total = deployed.call("GET", f"/bookings/{booking}/report", signer=OWNER).json()["total"]
    assert total["views"] == deployed.own(receipt)["report"]["total"]["views"] == 1 + RIVALS


@pytest.mark.sandbox
def test_only_the_accounts_own_operators_and_the_bookings_own_sponsor_get_in(deployed: Deployed) -> None:
    booking = deployed.create(placement="top", **far_days(60))
    other = deployed.ask(placement="top", **far_days(70)).json()
    for action in ("approve", "reject", "cancel", "refund"):
        for signer in (None, STRANGER):
            path = f"/bookings/{booking['id']}/{action}"
            assert deployed.call("PUT", path, {"version": 3}, signer=signer).status_code == 403
    for path in ("/bookings?status=pending", f"/bookings/{booking['id']}/report"):
        assert deployed.call("GET", path).status_code == 403
        assert deployed.call("GET", path, signer=OWNER).status_code == 200
    for token in ("", "x" * 43, other["token"]):
        path = f"/bookings/{booking['id']}"
        assert deployed.call("GET", path, token=token).status_code == 404
        assert deployed.call("POST", f"{path}/cancel", {"version": 3}, token=token).status_code == 404
    answer = deployed.call(
        "POST", f"/bookings/{booking['id']}/cancel", {"version": 3}, token=booking["token"]
    )
    assert answer.json()["status"] == "cancelled"


def far_days(ahead: int) -> dict[str, str]:
    day = datetime.now(UTC).date() + timedelta(days=ahead)
    return {"start_day": f"{day}", "end_day": f"{day}"}
