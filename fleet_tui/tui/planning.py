"""Starting plans from any screen: of one creator, whose run is opened, and of many."""

from __future__ import annotations

from collections.abc import Collection

from textual import on, work
from textual.message import Message

from fleet_tui.operations.model import Run
from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.present.plans import creators, named
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.page import Page


class PlanningPage(Page):
    """A page from which creators can be planned."""

    class Planned(Message):
        """A plan has been started."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    class BatchStarted(Message):
        """Many plans have been started."""

    class BackendChecked(Message):
        """It is known whether the creator has a state bucket."""

        def __init__(self, slug: str, needed: bool) -> None:
            super().__init__()
            self.slug = slug
            self.needed = needed

    def plan(self, slug: str) -> None:
        """Plan this creator: the bucket first where there is none, then the run is opened."""
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

    # Many

    def plan_many(self, slugs: Collection[str]) -> None:
        """Plan these creators, after a question that names those whom the filter hides."""
        if self.refused("planning"):
            return
        rows = self.fleet.fleet.rows
        able = [slug for slug in slugs if (row := rows.get(slug)) is not None and row.creator is not None]
        if len(able) == 1 and len(slugs) == 1:
            self.plan(able[0])
            return
        if not able:
            self.notify("None of these can be planned.", severity="warning", markup=False)
            return
        details: list[Line] = [
            (Span(named(able, most=8)),),
            (Span("A plan changes nothing. Some at once, the others after them.", Tone.QUIET),),
        ]
        if hidden := self.hidden_in_fleet(able):
            told = f"! hidden by the filter: {named(hidden, most=8)}"
            details.append((Span(told, Tone.CAUTION),))
        if unable := sorted({*slugs} - {*able}):
            told = f"! left out, creator.toml has to be corrected: {named(unable, most=8)}"
            details.append((Span(told, Tone.CAUTION),))

        def answered(yes: bool | None) -> None:
            if yes:
                self.start_batch(able)

        self.app.push_screen(ConfirmScreen(f"Plan {creators(len(able))}?", details), answered)

    def hidden_in_fleet(self, slugs: Collection[str]) -> list[str]:
        """Those of these creators whom the fleet's filter hides."""
        return sorted(slug for slug in slugs if slug in self.fleet.hidden)

    @work(thread=True, exclusive=True, exit_on_error=False, group="batch")
    def start_batch(self, slugs: Collection[str]) -> None:
        """Start to plan many, asking nobody."""
        self.fleet.service.planning.start(list(slugs))
        self.post_message(self.BatchStarted())

    @on(BatchStarted)
    def _batch_started(self, event: BatchStarted) -> None:
        event.stop()
        self.fleet.action_plans()
