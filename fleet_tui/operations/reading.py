"""What a Terraform command says while it works, and what it means when it fails."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterable
from typing import Any

from fleet_tui.operations.interrupting import STOPPING
from fleet_tui.operations.journal import JournalWriter
from fleet_tui.operations.model import EventKind, OperationKind
from fleet_tui.operations.planlines import parse_line, progress_text
from fleet_tui.problems import Problem, ProblemKind


class OutputReader:
    """Turns Terraform's lines into events as they come.

    Args:
        journal: where they go.
        total: how many resources there are to change.
        quiet: keep plain text back; `init` chats a lot, and nobody wants to read it unless it fails.
        told: texts that the journal has of these lines already; they are not told again.
    """

    def __init__(
        self, journal: JournalWriter, total: int, *, quiet: bool = False, told: Iterable[str] = ()
    ) -> None:
        self._journal = journal
        self._total = total
        self._quiet = quiet
        self._told = Counter(told)
        self._done = 0
        self.lines: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self.finished = False  # Terraform has said that it applied all
        self.stopped = False  # Terraform has said that it was told to stop

    def read(self, line: str) -> None:
        """Take one line of output."""
        parsed = parse_line(line)
        if parsed is None:
            if text := line.strip(" │╷╵"):
                self.errors.append(text)
                if not self._quiet:
                    self._tell(EventKind.LOG, text)
            return
        self.lines.append(parsed)
        if parsed["type"] == "change_summary" and parsed["changes"].get("operation") in _APPLIED:
            self.finished = True
        if parsed["type"] == "log" and STOPPING in str(parsed.get("@message")):
            self.stopped = True
        said = progress_text(parsed)
        if said is None:
            return
        text, severity, done = said
        if parsed["type"] == "diagnostic" and severity == "error":
            self.errors.insert(0, text)
        if done and self._total:
            self._done += 1
            done_now = min(self._done, self._total)
            self._tell(EventKind.PROGRESS, text, severity=severity, done=done_now, total=self._total)
        else:
            self._tell(EventKind.LOG, text, severity=severity)

    def tell_all(self) -> None:
        """Write what was kept back."""
        if self._quiet:
            for text in self.errors:
                self._tell(EventKind.LOG, text, severity="error")

    def _tell(self, kind: EventKind, text: str, **more: Any) -> None:
        if self._told[text]:
            self._told[text] -= 1
        else:
            self._journal.write(kind, text, **more)


_APPLIED = ("apply", "destroy")


# What Terraform and AWS say → what it means, and what to do.
_SIGNS: tuple[tuple[str, ProblemKind, str], ...] = (
    (
        "errored.tfstate",
        ProblemKind.TERRAFORM,
        "The state is kept on this machine: fleet push-state brings it back once the bucket takes it",
    ),
    (
        "Error acquiring the state lock",
        ProblemKind.BUSY,
        "Wait for the other run, or ask who holds the lock",
    ),
    ("Saved plan is stale", ProblemKind.STALE, "Somebody has changed the state since; plan again"),
    (
        "AWS account ID not allowed",
        ProblemKind.WRONG_ACCOUNT,
        "Compare account_id and access in creator.toml",
    ),
    ("ExpiredToken", ProblemKind.CREDENTIALS, "Sign in again, then plan again"),
    (
        "Cannot import non-existent remote object",
        ProblemKind.CONFLICT,
        "It has gone since it was found; plan again",
    ),
    ("pending verification", ProblemKind.SERVICE, "AWS still verifies the account for IVS; plan again later"),
)


# How Terraform tells of a lock that it could not have (internal/states/statemgr/locker.go, LockInfo.String).
_LOCK = re.compile(
    r"Error acquiring the state lock.*\bWho:\s+(?P<who>\S+).*\bCreated:\s+(?P<created>[0-9-]{10} [0-9:]{8})",
    re.DOTALL,
)


def problem_of(slug: str, verb: str, code: int, errors: list[str]) -> Problem:
    """What a Terraform command that failed means."""
    everything = "\n".join(errors)
    if held := _LOCK.search(everything):
        return Problem(
            kind=ProblemKind.BUSY,
            what=f"Terraform's lock is held by {held['who']} since {held['created'][:16]} UTC",
            where=f"{slug}: terraform {verb}",
            hint=f"Wait, or ask who holds it; fleet unlock {slug} when it is dead",
        )
    named = next((text.removeprefix("Error: ") for text in errors if text.startswith("Error: ")), None)
    what = named or (errors[0] if errors else "")
    what = what or f"terraform {verb} ended with exit code {code} and said nothing"
    kind, hint = next(
        ((kind, hint) for sign, kind, hint in _SIGNS if sign in everything),
        (ProblemKind.TERRAFORM, "The run's log has the whole story; mend the cause, then plan again"),
    )
    return Problem(kind=kind, what=what.rstrip("."), where=f"{slug}: terraform {verb}", hint=hint)


def killed(slug: str, verb: str, number: int | None = None) -> Problem:
    """That Terraform is gone and said nothing at its end.

    Args:
        slug: whose.
        verb: its sub-command.
        number: the signal that ended it; None where it is not known.
    """
    by = f" ({signal.Signals(number).name})" if number else ""
    left = (
        "Plan again: the plan takes in what it had made"
        if verb in ("apply", "destroy")
        else "Nothing was changed in the account; plan again"
    )
    return Problem(
        kind=ProblemKind.TERRAFORM,
        what=f"Terraform was killed{by} before it had come to an end",
        where=f"{slug}: terraform {verb}",
        hint=left,
    )


def broken_off(slug: str, kind: OperationKind) -> Problem:
    """That the process of a run was killed while no Terraform worked for it."""
    by_terraform = kind in (
        OperationKind.PLAN,
        OperationKind.APPLY,
        OperationKind.DESTROY,
        OperationKind.DRIFT,
    )
    return Problem(
        kind=ProblemKind.TERRAFORM if by_terraform else ProblemKind.UNEXPECTED,
        what="the process of the run was killed before Terraform had begun; nothing was changed"
        if by_terraform
        else "the process of the run was killed, and it may have done its work in part",
        where=f"{slug}: {kind.value}",
        hint="Ask again",
    )
