"""What the screens need from the rest of the program; nothing more is known about it in here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from fleet_tui.bookings.model import Booking
from fleet_tui.observatory.model import FleetSnapshot
from fleet_tui.operations.model import Run, RunEvent

Listener = Callable[[FleetSnapshot, frozenset[str]], None]
"""Gets the new snapshot and the slugs whose rows differ from the one before. Called on any thread."""


class FleetService(Protocol):
    """The fleet, as the console uses it. Methods marked blocking are called from thread workers."""

    @property
    def environment(self) -> str:
        """Short name of the environment, such as `production`."""

    @property
    def operator(self) -> str:
        """Who is at the keyboard, `user@host`."""

    @property
    def read_only(self) -> bool:
        """Whether every action is refused (where it is executed, too)."""

    def snapshot(self) -> FleetSnapshot:
        """The last known picture; at the first call it comes from disk."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every new snapshot; the result ends that."""

    def start(self) -> None:
        """Begin to look at the fleet, in threads."""

    def stop(self) -> None:
        """Stop looking and let go of every resource. Blocking, at most a few seconds."""

    def refresh(self, slugs: Collection[str] | None = None) -> None:
        """Look at these creators (None: all) now, all facets."""

    def look_closely(self, slug: str | None) -> None:
        """This creator is on the screen: look at its stream every few seconds, metrics included."""

    def needs_backend(self, slug: str) -> bool:
        """Whether this creator has no state bucket yet, as far as it was seen."""

    def plan(self, slug: str, *, reason: str = "", create_backend: bool = False) -> Run:
        """Start a plan in a process of its own. Blocking, short. Raises FleetError."""

    def apply(self, plan_id: str, *, reason: str = "") -> Run:
        """Start to apply exactly this plan. Blocking, short. Raises FleetError."""

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop, with one SIGINT. Raises FleetError."""

    def runs(self) -> Sequence[Run]:
        """All runs known on this machine, newest first. Blocking, short."""

    def run_events(self, run_id: str, after: int = 0) -> Sequence[RunEvent]:
        """The journal of a run from the event after number `after`. Blocking, short."""

    def approve(self, slug: str, booking: Booking) -> Booking:
        """Approve a pending booking. Blocking. Raises FleetError, kind CONFLICT if somebody was first."""

    def reject(self, slug: str, booking: Booking, reason: str) -> Booking:
        """Reject a pending booking with a reason for the sponsor. Blocking. Raises FleetError."""
