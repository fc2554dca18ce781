"""Drift, from a check to what is done about it: taken into creator.toml, or let be for a while.

Changing it back is a plan and an apply like every other.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fleet_tui.deploy.drift import (
    MOST_REASON,
    AcceptedDrift,
    AttributeDrift,
    DriftedResource,
    DriftFinding,
    DriftReport,
)
from fleet_tui.deploy.drift.reports import checks_of, report_of
from fleet_tui.deploy.drift.settings import Scalar, scalar
from fleet_tui.deploy.model import RunRecord
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.registry.reading import FILE_NAME
from fleet_tui.statecare.desk import Desk
from fleet_tui.statecare.model import Checked, Proposal
from fleet_tui.statecare.sweep import sweep

if TYPE_CHECKING:
    from fleet_tui.registry.editing import Edit

Accept = Callable[[DriftedResource], AcceptedDrift]

LONGEST = timedelta(days=365)
"""A drift that is let be for longer belongs into the code."""


class DriftCare:
    """Drift of all creators."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def check(self, slug: str, *, reason: str = "") -> Run:
        """Start to look for drift; nothing is changed by it. Raises FleetError."""
        return self._desk.runs.start_on_idle(OperationKind.DRIFT, slug, reason=reason)

    def check_all(self, slugs: Sequence[str], *, reason: str = "") -> Iterator[Checked]:
        """Look for drift in these creators, some at once; each comes when it has ended or cannot begin."""
        return sweep(self._desk, slugs, lambda slug: self.check(slug, reason=reason))

    def report(self, slug: str) -> DriftReport | None:
        """What the last check on this machine found, with values; None where there was none."""
        folders = checks_of(self._desk.settings.state / "runs", slug)
        return next((report for folder in folders if (report := report_of(folder)) is not None), None)

    def proposal(self, slug: str, address: str) -> Proposal:
        """What accepting a drift into creator.toml would be; nothing is written.

        Raises:
            FleetError: kind NOT_FOUND, the last check on this machine has found no such drift; kind
                CONFIGURATION, the file with these values would be wrong.
        """
        creator = self._desk.creator(slug)
        finding = self._finding(slug, address)
        file, keys, left = self._edited(creator, finding)
        if not keys:
            return Proposal(finding=finding, left=left)
        before = self._edit(slug).text
        file.check()
        diff = difflib.unified_diff(
            before.splitlines(), file.text.splitlines(), FILE_NAME, FILE_NAME, lineterm="", n=2
        )
        return Proposal(finding=finding, diff=tuple(diff), carried=keys, left=left)

    def accept(self, slug: str, proposal: Proposal, *, reason: str = "") -> None:
        """Take a drift into creator.toml: the account is right, and the file follows.

        Raises:
            FleetError: kind CONFLICT, the drift or the file is another one by now; kind CONFIGURATION as
                `proposal`.
        """
        address = proposal.finding.address
        if not proposal.carried or self.proposal(slug, address) != proposal:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                "the drift or creator.toml is another one by now; nothing was changed",
                where=f"{slug}: {address}",
                hint=f"Look again (fleet drift {slug})",
            )

        creator = self._desk.creator(slug)

        def act() -> None:
            self._edited(creator, proposal.finding)[0].save()

        told = f"{address}: {', '.join(proposal.carried)} taken into creator.toml"
        self._desk.at_once(OperationKind.ACCEPT, creator, act, lambda _: told, reason=reason)

    def let_be(self, slug: str, address: str, *, until: datetime, reason: str) -> None:
        """Accept a drift for a while: it is listed and does not alarm, until it changes or the time is over.

        Args:
            slug: the creator.
            address: of the resource, as the record beside the state has it.
            until: at most a year from now.
            reason: why it may be so.

        Raises:
            FleetError: there is no such drift, the time or the reason is none, or the record cannot be
                written.
        """
        now = datetime.now(UTC)
        why = reason.strip()
        if not 0 < len(why) <= MOST_REASON or not now < until <= now + LONGEST:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                f"a drift is let be for a reason of at most {MOST_REASON} characters, and for a year at most",
                where=f"{slug}: {address}",
                hint="Say why and until when; what is to stay belongs into the code",
            )
        creator = self._desk.creator(slug)

        def accept(found: DriftedResource) -> AcceptedDrift:
            if found.mark == "":
                raise FleetError.of(
                    ProblemKind.CONFLICT,
                    "only a plan has found this drift, and nobody knows yet what is different",
                    where=f"{slug}: {address}",
                    hint=f"Check first (fleet drift {slug})",
                )
            return AcceptedDrift(
                mark=found.mark,
                operator=self._desk.settings.operator,
                reason=why,
                accepted_at=now,
                until=until,
            )

        self._desk.at_once(
            OperationKind.ACCEPT,
            creator,
            lambda: self._accept(creator, address, accept),
            lambda _: f"{address}: let be until {until:%Y-%m-%d}",
            reason=reason,
        )

    def take_back(self, slug: str, address: str) -> None:
        """End the acceptance of a drift before its time. Raises FleetError."""
        creator = self._desk.creator(slug)
        self._desk.at_once(
            OperationKind.ACCEPT,
            creator,
            lambda: self._accept(creator, address, None),
            lambda _: f"{address}: let be no longer",
        )

    def _edit(self, slug: str) -> Edit:
        from fleet_tui.registry.editing import edit

        return edit(self._desk.settings.creators / slug / FILE_NAME)

    def _finding(self, slug: str, address: str) -> DriftFinding:
        report = self.report(slug)
        found = next((one for one in report.findings if one.address == address), None) if report else None
        if found is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                f"the last check on this machine has found no drift in {address}",
                where=slug,
                hint=f"Look again (fleet drift {slug})",
            )
        return found

    def _edited(
        self, creator: Creator, finding: DriftFinding
    ) -> tuple[Edit, tuple[str, ...], tuple[AttributeDrift, ...]]:
        """The file with the values of the account, the keys that carry them, and what no key carries."""
        file = self._edit(creator.slug)
        keys: list[str] = []
        left: list[AttributeDrift] = []
        for attribute in finding.attributes:
            value = _value(creator, attribute)
            if value is None:
                left.append(attribute)
            else:
                file.set(_parts(attribute.setting), value)
                keys.append(attribute.setting)
        return file, tuple(dict.fromkeys(keys)), tuple(left)

    def _accept(self, creator: Creator, address: str, accept: Accept | None) -> None:
        """Let a drift be, or let it be no longer, in the record beside the state."""

        def change(record: RunRecord) -> RunRecord:
            resources = record.drift.resources if record.drift else ()
            if record.drift is None or all(one.address != address for one in resources):
                raise FleetError.of(
                    ProblemKind.NOT_FOUND,
                    f"no drift is known in {address}",
                    where=creator.slug,
                    hint=f"Look again (fleet drift {creator.slug})",
                )
            changed = tuple(
                one.model_copy(update={"accepted": accept(one) if accept else None})
                if one.address == address
                else one
                for one in resources
            )
            drift = record.drift.model_copy(update={"resources": changed})
            return record.model_copy(update={"drift": drift})

        self._desk.records().change(creator, change)


def _value(creator: Creator, attribute: AttributeDrift) -> Scalar | None:
    if not attribute.setting or attribute.hidden or attribute.after is None:
        return None
    return scalar(creator, _parts(attribute.setting), attribute.after)


def _parts(setting: str) -> tuple[str, ...]:
    """The parts of a dotted key, as TOML reads it."""
    found: Any = tomllib.loads(f"{setting} = 0")
    parts: list[str] = []
    while isinstance(found, dict):
        name = next(iter(found))
        parts.append(name)
        found = found[name]
    return tuple(parts)
