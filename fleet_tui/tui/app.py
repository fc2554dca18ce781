"""The application: holds the picture of the fleet, hands it to the screens, opens them."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from time import monotonic
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.signal import Signal

from fleet_tui.observatory.model import FleetSnapshot
from fleet_tui.operations.model import Run
from fleet_tui.present.rollouts import ending_sentence
from fleet_tui.present.totals import RunningTotals
from fleet_tui.rollouts.model import Rollout, RolloutStatus
from fleet_tui.tui.commands import CreatorCommands
from fleet_tui.tui.feed import SnapshotFeed
from fleet_tui.tui.rolloutwatch import RolloutWatch
from fleet_tui.tui.screens.approvals import ApprovalsScreen
from fleet_tui.tui.screens.creator import CreatorScreen
from fleet_tui.tui.screens.drift import DriftScreen
from fleet_tui.tui.screens.fleet import FleetScreen
from fleet_tui.tui.screens.help import HelpScreen
from fleet_tui.tui.screens.onboarding import OnboardingListScreen, OnboardingScreen
from fleet_tui.tui.screens.plans import PlansScreen
from fleet_tui.tui.screens.rollout import RolloutScreen
from fleet_tui.tui.screens.rollouts import RolloutsScreen
from fleet_tui.tui.screens.run import RunScreen
from fleet_tui.tui.screens.runs import RunsScreen
from fleet_tui.tui.screens.site import SiteScreen
from fleet_tui.tui.screens.state import StateScreen
from fleet_tui.tui.screens.wizard import WizardScreen
from fleet_tui.tui.service import FleetService
from fleet_tui.tui.terminal import AsciiFilter, desktop_note, wants_ascii
from fleet_tui.tui.themes import DARK_SHADES, LIGHT_SHADES, THEMES

REDRAW_SECONDS = 0.1  # the screens take a new picture at most this often
TICK_SECONDS = 5.0  # ages grow in steps of this, so that the picture is calm


class FleetChange(NamedTuple):
    """A new picture and the slugs whose rows differ."""

    snapshot: FleetSnapshot
    changed: frozenset[str]


def local_now() -> datetime:
    """The present, in the operator's time zone."""
    return datetime.now().astimezone()


