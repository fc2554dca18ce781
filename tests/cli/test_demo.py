from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, repeat
from types import SimpleNamespace

import pytest

from fleet_tui.cli import sandbox
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.model import CreatorSnapshot, Observation
from fleet_tui.registry.model import Wave


@dataclass
class Run:
    """As much of a run as the demo looks at."""

    done: int
    id: str = "run"
    operation = SimpleNamespace(kind=SimpleNamespace(value="apply"))


class Fleet:
    """A fleet of one creator that looks a little different each time."""

    def __init__(self, looks) -> None:
        self._looks = iter(looks)
        self.observatory = SimpleNamespace(look_once=lambda *_, **__: None)
        self.snapshot = lambda: SimpleNamespace(rows={"kasper": self._last})
        self._last = next(self._looks)

    def pass_time(self, seconds: float) -> None:
        self._last = next(self._looks)
        self.now += seconds

    now = 0.0


@pytest.fixture
def wait(monkeypatch):
    def wait(looks) -> Fleet:
        fleet = Fleet(looks)
        monkeypatch.setattr(sandbox, "find_terraform", lambda: None)
        monkeypatch.setattr(sandbox.time, "monotonic", lambda: fleet.now)
        monkeypatch.setattr(sandbox.time, "sleep", lambda _: fleet.pass_time(20.0))
        sandbox._await_first_wave(fleet)
        return fleet

    return wait


START = CreatorSnapshot(slug="kasper", creator=SimpleNamespace(wave=Wave.CANARY))  # type: ignore[arg-type]
DONE = replace(START, deploy=Observation(value=DeployState(status=DeployStatus.UP_TO_DATE)))


def test_a_slow_machine_is_waited_for_as_long_as_something_moves(wait):
    slow = [replace(START, run=Run(done)) for done in range(40)]
    assert wait(chain(slow, repeat(DONE))).now == 40 * 20.0


def test_what_no_longer_moves_is_not_waited_for(wait):
    assert wait(repeat(replace(START, run=Run(3)))).now == 120.0
