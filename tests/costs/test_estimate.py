from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.costs.estimate import estimate
from fleet_tui.costs.model import Confidence, CostLine, Usage
from fleet_tui.costs.pricebook import price_book
from tests.costs.fleet import NOW, creator

BOOK = price_book()
MOMENTS = st.integers(0, 2 * 365 * 86_400).map(
    lambda second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)
LAST_MOMENT = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)


def lines(usage: Usage | None = None, now: datetime = NOW, **changes: Any) -> dict[str, CostLine]:
    found = estimate(creator(**changes), usage or Usage(), BOOK, now)
    assert len({line.service for line in found}) == len(found)
    return {line.service: line for line in found}


def streaming(channel_type: str, **more: Any) -> dict[str, Any]:
    return {"modules": {"ivs-streaming": {"channel_type": channel_type, **more}}}


def test_every_module_has_its_services_and_no_others():
    site = {"Route 53", "S3 website", "CloudFront"}
    ivs = {"IVS input", "IVS output", "IVS recordings"}
    functions = {"API Gateway", "Lambda", "DynamoDB", "CloudWatch"}
    assert set(lines()) == site | ivs | functions | {"SES"}
    assert set(lines(modules={"s3-website": {}})) == site
    assert set(lines(modules={"s3-website": {"waf": True}})) == site | {"WAF"}
    assert set(lines(**streaming("BASIC", recording=False))) == functions | ivs - {"IVS recordings"}
    assert set(lines(modules={"sponsor-system": {"enabled": False}})) == set()
    assert set(lines(modules={"user-auth": {}})) == functions | {"Cognito", "SES"}
    assert set(lines(modules={"ivs-chat": {}})) == functions | {"IVS Chat"}
    assert set(lines(modules={"contact-form": {}})) == functions | {"SES"}
    assert set(lines(modules={"shop": {}})) == functions | {"SES"}
    assert set(lines(modules={"polls": {}})) == functions
    assert set(lines(modules={"analytics": {}})) == functions | {"Firehose"}
    assert set(lines(modules={"backup": {}})) == functions | {"AWS Backup"}
    assert set(lines(modules={"newsletter": {"imprint": "Kasper, Berlin"}})) == functions | {"SES"}
    members_only = {"user-auth": {}, **streaming("BASIC", authorized_playback=True)["modules"]}
    assert set(lines(modules=members_only)) == functions | ivs | {"Cognito", "KMS", "SES"}


def test_a_second_region_and_own_keys_cost_what_stands_there():
    shop, second = {"shop": {}}, {"failover": {"region": "eu-west-1"}}
    assert set(lines(modules=shop, **second)) - set(lines(modules=shop)) == {"Second region"}
    # A gigabyte with its recovery, and an alarm; four million writes.
    assert lines(modules=shop, **second)["Second region"].fixed == Decimal("0.55")
    assert lines(modules=shop, **second)["Second region"].usage == Decimal("2.50")
    ready = {**shop, "s3-website": {"domain_ready": True}}
    assert lines(modules=ready, **second)["Second region"].fixed == Decimal("2.05")
    assert lines(modules={"s3-website": {}}, **second).keys() == lines(modules={"s3-website": {}}).keys()
    gone = {"failover": {"region": "eu-west-1", "enabled": False}}
    assert lines(modules=shop, **gone).keys() == lines(modules=shop).keys()

    own = {"encryption": {"own_key": True}}
    assert lines(modules=shop, **own)["KMS, own keys"].fixed == Decimal("1.00")
    assert lines(modules=shop, **own, **second)["KMS, own keys"].fixed == Decimal("2.00")


def test_a_newsletter_is_most_of_the_mail():
    newsletter = {"newsletter": {"imprint": "Kasper, Berlin"}}
    assert lines(modules={"shop": {}})["SES"].usage == Decimal("0.10")
    assert lines(modules=newsletter)["SES"].usage == Decimal("0.50")


def test_every_day_that_is_kept_is_a_whole_copy():
    assert lines(modules={"backup": {"retention_days": 35}})["AWS Backup"].fixed == Decimal("3.50")
    assert lines(modules={"backup": {"retention_days": 7}})["AWS Backup"].fixed == Decimal("0.70")


@pytest.mark.parametrize(
    ("channel_type", "input_price", "output_price", "picture"),
    [
        ("BASIC", "0.20", "0.075", "HD"),
        ("STANDARD", "2.00", "0.15", "Full HD"),
        ("ADVANCED_SD", "0.50", "0.0375", "SD"),
        ("ADVANCED_HD", "0.85", "0.075", "HD"),
    ],
)
def test_hours_are_priced_by_channel_type(
    channel_type: str, input_price: str, output_price: str, picture: str
):
    usage = Usage(stream_input_hours=100, stream_output_hours=2000)
    found = lines(usage, LAST_MOMENT, **streaming(channel_type))
    assert found["IVS input"].usage == Decimal(100) * Decimal(input_price)
    assert found["IVS output"].usage == Decimal(2000) * Decimal(output_price)
    assert found["IVS input"].basis == f"100.0 h expected × ${input_price}"
    assert found["IVS output"].basis == f"2,000 h expected of watching, all in {picture} × ${output_price}"


