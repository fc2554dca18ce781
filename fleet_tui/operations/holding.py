"""Holding a creator's lease while a run works: it is renewed, and the run is stopped when it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from fleet_tui.deploy.lease import GIVE_UP_AFTER, RENEW_EVERY, Claim, Lease, holder, may_work
from fleet_tui.deploy.leases import HeldLease, LeaseLostError, Leases
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Creator

Say = Callable[..., None]

_AGAIN_SECONDS = 3.0  # after a renewal that did not get through
_LOOK_SECONDS = 1.0  # at the clock, which may have jumped
_SLEEPLESS = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # macOS has the one, and Linux the other


def clock() -> float:
    """Seconds on a clock that goes on while the machine sleeps: the lease grows old meanwhile."""
    return time.clock_gettime(_SLEEPLESS)


class Holding:
    """A lease that is held.

    Args:
        leases: where it lies.
        creator: whose it is.
        held: the lease, just taken.
        asked_at: when it was asked for, by `clock`.
        say: writes a line into the journal.
        stop: stops the run; called once, when the lease is lost.
    """

    def __init__(
        self,
        leases: Leases,
        creator: Creator,
        held: HeldLease,
        asked_at: float,
        say: Say,
        stop: Callable[[], None],
    ) -> None:
        self._leases = leases
        self._creator = creator
        self._held = held
        self._say = say
        self._stop = stop
        self._one_at_a_time = asyncio.Lock()
        self._over = asyncio.Event()
        self._renewed_at = asked_at
        self.lost: Problem | None = None

    @property
    def number(self) -> int:
        """The fencing number."""
        return self._held.lease.number

    async def prove(self) -> None:
        """Make sure that the lease is still ours, before something is written that cannot be taken back.

        Raises:
            FleetError: it is not, or that could not be found out.
        """
        if self.lost is None:
            try:
                # A renewal is never left half-way: what it wrote has to be known to the one after it.
                await asyncio.shield(asyncio.ensure_future(self._renew()))
            except LeaseLostError as error:
                self.lost = error.problem
        if self.lost is not None:
            raise LeaseLostError(self.lost)

    async def keep(self) -> None:
        """Renew the lease until it is let go of; stop the run when it is lost, or can be renewed no more."""
        try:
            await self._renew_on_and_on()
        finally:
            if not self._over.is_set():
                self._stop()

    async def _renew_on_and_on(self) -> None:
        told = False
        while self.lost is None:
            due = clock() + _AGAIN_SECONDS if told else self._renewed_at + RENEW_EVERY.total_seconds()
            if await self._over_before(due):
                return
            try:
                await self._renew()
                told = False
            except LeaseLostError as error:
                self._lose(error.problem)
            except FleetError as error:
                if not told:
                    self._say(f"the lease could not be renewed: {error.problem.what}", severity="warning")
                    told = True
                if not may_work(self._since_renewed()):
                    self._lose(_gave_up(self._creator, error.problem))

    async def _over_before(self, due: float) -> bool:
        """Whether the lease is let go of before this moment; the machine may sleep in between."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(_LOOK_SECONDS, max(0.0, due - clock()))):
                    await self._over.wait()
            if self._over.is_set() or clock() >= due:
                return self._over.is_set()

    async def let_go(self) -> None:
        """Stop renewing, and release the lease; one that cannot be released dies by itself."""
        self._over.set()
        async with self._one_at_a_time:
            if self.lost is not None:
                return
            try:
                await asyncio.to_thread(self._leases.release, self._creator, self._held)
            except LeaseLostError as error:
                self.lost = error.problem
            except FleetError as error:
                self._say(
                    f"the lease could not be released and dies by itself: {error.problem.what}",
                    severity="warning",
                )

    async def _renew(self) -> None:
        async with self._one_at_a_time:
            sent_at = clock()
            left = GIVE_UP_AFTER.total_seconds() - self._since_renewed().total_seconds()
            try:
                async with asyncio.timeout(max(left, 1.0)):
                    self._held = await asyncio.to_thread(self._leases.renew, self._creator, self._held)
            except TimeoutError:
                raise FleetError.of(
                    ProblemKind.NETWORK, "no answer in time", where=f"{self._creator.slug}: s3"
                ) from None
            self._renewed_at = sent_at

    def _since_renewed(self) -> timedelta:
        return timedelta(seconds=clock() - self._renewed_at)

    def _lose(self, problem: Problem) -> None:
        self.lost = problem
        self._say(f"{problem.what}; the run is stopped", severity="error")


@contextlib.asynccontextmanager
async def holding(
    leases: Leases,
    creator: Creator,
    claim: Claim,
    say: Say,
    stop: Callable[[], None],
    ended: Callable[[Lease], bool] = lambda _: False,
) -> AsyncIterator[Holding]:
    """Hold the creator's lease.

    Args:
        leases: where it lies.
        creator: whose it is.
        claim: who wants it, and what for.
        say: writes a line into the journal.
        stop: stops the run; called once, when the lease is lost.
        ended: whether the holder of a lease is known to have ended.

    Whatever is raised inside after the lease was lost comes out as the loss of the lease: it is the cause.

    Raises:
        LeaseHeldError: somebody else holds it.
        FleetError: the lease could not be taken, or was lost.
    """
    asked_at = clock()
    held = await _taken(leases, creator, claim, ended)
    if held.instead_of is not None:
        say(f"took over a lease that was left behind: {holder(held.instead_of)}", severity="warning")
    say(f"lease {held.lease.number} taken")
    it = Holding(leases, creator, held, asked_at, say, stop)
    keeper = asyncio.create_task(it.keep())
    try:
        yield it
    except BaseException as error:
        if it.lost is not None and not isinstance(error, LeaseLostError):
            if isinstance(error, asyncio.CancelledError) and (task := asyncio.current_task()) is not None:
                task.uncancel()
            raise LeaseLostError(it.lost) from error
        raise
    else:
        if it.lost is not None:
            raise LeaseLostError(it.lost)
    finally:
        await it.let_go()
        await keeper


async def _taken(leases: Leases, creator: Creator, claim: Claim, ended: Callable[[Lease], bool]) -> HeldLease:
    """Take the lease; where that is cancelled half-way, nothing is left that would have to die first."""
    taking = asyncio.ensure_future(asyncio.to_thread(leases.take, creator, claim, ended))
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        with contextlib.suppress(FleetError):
            await asyncio.to_thread(leases.release, creator, await taking)
        raise


def _gave_up(creator: Creator, why: Problem) -> Problem:
    return Problem(
        kind=why.kind,
        what=f"the lease could not be renewed for {GIVE_UP_AFTER.total_seconds():.0f} s: {why.what}",
        where=creator.slug,
        hint="Others may take it over now; look at what was done up to then, and plan again",
    )
