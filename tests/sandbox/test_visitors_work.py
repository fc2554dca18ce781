"""What visitors have set going is told to stop once, and waited for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.sandbox.visitors import VisitorsWork


class Going:
    """A fleet in which this goes on, and that notes what it is told."""

    def __init__(self, *, rollout: bool = False, run: bool = False, batch: bool = False) -> None:
        self.told: list[tuple[str, str]] = []
        self.rollouts = SimpleNamespace(
            going_on=lambda: [SimpleNamespace(id="rollout")] if rollout else [],
            stop=lambda name, now: self.told.append(("stop now" if now else "stop", name)),
        )
        self.journals = SimpleNamespace(
            unfinished=lambda: {"kasper": SimpleNamespace(id="run")} if run else {}
        )
        self.planning = SimpleNamespace(
            newest=lambda: SimpleNamespace(id="batch"),
            progress=lambda found: SimpleNamespace(finished=not batch),
            stop=lambda name: self.told.append(("stop", name)),
        )

    def cancel(self, name: str) -> None:
        self.told.append(("cancel", name))
        raise FleetError.of(ProblemKind.CONFLICT, "it has just ended")


def test_where_nothing_goes_on_nobody_is_told_anything() -> None:
    fleet = Going()
    assert VisitorsWork(fleet).ended(cancel=True)  # type: ignore[arg-type]
    assert fleet.told == []


@pytest.mark.parametrize(
    ("going", "leaving", "cancelling"),
    [
        ({"rollout": True}, [("stop", "rollout")], [("stop now", "rollout")]),
        ({"batch": True}, [("stop", "batch")], [("stop", "batch")]),
        ({"run": True}, [], [("cancel", "run")]),
    ],
)
def test_what_goes_on_is_told_once_and_waited_for(going, leaving, cancelling) -> None:
    for cancel, told in ((False, leaving), (True, cancelling)):
        fleet = Going(**going)
        work = VisitorsWork(fleet)  # type: ignore[arg-type]
        assert not work.ended(cancel=cancel)
        assert not work.ended(cancel=cancel)
        assert fleet.told == told
