"""Why a booking is rejected: a sentence for the sponsor, from a template or written."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from fleet_tui.present.line import Span, Tone
from fleet_tui.tui.content import content

REASONS = (
    "The creative does not meet our size and format rules",
    "The placement is taken on these days",
    "The advertised product does not fit this creator's audience",
    "The target page could not be reached",
    "The creator has declined this sponsorship",
)


class RejectScreen(ModalScreen[str | None]):
    """Asks for the reason; the answer is the reason, or None for leaving it.

    Args:
        booking: the booking in a few words.
    """

    CSS_PATH: ClassVar[str] = "reject.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "leave it"),
        *(Binding(str(number), f"template({number})", show=False) for number in range(1, len(REASONS) + 1)),
    ]

    def __init__(self, booking: str) -> None:
        super().__init__()
        self._booking = booking

    def compose(self) -> ComposeResult:
        """The templates, and the sentence."""
        with Vertical(id="dialog"):
            yield Static(content([(Span(f"Reject {self._booking}?", Tone.STRONG),)]))
            yield Static(content([(Span("The sponsor reads this reason:", Tone.QUIET),)]), id="hint")
            yield OptionList(
                *(Content(f"{number}  {reason}") for number, reason in enumerate(REASONS, start=1)),
                id="reasons",
            )
            yield Input(placeholder="or write it here", id="reason", max_length=500)
            yield Static(
                content(
                    [
                        (
                            Span(
                                "enter takes the reason into the line, enter again rejects, esc leaves it",
                                Tone.QUIET,
                            ),
                        )
                    ]
                ),
                id="answers",
            )

    def on_mount(self) -> None:
        """Begin with the templates."""
        self.query_one(OptionList).focus()

    def action_template(self, number: int) -> None:
        """Take a template into the line, where it can still be changed."""
        field = self.query_one(Input)
        field.value = REASONS[number - 1]
        field.cursor_position = len(field.value)
        field.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_template(event.option_index + 1)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        reason = " ".join(event.value.split())
        if reason:
            self.dismiss(reason)
        else:
            self.query_one("#answers", Static).update(
                content([(Span("A reason is needed: the sponsor reads it.", Tone.CAUTION),)])
            )

    def action_cancel(self) -> None:
        """Close without rejecting."""
        self.dismiss(None)
