"""What takes a moment has a journal like everything else, which tells how it ended and nothing secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fleet_tui.actions.bookings import FleetBookings
from fleet_tui.actions.secrets import FleetSecrets
from fleet_tui.bookings.model import Booking, BookingStatus
from fleet_tui.operations.at_once import AtOnce
from fleet_tui.operations.journal import JOURNAL, Journals
from fleet_tui.operations.local import LocalExecutor
from fleet_tui.operations.model import OperationKind, Run, RunStatus
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings
from tests.bookings.test_conflicts import booking
from tests.costs.fleet import creator

MINA = creator()
PENDING = booking("b1", 0, 3)
BOOKED = "Bienenwachs GmbH, top, 2026-03-01 to 2026-03-04"
VALUE = "sk_live_hunter2"


class Outside:
    """Both what decides on bookings and what keeps secrets; `refusal` is raised by all of it."""

    refusal: FleetError | None = None

    def approve(self, who: Creator, booking: Booking) -> Booking:
        return self._decided(booking, BookingStatus.APPROVED)

    def reject(self, who: Creator, booking: Booking, reason: str) -> Booking:
        return self._decided(booking, BookingStatus.REJECTED)

    def fill(self, who: Creator, name: str, value: str) -> None:
        self._decided(PENDING, PENDING.status)

    def _decided(self, booking: Booking, status: BookingStatus) -> Booking:
        if self.refusal is not None:
            raise self.refusal
        return booking.model_copy(update={"status": status})


class Desk:
    """Deeds on Mina.

    Args:
        folder: an empty one.
        read_only: whether nothing may be done.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        settings = Settings(workspace=folder, state_dir=folder / "state", read_only=read_only)
        self.journals = Journals(settings.state)
        self.looked_at: list[str] = []
        self.outside = Outside()
        at_once = AtOnce(LocalExecutor(settings, self.journals), self.journals, self.looked_at.extend)
        self.bookings = FleetBookings(lambda slug: MINA, self.outside, at_once)
        self.secrets = FleetSecrets(lambda slug: MINA, self.outside, at_once)

    @property
    def last(self) -> Run:
        """What was done last."""
        return self.journals.all()[0]


@pytest.mark.parametrize(
    ("deed", "kind", "target", "reason", "told"),
    [
        (
            lambda desk: desk.bookings.approve(MINA.slug, PENDING),
            OperationKind.APPROVE, "b1", "", f"{BOOKED}: approved",
        ),
        (
            lambda desk: desk.bookings.reject(MINA.slug, PENDING, "too loud"),
            OperationKind.REJECT, "b1", "too loud", f"{BOOKED}: rejected",
        ),
        (
            lambda desk: desk.secrets.fill(MINA.slug, "shop/a", VALUE),
            OperationKind.FILL, "shop/a", "", "shop/a: filled",
        ),
    ],
)  # fmt: skip
def test_what_was_done_is_in_a_journal_and_looked_at_again(
    tmp_path: Path, deed: Callable[[Desk], object], kind: OperationKind, target: str, reason: str, told: str
) -> None:
    desk = Desk(tmp_path)
    deed(desk)
    done = desk.last
    assert (done.operation.kind, done.operation.target, done.operation.reason) == (kind, target, reason)
    assert (done.status, done.last_text) == (RunStatus.SUCCEEDED, told)
    assert desk.looked_at == [MINA.slug]
    assert VALUE not in (desk.journals.folder(done.id) / JOURNAL).read_text()


def test_who_was_late_has_it_in_the_journal_and_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.outside.refusal = FleetError.of(ProblemKind.CONFLICT, "approved by ben@ops", where="mina-moor")
    with pytest.raises(FleetError) as raised:
        desk.bookings.approve(MINA.slug, PENDING)
    assert raised.value is desk.outside.refusal
    assert desk.last.status is RunStatus.FAILED
    assert desk.last.problem == desk.outside.refusal.problem
    assert desk.looked_at == [MINA.slug]


def test_a_console_that_may_only_look_does_nothing_of_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, read_only=True)
    with pytest.raises(FleetError, match="read-only"):
        desk.secrets.fill(MINA.slug, "shop/a", VALUE)
    assert desk.journals.all() == []
