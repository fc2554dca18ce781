"""What has the slug typed before it is done: breaking what holds a creator, and destroying all of one."""

from __future__ import annotations

from textual import on, work
from textual.message import Message

from fleet_tui.operations.model import Run
from fleet_tui.operations.unlocking import Holders, Shown, to_break
from fleet_tui.present.holders import breaking_lines, holders_lines
from fleet_tui.tui.planning import PlanningPage
from fleet_tui.tui.screens.confirm import TypedConfirmScreen


class DangerPage(PlanningPage):
    """A page from which creators can be unlocked and destroyed, as well as planned."""

    class HoldersSeen(Message):
        """It is known who holds the creator."""

        def __init__(self, slug: str, holders: Holders) -> None:
            super().__init__()
            self.slug = slug
            self.holders = holders

    class Begun(Message):
        """A run has been started."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def unlock(self, slug: str) -> None:
        """Break what keeps others from this creator, after a look at who that is, and the slug typed."""
        if not self.refused("breaking a lease or a lock"):
            self._look_at_holders(slug)

    def destroy(self, slug: str) -> None:
        """Plan the end of everything that this creator has; to apply the plan, the slug is asked for."""
        if self.refused("destroying"):
            return
        row = self.fleet.fleet.rows.get(slug)
        if row is not None and row.run is not None and not row.run.finished:
            self.fleet.open_run(row.run)
            return
        self._plan_destroy(slug)

    @work(thread=True, exclusive=True, exit_on_error=False, group="danger")
    def _look_at_holders(self, slug: str) -> None:
        self.post_message(self.HoldersSeen(slug, self.fleet.service.locks.look(slug)))

    @on(HoldersSeen)
    def _holders_seen(self, event: HoldersSeen) -> None:
        event.stop()
        slug, holders = event.slug, event.holders
        if not holders.held:
            self.notify(f"Nobody holds {slug}: there is nothing to break.", markup=False)
            self.fleet.service.refresh({slug})
            return
        shown = to_break(holders)

        def answered(yes: bool | None) -> None:
            if yes:
                self._break(slug, shown)

        row = self.fleet.fleet.rows.get(slug)
        details = [*holders_lines(holders, self.fleet.clock()), (), *breaking_lines(holders, shown)]
        question = f"Break what holds {row.name if row else slug}?"
        self.app.push_screen(TypedConfirmScreen(question, slug, details), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="danger")
    def _break(self, slug: str, shown: Shown) -> None:
        self.post_message(self.Begun(self.fleet.service.locks.break_off(slug, shown, reason="")))

    @work(thread=True, exclusive=True, exit_on_error=False, group="danger")
    def _plan_destroy(self, slug: str) -> None:
        self.post_message(self.Begun(self.fleet.service.plan_destroy(slug)))

    @on(Begun)
    def _begun(self, event: Begun) -> None:
        event.stop()
        self.fleet.open_run(event.run)
