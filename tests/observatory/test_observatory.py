from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from fleet_tui.bookings.model import BookingQueue
from fleet_tui.costs.model import CostReport
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.observatory.model import Facet
from fleet_tui.observatory.observatory import Observatory
from fleet_tui.observatory.store import Store
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator, FileError, InvalidCreator, Registry
from fleet_tui.streams.model import StreamHealth, StreamStatus


def creator(slug: str, number: int) -> Creator:
    return Creator(
        slug=slug,
        name=slug.title(),
        domain=f"{slug}.example.com",
        account_id=f"2100000000{number:02d}",
        region="eu-central-1",
        contact=f"{slug}@example.com",
        monthly_budget=Decimal(100),
    )


FLEET = Registry(
    root=Path("creators"),
    creators=tuple(creator(slug, number) for number, slug in enumerate(("kasper", "mina-moor", "otto-okto"))),
    invalid=(
        InvalidCreator(
            slug="ron-rune",
            errors=(FileError(path=Path("creator.toml"), line=7, key="region", message="is not a region"),),
        ),
    ),
)


class Files:
    def __init__(self, registry: Registry):
        self.registry = registry
        self.changed = True

    def __call__(self):
        if not self.changed:
            return None
        self.changed = False
        return self.registry


def up_to_date(_creator):
    return DeployState(status=DeployStatus.UP_TO_DATE, serial=1)


def offline(_creator):
    return StreamHealth(status=StreamStatus.OFFLINE)


@pytest.fixture
def watch(tmp_path):
    made = []

    def make(observers, files=None, runs=dict):
        observatory = Observatory(
            environment="test",
            read_registry=files or Files(FLEET),
            observers=observers,
            store=Store(tmp_path / "seen.sqlite3"),
            runs=runs,
            workers=4,
        )
        made.append(observatory)
        return observatory

    yield make
    for observatory in made:
        observatory.stop()


def test_an_invalid_file_is_a_row_and_nobody_looks_there(watch):
    asked = []
    observatory = watch({Facet.DEPLOY: lambda who: (asked.append(who.slug), up_to_date(who))[1]})
    slugs = list(observatory.snapshot().rows)
    assert slugs == ["kasper", "mina-moor", "otto-okto", "ron-rune"]
    assert observatory.look_once(slugs, tuple(Facet), seconds=10)
    rows = observatory.snapshot().rows
    assert rows["ron-rune"].errors[0].line == 7
    assert sorted(asked) == ["kasper", "mina-moor", "otto-okto"]
    with pytest.raises(FleetError, match="is not a region"):
        observatory.creator("ron-rune")
    with pytest.raises(FleetError, match="no creator"):
        observatory.creator("nobody")


def test_a_facet_that_fails_hides_neither_another_facet_nor_another_creator(watch):
    def deploy(who):
        if who.slug == "mina-moor":
            raise FleetError.of(ProblemKind.THROTTLED, "asked too often")
        if who.slug == "otto-okto":
            raise ZeroDivisionError
        return up_to_date(who)

    observatory = watch({Facet.DEPLOY: deploy, Facet.STREAM: offline})
    assert observatory.look_once([c.slug for c in FLEET.creators], tuple(Facet), seconds=10)
    snapshot = observatory.snapshot()
    assert snapshot.rows["kasper"].problems == ()
    assert snapshot.rows["mina-moor"].deploy.problem.kind is ProblemKind.THROTTLED
    assert snapshot.rows["mina-moor"].stream.value.status is StreamStatus.OFFLINE
    assert snapshot.rows["otto-okto"].deploy.problem.kind is ProblemKind.UNEXPECTED
    assert "ZeroDivisionError" in snapshot.rows["otto-okto"].deploy.problem.what
    assert (snapshot.progress.total, snapshot.progress.answered) == (3, 3)
    assert (snapshot.progress.failed, snapshot.progress.throttled) == (2, 1)


def test_a_failed_look_keeps_the_last_value_and_its_age(watch):
    answers = iter([up_to_date, None])

    def deploy(who):
        answer = next(answers)
        if answer is None:
            raise FleetError.of(ProblemKind.NETWORK, "no answer")
        return answer(who)

    observatory = watch({Facet.DEPLOY: deploy})
    observatory.look_once(["kasper"], (Facet.DEPLOY,), seconds=10)
    first = observatory.snapshot().rows["kasper"].deploy
    observatory.look_once(["kasper"], (Facet.DEPLOY,), seconds=10)
    second = observatory.snapshot().rows["kasper"].deploy
    assert second.value == first.value
    assert second.seen_at == first.seen_at
    assert second.problem.kind is ProblemKind.NETWORK
    assert second.tried_at > first.tried_at


def test_the_next_start_begins_with_what_was_last_seen_and_says_so(watch):
    first = watch({Facet.DEPLOY: up_to_date})
    first.look_once(["kasper"], (Facet.DEPLOY,), seconds=10)
    first.stop()
    again = watch({Facet.DEPLOY: up_to_date})
    row = again.snapshot().rows["kasper"]
    assert row.deploy.value.status is DeployStatus.UP_TO_DATE
    assert row.deploy.cached
    assert again.snapshot().rows["mina-moor"].deploy.value is None


