"""What `[modules.events]` takes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fleet_tui.registry.modules import Events


def test_people_are_reminded_a_day_and_an_hour_before() -> None:
    assert Events().model_dump() == {"enabled": True, "reminder_hours": [24, 1], "time_zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    "settings",
    [
        {"time_zone": "Europe/Entenhausen"},
        {"time_zone": ""},
        {"reminder_hours": [0]},
        {"reminder_hours": [337]},
        {"reminder_hours": [1.5]},
        {"reminder_hours": [1, 2, 3, 4]},
        {"reminders": [1]},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Events.model_validate(settings)
