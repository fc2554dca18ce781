"""Drift: what was changed behind Terraform's back in the whole fleet, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from fleet_tui.deploy.drift import DriftFinding
from fleet_tui.present.drift import (
    DriftRow,
    address_cell,
    attributes_cell,
    class_cell,
    creator_cell,
    detail_lines,
    diff_lines,
    drift_rows,
    finding_of,
    in_short,
    since_cell,
)
from fleet_tui.present.line import Line, Span, Tone, hang
from fleet_tui.present.quantity import count
from fleet_tui.problems import Problem
from fleet_tui.statecare.model import Proposal
from fleet_tui.tui.planning import PlanningPage
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.detail import DetailPage
from fleet_tui.tui.screens.letbe import LetBe, LetBeScreen
from fleet_tui.tui.widgets.grid import Column, Step

_ALL_PARTS = 3  # of the status line; how many creators there are is what it does without

COLUMNS: tuple[Column[DriftRow], ...] = (
    Column(("CLASS",), (Step(11, 0),), class_cell),
    Column(("CREATOR",), (Step(10, 2), Step(16, 5)), creator_cell),
    Column(("RESOURCE",), (Step(20, 1), Step(40, 4)), address_cell, stretch=40),
    Column(("DIFFERENT",), (Step(24, 6),), attributes_cell, stretch=40),
    Column(("SINCE",), (Step(6, 3),), since_cell, right=True),
)


class DriftScreen(DetailPage[DriftRow], PlanningPage):
    """List and detail.

    Args:
        slugs: show these creators alone; None shows the fleet.
        check: look at them at once.
    """

    CSS_PATH: ClassVar[list[str | PurePath]] = ["detail.tcss", "drift.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "check", "check again"),
        Binding("p", "plan", "repair: plan"),
        Binding("a", "accept", "accept"),
        Binding("l", "let_be", "let be"),
        Binding("c", "creator", "creator"),
    ]
    COLUMNS = COLUMNS
    EMPTY = "nothing is known to have drifted"
    WIDE = 100
    PANES = Vertical

    class Read(Message):
        """The reports of this machine's checks have been read."""

        def __init__(self, findings: Mapping[str, Mapping[str, DriftFinding]]) -> None:
            super().__init__()
            self.findings = findings

    class Checked(Message):
        """One of several checks has ended."""

        def __init__(self, slug: str, problem: Problem | None) -> None:
            super().__init__()
            self.slug = slug
            self.problem = problem

    class Proposed(Message):
        """It is known what accepting a drift would be."""

        def __init__(self, slug: str, proposal: Proposal) -> None:
            super().__init__()
            self.slug = slug
            self.proposal = proposal

    class Accepted(Message):
        """A drift has been accepted, one way or the other."""

        def __init__(self, slug: str, note: str) -> None:
            super().__init__()
            self.slug = slug
            self.note = note

    def __init__(self, slugs: frozenset[str] | None = None, *, check: bool = False) -> None:
        super().__init__()
        self._slugs = slugs
        self._check_first = check
        self._findings: Mapping[str, Mapping[str, DriftFinding]] = {}
        self._going: set[str] = set()
        self._ended = 0
        self._note: Line = ()

    def place(self) -> tuple[str, ...]:
        """Drift, of whom."""
        if self._slugs is not None and len(self._slugs) == 1:
            return ("drift", next(iter(self._slugs)))
        return ("drift",) if self._slugs is None else ("drift", f"{len(self._slugs)} creators")

    def on_mount(self) -> None:
        """Values come from the disk."""
        self._read()
        if self._check_first:
            self._check(self._whom())

    def on_screen_resume(self) -> None:
        """A check or an apply may have come in between."""
        self._read()

    def fleet_arrived(self, changed: frozenset[str] | None) -> None:
        """Take what has drifted by now."""
        rows = self.fleet.fleet.rows
        chosen = (
            rows.values() if self._slugs is None else [rows[slug] for slug in self._slugs if slug in rows]
        )
        self.show_rows(drift_rows(chosen, self.fleet.clock()))

    @work(thread=True, exclusive=True, exit_on_error=False, group="read")
    def _read(self) -> None:
        drift = self.fleet.service.care.drift
        findings = {}
        for slug in {row.slug for row in self.rows.values()}:
            report = drift.report(slug)
            findings[slug] = {one.address: one for one in report.findings} if report else {}
        self.post_message(self.Read(findings))

    @on(Read)
    def _findings_read(self, event: Read) -> None:
        event.stop()
        self._findings = event.findings
        self.draw()

    def detail(self, row: DriftRow, width: int) -> list[Line]:
        """The resource."""
        finding = finding_of(self._findings.get(row.slug, {}), row.resource)
        drawn = detail_lines(row.resource, finding, self.fleet.clock(), width)
        return [part for one in drawn for part in (hang(one, width) if one else [()])]

    def status(self) -> Line:
        """What has drifted, of how many, and what is being checked."""
        parts = ["nothing is known to have drifted"]
        if self.rows:
            number = len({row.slug for row in self.rows.values()})
            parts = [in_short([row.resource for row in self.rows.values()], self.fleet.clock())]
            parts.append(f"{count(number)} creator{'' if number == 1 else 's'}")
        if unknown := sum(self._is_unknown(slug) for slug in self._whom()):
            parts.append(f"{count(unknown)} never checked")
        if len(" · ".join(parts)) > self.size.width - 2 and len(parts) == _ALL_PARTS:
            del parts[1]
        status = [Span(" · ".join(parts), Tone.QUIET)]
        if self._going:
            whole = self._ended + len(self._going)
            status.append(Span(f"   ↻ checked {self._ended} of {whole}", Tone.STRONG))
        return (*status, Span("   "), *self._note) if self._note else tuple(status)

    def _is_unknown(self, slug: str) -> bool:
        row = self.fleet.fleet.rows.get(slug)
        return row is not None and (row.deploy.value is None or row.deploy.value.drift is None)

    def _whom(self) -> list[str]:
        """The creators that this screen is about, those without a usable file left out."""
        rows = self.fleet.fleet.rows
        return [
            slug
            for slug, row in rows.items()
            if row.creator is not None and (self._slugs is None or slug in self._slugs)
        ]

    # Moving

    def open_row(self, row: DriftRow) -> None:
        """The creator's page."""
        self.fleet.open_creator(row.slug, "deploy")

    def action_creator(self) -> None:
        """Open the creator's page."""
        if self.row is not None:
            self.open_row(self.row)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is possible with what is under the cursor is offered."""
        row = self.row if self.is_mounted else None
        if action in ("plan", "accept", "let_be", "creator"):
            return row is not None
        return True

    # Checking

    def action_check(self) -> None:
        """Look again at all creators that this screen is about; nothing is changed by looking."""
        self._check(self._whom())

    def _check(self, slugs: Sequence[str]) -> None:
        if not slugs or self._going or self.refused("looking for drift"):
            return
        self._going, self._ended, self._note = set(slugs), 0, ()
        self.draw()
        self._check_all(tuple(slugs))

    @work(thread=True, exclusive=True, exit_on_error=False, group="check")
    def _check_all(self, slugs: tuple[str, ...]) -> None:
        for one in self.fleet.service.care.drift.check_all(slugs):
            self.fleet.service.refresh({one.slug})
            self.post_message(self.Checked(one.slug, None if one.never_deployed else one.problem))

    @on(Checked)
    def _one_checked(self, event: Checked) -> None:
        event.stop()
        self._going.discard(event.slug)
        self._ended += 1
        if event.problem is not None:
            self.tell(event.problem)
        if not self._going:
            self._note = (Span(f"{count(self._ended)} checked", Tone.QUIET),)
        self._read()
        self.draw()

    # Repairing and accepting

    def action_plan(self) -> None:
        """Plan the creator: what has drifted is changed back when the plan is applied."""
        if self.row is not None:
            self.plan(self.row.slug)

    def action_accept(self) -> None:
        """Take the drift into creator.toml, after showing how the file would change."""
        if self.row is not None and not self.refused("accepting a drift"):
            self._propose(self.row.slug, self.row.resource.address)

    @work(thread=True, exclusive=True, exit_on_error=False, group="accept")
    def _propose(self, slug: str, address: str) -> None:
        proposal = self.fleet.service.care.drift.proposal(slug, address)
        self.post_message(self.Proposed(slug, proposal))

    @on(Proposed)
    def _proposed(self, event: Proposed) -> None:
        event.stop()
        slug, proposal = event.slug, event.proposal
        place = proposal.finding.place or "the configuration"
        left: list[Line] = [
            (Span(f"{one.path} is no setting: it is written in {place}", Tone.QUIET),)
            for one in proposal.left
        ]
        if not proposal.carried:
            self._ask_to_let_be(
                slug, proposal.finding.address, [(Span("No key of creator.toml carries this drift."),), *left]
            )
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._accept(slug, proposal)

        self.app.push_screen(
            ConfirmScreen(f"Write this into {slug}'s creator.toml?", [*diff_lines(proposal.diff), *left]),
            answered,
        )

    @work(thread=True, exclusive=True, exit_on_error=False, group="accept")
    def _accept(self, slug: str, proposal: Proposal) -> None:
        self.fleet.service.care.drift.accept(slug, proposal)
        self.post_message(
            self.Accepted(slug, "written into creator.toml; plan and apply bring the state up to it")
        )

    def action_let_be(self) -> None:
        """Accept the drift for a while, or no longer where that is already so."""
        row = self.row
        if row is None or self.refused("letting a drift be"):
            return
        if row.resource.known(self.fleet.clock()):
            self._take_back(row.slug, row.resource.address)
        else:
            self._ask_to_let_be(row.slug, row.resource.address, [])

    def _ask_to_let_be(self, slug: str, address: str, details: Sequence[Line]) -> None:
        def answered(wish: LetBe | None) -> None:
            if wish is not None:
                self._let_be(slug, address, wish)

        self.app.push_screen(LetBeScreen(address, details), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="accept")
    def _let_be(self, slug: str, address: str, wish: LetBe) -> None:
        until = self.fleet.clock() + timedelta(days=wish.days)
        self.fleet.service.care.drift.let_be(slug, address, until=until, reason=wish.reason)
        self.post_message(self.Accepted(slug, f"let be until {until:%-d %b %Y}"))

    @work(thread=True, exclusive=True, exit_on_error=False, group="accept")
    def _take_back(self, slug: str, address: str) -> None:
        self.fleet.service.care.drift.take_back(slug, address)
        self.post_message(self.Accepted(slug, "let be no longer"))

    @on(Accepted)
    def _accepted(self, event: Accepted) -> None:
        event.stop()
        self._note = (Span(f"✓ {event.note}", Tone.PLAIN),)
        self.run_worker(
            lambda: self.fleet.service.refresh({event.slug}),
            thread=True,
            exit_on_error=False,
            group="refresh",
        )
        self.draw()
