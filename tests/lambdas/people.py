"""A module's privacy function, called at the module's time, as operators and user-auth call it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from unittest.mock import patch

from tests.lambdas.functions import Functions


def ask(functions: Functions, action: str, **person: str | None) -> dict[str, Any]:
    """What the module's function answers to `export` or `erase` of a person, by `member` and `email`."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return functions.now.astimezone(tz)

    with patch("shared.background.datetime", Clock):
        answer = functions.invoke(f"{functions.module}_privacy", {"action": action, "person": person})
    return dict(answer)
