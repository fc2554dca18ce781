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
        ("o  O", "operations: the runs on this machine; rollouts"),
        ("ctrl+p", "every command, and every creator by name"),
        ("q", "quit; runs go on without the console"),
    )),
    ("Fleet", (
        ("a", "approvals: the inbox over all creators"),
        ("p  P", "plan the marked creators or the one under the cursor; P: all that are shown"),
        ("v", "plans: what would be done to whom, put together by what it is, to be approved"),
        ("/", "filter as you type; enter keeps it, esc clears it"),
        ("w", "worst first: only what needs a person; goes with any filter; in a rollout as well"),
        ("s", "the next order"),
        ("n", "new creator: the form; :onboarding lists who is not live yet"),
        ("h", "hold the order: rows stay where they are while values change"),
        ("d", "look for drift in the marked creators or the one under the cursor; :drift lists all of it"),
        ("space", "mark; R then looks at all marked creators again"),
        (":", "type a command; tab completes"),
    )),
    ("Onboarding (b on a creator's page)", (
        ("enter", "carry out what the step asks for, after a question"),
        ("c", "check again: account, bucket, SES, name servers, the open site"),
        ("y", "copy the records that have to be entered"),
    )),
    ("Drift (d on a creator's page; S there: versions of the state)", (
        ("d", "look again at all creators that are shown; nothing is changed by looking"),
        ("p", "repair: plan the creator; the plan changes it back when it is applied"),
        ("a", "accept: take it into creator.toml, where a key carries it"),
        ("l", "let be for some days, with a reason; again: no longer"),
    )),
    ("A creator's page", (
        ("u", "unlock, by the slug: offered where a lease is dead, or Terraform alone holds the lock"),
        ("m", "mend: push a state that a run could not write, or take what is half made as it is"),
        (":destroy", "in the fleet, with a slug: plan the end of everything; the plan asks for the slug"),
    )),
    ("Site (s on a creator's page)", (
        ("d", "deploy: build it and bring it to its visitors, after a question"),
        ("b", "go back to the release under the cursor, after a question"),
    )),
    ("Approvals", (
        ("a  r", "approve, reject with a reason; the next booking comes by itself"),
        ("n  N", "next, previous"),
        ("c", "the creator's page"),
    )),
    ("Plans", (
        ("a", "approve all who share these changes; several by their number, what loses data by a word"),
        ("p", "plan them again"),
        ("x", "stop the plans that are being made"),
        ("enter", "read the group; again: the first plan of it, with its log"),
    )),
    ("Run", (
        ("a", "apply or destroy exactly what the plan shows, after a question"),
        ("c", "cancel: Terraform finishes what it has in hand and saves its state"),
        ("f", "follow the log again after scrolling up"),
    )),
    ("Rollout", (
        ("space", "pause: nobody else is begun; again: go on"),
        ("x", "stop; the second time, interrupt what is under way"),
        ("r", "resume: go on with the failed and the unstarted"),
        ("t", "go on with the creator under the cursor alone"),
        ("o", "override: apply to a creator who may be live; asks twice"),
        ("a", "read and approve a new plan that differs from the approved one"),
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
