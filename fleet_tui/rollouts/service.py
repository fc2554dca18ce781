"""What a rollout needs from the rest of the program; nothing more is known about it in here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fleet_tui.operations.model import Operation, Run
from fleet_tui.streams.model import StreamHealth

Announce = Callable[[Operation], None]
"""Is told of an operation before its process starts, so that none is started that nobody knows of."""


class RolloutFleet(Protocol):
    """The fleet, as a rollout uses it. Every method blocks, and may raise FleetError."""

    def plan(self, slug: str, *, reason: str, rollout: str, announce: Announce) -> Run:
        """Start a plan of a creator whose plan has become stale."""

    def apply(self, plan_id: str, *, reason: str, approval: str, rollout: str, announce: Announce) -> Run:
        """Start to apply exactly this plan."""

    def cancel(self, run_id: str) -> None:
        """Send a run its one SIGINT."""

    def run(self, run_id: str) -> Run:
        """A run, as its journal tells it now."""

    def going_on(self, slug: str) -> Run | None:
        """The run that goes on at a creator, whoever asked for it."""

    def stale(self, plan_id: str) -> str:
        """Why a saved plan can no longer be applied; empty where it can."""

    def stream_now(self, slug: str) -> StreamHealth:
        """A creator's stream, asked for now."""
