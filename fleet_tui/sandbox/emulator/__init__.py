"""The embedded AWS: ministack with services and repairs of our own, in one process on loopback.

`python -m fleet_tui.sandbox.emulator --port PORT --state DIR` runs it in the foreground;
`fleet_tui.sandbox.emulator.process.Emulator` starts it as a process of its own. No installed file is
changed: what ministack lacks or gets wrong is put right in memory, one module per service.
"""

from __future__ import annotations
