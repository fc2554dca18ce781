"""The director: plays life into the accounts of the sample fleet.

`scenario` says what happens, as pure functions of creator, minute and seed; `player` makes it happen, through
public APIs and the emulator's back door only. `python -m fleet_tui.sandbox.director --endpoint URL` plays for
as long as it runs, `--once` sets the standard scene and ends.
"""

from __future__ import annotations
