"""What `[modules.monitoring]` takes and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fleet_tui.registry.modules import Monitoring

MONITOR = "arn:aws:ce::111122223333:anomalymonitor/00000000-0000-4000-8000-000000000001"


def test_nothing_has_to_be_said() -> None:
    monitoring = Monitoring()
    assert monitoring.budget_percent == [80, 100]
    assert monitoring.own_anomaly_monitor
    assert monitoring.anomaly_monitor_arn is None


@pytest.mark.parametrize(
    "settings",
    [
        {"telegram_chat": "@kasper_alerts"},
        {"telegram_chat": "-1001234567890"},
        {"own_anomaly_monitor": False},
        {"own_anomaly_monitor": False, "anomaly_monitor_arn": MONITOR},
    ],
)
def test_what_makes_sense_is_taken(settings: dict[str, Any]) -> None:
    assert Monitoring.model_validate(settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"anomaly_monitor_arn": MONITOR}, "own_anomaly_monitor = false"),
        ({"own_anomaly_monitor": False, "anomaly_monitor_arn": "a monitor"}, "pattern"),
        ({"telegram_chat": "my chat"}, "pattern"),
        ({"emails": ["nobody"]}, "pattern"),
        ({"budget_percent": []}, "at least 1"),
        ({"budget_percent": [80.5]}, "integer"),
        ({"anomaly_dollars": 0}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Monitoring.model_validate(settings)