def test_without_measurements_the_planning_figures_stand():
    found = lines(**streaming("BASIC"))
    # 10 hours a week in a month of 30 days, 15 viewers
    assert found["IVS input"].usage == Decimal("8.57")
    assert found["IVS output"].usage == Decimal("48.21")
    assert all(line.confidence is Confidence.ASSUMED for line in found.values())
    assert "planned" in found["IVS input"].basis


def test_a_basic_creator_comes_to_what_the_platform_plans():
    total = sum(
        line.total for line in lines(**streaming("BASIC")).values() if line.service != "IVS recordings"
    )
    assert 50 <= total <= 150


def test_half_a_month_goes_on_at_its_rate():
    middle = datetime(2026, 11, 16, tzinfo=UTC)
    found = lines(Usage(stream_input_hours=20, api_requests=500_000, lambda_invocations=600_000), middle)
    assert found["IVS input"].usage == Decimal(80)
    assert found["API Gateway"].usage == Decimal(1)
    assert found["Lambda"].basis.startswith("1,200,000 invocations expected")


def test_confidence_is_that_of_the_least_sure_part():
    found = lines(Usage(stream_input_hours=20, stream_output_hours=20, api_requests=5, lambda_invocations=5))
    assert {service: line.confidence for service, line in found.items()} == {
        "IVS input": Confidence.ASSUMED,  # measured hours at a price that is not verified
        "IVS output": Confidence.ASSUMED,
        "IVS recordings": Confidence.LISTED,  # measured hours, assumed size
        "Route 53": Confidence.LISTED,
        "S3 website": Confidence.ASSUMED,
        "CloudFront": Confidence.ASSUMED,
        "API Gateway": Confidence.MEASURED,
        "Lambda": Confidence.MEASURED,
        "DynamoDB": Confidence.LISTED,
        "CloudWatch": Confidence.LISTED,
        "SES": Confidence.ASSUMED,
    }


def test_what_costs_when_nothing_happens_is_fixed():
    found = lines(
        Usage(api_requests=0, lambda_invocations=0),
        LAST_MOMENT,
        modules={"s3-website": {"waf": True}, "sponsor-system": {}},
    )
    assert {service: line.fixed for service, line in found.items() if line.fixed} == {
        "Route 53": Decimal("0.50"),
        "S3 website": Decimal("0.02"),
        "WAF": Decimal("9.00"),
        "DynamoDB": Decimal("0.45"),
        "CloudWatch": Decimal("0.40"),
    }
    assert found["API Gateway"].total == 0


def test_recordings_grow_with_the_days_they_are_kept():
    short = lines(**streaming("STANDARD", recording_retention_days=10))["IVS recordings"].usage
    long = lines(**streaming("STANDARD", recording_retention_days=100))["IVS recordings"].usage
    assert long == pytest.approx(short * 10, rel=Decimal("0.01"))


def test_prices_of_another_region_are_named():
    assert "us-east-1" not in lines()["Route 53"].basis
    assert lines(region="eu-west-1")["Route 53"].basis.endswith(", us-east-1 prices")


AMOUNTS = st.floats(0, 1e6) | st.none()


@given(AMOUNTS, AMOUNTS, st.integers(0, 10**9) | st.none(), MOMENTS)
def test_an_estimate_is_never_less_than_what_was_used_so_far(
    hours: float | None, watched: float | None, requests: int | None, now: datetime
):
    usage = Usage(stream_input_hours=hours, stream_output_hours=watched, api_requests=requests)
    found = lines(usage, now)
    assert found["IVS input"].usage >= (Decimal(str(hours or 0)) * 2).quantize(Decimal("0.01"))
    assert found["IVS output"].usage >= (Decimal(str(watched or 0)) * Decimal("0.15")).quantize(
        Decimal("0.01")
    )
    assert found["API Gateway"].usage >= (Decimal(requests or 0) / 10**6).quantize(Decimal("0.01"))
    assert all(line.fixed >= 0 and line.basis for line in found.values())


@given(st.floats(0, 1e5), st.floats(0, 1e5), MOMENTS)
def test_more_use_never_costs_less(hours: float, more: float, now: datetime):
    one = sum(line.total for line in lines(Usage(stream_input_hours=hours), now).values())
    two = sum(line.total for line in lines(Usage(stream_input_hours=hours + more), now).values())
    assert one <= two


@given(st.integers(0, 6), st.floats(0, 12))
def test_one_evening_early_in_the_month_does_not_become_thirty(day: int, hours: float):
    now = datetime(2026, 11, 1, 6, tzinfo=UTC) + timedelta(days=day)
    usage = Usage(stream_input_hours=hours)
    projected = lines(usage, now)["IVS input"].usage / 2
    # What was streamed, the same again for each of the weeks that are left, and the planned hours at most.
    assert projected <= Decimal(str(hours)) * (1 + Decimal(30) / 7) + Decimal("42.87")
