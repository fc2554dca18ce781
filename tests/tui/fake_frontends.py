"""Sites without AWS: Kasper's is out of date, Mina's was never deployed, the others' are up to date."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fleet_tui.frontend.model import SiteState, SiteStatus, Switch, Told
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.problems import FleetError, Problem
from tests.tui.sample import NOW, OPERATOR

if TYPE_CHECKING:
    from tests.tui.fake import FakeService

NEWEST, BEFORE, GONE = (
    "20261121T184210.500-5d0c77e1",
    "20261109T091502.112-b81e03aa",
    "20260930T120000.004-07cc91d2",
)


def _told(release: str, hours: int, operator: str, reason: str, *, current: bool, kept: bool = True) -> Told:
    at = NOW - timedelta(hours=hours)
    switch = Switch(
        release=release,
        digest="",
        at=at,
        operator=operator,
        run_id=f"run of {release}",
        reason=reason,
        done_at=at,
    )
    return Told(switch=switch, current=current, kept=kept)


class FakeFrontends:
    """A SiteService."""

    def __init__(self, service: FakeService) -> None:
        self._service = service
        self.problem: Problem | None = None

    def status(self, slug: str) -> SiteState:
        if self.problem is not None:
            raise FleetError(self.problem)
        if slug == "mina-moor":
            return SiteState(
                status=SiteStatus.PLACEHOLDER,
                url="https://d2.cloudfront.net",
                warnings=("no imprint: put it into creators/mina-moor/imprint.txt",),
            )
        status = SiteStatus.OUT_OF_DATE if slug == "kasper" else SiteStatus.UP_TO_DATE
        return SiteState(
            status=status,
            url=f"https://{slug}.live",
            release=NEWEST,
            current=self.history(slug)[0].switch,
            changed=("index.html", "theme.css") if status is SiteStatus.OUT_OF_DATE else (),
            previous=BEFORE,
        )

    def history(self, slug: str) -> tuple[Told, ...]:
        if slug == "mina-moor":
            return ()
        return (
            _told(NEWEST, 44, OPERATOR, "New logo for the anniversary", current=True),
            _told(BEFORE, 340, "ben@ops", "Contact form", current=False),
            _told(GONE, 1298, "ben@ops", "", current=False, kept=False),
        )

    def deploy(self, slug: str, reason: str = "", *, seen: str | None = None) -> Run:
        self._service.done.append(("deploy site", slug, seen))
        return self._service.begin(OperationKind.FRONTEND, slug)

    def rollback(self, slug: str, release: str = "", reason: str = "", *, seen: str | None = None) -> Run:
        self._service.done.append(("roll back site", slug, release, seen))
        return self._service.begin(OperationKind.FRONTEND, slug)
