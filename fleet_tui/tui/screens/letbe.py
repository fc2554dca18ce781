"""Asks how long a drift is let be, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.tui.content import content

_USUAL_DAYS = 30
_MOST_DAYS = 365


class LetBe(NamedTuple):
    """For how many days, and why."""

    days: int
    reason: str


class LetBeScreen(ModalScreen[LetBe | None]):
    """Both in one dialog; it stays until both can be used, or is left.

    Args:
        address: of the resource.
        details: what has to be known before.
    """

    CSS_PATH: ClassVar[str] = "letbe.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "leave it")]

    def __init__(self, address: str, details: Sequence[Line] = ()) -> None:
        super().__init__()
        self._address = address
        self._details = details

    def compose(self) -> ComposeResult:
        """The question, days and reason."""
        with Vertical(id="dialog"):
            yield Static(content([(Span("Let this drift be for a while?", Tone.STRONG),)]))
            yield Static(content([(Span(self._address, Tone.QUIET),), *self._details]), id="details")
            yield Label("days")
            yield Input(str(_USUAL_DAYS), type="integer", max_length=3, id="days")
            yield Label("why")
            yield Input(placeholder="who decided it, a ticket", max_length=300, id="reason")
            yield Static(id="answers")

    def on_mount(self) -> None:
        """The reason is what is missing."""
        self._say("It is listed and alarms nobody, until then or until it changes again.", Tone.QUIET)
        self.query_one("#reason").focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        days = self.query_one("#days", Input).value.strip()
        reason = " ".join(self.query_one("#reason", Input).value.split())
        if not days.isdecimal() or not 1 <= int(days) <= _MOST_DAYS:
            self._say(f"Say for how many days, 1 to {_MOST_DAYS}.", Tone.CAUTION)
            self.query_one("#days").focus()
        elif not reason:
            self._say("A reason is needed: whoever sees the drift next reads it.", Tone.CAUTION)
            self.query_one("#reason").focus()
        else:
            self.dismiss(LetBe(int(days), reason))

    def _say(self, text: str, tone: Tone) -> None:
        self.query_one("#answers", Static).update(content([(Span(text, tone),)]))

    def action_cancel(self) -> None:
        """Close without letting it be."""
        self.dismiss(None)
