"""Setting right what a broken run has left: its state pushed back, what is half made taken as it is."""

from __future__ import annotations

from textual import on, work
from textual.message import Message

from fleet_tui.operations.mending import Leftovers
from fleet_tui.present.leftovers import taking_lines, unsaved_lines
from fleet_tui.tui.danger import DangerPage
from fleet_tui.tui.screens.confirm import ConfirmScreen


class MendingPage(DangerPage):
    """A page from which a creator can be mended, as well as unlocked and planned."""

    class LeftoversSeen(Message):
        """It is known what broken runs have left."""

        def __init__(self, slug: str, left: Leftovers) -> None:
            super().__init__()
            self.slug = slug
            self.left = left

    def mend(self, slug: str) -> None:
        """Push the state that waits on this machine, or take what is half made as it is, after a question."""
        if not self.refused("mending"):
            self._look_at_leftovers(slug)

    @work(thread=True, exclusive=True, exit_on_error=False, group="mend")
    def _look_at_leftovers(self, slug: str) -> None:
        self.post_message(self.LeftoversSeen(slug, self.fleet.service.mending.leftovers(slug)))

    @on(LeftoversSeen)
    def _leftovers_seen(self, event: LeftoversSeen) -> None:
        event.stop()
        slug, left = event.slug, event.left
        row = self.fleet.fleet.rows.get(slug)
        name = row.name if row else slug
        # The state first: what is half made by the bucket's state may be whole by the one that waits.
        if left.unsaved:

            def push(yes: bool | None) -> None:
                if yes:
                    self._push_state(slug)

            question = f"Push the state of {name} back into its bucket?"
            self.app.push_screen(ConfirmScreen(question, unsaved_lines(left.unsaved)), push)
        elif left.tainted:

            def take(yes: bool | None) -> None:
                if yes:
                    self._take_as_is(slug, left.tainted)

            question = f"Take {len(left.tainted)} of {name} as they are, and not have them replaced?"
            self.app.push_screen(ConfirmScreen(question, taking_lines(left.tainted)), take)
        else:
            text = "The next plan removes what is half replaced." if left.deposed else "Nothing is half made."
            self.notify(text, markup=False)
            self.fleet.service.refresh({slug})

    @work(thread=True, exclusive=True, exit_on_error=False, group="mend")
    def _push_state(self, slug: str) -> None:
        self.post_message(self.Begun(self.fleet.service.mending.push_state(slug)))

    @work(thread=True, exclusive=True, exit_on_error=False, group="mend")
    def _take_as_is(self, slug: str, addresses: tuple[str, ...]) -> None:
        self.post_message(self.Begun(self.fleet.service.mending.take_as_is(slug, addresses)))
