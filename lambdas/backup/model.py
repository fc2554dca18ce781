"""Recovery points, and drills as they go on and as they are kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecoveryPoint(_Value):
    """A copy of a table in the vault.

    Args:
        created_at: what was written until then is in it, UTC.
        size_bytes: None while AWS does not say.
    """

    arn: str
    table: str
    created_at: datetime
    size_bytes: int | None


class State(StrEnum):
    """How far a drill is. The last three are its results, and stay."""

    STARTING = "starting"
    RESTORING = "restoring"
    COMPARED = "compared"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Comparison(_Value):
    """A restored table beside the table that it was copied from.

    Args:
        restored: items of the restored table.
        digest: of all its items, whatever their order; hex.
        same: items that the table still has, to the last byte.
        changed: items that the table has with another content.
        gone: items that it has no more.
        expired: of items that it has no more, those whose time was over: DynamoDB deletes them by itself.
        new: items that it has besides.
    """

    restored: int
    digest: str
    same: int
    changed: int
    gone: int
    expired: int
    new: int

    @property
    def differences(self) -> int:
        """Items that only a write to the table can explain."""
        return self.changed + self.gone + self.new


class Drill(_Value):
    """A restore that is tried.

    Args:
        target: name of the table that is restored, and deleted again.
        copied_at: when the recovery point was made.
        comparison: once the restored table was read.
        compared_at: when that was.
        writes: units that the table took since it was copied; None where they were not needed.
        ended_at: when there was a result.
        note: why it failed or was skipped.
    """

    id: str
    table: str
    recovery_point: str
    copied_at: datetime
    target: str
    state: State
    started_at: datetime
    comparison: Comparison | None = None
    compared_at: datetime | None = None
    writes: int | None = None
    ended_at: datetime | None = None
    note: str | None = None
