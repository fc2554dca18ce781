"""Every process of a run, killed at every moment: nothing is lost, orphaned or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from fleet_tui.sandbox.emulator.process import Emulator
from tests.kills.killing import MOMENTS, ZONE_MADE, Moment, Victim, kill_and_go_on
from tests.small_fleet import SmallFleet, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox, pytest.mark.slow]

# Terraform starts its providers once it holds the lock, and ends them before it writes the state.
_WITHOUT_PROVIDERS = ("init", "plan locked", "apply begun", "state write", "state written", "lock release")
CASES = [
    (victim, moment)
    for moment in MOMENTS
    for victim in Victim
    if victim is not Victim.PROVIDER or moment.name not in _WITHOUT_PROVIDERS
] + [(victim, ZONE_MADE) for victim in (Victim.RUN, Victim.TERRAFORM, Victim.PROVIDER, Victim.ALL)]
SLUGS = [f"creator-{number:02}" for number in range(len(CASES))]
_AT_ONCE = 3


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        yield small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, *SLUGS)
    emulator.stop()


def test_after_every_kill_all_agree_and_the_next_run_finishes_the_work(small: SmallFleet) -> None:
    def one(slug: str, case: tuple[Victim, Moment]) -> list[str]:
        victim, moment = case
        small.write(slug, size="3", reads="yes", slow="1" if moment is ZONE_MADE else "0")
        return [f"{victim} at {moment.name} ({slug}): {text}" for text in kill_and_go_on(small, slug, *case)]

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        wrong = [text for texts in pool.map(one, SLUGS, CASES) for text in texts]
    assert not wrong, "\n".join(wrong)
