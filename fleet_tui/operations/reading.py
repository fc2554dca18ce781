"""What a Terraform command says while it works, and what it means when it fails."""

from __future__ import annotations

from typing import Any

from fleet_tui.operations.journal import JournalWriter
from fleet_tui.operations.model import EventKind
from fleet_tui.operations.planlines import parse_line, progress_text
from fleet_tui.problems import Problem, ProblemKind


class OutputReader:
    """Turns Terraform's lines into events as they come.

    Args:
        journal: where they go.
        total: how many resources there are to change.
        quiet: keep plain text back; `init` chats a lot, and nobody wants to read it unless it fails.
    """

    def __init__(self, journal: JournalWriter, total: int, *, quiet: bool) -> None:
        self._journal = journal
        self._total = total
        self._quiet = quiet
        self._done = 0
        self.lines: list[dict[str, Any]] = []
        self.errors: list[str] = []

    def read(self, line: str) -> None:
        """Take one line of output."""
        parsed = parse_line(line)
        if parsed is None:
            if text := line.strip(" │╷╵"):
                self.errors.append(text)
                if not self._quiet:
                    self._journal.write(EventKind.LOG, text)
            return
        self.lines.append(parsed)
        said = progress_text(parsed)
        if said is None:
            return
        text, severity, done = said
        if parsed["type"] == "diagnostic" and severity == "error":
            self.errors.insert(0, text)
        if done and self._total:
            self._done += 1
            self._journal.write(
                EventKind.PROGRESS,
                text,
                severity=severity,
                done=min(self._done, self._total),
                total=self._total,
            )
        else:
            self._journal.write(EventKind.LOG, text, severity=severity)

    def tell_all(self) -> None:
        """Write what was kept back."""
        if self._quiet:
            for text in self.errors:
                self._journal.write(EventKind.LOG, text, severity="error")


# What Terraform and AWS say → what it means, and what to do.
_SIGNS: tuple[tuple[str, ProblemKind, str], ...] = (
    (
        "Error acquiring the state lock",
        ProblemKind.CONFLICT,
        "Wait for the other run, or ask who holds the lock",
    ),
    ("Saved plan is stale", ProblemKind.CONFLICT, "Somebody has changed the state since; plan again"),
    (
        "AWS account ID not allowed",
        ProblemKind.WRONG_ACCOUNT,
        "Compare account_id and access in creator.toml",
    ),
    ("ExpiredToken", ProblemKind.CREDENTIALS, "Sign in again, then plan again"),
    ("pending verification", ProblemKind.SERVICE, "AWS still verifies the account for IVS; plan again later"),
)


def problem_of(slug: str, verb: str, code: int, errors: list[str]) -> Problem:
    """What a Terraform command that failed means."""
    named = next((text.removeprefix("Error: ") for text in errors if text.startswith("Error: ")), None)
    what = named or (errors[0] if errors else "")
    what = what or f"terraform {verb} ended with exit code {code} and said nothing"
    everything = "\n".join(errors)
    kind, hint = next(
        ((kind, hint) for sign, kind, hint in _SIGNS if sign in everything),
        (ProblemKind.TERRAFORM, "The run's log has the whole story; mend the cause, then plan again"),
    )
    return Problem(kind=kind, what=what.rstrip("."), where=f"{slug}: terraform {verb}", hint=hint)
