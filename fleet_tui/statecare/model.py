"""Values of drift and state care."""

from __future__ import annotations

from dataclasses import dataclass

from fleet_tui.deploy.drift import AttributeDrift, DriftFinding, DriftReport
from fleet_tui.operations.model import Run
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.values import Value


class Proposal(Value):
    """What accepting a drift into creator.toml would be.

    Args:
        finding: the drift.
        diff: of the file, line by line; empty where no key carries any of it.
        carried: the keys that the file would have another value of.
        left: what is written in the Terraform module, or made from something else.
    """

    finding: DriftFinding
    diff: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    left: tuple[AttributeDrift, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """How the check of one creator ended.

    Args:
        run: None where none could be started.
        report: what it found; None where it did not come to that.
        problem: why not.
    """

    slug: str
    run: Run | None
    report: DriftReport | None = None
    problem: Problem | None = None

    @property
    def never_deployed(self) -> bool:
        """Whether there is nothing yet that could have drifted."""
        return self.problem is not None and self.problem.kind is ProblemKind.NOT_FOUND
