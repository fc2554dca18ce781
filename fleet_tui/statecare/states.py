"""The state of a creator and its versions: listed, compared, restored, handed out, adopted."""

from __future__ import annotations

import json
from typing import Any

from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.memory import StateMemory
from fleet_tui.deploy.records import StateMark
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.statediff import StateDifference, compare, instances, redacted
from fleet_tui.deploy.versions import StateVersion, StateVersions, with_runs
from fleet_tui.operations.guarding import adopt_state
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.statecare.desk import Desk

NEWEST = "newest"
"""What stands for the id of the newest version."""

_RECORDS = 200  # newest run records that are asked who wrote a version
_SEARCHED = 500  # versions that are looked through for a serial


class StateCare:
    """The states of all creators."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def versions(self, slug: str, limit: int = 20) -> tuple[StateVersion, ...]:
        """The newest versions with the runs that wrote them, newest first. Raises FleetError."""
        creator = self._proved(slug)
        entries = self._desk.records().entries(creator, limit=_RECORDS)
        return with_runs(StateVersions(self._desk.door()).listed(creator, limit), entries)

    def compare(self, slug: str, earlier: str, later: str = NEWEST) -> StateDifference:
        """What happened from one version to another one.

        Args:
            slug: the creator.
            earlier: id of a version, its serial, or `newest`.
            later: likewise.

        Raises:
            FleetError: there is no such version, or the bucket cannot be read.
        """
        creator = self._proved(slug)
        return compare(self._content(creator, earlier), self._content(creator, later))

    def change_of(self, slug: str, version: str) -> StateDifference | None:
        """What the state would become by restoring a version; None where there is no state any more.

        Raises:
            FleetError: there is no such version, or the bucket cannot be read.
        """
        creator = self._proved(slug)
        newest = StateVersions(self._desk.door()).listed(creator, 1)
        wanted = self._content(creator, version)
        if not newest or newest[0].removed:
            return None
        return compare(self._content(creator, newest[0].id), wanted)

    def restore(self, slug: str, version: str, *, reason: str) -> Run:
        """Start to make an older version the newest. Raises FleetError.

        Args:
            slug: the creator.
            version: its id or its serial.
            reason: why; it stands in the records.
        """
        version_id = self._id(self._proved(slug), version)
        return self._desk.runs.start_on_idle(OperationKind.RESTORE, slug, reason=reason, target=version_id)

    def export(self, slug: str, *, version: str = NEWEST, without_values: bool = False) -> str:
        """The state as JSON; it holds secrets, unless it is asked for without values. The journal tells that.

        Raises:
            FleetError: there is no such version, or the bucket cannot be read.
        """
        creator = self._proved(slug)

        def act() -> dict[str, Any]:
            return self._content(creator, version)

        def told(content: dict[str, Any]) -> str:
            how = " without values" if without_values else ""
            return (
                f"state exported{how}: serial {content.get('serial')}, "
                f"{sum(1 for _ in instances(content))} resources"
            )

        content = self._desk.at_once(OperationKind.EXPORT, creator, act, told)
        return json.dumps(redacted(content) if without_values else content, indent=2) + "\n"

    def adopt(self, slug: str, *, reason: str) -> StateMark | None:
        """Take the state that is there for the right one, whatever was known before.

        Returns:
            What is taken for the right one now; None where there is none, and a new one may begin.

        Raises:
            FleetError: it is another creator's, or the bucket cannot be read or written.
        """
        creator = self._proved(slug)
        settings = self._desk.settings
        buckets = StateBuckets(self._desk.door(), ConfigurationDigest(settings.workspace))
        return self._desk.at_once(
            OperationKind.ACCEPT,
            creator,
            lambda: adopt_state(buckets, StateMemory(settings.state), creator),
            lambda mark: (
                f"taken for the right state: serial {mark.serial}, lineage {mark.lineage}"
                if mark
                else "there is no state; a new one may begin"
            ),
            reason=reason,
        )

    def _proved(self, slug: str) -> Creator:
        creator = self._desk.creator(slug)
        self._desk.door().prove_account(creator)
        return creator

    def _content(self, creator: Creator, version: str) -> dict[str, Any]:
        return StateVersions(self._desk.door()).content(creator, self._id(creator, version))

    def _id(self, creator: Creator, version: str) -> str:
        """The id of a version that is named by its id, by its serial or as the newest."""
        versions = StateVersions(self._desk.door())
        if version == NEWEST:
            found = versions.listed(creator, 1)
            if found and not found[0].removed:
                return found[0].id
        elif not version.isdecimal():
            return version
        else:
            for one in versions.listed(creator, _SEARCHED):
                if one.serial == int(version) and not one.removed:
                    return one.id
        raise FleetError.of(
            ProblemKind.NOT_FOUND,
            "there is no state" if version == NEWEST else f"there is no version with serial {version}",
            where=f"{creator.slug}: s3://{creator.state_bucket}",
            hint=f"fleet state versions {creator.slug} lists what there is",
        )
