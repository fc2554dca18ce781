"""A run as its journal tells it, event by event: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fleet_tui.operations.model import EventKind, Run, RunEvent, RunStatus

WAITING = "waiting: "
"""What a line of the journal begins with where the run waits for what somebody else holds."""


def fold(events: Sequence[RunEvent], *, alive: bool) -> Run | None:
    """The run that these events tell; None when they do not begin with a request.

    Args:
        events: the whole journal, in order.
        alive: whether the process of the run still lives.
    """
    operation = next((event.operation for event in events if event.operation is not None), None)
    if operation is None:
        return None
    run = advance(Run(operation=operation, status=RunStatus.QUEUED), events)
    return run if run.finished or alive else run.model_copy(update={"status": RunStatus.LOST})


def advance(run: Run, events: Iterable[RunEvent]) -> Run:
    """The run after these further events of its journal."""
    told: dict[str, object] = {}
    for event in events:
        if event.kind is EventKind.STARTED:
            # It begins once, also where another process takes it up again.
            begun = run.started_at or told.get("started_at") or event.at
            told |= {"status": RunStatus.RUNNING, "started_at": begun, "pid": event.pid}
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
