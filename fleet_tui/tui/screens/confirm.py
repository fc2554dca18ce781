"""Questions before something is done, scaled to what it could do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fleet_tui.present.line import Line, Span, Tone
from fleet_tui.tui.content import content


class ConfirmScreen(ModalScreen[bool]):
    """Asks for y or n; every other answer is no.

    Args:
        question: one sentence.
        details: what the answer should be based on.
    """

    CSS_PATH: ClassVar[str] = "confirm.tcss"
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
            if self._details:
                yield Static(content(self._details), id="details")
            yield Static(content([(Span("y yes   N no", Tone.QUIET),)]), id="answers")

    def action_answer(self, yes: bool) -> None:
        """Close with this answer."""
        self.dismiss(yes)


class TypedConfirmScreen(ModalScreen[bool]):
    """Asks to type a word, for what cannot be taken back.

    Args:
        question: one sentence.
        token: what has to be typed, to the letter.
        details: what would be lost.
    """

    CSS_PATH: ClassVar[str] = "confirm.tcss"
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
            if self._details:
                yield Static(content(self._details), id="details")
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
