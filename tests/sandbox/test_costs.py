"""Cost Explorer tells what the back door has spent, and invents nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox

BOTH = [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}, {"Type": "DIMENSION", "Key": "SERVICE"}]


@pytest.fixture
def spend(emulator, account):
    def spend(*entries, account=account):
        listed = [{"day": day, "service": service, "usd": usd} for day, service, usd in entries]
        emulator.call("costs", {"account": account, "entries": listed})

    return spend


@pytest.fixture
def ask(client, account):
    def ask(start, end, granularity="DAILY", *, account=account, **more):
        explorer = client("ce", region="us-east-1", account=account)
        period = {"Start": start, "End": end}
        return explorer.get_cost_and_usage(
            TimePeriod=period, Granularity=granularity, Metrics=["UnblendedCost"], **more
        )

    return ask


def totals(answer):
    return [Decimal(period["Total"]["UnblendedCost"]["Amount"]) for period in answer["ResultsByTime"]]


def test_an_account_without_spendings_costs_nothing(ask):
    assert totals(ask("2026-10-01", "2026-10-04")) == [0, 0, 0]


def test_days_add_up_to_months(ask, spend):
    spend(
        ("2026-09-30", "AWS Lambda", 1),
        ("2026-10-01", "AWS Lambda", "2.25"),
        ("2026-10-31", "Amazon CloudFront", 4),
    )

    assert totals(ask("2026-09-01", "2026-11-01", "MONTHLY")) == [1, Decimal("6.25")]
    assert totals(ask("2026-10-30", "2026-11-01")) == [0, 4]


def test_a_day_that_is_told_again_is_not_added(ask, spend):
    spend(("2026-10-01", "AWS Lambda", 1))
    spend(("2026-10-01", "AWS Lambda", 3))

    assert totals(ask("2026-10-01", "2026-10-02")) == [3]


def test_the_payer_sees_accounts_by_services_at_once(ask, spend, account, other_account):
    spend(("2025-01-01", "AWS Lambda", 1), ("2025-01-02", "Amazon CloudFront", 2))
    spend(("2025-01-02", "AWS Lambda", 5), account=other_account)

    (month,) = ask("2025-01-01", "2025-02-01", "MONTHLY", account="operator", GroupBy=BOTH)["ResultsByTime"]

    groups = {tuple(g["Keys"]): Decimal(g["Metrics"]["UnblendedCost"]["Amount"]) for g in month["Groups"]}
    assert groups == {
        (account, "AWS Lambda"): 1,
        (account, "Amazon CloudFront"): 2,
        (other_account, "AWS Lambda"): 5,
    }


def test_an_account_sees_only_itself(ask, spend, account, other_account):
    spend(("2025-02-01", "AWS Lambda", 1))
    spend(("2025-02-01", "AWS Lambda", 5), account=other_account)

    (month,) = ask("2025-02-01", "2025-03-01", "MONTHLY", GroupBy=BOTH[:1])["ResultsByTime"]

    assert [group["Keys"] for group in month["Groups"]] == [[account]]


def test_long_answers_come_in_pages_that_lose_nothing(ask, spend):
    days = [(datetime(2025, 3, 1, tzinfo=UTC) + timedelta(days=n)).date().isoformat() for n in range(31)]
    services = [f"Service {number}" for number in range(8)]
    spend(*[(day, service, number + 1) for day in days for number, service in enumerate(services)])

    seen, token, pages = [], {}, 0
    while True:
        answer = ask("2025-03-01", "2025-04-01", GroupBy=BOTH, **token)
        pages += 1
        seen += [
            (
                period["TimePeriod"]["Start"],
                group["Keys"][1],
                Decimal(group["Metrics"]["UnblendedCost"]["Amount"]),
            )
            for period in answer["ResultsByTime"]
            for group in period["Groups"]
        ]
        if "NextPageToken" not in answer:
            break
        token = {"NextPageToken": answer["NextPageToken"]}

    assert pages > 1
    assert seen == [(day, service, number + 1) for day in days for number, service in enumerate(services)]


def test_filters(ask, spend):
    spend(("2025-05-01", "AWS Lambda", 1), ("2025-05-01", "Amazon CloudFront", 2), ("2025-05-01", "Tax", 4))
    tax = {"Dimensions": {"Key": "SERVICE", "Values": ["Tax"]}}

    assert totals(ask("2025-05-01", "2025-05-02", Filter={"Not": tax})) == [3]
    assert totals(
        ask(
            "2025-05-01",
            "2025-05-02",
            Filter={"Or": [tax, {"Dimensions": {"Key": "SERVICE", "Values": ["AWS Lambda"]}}]},
        )
    ) == [5]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"start": "2026-10-02", "end": "2026-10-01"}, "ValidationException"),
        ({"start": "yesterday", "end": "2026-10-01"}, "ValidationException"),
        ({"start": "2026-10-01", "end": "2026-10-02", "NextPageToken": "x"}, "InvalidNextTokenException"),
        (
            {"start": "2026-10-01", "end": "2026-10-02", "GroupBy": [{"Type": "TAG", "Key": "a"}]},
            "ValidationException",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(ask, arguments, code):
    with pytest.raises(ClientError) as raised:
        ask(**arguments)
    assert raised.value.response["Error"]["Code"] == code


def test_a_forecast_carries_the_last_days_on(client, spend):
    explorer = client("ce", region="us-east-1")
    today = datetime.now(UTC).date()
    period = {"Start": today.isoformat(), "End": (today + timedelta(days=10)).isoformat()}
    with pytest.raises(ClientError, match="DataUnavailableException"):
        explorer.get_cost_forecast(TimePeriod=period, Metric="UNBLENDED_COST", Granularity="DAILY")

    spend(*[((today - timedelta(days=age)).isoformat(), "AWS Lambda", 2) for age in range(1, 8)])
    forecast = explorer.get_cost_forecast(TimePeriod=period, Metric="UNBLENDED_COST", Granularity="DAILY")

    assert Decimal(forecast["Total"]["Amount"]) == 20
    assert len(forecast["ForecastResultsByTime"]) == 10


def test_anomaly_monitors(client):
    explorer = client("ce", region="us-east-1")
    monitor = explorer.create_anomaly_monitor(
        AnomalyMonitor={
            "MonitorName": "services",
            "MonitorType": "DIMENSIONAL",
            "MonitorDimension": "SERVICE",
        },
        ResourceTags=[{"Key": "creator", "Value": "kasper"}],
    )["MonitorArn"]

    assert [m["MonitorName"] for m in explorer.get_anomaly_monitors()["AnomalyMonitors"]] == ["services"]
    assert explorer.list_tags_for_resource(ResourceArn=monitor)["ResourceTags"] == [
        {"Key": "creator", "Value": "kasper"}
    ]
    explorer.delete_anomaly_monitor(MonitorArn=monitor)
    with pytest.raises(ClientError, match="UnknownMonitorException"):
        explorer.get_anomaly_monitors(MonitorArnList=[monitor])
