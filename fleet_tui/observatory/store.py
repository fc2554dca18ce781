"""What was last seen, on disk: the first picture of the next start, and the history of changes."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from fleet_tui.bookings.model import BookingQueue
from fleet_tui.costs.model import CostReport
from fleet_tui.deploy.model import DeployState
from fleet_tui.observatory.model import Facet
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.streams.model import StreamHealth
from fleet_tui.values import Value

logger = logging.getLogger(__name__)

TYPES: Mapping[Facet, type[Value]] = MappingProxyType(
    {
        Facet.DEPLOY: DeployState,
        Facet.STREAM: StreamHealth,
        Facet.BOOKINGS: BookingQueue,
        Facet.COST: CostReport,
    }
)

_VERSION = 1  # raise it when a model changes in a way that old values do not fit; the cache starts anew then
_KEPT = timedelta(days=90)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
    slug TEXT NOT NULL, facet TEXT NOT NULL, at REAL NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (slug, facet)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
    slug TEXT NOT NULL, facet TEXT NOT NULL, at REAL NOT NULL, milestone TEXT NOT NULL,
    PRIMARY KEY (slug, facet, at)) WITHOUT ROWID;
"""


class Store:
    """The SQLite file; safe to use from many threads and by several consoles at once.

    A file that is damaged or of another version is set aside and begun anew: it is a cache, and everything
    in it can be looked at again.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._lock = threading.Lock()
        try:
            self._db = self._open(path)
        except sqlite3.OperationalError as error:
            # Not the file's fault: the disk is full, or may not be written.
            raise self._unusable(error) from error
        except sqlite3.DatabaseError:
            path.replace(path.with_suffix(".damaged"))
            self._db = self._open(path)

    def load(self) -> dict[tuple[str, Facet], tuple[datetime, Value]]:
        """Everything that was last seen; values that no longer fit their type are left out."""
        with self._lock:
            rows = self._db.execute("SELECT slug, facet, at, value FROM seen").fetchall()
        found: dict[tuple[str, Facet], tuple[datetime, Value]] = {}
        for slug, name, at, text in rows:
            try:
                facet = Facet(name)
                found[slug, facet] = (datetime.fromtimestamp(at, UTC), TYPES[facet].model_validate_json(text))
            except (ValueError, ValidationError):
                continue
        return found

    def keep(self, looks: Iterable[tuple[str, Facet, datetime, Value]]) -> None:
        """Keep these looks as the last ones, and what they changed as history; without a disk to keep it on,
        what was seen is still shown, and the next console looks again.

        Args:
            looks: slug, facet, when it was seen, what was seen.
        """
        seen, milestones = [], []
        for slug, facet, at, value in looks:
            seen.append((slug, facet.value, at.timestamp(), value.model_dump_json()))
            milestones.append((slug, facet.value, at.timestamp(), milestone(value)))
        with self._writing():
            self._db.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", seen)
            self._db.executemany(
                "INSERT OR IGNORE INTO history SELECT ?1, ?2, ?3, ?4 WHERE ?4 IS NOT ("
                "SELECT milestone FROM history WHERE slug = ?1 AND facet = ?2 ORDER BY at DESC LIMIT 1)",
                milestones,
            )

    def history(self, slug: str, limit: int = 100) -> list[tuple[datetime, Facet, str]]:
        """The changes of a creator, newest first: when, of which facet, what it became."""
        with self._lock:
            rows = self._db.execute(
                "SELECT at, facet, milestone FROM history WHERE slug = ? ORDER BY at DESC LIMIT ?",
                (slug, limit),
            ).fetchall()
        return [(datetime.fromtimestamp(at, UTC), Facet(facet), text) for at, facet, text in rows]

    def close(self) -> None:
        """Drop history past its time and let go of the file."""
        with self._writing():
            oldest = (datetime.now(UTC) - _KEPT).timestamp()
            self._db.execute("DELETE FROM history WHERE at < ?", (oldest,))
        with self._lock:
            self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction; that the disk takes nothing more ends no console that shows what it sees."""
        try:
            with self._lock, self._db:
                yield
        except sqlite3.OperationalError as error:
            logger.warning("%s: %s", self._path, error)

    def _unusable(self, error: sqlite3.OperationalError) -> FleetError:
        return FleetError.of(
            ProblemKind.CONFIGURATION,
            f"what was last seen cannot be kept: {error}",
            where=str(self._path),
            hint="Make room, or set cache_dir in fleet.toml to a folder that can be written",
        )

    def _open(self, path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                db.executescript("DROP TABLE IF EXISTS seen; DROP TABLE IF EXISTS history;")
            db.executescript(_SCHEMA)
            db.execute(f"PRAGMA user_version={_VERSION}")
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db


def milestone(value: Value) -> str:
    """What about a value is worth a line of history: its state, without the numbers that always move."""
    match value:
        case DeployState():
            return f"{value.status.value} serial {value.serial}" if value.serial else value.status.value
        case StreamHealth():
            codes = "".join(f" {finding.code}" for finding in value.findings)
            return f"{value.status.value}{codes}"
        case BookingQueue():
            return f"{len(value.pending)} pending, {len(value.upcoming)} upcoming"
        case CostReport():
            return f"forecast {value.forecast:.0f} of {value.budget:.0f}"
        case _:
            return ""
