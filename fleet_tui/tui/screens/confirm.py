"""Questions before something is done, scaled to what it could do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.tui.content import content

_AROUND_ROWS = 14  # question, answers, input, margins and frame, where lines break in a narrow terminal
_LEAST_ROWS = 3


class _Question(ModalScreen[bool]):
    """A question whose details scroll where there is no room for all of them; the answers stay in sight."""

    CSS_PATH: ClassVar[str] = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_details('scroll_up')", show=False),
        Binding("down", "scroll_details('scroll_down')", show=False),
        Binding("pageup", "scroll_details('scroll_page_up')", show=False),
        Binding("pagedown", "scroll_details('scroll_page_down')", show=False),
    ]

    def _detailed(self, details: Sequence[Line]) -> ComposeResult:
        if details:
            with VerticalScroll(id="details", can_focus=False):
                yield Static(content(details))

    def on_resize(self, event: events.Resize) -> None:
        """The details take what the question and the answers leave."""
        for details in self.query("#details"):
            details.styles.max_height = max(_LEAST_ROWS, event.size.height - _AROUND_ROWS)

    def action_scroll_details(self, how: str) -> None:
        """Read on in the details, or back."""
        for details in self.query("#details"):
            getattr(details, how)(animate=False)


class ConfirmScreen(_Question):
    """Asks for y or n; every other answer is no.

    Args:
        question: one sentence.
        details: what the answer should be based on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape,enter", "answer(False)", "no"),
    ]

    def __init__(self, question: str, details: Sequence[Line] = ()) -> None:
        super().__init__()
        self._question = question
        self._details = details

    def compose(self) -> ComposeResult:
        """Question, details, and the keys."""
        with Vertical(id="dialog"):
            yield Static(content([(Span(self._question, Tone.STRONG),)]), id="question")
            yield from self._detailed(self._details)
            yield Static(content([(Span("y yes   N no", Tone.QUIET),)]), id="answers")

    def action_answer(self, yes: bool) -> None:
        """Close with this answer."""
        self.dismiss(yes)


class TypedConfirmScreen(_Question):
    """Asks to type a word, for what cannot be taken back.

    Args:
        question: one sentence.
        token: what has to be typed, to the letter.
        details: what would be lost.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "no")]

    def __init__(self, question: str, token: str, details: Sequence[Line] = ()) -> None:
        super().__init__()
        self._question = question
        self._token = token
        self._details = details

    def compose(self) -> ComposeResult:
        """Question, details, and the input."""
        with Vertical(id="dialog", classes="-danger"):
            yield Static(content([(Span(self._question, Tone.TROUBLE),)]), id="question")
            yield from self._detailed(self._details)
            yield Static(content([(Span(f"Type {self._token} to go on, esc to leave it."),)]), id="answers")
            yield Input(id="token")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._token:
            self.dismiss(True)
        else:
            self.query_one("#answers", Static).update(
                content([(Span(f'That is not "{self._token}". Nothing is done.', Tone.CAUTION),)])
            )

    def action_cancel(self) -> None:
        """Close with no."""
        self.dismiss(False)