def test_listeners_get_the_rows_that_differ(watch):
    observatory = watch({Facet.DEPLOY: up_to_date, Facet.STREAM: offline})
    seen = set()
    everything = threading.Event()

    def listen(snapshot, changed):
        seen.update(changed)
        assert set(snapshot.rows) == {"kasper", "mina-moor", "otto-okto", "ron-rune"}
        if len(seen) == 3:
            everything.set()

    observatory.subscribe(listen)
    observatory.start()
    assert everything.wait(10)
    assert seen == {"kasper", "mina-moor", "otto-okto"}


def test_a_file_that_changes_changes_its_row_and_one_that_goes_takes_its_row_along(watch):
    files = Files(FLEET)
    observatory = watch({Facet.DEPLOY: up_to_date}, files)
    observatory.look_once(["kasper"], (Facet.DEPLOY,), seconds=10)
    renamed = FLEET.creators[0].model_copy(update={"name": "Kasper II"})
    files.registry = FLEET.model_copy(update={"creators": (renamed, FLEET.creators[2])})
    files.changed = True
    observatory.follow_files()
    rows = observatory.snapshot().rows
    assert list(rows) == ["kasper", "otto-okto", "ron-rune"]
    assert rows["kasper"].name == "Kasper II"
    assert rows["kasper"].deploy.value is not None


def test_asking_again_while_a_look_is_under_way_looks_once_more_afterwards(watch):
    inside, go_on = threading.Event(), threading.Event()
    looks = []
    twice = threading.Event()

    def bookings(who):
        looks.append(who.slug)
        if len(looks) == 1:
            inside.set()
            assert go_on.wait(10)
        else:
            twice.set()
        return BookingQueue()

    one = FLEET.model_copy(update={"creators": FLEET.creators[:1], "invalid": ()})
    observatory = watch({Facet.BOOKINGS: bookings}, Files(one))
    observatory.start()
    assert inside.wait(10)
    observatory.refresh(["kasper"])
    observatory.refresh(["kasper"])
    go_on.set()
    assert twice.wait(10)


def test_costs_that_are_fresh_enough_are_not_asked_for_again(watch):
    asked = []

    def cost(who):
        asked.append(who.slug)
        return CostReport(
            month=date(2026, 11, 1),
            estimate=(),
            forecast=Decimal(1),
            budget=Decimal(2),
            price_book=date(2026, 11, 1),
        )

    first = watch({Facet.COST: cost, Facet.DEPLOY: up_to_date})
    assert first.look_once(["kasper"], tuple(Facet), seconds=10)
    first.stop()
    again = watch({Facet.COST: cost, Facet.DEPLOY: up_to_date})
    assert again.look_once(["kasper", "mina-moor"], tuple(Facet), seconds=10)
    assert asked == ["kasper", "mina-moor"]
    assert again.snapshot().progress.answered == 2


def test_listeners_are_told_although_somebody_looked_before_the_start(watch):
    observatory = watch({Facet.DEPLOY: up_to_date, Facet.STREAM: offline})
    assert observatory.look_once(["kasper"], (Facet.DEPLOY,), seconds=10)
    told = threading.Event()
    observatory.subscribe(lambda _snapshot, changed: told.set() if "mina-moor" in changed else None)
    observatory.start()
    assert told.wait(10)


def test_a_look_that_had_begun_before_it_was_asked_for_does_not_count(watch):
    begun, gates, asked = threading.Semaphore(0), [threading.Event(), threading.Event()], []

    def slowly(_creator):
        begun.release()
        gates.pop(0).wait(10)
        return up_to_date(_creator)

    first_gate, second_gate = gates
    observatory = watch({Facet.DEPLOY: slowly})

    def ask():
        asked.append(observatory.look_once(["kasper"], [Facet.DEPLOY], seconds=10))

    before = threading.Thread(target=ask)
    before.start()
    assert begun.acquire(timeout=10)
    after = threading.Thread(target=ask)
    after.start()
    while not observatory._again:  # until it has been asked for
        pass
    first_gate.set()
    before.join()
    assert begun.acquire(timeout=10)  # the one that counts is under way
    assert (asked, after.is_alive()) == ([True], True)
    second_gate.set()
    after.join()
    assert asked == [True, True]


def test_the_picture_goes_on_where_the_disk_is_full(watch, monkeypatch):
    full, refused_runs, refused_keeping, told = (threading.Event() for _ in range(4))

    def runs():
        if full.is_set():
            refused_runs.set()
            raise OSError("no space left on device")
        return {}

    def keep(_looks):
        refused_keeping.set()
        raise OSError("no space left on device")

    observatory = watch({Facet.DEPLOY: up_to_date}, runs=runs)
    monkeypatch.setattr(observatory._store, "keep", keep)
    full.set()
    observatory.subscribe(lambda *_: told.set())
    observatory.start()
    assert refused_runs.wait(10)
    assert refused_keeping.wait(10)
    told.clear()
    observatory.refresh(["kasper"])
    assert told.wait(10)
    observatory.stop()
