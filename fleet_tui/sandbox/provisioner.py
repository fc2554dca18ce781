"""Brings the sample fleet live in the embedded AWS, by the same operations that operators use.

Wave by wave; what is there already is left alone, so that a world whose making was broken off is finished
at the next start. Some creators are given the troubles that a fleet has (see `troubles`).
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.fleet import Fleet
from fleet_tui.observatory.model import Facet
from fleet_tui.operations.model import Run, RunStatus
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator, Wave
from fleet_tui.sandbox.troubles import NEVER_DEPLOYED, Troubles

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.3


class Provisioner:
    """Makes what the sample fleet lacks.

    Args:
        fleet: the fleet, in the sandbox's environment.
        troubles: what goes wrong for whom.
        at_once: how many creators are worked on at once.
        wanted: asked before each creator, with its wave; False passes over it.
        broken_off: once set, runs in hand are cancelled.
        save: called after each creator, so that a kill loses none of them.
    """

    def __init__(
        self,
        fleet: Fleet,
        troubles: Troubles,
        *,
        at_once: int,
        wanted: Callable[[Wave], bool],
        broken_off: threading.Event,
        save: Callable[[], object],
    ) -> None:
        self._fleet = fleet
        self._troubles = troubles
        self._at_once = at_once
        self._wanted = wanted
        self._broken_off = broken_off
        self._save = save

    def provision(self) -> bool:
        """Bring every creator of the sample fleet to where the scene wants them.

        Returns:
            Whether the whole fleet is there.
        """
        creators = [
            row.creator
            for row in self._fleet.snapshot().rows.values()
            if row.creator is not None and row.slug not in NEVER_DEPLOYED
        ]
        complete = True
        for wave in Wave:
            members = [creator for creator in creators if creator.wave is wave]
            with ThreadPoolExecutor(self._at_once, thread_name_prefix="provision") as pool:
                complete &= all(list(pool.map(self._bring_live, members)))
        return complete

    def _bring_live(self, creator: Creator) -> bool:
        try:
            state = self._look(creator)
            if state.status in (DeployStatus.NEVER_DEPLOYED, DeployStatus.OUT_OF_DATE) or (
                state.status is DeployStatus.FAILED and not self._troubles.failed_as_wanted(creator, state)
            ):
                if not self._wanted(creator.wave):
                    return False
                self._troubles.before(creator)
                plan = self._await(self._fleet.plan(creator.slug, reason="sample fleet", create_backend=True))
                if plan.status is RunStatus.SUCCEEDED and plan.plan is not None and not plan.plan.empty:
                    self._await(self._fleet.apply(plan.id))
            self._save()
            self._troubles.after(
                creator,
                lambda: self._await(self._fleet.care.drift.check(creator.slug, reason="sample fleet")),
            )
        except FleetError as error:
            logger.error("%s: %s", creator.slug, error)
            return False
        return True

    def _look(self, creator: Creator) -> DeployState:
        self._fleet.observatory.look_once([creator.slug], (Facet.DEPLOY,), seconds=60)
        look = self._fleet.snapshot().rows[creator.slug].deploy
        if look.problem is not None:
            raise FleetError(look.problem)
        return look.value or DeployState(status=DeployStatus.NEVER_DEPLOYED)

    def _await(self, run: Run) -> Run:
        asked_to_stop = False
        while not (current := self._fleet.journals.get(run.id)).finished:
            if self._broken_off.is_set() and current.pid is not None and not asked_to_stop:
                asked_to_stop = True
                with contextlib.suppress(FleetError):  # it has just ended by itself
                    self._fleet.cancel(run.id)
            time.sleep(_LOOK_SECONDS)
        if current.status is not RunStatus.SUCCEEDED:
            logger.warning(
                "%s: %s %s", run.id, current.status.value, current.problem and current.problem.sentence
            )
        return current
