"""Whether a creator's state bucket has to be made is asked of the account, and not guessed."""

from __future__ import annotations

import pytest

from fleet_tui.observatory.model import Facet
from fleet_tui.sandbox.emulator.process import Emulator
from tests.small_fleet import small_fleet

pytestmark = pytest.mark.sandbox


def test_a_bucket_that_is_there_without_a_state_is_not_made_again(tmp_path, monkeypatch):
    emulator = Emulator.start(tmp_path / "emulator")
    try:
        small = small_fleet(tmp_path / "small", emulator, monkeypatch, "anna", "ben")
        small.remove_bucket("ben")
        fleet = small.fleet()
        fleet.observatory.look_once(["anna", "ben"], (Facet.DEPLOY,), seconds=60)
        assert [fleet.needs_backend(slug) for slug in ("anna", "ben")] == [False, True]
        fleet.stop()
    finally:
        emulator.stop()
