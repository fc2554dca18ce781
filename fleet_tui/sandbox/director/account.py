"""One creator's account, as the director uses it: AWS' public APIs and the creator's own HTTP API."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.sandbox.director.cast import Member

ROUTES = frozenset(
    {
        "POST /bookings",
        "POST /bookings/{id}/creative",
        "GET /bookings",
        "PUT /bookings/{id}/approve",
        "GET /sponsors/active",
    }
)
"""What the API of the sponsor system has when it is provisioned to the end."""

COLLECTS = frozenset({"POST /analytics/collect"})
"""What the API has where page views are counted."""

PENDING = "PendingConfirmation"
STATUSES = ("pending", "approved", "active", "completed", "rejected", "cancelled", "refunded")
SECRET = "sandbox"
TIMEOUT_SECONDS = 30.0

_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=TIMEOUT_SECONDS)


class Account:
    """A creator's account; its id is the access key, as the emulator has it.

    Args:
        session: shared by all accounts, because it holds the loaded descriptions of the services.
        http: connections to the HTTP APIs, shared as well.
        endpoint: the emulator's URL.
        member: whose account.
    """

    def __init__(self, session: boto3.Session, http: httpx.Client, endpoint: str, member: Member) -> None:
        self._http = http
        self._endpoint = endpoint
        self._member = member

        def client(service: str) -> Any:
            return session.client(
                service,  # type: ignore[call-overload]
                region_name=member.region,
                endpoint_url=endpoint,
                aws_access_key_id=member.account_id,
                aws_secret_access_key=SECRET,
                config=_CONFIG,
            )

        self._ivs = client("ivs")
        self._gateway = client("apigatewayv2")
        self._cloudwatch = client("cloudwatch")
        self._dynamodb = client("dynamodb")
        self._topics = client("sns")
        self._backups = client("backup")

    def channel(self) -> str | None:
        """The ARN of the channel, or None before it is provisioned."""
        channels = self._ivs.list_channels(maxResults=1)["channels"]
        return str(channels[0]["arn"]) if channels else None

    def health(self) -> str | None:
        """Health of the live stream as IVS says, or None when nothing is live."""
        streams = self._ivs.list_streams(maxResults=1)["streams"]
        return str(streams[0]["health"]) if streams else None

    def has_streamed(self, channel: str) -> bool:
        """Whether the channel has any session, running or ended."""
        return bool(self._ivs.list_stream_sessions(channelArn=channel, maxResults=1)["streamSessions"])

    def has_usage(self) -> bool:
        """Whether there are figures of how long was streamed."""
        return bool(self._cloudwatch.list_metrics(Namespace="AWS/IVS", MetricName="LiveInputTime")["Metrics"])

    def api_with(self, wanted: frozenset[str]) -> str | None:
        """Host of the API that has these routes, or None before all of it is provisioned."""
        for api in self._gateway.get_apis()["Items"]:
            routes = {route["RouteKey"] for route in self._gateway.get_routes(ApiId=api["ApiId"])["Items"]}
            if routes >= wanted and self._gateway.get_stages(ApiId=api["ApiId"])["Items"]:
                return str(api["ApiEndpoint"]).removeprefix("https://")
        return None

    def bookings(self, host: str) -> list[dict[str, Any]]:
        """Every booking, whatever its status."""
        found: list[dict[str, Any]] = []
        for status in STATUSES:
            cursor = ""
            while True:
                page = self._call(host, "GET", f"/bookings?status={status}{cursor}", signed=True)
                found += page["bookings"]
                if not page.get("next_cursor"):
                    break
                cursor = f"&cursor={page['next_cursor']}"
        return found

    def submit(self, host: str, submission: dict[str, str], picture: bytes) -> str:
        """Send a booking in and its picture after it, as a sponsor does; returns its id."""
        receipt = self._call(host, "POST", "/bookings", submission)
        form = receipt["upload"]
        answer = self._http.post(form["url"], data=form["fields"], files={"file": picture})
        _expect_good(answer, "POST of a picture")
        return str(receipt["id"])

    def approve(self, host: str, booking: dict[str, Any]) -> None:
        """Approve a booking as it was listed, as an operator does."""
        body = {"version": booking["version"]}
        self._call(host, "PUT", f"/bookings/{booking['id']}/approve", body, signed=True)

    def end_holds(self, placement: str, first: date, last: date) -> None:
        """Let holds of these days be over, as if two days had passed since somebody asked for them."""
        for offset in range((last - first).days + 1):
            with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):  # nobody holds that day
                self._dynamodb.update_item(
                    TableName=f"{self._member.slug}-sponsors",
                    Key={
                        "pk": {"S": f"SLOT#{placement}#{first + timedelta(days=offset)}"},
                        "sk": {"S": "SLOT"},
                    },
                    UpdateExpression="SET held_until = :over",
                    ConditionExpression="attribute_exists(held_until)",
                    ExpressionAttributeValues={":over": {"N": "0"}},
                )

    def active(self, host: str) -> list[str]:
        """Ids of the bookings that the site shows today."""
        sponsors = self._call(host, "GET", "/sponsors/active")["sponsors"]
        return [str(sponsor["id"]) for sponsor in sponsors.values()]

    def track(self, host: str, booking: str, kind: str, visitor: str) -> None:
        """A visitor sees (`view`) or follows (`click`) a sponsor; visitors differ by their browser."""
        self._call(host, "POST", f"/sponsors/{booking}/track/{kind}", agent=visitor)

    def see_page(self, host: str, view: dict[str, str], visitor: str) -> None:
        """A visitor looks at a page of the site."""
        self._call(host, "POST", "/analytics/collect", view, agent=visitor)

    def unconfirmed(self) -> set[str]:
        """Addresses whose owners have yet to agree to be written to."""
        pages = self._topics.get_paginator("list_subscriptions").paginate()
        subscriptions = [one for page in pages for one in page["Subscriptions"]]
        return {str(one["Endpoint"]) for one in subscriptions if one["SubscriptionArn"] == PENDING}

    def lacks_backups(self) -> bool:
        """Whether there is a plan of backups that has never been run."""
        plans = self._backups.list_backup_plans(MaxResults=1)["BackupPlansList"]
        vaults = [vault["BackupVaultName"] for vault in self._backups.list_backup_vaults()["BackupVaultList"]]
        points = self._backups.list_recovery_points_by_backup_vault
        return bool(plans) and not any(points(BackupVaultName=name)["RecoveryPoints"] for name in vaults)

    def _call(
        self,
        host: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        signed: bool = False,
        agent: str = "",
    ) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        if signed:
            request = AWSRequest(method, f"https://{host}{path}", data=content, headers=headers)
            credentials = Credentials(self._member.account_id, SECRET)
            SigV4Auth(credentials, "execute-api", self._member.region).add_auth(request)
            headers = dict(request.headers)
        headers["Host"] = host
        if agent:
            headers["User-Agent"] = agent
        answer = self._http.request(method, self._endpoint + path, content=content, headers=headers)
        _expect_good(answer, f"{method} {host}{path}")
        result: dict[str, Any] = answer.json() if answer.content else {}
        return result


def _expect_good(answer: httpx.Response, where: str) -> None:
    if answer.is_error:
        raise FleetError.of(
            ProblemKind.SERVICE, f"HTTP {answer.status_code}: {answer.text[:200]}", where=where
        )
