"""One creator: everything that is known, section by section."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.frontend.model import SiteState
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.operations.model import Run
from fleet_tui.present import sections
from fleet_tui.present.frontend import looked_at
from fleet_tui.present.holders import left_held
from fleet_tui.present.line import Line, Span, Tone, fit, hang, width_of
from fleet_tui.present.modules import modules
from fleet_tui.problems import FleetError, Problem
from fleet_tui.tui.content import content, one_line
from fleet_tui.tui.mending import MendingPage

WIDE = 110  # from here on all sections stand side by side

Draw = Callable[[CreatorSnapshot, datetime, int], list[Line]]


class Section(Widget):
    """A titled part of the page, as high as its lines."""

    def __init__(self, title: str, draw: Draw, id: str) -> None:
        super().__init__(id=id)
        self.border_title = title
        self._draw = draw
        self._row: CreatorSnapshot | None = None
        self._now: datetime | None = None
        self._shown: list[Line] = []

    def show(self, row: CreatorSnapshot, now: datetime) -> None:
        """Draw this row; nothing is repainted where the text is the same."""
        self._row, self._now = row, now
        lines = self._lines(self.content_size.width)
        if lines != self._shown:
            self.refresh(layout=len(lines) != len(self._shown))

    def _lines(self, width: int) -> list[Line]:
        if self._row is None or self._now is None or width <= 0:
            return []
        return [part for drawn in self._draw(self._row, self._now, width) for part in hang(drawn, width)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """The lines."""
        self._shown = self._lines(self.content_size.width)
        return content(self._shown)


def section_bar(names: Sequence[str], here: str, width: int) -> Line:
    """`1 overview  2 modules  3 deploy`: as many sections as fit, the one that is shown always among them."""
    place = names.index(here)
    more = (Span("…", Tone.QUIET),)
    parts: list[Line] = [
        (Span(f"{number} ", Tone.QUIET), Span(name, Tone.STRONG if name == here else Tone.QUIET))
        for number, name in enumerate(names, start=1)
    ]
    for first in range(place + 1):
        for end in range(len(parts), place, -1):
            shown = [*([more] if first else []), *parts[first:end], *([more] if end < len(parts) else [])]
            bar = tuple(span for part in shown for span in (*part, Span("  ")))[:-1]
            if width_of(bar) <= width:
                return bar
    return fit(parts[place], width)


class CreatorScreen(MendingPage):
    """One creator.

    Args:
        slug: the creator.
        section: what to begin with where not everything can be shown at once.
    """

    CSS_PATH: ClassVar[str] = "creator.tcss"
    NAMES: ClassVar[tuple[str, ...]] = (
        "overview", "modules", "deploy", "stream", "bookings", "cost", "activity", "site",
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "plan", "plan"),
        Binding("u", "unlock", "unlock"),
        Binding("a", "app.approvals", "approvals"),
        Binding("b", "onboarding", "bring live"),
        Binding("d", "drift", "drift"),
        Binding("S", "state", "state", key_display="S"),
        Binding("s", "site", "site"),
        Binding("m", "mend", "mend"),
        Binding("R", "refresh", "refresh", key_display="R"),
        Binding("tab,right,l", "turn(1)", "next section"),
        Binding("shift+tab,left", "turn(-1)", "previous section", show=False),
        *(
            Binding(str(number), f"section('{name}')", show=False)
            for number, name in enumerate(NAMES, start=1)
        ),
    ]

    class RunsRead(Message):
        """The runs of this creator have been read."""

        def __init__(self, runs: Sequence[Run]) -> None:
            super().__init__()
            self.runs = runs

    class SiteLooked(Message):
        """It is known what visitors of the site see, or why not."""

        def __init__(self, site: SiteState | Problem) -> None:
            super().__init__()
            self.site = site

    def __init__(self, slug: str, section: str | None = None) -> None:
        super().__init__()
        self.slug = slug
        self._section = section or self.NAMES[0]
        self._runs: Sequence[Run] = ()
        self._site: SiteState | Problem | None = None

    def place(self) -> tuple[str, ...]:
        """The creator's name."""
        row = self.fleet.fleet.rows.get(self.slug)
        return (row.name if row else self.slug,)

    def body(self) -> Iterable[Widget]:
        """The sections in two columns; narrow terminals show one of them."""
        yield Static(id="sections")
        yield Horizontal(
            VerticalScroll(
                Section("Overview", sections.overview, "overview"),
                Section("Stream", sections.stream, "stream"),
                Section("Site", self._draw_site, "site"),
                Section("Activity", self._draw_activity, "activity"),
                classes="column",
            ),
            VerticalScroll(
                Section("Modules", modules, "modules"),
                Section("Deploy", sections.deploy, "deploy"),
                Section("Bookings", sections.bookings, "bookings"),
                Section("Cost", sections.cost, "cost"),
                classes="column",
            ),
            id="columns",
        )

    def on_mount(self) -> None:
        """Look closely while the page is open."""
        self._show_section()
        self._look_closely(self.slug)
        self._read_runs()

    def on_screen_resume(self) -> None:
        """A run may have come in between."""
        self._look_closely(self.slug)
        self._read_runs()
        self._look_at_site()

    def on_screen_suspend(self) -> None:
        """Somebody else's stream is of interest now, or nobody's."""
        self._look_closely(None)

    def on_unmount(self) -> None:
        """The page is closed."""
        self._look_closely(None)

    def _look_closely(self, slug: str | None) -> None:
        self.fleet.service.look_closely(slug)

    @work(thread=True, exclusive=True, exit_on_error=False, group="runs")
    def _read_runs(self) -> None:
        runs = [run for run in self.fleet.service.runs() if run.operation.slug == self.slug]
        self.post_message(self.RunsRead(runs))

    @work(thread=True, exclusive=True, exit_on_error=False, group="site")
    def _look_at_site(self) -> None:
        try:
            site: SiteState | Problem = self.fleet.service.frontends.status(self.slug)
        except FleetError as error:
            site = error.problem
        self.post_message(self.SiteLooked(site))

    def on_creator_screen_site_looked(self, event: SiteLooked) -> None:
        """Show the site."""
        self._site = event.site
        self._draw_all()

    def on_creator_screen_runs_read(self, event: RunsRead) -> None:
        """Show the activity."""
        self._runs = event.runs
        self._draw_all()

    def fleet_arrived(self, changed: frozenset[str] | None) -> None:
        """Draw this creator if it is another one."""
        if changed is None or self.slug in changed:
            self._draw_all()

    def time_passed(self, now: datetime) -> None:
        """Ages have grown."""
        self._draw_all()

    def _draw_all(self) -> None:
        self.refresh_bindings()
        row = self.fleet.fleet.rows.get(self.slug) or CreatorSnapshot(self.slug, None)
        now = self.fleet.clock()
        for section in self.query(Section):
            section.show(row, now)

    def _draw_site(self, _row: CreatorSnapshot, now: datetime, _width: int) -> list[Line]:
        return looked_at(self._site, now)

    def _draw_activity(self, _row: CreatorSnapshot, now: datetime, _width: int) -> list[Line]:
        return sections.activity(self._runs, now)

    # Sections

    def on_resize(self, event: events.Resize) -> None:
        """Panes where there is room, one section at a time where there is not."""
        self.set_class(event.size.width < WIDE, "-narrow")
        self._show_bar()

    def action_section(self, name: str) -> None:
        """Show this section, or bring it into view."""
        self._section = name
        self._show_section()

    def action_turn(self, step: int) -> None:
        """The next section, or the one before."""
        place = self.NAMES.index(self._section)
        self.action_section(self.NAMES[(place + step) % len(self.NAMES)])

    def _show_section(self) -> None:
        self._show_bar()
        for section in self.query(Section):
            here = section.id == self._section
            section.set_class(here, "-here")
            if here:
                section.scroll_visible(animate=False, top=True)
        for column in self.query(".column"):
            column.set_class(bool(column.query(".-here")), "-here")

    def _show_bar(self) -> None:
        bar = section_bar(self.NAMES, self._section, max(0, self.size.width - 2))
        self.query_one("#sections", Static).update(one_line(bar))

    # Actions

    def action_plan(self) -> None:
        """Plan this creator."""
        self.plan(self.slug)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Unlocking is offered where nobody is at work and something is held all the same, mending where a
        broken run has left something; both as far as was seen."""
        if action not in ("unlock", "mend"):
            return True
        row = self.fleet.fleet.rows.get(self.slug)
        deploy = row.deploy.value if row else None
        if action == "mend":
            return deploy is not None and bool(deploy.tainted or deploy.unsaved)
        return deploy is not None and left_held(deploy)

    def action_unlock(self) -> None:
        """Break what keeps others from this creator."""
        self.unlock(self.slug)

    def action_mend(self) -> None:
        """Set right what a broken run has left at this creator."""
        self.mend(self.slug)

    def action_drift(self) -> None:
        """Look for drift in this creator."""
        self.fleet.open_drift(frozenset({self.slug}), check=True)

    def action_state(self) -> None:
        """Open the versions of this creator's state."""
        self.fleet.open_state(self.slug)

    def action_site(self) -> None:
        """Open this creator's site."""
        self.fleet.open_site(self.slug)

    def action_onboarding(self) -> None:
        """Open the eight steps of bringing this creator live."""
        self.fleet.open_onboarding(self.slug)

    def action_refresh(self) -> None:
        """Look at this creator now."""
        self.run_worker(
            lambda: self.fleet.service.refresh({self.slug}), thread=True, exit_on_error=False, group="refresh"
        )
        self._read_runs()
        self._look_at_site()