class FleetApp(App[None]):
    """The console over a fleet.

    Args:
        service: the fleet.
        clock: tells the present; its time zone is the one that is shown.
        ascii_only: draw with ASCII signs; None: as `FLEET_ASCII` says.
    """

    TITLE = "fleet"
    # The first screen is there before Textual asks screens for their stylesheets.
    CSS_PATH: ClassVar = ["app.tcss", "screens/fleet.tcss"]
    COMMANDS: ClassVar = App.COMMANDS | {CreatorCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "runs", "operations"),
        Binding("O", "rollouts", "rollouts", show=False, key_display="O"),
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("q", "quit", "quit"),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
    ]

    class SnapshotsWaiting(Message):
        """Snapshots have arrived on another thread."""

    class RolloutsSeen(Message):
        """The rollouts of this machine have been read."""

        def __init__(self, rollouts: Sequence[Rollout]) -> None:
            super().__init__()
            self.rollouts = rollouts

    def __init__(
        self,
        service: FleetService,
        *,
        clock: Callable[[], datetime] = local_now,
        ascii_only: bool | None = None,
    ) -> None:
        self._ascii = wants_ascii(os.environ) if ascii_only is None else ascii_only
        super().__init__()
        self.service = service
        self.clock = clock
        self.animation_level = "none"
        self.fleet = service.snapshot()
        self.totals = RunningTotals()
        self.totals.update(self.fleet.rows)
        self.fleet_changed: Signal[FleetChange] = Signal(self, "fleet changed")
        self.ticked: Signal[datetime] = Signal(self, "ticked")
        self._feed = SnapshotFeed(lambda: self.post_message(self.SnapshotsWaiting()))
        self._unsubscribe: Callable[[], None] = lambda: None
        self._taken_at = 0.0
        self.rollouts = RolloutWatch()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def get_default_screen(self) -> Screen[None]:
        """The fleet."""
        return FleetScreen()

    def on_mount(self) -> None:
        """Begin to look only after the last known picture has been drawn."""
        self.set_interval(TICK_SECONDS, lambda: self.ticked.publish(self.clock()))
        self.set_interval(TICK_SECONDS, self.look_at_rollouts)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        # What is there now stays; looking through all of it in every full collection would make keys stall.
        gc.freeze()
        self._unsubscribe = self.service.subscribe(self._feed.put)
        self.run_worker(self.service.start, thread=True, exit_on_error=False, group="service")
        self.look_at_rollouts()

    def on_unmount(self) -> None:
        """Take no more snapshots; whoever made the service stops it."""
        self._unsubscribe()

    @on(SnapshotsWaiting)
    def _snapshots_waiting(self) -> None:
        wait = self._taken_at + REDRAW_SECONDS - monotonic()
        if wait > 0:
            self.set_timer(wait, self._take_snapshots)
        else:
            self._take_snapshots()

    def _take_snapshots(self) -> None:
        news = self._feed.take()
        if news is None:
            return
        self._taken_at = monotonic()
        self.fleet, changed = news
        self.totals.update(self.fleet.rows, changed)
        self.fleet_changed.publish(FleetChange(self.fleet, changed))

    # Rollouts

    @work(thread=True, exit_on_error=False, group="rollouts")
    def look_at_rollouts(self) -> None:
        """See whether one is going on, or has ended."""
        self.post_message(self.RolloutsSeen(self.service.rollouts.all()))

    @on(RolloutsSeen)
    def _rollouts_seen(self, event: RolloutsSeen) -> None:
        for ended in self.rollouts.take(event.rollouts, self.clock()):
            self.bell()
            if self._driver is not None:
                self._driver.write(desktop_note(ending_sentence(ended), in_tmux="TMUX" in os.environ))
            well = ended.status is RolloutStatus.SUCCEEDED
            self.notify(
                ending_sentence(ended),
                severity="information" if well else "warning",
                timeout=12,
                markup=False,
            )

    # Looks

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and ours where only ASCII can be drawn."""
        filters = super().get_line_filters()
        return [*filters, AsciiFilter()] if self._ascii else filters

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The shades that no theme of Textual's has."""
        return DARK_SHADES if self.current_theme.dark else LIGHT_SHADES

    # Ways between the screens

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the command palette offers."""
        yield SystemCommand("Fleet", "All creators", self.action_fleet)
        yield SystemCommand("Approvals", "Bookings that wait for a decision", self.action_approvals)
        yield SystemCommand("Operations", "Runs on this machine", self.action_runs)
        yield SystemCommand("Rollouts", "Plans applied wave by wave", self.action_rollouts)
        yield SystemCommand("Plans", "What would be done to whom, to be approved", self.action_plans)
        yield SystemCommand("Drift", "What was changed behind Terraform's back", self.action_drift)
        yield SystemCommand("Onboarding", "Who is not live yet", self.action_onboarding)
        yield SystemCommand("New creator", "Write a creator.toml", self.action_add)
        yield SystemCommand("Refresh all", "Look at every creator now", self.service.refresh)
        if isinstance(screen, CreatorScreen):
            slug = screen.slug
            yield SystemCommand(f"Unlock {slug}", "Break a lease or Terraform's lock", screen.action_unlock)
            yield SystemCommand(
                f"Destroy {slug}", "Plan the end of everything there", lambda: screen.destroy(slug)
            )
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        yield SystemCommand("Help", "Keys, signs and the filter's language", self.action_help)
        yield SystemCommand("Quit", "Leave; runs go on", self.action_quit)

    def action_fleet(self) -> None:
        """Back to the fleet."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_approvals(self) -> None:
        """Open the inbox."""
        self.push_screen(ApprovalsScreen())

    def action_runs(self) -> None:
        """Open the list of runs."""
        if not isinstance(self.screen, RunsScreen):
            self.push_screen(RunsScreen())

    def action_onboarding(self) -> None:
        """Open the list of those who are not live yet."""
        self.push_screen(OnboardingListScreen())

    def action_drift(self) -> None:
        """Open what has drifted in the fleet."""
        self.push_screen(DriftScreen())

    def open_drift(self, slugs: frozenset[str] | None = None, *, check: bool = False) -> None:
        """Open what has drifted in these creators, and look again where that is wanted."""
        self.push_screen(DriftScreen(slugs, check=check))

    def open_state(self, slug: str) -> None:
        """Open the versions of a creator's state."""
        self.push_screen(StateScreen(slug))

    def action_add(self) -> None:
        """Open the form for a new creator."""
        self.push_screen(WizardScreen())

    def action_plans(self) -> None:
        """Open the plans that wait to be applied."""
        if not isinstance(self.screen, PlansScreen):
            self.push_screen(PlansScreen())

    @property
    def hidden(self) -> frozenset[str]:
        """Creators whom the fleet's filter hides."""
        first = self.screen_stack[0]
        return first.hidden if isinstance(first, FleetScreen) else frozenset()

    def action_help(self) -> None:
        """Open the help."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def open_creator(self, slug: str, section: str | None = None) -> None:
        """Open a creator's page."""
        self.push_screen(CreatorScreen(slug, section))

    def open_onboarding(self, slug: str) -> None:
        """Open the eight steps of a creator."""
        self.push_screen(OnboardingScreen(slug))

    def open_site(self, slug: str) -> None:
        """Open a creator's site: what visitors see, deploying, going back."""
        self.push_screen(SiteScreen(slug))

    def action_rollouts(self) -> None:
        """Open the list of rollouts."""
        if not isinstance(self.screen, RolloutsScreen):
            self.push_screen(RolloutsScreen())

    def open_rollout(self, rollout_id: str) -> None:
        """Open a rollout and follow it."""
        self.push_screen(RolloutScreen(rollout_id))

    def open_run(self, run: Run) -> None:
        """Open a run and follow it."""
        self.push_screen(RunScreen(run))
