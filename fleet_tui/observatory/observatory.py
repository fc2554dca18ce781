"""Looks at the whole fleet, again and again, and keeps the newest picture of it.

A few threads take looks from an agenda. Each look is one facet of one creator: what fails there is kept
there, the last value stays with its age, and everything else goes on. Pictures are handed to listeners at
most ten times a second, with the slugs of the rows that differ.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fleet_tui.observatory.agenda import PACES, STALE_FACTOR, Agenda, Look, jitter, next_pause
from fleet_tui.observatory.model import CreatorSnapshot, Facet, FleetSnapshot, Observation, Progress
from fleet_tui.observatory.store import Store
from fleet_tui.operations.model import Run
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Creator, Registry
from fleet_tui.values import Value

Observer = Callable[[Creator], Value]
Listener = Callable[[FleetSnapshot, frozenset[str]], None]

_TELL_SECONDS = 0.1
_RUNS_SECONDS = 0.5
_FILES_SECONDS = 2.0
logger = logging.getLogger(__name__)


class Observatory:
    """The fleet, watched.

    Args:
        environment: name of the environment, for the snapshot.
        read_registry: gives the fleet as its files are now; None when nothing has changed since last asked.
        observers: what takes a look at each facet.
        store: where the last picture is kept.
        runs: the newest unfinished run of each creator, by slug.
        paces: seconds between two looks at each facet.
        workers: how many looks at once; they wait for the network, so more than cores.
    """

    def __init__(
        self,
        *,
        environment: str,
        read_registry: Callable[[], Registry | None],
        observers: Mapping[Facet, Observer],
        store: Store,
        runs: Callable[[], Mapping[str, Run]],
        paces: Mapping[Facet, float] = PACES,
        workers: int = 24,
    ) -> None:
        self._environment = environment
        self._read_registry = read_registry
        self._observers = observers
        self._store = store
        self._runs = runs
        self._paces = paces
        self._limits = {facet: timedelta(seconds=pace * STALE_FACTOR) for facet, pace in paces.items()}
        self._workers = workers
        self._lock = threading.RLock()
        self._change = threading.Condition(
            self._lock
        )  # guards everything below; told of every look that was taken
        self._due = threading.Condition(self._lock)  # the same lock; told of new looks to take
        self._rows: dict[str, CreatorSnapshot] = {}
        self._changed: set[str] = set()
        self._unkept: dict[Look, tuple[datetime, Value]] = {}
        self._agenda = Agenda()
        self._busy: set[Look] = set()
        self._again: set[Look] = set()
        self._failures: dict[Look, int] = {}
        self._tried: set[Look] = set()
        self._begun = 0  # how many looks have begun
        self._taken: dict[Look, int] = {}  # the so-many-th was the last one that was taken
        self._close: str | None = None
        self._listeners: list[Listener] = []
        self._stopping = threading.Event()
        self._workers_at_work: list[threading.Thread] = []
        self._house: threading.Thread | None = None
        self._fill(store.load())

    # -- the picture --------------------------------------------------------------------------------

    def snapshot(self) -> FleetSnapshot:
        """The newest picture."""
        now = datetime.now(UTC)
        with self._change:
            rows = {slug: _aged(row, self._limits, now) for slug, row in self._rows.items()}
            return FleetSnapshot(self._environment, now, rows, self._progress())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every new picture, on a thread of the observatory; the result ends that."""
        with self._change:
            self._listeners.append(listener)

        def end() -> None:
            with self._change:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def creator(self, slug: str) -> Creator:
        """The creator with this slug.

        Raises:
            FleetError: there is none, or its file cannot be used.
        """
        with self._change:
            row = self._rows.get(slug)
        if row is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND, f'there is no creator "{slug}"', hint="fleet status lists all of them"
            )
        if row.creator is None:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                "; ".join(error.sentence for error in row.errors),
                where=slug,
                hint="Correct the file",
            )
        return row.creator

    # -- looking ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to look, in threads that end with the process or with `stop`."""
        if self._house is not None:
            return
        self._house = threading.Thread(target=self._keep_house, name="observatory", daemon=True)
        with self._change:
            self._begin()
        self._set_to_work(len(self._rows))
        self._house.start()

    def stop(self) -> None:
        """Stop looking; looks under way are left to end by themselves, what was seen is kept."""
        with self._change:
            if self._stopping.is_set():
                return
            self._stopping.set()
            self._due.notify_all()
        if self._house is not None:
            self._house.join(timeout=2.0)
        self._whatever_happens(self._keep)
        self._whatever_happens(self._store.close)

    def refresh(self, slugs: Collection[str] | None = None) -> None:
        """Look at these creators (None: all) now, at every facet."""
        with self._change:
            self._put_on_agenda(self._rows if slugs is None else slugs, time.monotonic())

    def look_closely(self, slug: str | None) -> None:
        """This creator is on the screen; None: nobody is."""
        with self._change:
            self._close = slug
            if slug is not None and slug in self._rows:
                self._put((slug, Facet.STREAM), time.monotonic())

    def is_close(self, slug: str) -> bool:
        """Whether this creator is on the screen."""
        return self._close == slug

    def look_once(self, slugs: Collection[str], facets: Iterable[Facet], *, seconds: float) -> bool:
        """Look at these creators once and wait for it. Costs that are fresh enough are not looked at again.

        Returns:
            Whether every look was taken within `seconds`; one that had begun before is none of them.
        """
        with self._change:
            before = self._begun
            now = time.monotonic()
            wanted = {(slug, facet) for slug in slugs for facet in facets if self._watched(slug, facet)}
            fresh = {look for look in wanted if look[1] is Facet.COST and self._cost_good_for(look[0]) > 0}
            looks = wanted - fresh
            self._tried |= fresh
            self._tried -= looks
            for look in looks:
                self._put(look, now)
        self._set_to_work(len(looks))
        with self._change:
            return self._change.wait_for(
                lambda: all(self._taken.get(look, 0) > before for look in looks), timeout=seconds
            )

    # -- threads ------------------------------------------------------------------------------------

    def _set_to_work(self, looks: int) -> None:
        """Have as many threads as so many looks deserve."""
        while len(self._workers_at_work) < min(self._workers, max(4, looks)):
            name = f"look-{len(self._workers_at_work)}"
            self._workers_at_work.append(threading.Thread(target=self._work, name=name, daemon=True))
            self._workers_at_work[-1].start()

    def _work(self) -> None:
        while True:
            with self._change:
                look = None
                while not self._stopping.is_set() and (look := self._agenda.take(time.monotonic())) is None:
                    self._due.wait(self._agenda.wait(time.monotonic()))
                if look is None:
                    return
                row = self._rows.get(look[0])
                if row is None or row.creator is None:
                    continue
                self._busy.add(look)
                self._begun += 1
                number = self._begun
            value, problem = self._take(look, row.creator)
            self._enter(look, number, value, problem)

    def _take(self, look: Look, creator: Creator) -> tuple[Value | None, Problem | None]:
        try:
            return self._observers[look[1]](creator), None
        except FleetError as error:
            return None, error.problem
        except Exception as error:
            logger.exception("looking at %s of %s", look[1].value, look[0])
            return None, Problem(
                kind=ProblemKind.UNEXPECTED,
                what=f"looking failed on an error of our own ({type(error).__name__})",
                where=f"{look[0]}: {look[1].value}",
                hint="The log has the details; please report it",
            )

    def _enter(self, look: Look, number: int, value: Value | None, problem: Problem | None) -> None:
        slug, facet = look
        now = datetime.now(UTC)
        with self._change:
            self._busy.discard(look)
            self._tried.add(look)
            self._taken[look] = number
            self._failures[look] = self._failures.get(look, 0) + 1 if problem else 0
            row = self._rows.get(slug)
            if row is not None:
                before: Observation[Any] = getattr(row, facet.value)
                if problem is not None:
                    after = dataclasses.replace(before, tried_at=now, problem=problem)
                else:
                    assert value is not None  # noqa: S101 - a look gives one or the other
                    after = Observation(value=value, seen_at=now, tried_at=now)
                    self._unkept[look] = (now, value)
                self._set(slug, **{facet.value: after})
                pause = next_pause(
                    facet,
                    self._paces[facet],
                    self._failures[look],
                    closely=self.is_close(slug),
                    jitter=jitter(),
                )
                if look in self._again:
                    self._again.discard(look)
                    pause = 0.0
                if self._watched(slug, facet):
                    self._put(look, time.monotonic() + pause)
            self._change.notify_all()

    def _keep_house(self) -> None:
        """Tell listeners, follow runs and files, and write to disk, each at its pace."""
        runs_at = files_at = kept_at = 0.0
        while not self._stopping.wait(_TELL_SECONDS):
            now = time.monotonic()
            if now - runs_at >= _RUNS_SECONDS:
                runs_at = now
                self._whatever_happens(self._follow_runs)
            if now - files_at >= _FILES_SECONDS:
                files_at = now
                self._whatever_happens(self.follow_files)
            if now - kept_at >= 1.0:
                kept_at = now
                self._whatever_happens(self._keep)
            self._whatever_happens(self._tell)

    @staticmethod
    def _whatever_happens(do: Callable[[], None]) -> None:
        """Go on also where a disk is full: a picture that stands still would look like calm."""
        try:
            do()
        except Exception:
            logger.exception("keeping the picture")

    def _tell(self) -> None:
        with self._change:
            changed, self._changed = frozenset(self._changed), set()
            listeners = list(self._listeners)
        if changed and listeners:
            snapshot = self.snapshot()
            for listener in listeners:
                listener(snapshot, changed)

    def _follow_runs(self) -> None:
        runs = self._runs()
        with self._change:
            for slug, row in self._rows.items():
                run = runs.get(slug)
                if row.run != run:
                    if (
                        row.run is not None
                        and row.creator is not None
                        and (run is None or run.id != row.run.id)
                    ):
                        self._put_on_agenda([slug], time.monotonic())  # it has ended: see what it did
                    self._set(slug, run=run)

    def follow_files(self) -> None:
        """Take over what has changed in the registry's files."""
        registry = self._read_registry()
        if registry is None:
            return
        now = time.monotonic()
        with self._change:
            fresh: dict[str, CreatorSnapshot] = {}
            known = self._rows
            for creator in registry.creators:
                old = known.get(creator.slug)
                same = old is not None and old.creator == creator
                fresh[creator.slug] = (
                    old
                    if old is not None and same
                    else dataclasses.replace(
                        old or CreatorSnapshot(creator.slug, creator), creator=creator, errors=()
                    )
                )
                if not same:
                    self._changed.add(creator.slug)
            for invalid in registry.invalid:
                fresh[invalid.slug] = CreatorSnapshot(invalid.slug, None, invalid.errors)
                if known.get(invalid.slug) != fresh[invalid.slug]:
                    self._changed.add(invalid.slug)
            gone = frozenset(known) - frozenset(fresh)
            self._changed |= gone
            self._agenda.drop(gone)
            self._rows = dict(sorted(fresh.items()))
            if self._house is not None:
                self._put_on_agenda(self._changed - gone, now)

    # -- inside; call with the condition held -------------------------------------------------------

    def _fill(self, kept: Mapping[Look, tuple[datetime, Value]]) -> None:
        self.follow_files()
        with self._change:
            for (slug, facet), (at, value) in kept.items():
                row = self._rows.get(slug)
                if row is not None and row.creator is not None:
                    observation: Observation[Any] = Observation(value=value, seen_at=at, cached=True)
                    self._rows[slug] = dataclasses.replace(row, **{facet.value: observation})  # type: ignore[arg-type]
            runs = self._runs()
            for slug in runs.keys() & self._rows.keys():
                self._rows[slug] = dataclasses.replace(self._rows[slug], run=runs[slug])
            self._changed.clear()

    def _set(self, slug: str, **fields: Any) -> None:
        self._rows[slug] = dataclasses.replace(self._rows[slug], **fields)
        self._changed.add(slug)

    def _watched(self, slug: str, facet: Facet) -> bool:
        row = self._rows.get(slug)
        return row is not None and row.creator is not None and facet in self._observers

    def _begin(self) -> None:
        """Everything is looked at now, but for costs that are fresh enough: a look at them costs money."""
        now = time.monotonic()
        self._put_on_agenda(self._rows, now)
        for slug in self._rows:
            if (left := self._cost_good_for(slug)) > 0:
                self._tried.add((slug, Facet.COST))
                self._put((slug, Facet.COST), now + left)

    def _cost_good_for(self, slug: str) -> float:
        """Seconds for which the cost last seen is good enough; 0 where none was seen."""
        seen_at = self._rows[slug].cost.seen_at
        age = (datetime.now(UTC) - seen_at).total_seconds() if seen_at else math.inf
        return max(0.0, self._paces[Facet.COST] - age)

    def _put_on_agenda(self, slugs: Iterable[str], at: float) -> None:
        for slug in slugs:
            for facet in Facet:
                self._put((slug, facet), at)

    def _put(self, look: Look, at: float) -> None:
        if look in self._busy:
            self._again.add(look)  # what is asked for now must not be answered by a look that began before
        elif self._watched(*look):
            self._agenda.put(look, at)
            self._due.notify()

    def _progress(self) -> Progress:
        wanted = set(self._observers)
        answered = failed = throttled = total = 0
        for slug, row in self._rows.items():
            if row.creator is None:
                continue
            total += 1
            problems = row.problems
            answered += all((slug, facet) in self._tried for facet in wanted)
            failed += bool(problems)
            throttled += any(problem.kind is ProblemKind.THROTTLED for _, problem in problems)
        return Progress(total=total, answered=answered, failed=failed, throttled=throttled)

    def _keep(self) -> None:
        with self._change:
            unkept, self._unkept = self._unkept, {}
        if unkept:
            self._store.keep((slug, facet, at, value) for (slug, facet), (at, value) in unkept.items())


def _aged(row: CreatorSnapshot, limits: Mapping[Facet, timedelta], now: datetime) -> CreatorSnapshot:
    """The row with `stale` set as of now; the same object when nothing differs."""
    fields: dict[str, Observation[Any]] = {}
    for facet, limit in limits.items():
        observation: Observation[Any] = getattr(row, facet.value)
        stale = observation.seen_at is not None and now - observation.seen_at > limit
        if stale != observation.stale:
            fields[facet.value] = dataclasses.replace(observation, stale=stale)
    return dataclasses.replace(row, **fields) if fields else row  # type: ignore[arg-type]
