"""Every hour: whose entitlement is over, and whose checkout is open, is looked at again.

So an event that never came, and the end of a grace of which Stripe tells nobody, change what is stored all
the same.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import Any

from membership.looking import look_at, members
from membership.model import State
from shared.background import background
from shared.telemetry import count, log_fault


def reconcile(event: dict[str, Any], now: datetime) -> None:
    """Look at Stripe for everybody whose time has come.

    Raises:
        Exception: some could not be looked at and are still due; all others were.
    """
    failed: Exception | None = None
    waiting = (member.id for member in members.in_state(State.CHECKOUT))
    for member_id in chain(members.due(now), waiting):
        try:
            look_at(member_id, now)
            count("MembersReconciled")
        except Exception as error:  # noqa: BLE001 - raised on, after the others
            log_fault(error)
            failed = error
    if failed:
        raise failed


handler = background(reconcile)
