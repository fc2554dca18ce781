"""Help: keys, signs, and the language of the filter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.deploy.model import DeployStatus
from fleet_tui.deploy.modules import ModuleStatus
from fleet_tui.observatory.query import FIELDS, FLAGS, SORTS
from fleet_tui.present.line import Line, Span, Tone, fit, line
from fleet_tui.present.states import (
    CACHED_MARK,
    STALE_MARK,
    deploy_status_badge,
    module_badge,
    stream_status_badge,
)
from fleet_tui.streams.model import StreamStatus
from fleet_tui.tui.commands import NAMES
from fleet_tui.tui.content import content
from fleet_tui.tui.screens.page import Page

_KEYS = (
    ("Anywhere", (
        ("enter", "open what is under the cursor"),
        ("esc", "back; in the fleet: take back marks, worst first, filter"),
        ("o", "operations: the runs on this machine"),
        ("ctrl+p", "every command, and every creator by name"),
        ("q", "quit; runs go on without the console"),
    )),
    ("Fleet", (
        ("a", "approvals: the inbox over all creators"),
        ("p", "plan the creator under the cursor; nothing is changed by a plan"),
        ("/", "filter as you type; enter keeps it, esc clears it"),
        ("w", "worst first: only what needs a person; goes with any filter"),
        ("s", "the next order"),
        ("h", "hold the order: rows stay where they are while values change"),
        ("space", "mark; R then looks at all marked creators again"),
        (":", "type a command; tab completes"),
    )),
    ("Approvals", (
        ("a  r", "approve, reject with a reason; the next booking comes by itself"),
        ("n  N", "next, previous"),
        ("c", "the creator's page"),
    )),
    ("Run", (
        ("a", "apply exactly the plan that is shown, after a question"),
        ("c", "cancel: Terraform finishes what it has in hand and saves its state"),
        ("f", "follow the log again after scrolling up"),
    )),
)  # fmt: skip


def help_lines() -> list[Line]:
    """All of the help."""
    lines: list[Line] = []
    for title, keys in _KEYS:
        lines += [(Span(title, Tone.STRONG),)]
        lines += [line(*fit((Span(f"  {key}", Tone.WAITING),), 12), text) for key, text in keys]
        lines.append(())
    lines.append((Span("Signs", Tone.STRONG),))
    lines += [line("  ", *deploy_status_badge(status).line) for status in DeployStatus]
    known = (status for status in ModuleStatus if status is not ModuleStatus.UNKNOWN)
    lines += [line("  ", *module_badge(status).line) for status in known]
    lines += [line("  ", *stream_status_badge(status).line) for status in StreamStatus]
    lines += [
        line("  ! ", "the last look failed; the words say why"),
        line(f"  {CACHED_MARK} ", "from disk: this console has not looked for itself yet"),
        line(f"  {STALE_MARK} ", "stale: older than it should be"),
        line("  – ", "unknown: nobody has seen it yet"),
        (),
        (Span("Filter", Tone.STRONG),),
        line("  state:failed cost>50 queue>0 age>1h -region:us-* wave:canary,early"),
        line(Span("  fields  ", Tone.QUIET), ", ".join(FIELDS)),
        line(Span("  words   ", Tone.QUIET), ", ".join(FLAGS)),
        line(Span("  orders  ", Tone.QUIET), ", ".join(SORTS)),
        (),
        (Span("Commands", Tone.STRONG),),
        line("  ", " ".join(f":{name}" for name in NAMES)),
    ]
    return lines


class HelpScreen(Page):
    """Keys, signs, filter, commands."""

    CSS_PATH: ClassVar[str] = "help.tcss"

    def place(self) -> tuple[str, ...]:
        """Help."""
        return ("help",)

    def body(self) -> Iterable[Widget]:
        """The text."""
        with VerticalScroll(id="text"):
            yield Static(content(help_lines()))

    def on_mount(self) -> None:
        """Keys scroll the text."""
        self.query_one("#text").focus()
