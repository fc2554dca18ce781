"""What the history of a site tells: pure.

A switch is written down before it is made, so that whatever happens in between can be told afterwards: the
site's first page names the run that put it there.
"""

from __future__ import annotations

from datetime import datetime

from fleet_tui.frontend.model import History, Served, Switch

KEPT_RELEASES = 5
"""Releases that stay, and that a rollback can lead to, besides the one that visitors see."""

KEPT_SWITCHES = 50


def settled(history: History, served: Served | None) -> History:
    """The history without a newest switch that was written down and then never made."""
    newest = history.switches[0] if history.switches else None
    if newest is None or newest.done_at is not None or current(history, served) == newest:
        return history
    return History(switches=history.switches[1:])


def current(history: History, served: Served | None) -> Switch | None:
    """The switch that led to what is served; None where that is nothing of ours."""
    run_id = served.run_id if served else ""
    return next((switch for switch in history.switches if run_id and switch.run_id == run_id), None)


def begun(history: History, switch: Switch) -> History:
    """The history with a switch that is about to be made."""
    return History(switches=(switch, *history.switches)[:KEPT_SWITCHES])


def done(history: History, run_id: str, at: datetime) -> History:
    """The history with the switch of this run seen through to its end."""
    return History(
        switches=tuple(
            switch.model_copy(update={"done_at": at}) if switch.run_id == run_id else switch
            for switch in history.switches
        )
    )


def kept(history: History, release: str) -> tuple[str, ...]:
    """Ids of the releases that stay, newest first: some of the newest, and `release`, which visitors see."""
    known = sorted({switch.release for switch in history.switches}, reverse=True)
    return tuple(one for place, one in enumerate(known) if place < KEPT_RELEASES or one == release)


def one_before(history: History, release: str) -> str:
    """Id of the newest kept release that is older than `release`; empty where there is none."""
    return next((one for one in kept(history, release) if one < release), "")


def step_back(history: History, digest: str, release: str) -> Switch | None:
    """Whether a site with this digest is what visitors saw before `release`, and a rollback would lead to.

    A workspace that is older than somebody else's builds what was there before.
    """
    if not release:
        return None
    return next(
        (
            switch
            for switch in history.switches
            if switch.digest == digest
            and switch.release < release
            and switch.release in kept(history, release)
        ),
        None,
    )
