"""A run as its journal tells it, event by event."""

from __future__ import annotations

from collections.abc import Iterable

from fleet_tui.operations.model import EventKind, Run, RunEvent, RunStatus


def advance(run: Run, events: Iterable[RunEvent]) -> Run:
    """The run after these further events of its journal."""
    told: dict[str, object] = {}
    for event in events:
        if event.kind is EventKind.STARTED:
            told |= {"status": RunStatus.RUNNING, "started_at": event.at}
        elif event.kind is EventKind.FINISHED:
            told |= {
                "status": event.status or RunStatus.LOST,
                "finished_at": event.at,
                "problem": event.problem,
            }
        fields = {
            "done": event.done,
            "total": event.total,
            "plan": event.plan,
            "last_text": event.text or None,
        }
        told |= {name: value for name, value in fields.items() if value is not None}
    return run.model_copy(update=told) if told else run
