"""What went wrong, as a value: what, where, and what to do about it.

Every error that can reach a person is a `Problem`. Adapters turn the exceptions of their library into
a `FleetError` that carries one; whoever shows it needs no knowledge of where it came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from fleet_tui.values import Value


class ProblemKind(StrEnum):
    """What sort of trouble it is; decides the exit code and whether trying again helps."""

    CONFIGURATION = "configuration"  # a file or a setting of ours is wrong
    CREDENTIALS = "credentials"  # none, or expired
    DENIED = "denied"  # credentials are good, the permission is missing
    WRONG_ACCOUNT = "wrong_account"  # credentials lead to another account than creator.toml says
    NETWORK = "network"  # no answer
    THROTTLED = "throttled"  # asked too often
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"  # somebody else was first
    STALE = "stale"  # somebody else was first, and the plan does not fit any more
    BUSY = "busy"  # somebody else works there now
    MISSING_TOOL = "missing_tool"  # a program is not on this machine
    MACHINE = "machine"  # this machine refuses: its disk is full, a folder cannot be written
    TERRAFORM = "terraform"  # Terraform said no
    SERVICE = "service"  # the other side answered with an error of its own
    UNEXPECTED = "unexpected"


TRANSIENT = frozenset({ProblemKind.NETWORK, ProblemKind.THROTTLED, ProblemKind.SERVICE})
"""Kinds for which the same call may succeed a little later."""


class Problem(Value):
    """One thing that went wrong.

    Args:
        kind: what sort of trouble it is.
        what: one sentence that says what happened, without a trailing period, free of secrets.
        where: the place: a file with its line, a creator and a service, a command.
        hint: what the reader can do about it, as an instruction.
    """

    kind: ProblemKind
    what: str
    where: str = ""
    hint: str = ""

    @property
    def sentence(self) -> str:
        """`where: what. hint`, for one line of output."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.hint}" if self.hint else head

    @property
    def transient(self) -> bool:
        """Whether trying again a little later may help."""
        return self.kind in TRANSIENT


class FleetError(Exception):
    """An error with a `Problem` that can be shown as it is."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem

    @classmethod
    def of(cls, kind: ProblemKind, what: str, *, where: str = "", hint: str = "") -> FleetError:
        """The error for a problem with these fields."""
        return cls(Problem(kind=kind, what=what, where=where, hint=hint))


@contextmanager
def on_this_machine(cannot: str) -> Iterator[None]:
    """Have what this machine refuses told as a problem.

    Args:
        cannot: what cannot be done then, such as `the journal cannot be written`.

    Raises:
        FleetError: kind MACHINE, in place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise FleetError(refused_by_machine(cannot, error)) from error


def refused_by_machine(cannot: str, error: OSError) -> Problem:
    """What this machine refused: a full disk, a folder that cannot be written, one process too many."""
    why = (error.strerror or type(error).__name__).lower()
    return Problem(
        kind=ProblemKind.MACHINE,
        what=f"{cannot}: {why}",
        where=str(error.filename or ""),
        hint="Make room, or correct who may write there; fleet config path says what is kept where",
    )
