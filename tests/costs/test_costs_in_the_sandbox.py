from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fleet_tui.aws.door import AwsDoor
from fleet_tui.costs.estimate import estimate
from fleet_tui.costs.model import CostReport, Usage
from fleet_tui.costs.observe import CostObserver
from fleet_tui.costs.pricebook import price_book
from fleet_tui.registry import load
from fleet_tui.registry.model import Access, Registry
from fleet_tui.sandbox.emulator.environment import MANAGEMENT_ACCOUNT
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.settings import Payer

pytestmark = pytest.mark.sandbox
CREATORS = Path(__file__).parents[2] / "creators"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator.start(tmp_path_factory.mktemp("emulator"), seed="costs")
    yield running
    running.stop()


@pytest.fixture
def fleet() -> Registry:
    return load(CREATORS)


def test_the_fleets_costs_are_read_through_the_door(
    emulator: Emulator, fleet: Registry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", MANAGEMENT_ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    now = datetime.now(UTC)
    today = now.date()
    billed = {"otto-okto": "12.5", "pia-prisma": "0.25"}
    for slug, usd in billed.items():
        creator = fleet.get(slug)
        assert creator is not None
        entry = {"day": today.isoformat(), "service": "Amazon Interactive Video Service", "usd": usd}
        emulator.call("costs", {"account": creator.account_id, "entries": [entry]})
    otto = fleet.get("otto-okto")
    assert otto is not None
    points = [
        {
            "name": name,
            "value": seconds,
            "at": (now - timedelta(seconds=1)).timestamp(),
            "unit": "Seconds",
            "dimensions": {"Channel": "abcdefgh1234"},
        }
        for name, seconds in (("LiveInputTime", 7200), ("LiveDeliveredTime", 36000))
    ]
    emulator.call("metrics", {"account": otto.account_id, "region": otto.region, "points": points})

    payer = Payer(access=Access(role_arn=f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:role/FleetBilling"))
    observer = CostObserver(AwsDoor(operator="ana@ops"), payer, now=lambda: now)
    reports: dict[str, CostReport] = {
        slug: observer(creator) for slug in (*billed, "lena-lux") if (creator := fleet.get(slug))
    }

    assert {slug: report.actual for slug, report in reports.items()} == {
        "otto-okto": Decimal("12.5"),
        "pia-prisma": Decimal("0.25"),
        "lena-lux": None,
    }
    assert all(report.problems == () for report in reports.values())
    assert reports["otto-okto"].actual_by_service == (("Amazon Interactive Video Service", Decimal("12.5")),)
    assert reports["otto-okto"].forecast >= Decimal("12.5")
    measured = Usage(stream_input_hours=2, stream_output_hours=10, lambda_invocations=0)
    assert reports["otto-okto"].estimate == estimate(otto, measured, price_book(), now)
