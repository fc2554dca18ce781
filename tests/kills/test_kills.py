"""Two kills for every day; all of them, at every moment, are in `test_kill_matrix`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet_tui.sandbox.emulator.process import Emulator
from tests.kills.killing import Moment, Victim, kill_and_go_on, moment
from tests.small_fleet import SmallFleet, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

CASES = {
    "anna": (Victim.RUN, moment("made, not told")),
    "ben": (Victim.TERRAFORM, moment("state write")),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        yield small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, *CASES)
    emulator.stop()


@pytest.mark.parametrize(("slug", "case"), CASES.items(), ids=[str(victim) for victim, _ in CASES.values()])
def test_after_a_kill_all_agree_and_the_next_run_finishes_the_work(
    small: SmallFleet, slug: str, case: tuple[Victim, Moment]
) -> None:
    assert kill_and_go_on(small, slug, *case) == []
