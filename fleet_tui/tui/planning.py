"""Starting a plan from any screen: bucket first where there is none, then the run is opened."""

from __future__ import annotations

from textual import on, work
from textual.message import Message

from fleet_tui.operations.model import Run
from fleet_tui.present.line import Span, Tone
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.page import Page


class PlanningPage(Page):
    """A page from which creators can be planned."""

    class Planned(Message):
        """A plan has been started."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    class BackendChecked(Message):
        """It is known whether the creator has a state bucket."""

        def __init__(self, slug: str, needed: bool) -> None:
            super().__init__()
            self.slug = slug
            self.needed = needed

    def plan(self, slug: str) -> None:
        """Plan this creator."""
        if self.refused("planning"):
            return
        row = self.fleet.fleet.rows.get(slug)
        if row is None or row.creator is None:
            self.notify(
                f"{slug} cannot be planned: its creator.toml has to be corrected first.",
                severity="warning",
                markup=False,
            )
            return
        if row.run is not None and not row.run.finished:
            self.fleet.open_run(row.run)
            return
        self._check_backend(slug)

    @work(thread=True, exclusive=True, exit_on_error=False, group="plan")
    def _check_backend(self, slug: str) -> None:
        self.post_message(self.BackendChecked(slug, self.fleet.service.needs_backend(slug)))

    @on(BackendChecked)
    def _backend_checked(self, event: BackendChecked) -> None:
        event.stop()
        if not event.needed:
            self._start_plan(event.slug, create_backend=False)
            return
        row = self.fleet.fleet.rows.get(event.slug)
        if row is None or row.creator is None:
            return
        creator = row.creator

        def answered(yes: bool | None) -> None:
            if yes:
                self._start_plan(event.slug, create_backend=True)

        self.app.push_screen(
            ConfirmScreen(
                f"No state bucket yet in account {creator.account_id}: make {creator.state_bucket}?",
                [
                    (Span("Terraform keeps the state of this creator in it: versioned, encrypted, in"),),
                    (Span(f"{creator.name}'s own account. Then the plan begins.", Tone.PLAIN),),
                ],
            ),
            answered,
        )

    @work(thread=True, exclusive=True, exit_on_error=False, group="plan")
    def _start_plan(self, slug: str, *, create_backend: bool) -> None:
        run = self.fleet.service.plan(slug, create_backend=create_backend)
        self.post_message(self.Planned(run))

    @on(Planned)
    def _planned(self, event: Planned) -> None:
        event.stop()
        self.fleet.open_run(event.run)
