"""What the fleet does for onboarding, which by itself knows none of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fleet_tui.costs.model import CostLine
from fleet_tui.observatory.model import FleetSnapshot
from fleet_tui.onboarding.model import SiteFact
from fleet_tui.operations.model import Run
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor


@dataclass(frozen=True)
class Hands:
    """What the fleet does for onboarding.

    Args:
        door: the way into accounts, made when it is first needed.
        snapshot: the newest picture of the fleet.
        follow: takes over what has changed in the creators' files.
        look: looks at a creator's deploy state once, and waits for it.
        bucket_ready: whether a creator's account has its state bucket.
        runs: all runs, newest first.
        site: what is deployed of a creator's site; raises FleetError where nobody could say.
        plan: starts a plan: slug, reason, whether the state bucket is made first.
        apply: starts to apply a plan: its id, reason.
        deploy_site: starts to bring up a site: slug, reason.
        at_once: does something small with a journal: creator, what, the deed, how it is told.
        estimate: lines of what a creator costs a month.
    """

    door: Callable[[], AwsDoor]
    snapshot: Callable[[], FleetSnapshot]
    follow: Callable[[], None]
    look: Callable[[str], object]
    bucket_ready: Callable[[Creator], bool]
    runs: Callable[[], Sequence[Run]]
    site: Callable[[Creator], SiteFact]
    plan: Callable[[str, str, bool], Run]
    apply: Callable[[str, str], Run]
    deploy_site: Callable[[str, str], Run]
    at_once: Callable[[Creator, str, Callable[[], object], str], None]
    estimate: Callable[[Creator], tuple[CostLine, ...]]
