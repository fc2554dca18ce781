"""The story: the same by its seed, coherent in itself, and no AWS anywhere near."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fleet_tui.registry.modules import ChannelType
from fleet_tui.sandbox.director import dice, money, scenario, sponsors
from fleet_tui.sandbox.director.cast import Member
from sponsor_system.creatives import LIMITS
from sponsor_system.model import Placement

TODAY = date(2026, 11, 22)
SLUGS = [
    "kasper", "mina-moor", "otto-okto", "pia-prisma", "lena-lux", "finn-flut", "yara-yew", "theo-tal",
    "nova-nord", "juno-jade", "emil-esker",
]  # fmt: skip

seeds = st.integers(min_value=0, max_value=2**32)
minutes = st.integers(min_value=0, max_value=10**9)
slugs = st.sampled_from(SLUGS)


def member(slug, *, streams=True, placements=("creator", "left", "top"), budget=100, max_days=30):
    return Member(
        slug=slug,
        domain=f"{slug}.live",
        account_id="210000000001",
        region="eu-central-1",
        budget=Decimal(budget),
        channel_type=ChannelType.STANDARD if streams else None,
        placements=placements,
        max_days=max_days,
    )


@given(seeds, slugs, minutes)
def test_the_same_seed_tells_the_same_story(seed, slug, minute):
    who = member(slug)

    def told():
        scene = scenario.scene_at(who, minute, seed)
        return (
            scene,
            scene and list(scenario.points_at(who, minute * 5.0, scene, seed)),
            sponsors.opening_wishes(who, TODAY, seed),
            list(money.spendings(who, TODAY - timedelta(days=3), TODAY, 0.5, seed)),
        )

    assert told() == told()


def test_another_seed_tells_another_story():
    stories = {tuple(money.spendings(member("kasper"), TODAY, TODAY, 1, seed)) for seed in range(20)}
    assert len(stories) == 20


@given(seeds, st.text())
def test_dice_are_fractions(seed, place):
    assert 0 <= dice.fraction(seed, place) < 1
    assert 95 <= dice.about(100, 0.05, seed, place) <= 105


@given(seeds, slugs, minutes)
def test_who_has_no_channel_does_not_stream(seed, slug, minute):
    assert scenario.scene_at(member(slug, streams=False), minute, seed) is None


@pytest.mark.parametrize("slug", ["kasper", "mina-moor", "otto-okto", "theo-tal", "juno-jade"])
def test_who_is_live_in_the_standard_scene(slug):
    assert scenario.scene_at(member(slug), scenario.STANDARD_MINUTE, 7) is not None


@pytest.mark.parametrize(
    "slug", ["pia-prisma", "lena-lux", "finn-flut", "yara-yew", "nova-nord", "emil-esker"]
)
@given(minute=minutes)
def test_who_is_never_live(slug, minute):
    assert scenario.scene_at(member(slug), minute, 7) is None


def test_otto_starves_and_recovers_in_turns():
    otto = [scenario.scene_at(member("otto-okto"), minute, 7).starving for minute in range(48)]

    assert otto[scenario.STANDARD_MINUTE]
    assert 0 < sum(otto) < len(otto) / 2
    assert sum(before != after for before, after in pairwise(otto)) >= 6


def test_theos_streams_come_and_go():
    theo = [scenario.scene_at(member("theo-tal"), minute, 7) is not None for minute in range(200)]
    assert sum(before != after for before, after in pairwise(theo)) >= 4


def metric_of(name, slug, *, starving=False):
    scene = scenario.Scene(starving=starving, viewers=10)
    points = {p.name: p.value for p in scenario.points_at(member(slug), 1_000_000.0, scene, 7)}
    return points[name]


def test_what_the_metrics_say():
    assert metric_of("IngestVideoBitrate", "kasper") == pytest.approx(5_900_000, rel=0.05)
    assert metric_of("IngestFramerate", "kasper") == pytest.approx(30, rel=0.01)
    assert metric_of("KeyframeInterval", "kasper") == pytest.approx(2, rel=0.02)
    assert metric_of("KeyframeInterval", "mina-moor") == pytest.approx(6, rel=0.02)
    assert metric_of("IngestVideoBitrate", "mina-moor") < 1_500_000
    assert metric_of("IngestFramerate", "otto-okto", starving=True) < 30 * 0.75


@given(seeds, st.floats(min_value=1, max_value=90_000))
def test_history_is_in_order_and_ends_before_now(seed, age):
    now = 1_800_000_000.0
    history = list(scenario.history(member("kasper"), now - age, now, seed))
    times = [point.at for point in history]

    assert times == sorted(times)
    assert all(now - max(age, 0) <= at < now for at in times)
    assert times[0] >= now - 3600


@given(seeds, slugs, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_bookings_can_be_booked(seed, slug, today):
    who = member(slug)
    wishes = sponsors.opening_wishes(who, today, seed)

    assert len({wish.title for wish in wishes}) == len(wishes)
    for wish in wishes:
        assert wish.placement in who.placements
        assert today <= wish.start_day <= wish.end_day
        assert (wish.end_day - wish.start_day).days < who.max_days
        assert set(wish.submission) == {
            "sponsor", "contact", "placement", "start_day", "end_day", "title", "target_url", "creative_type",
        }  # fmt: skip
        with Image.open(BytesIO(wish.picture)) as picture:
            picture.load()
            limits = LIMITS[Placement(wish.placement)]
            assert limits.min_width <= picture.width <= limits.max_width
            assert limits.min_height <= picture.height <= limits.max_height
    approved = [wish for wish in wishes if wish.approved]
    assert len({wish.placement for wish in approved}) == len(approved)
    assert all(wish.start_day == today for wish in approved)


def overlap(one, other):
    return (
        one.placement == other.placement and one.start_day <= other.end_day and other.start_day <= one.end_day
    )


@given(seeds)
def test_two_that_wait_for_kasper_want_the_same(seed):
    waiting = [wish for wish in sponsors.opening_wishes(member("kasper"), TODAY, seed) if not wish.approved]
    assert len(waiting) == 3
    assert sum(overlap(a, b) for i, a in enumerate(waiting) for b in waiting[i + 1 :]) == 1


def test_nobody_books_where_there_is_no_sponsor_module():
    theo = member("theo-tal", placements=())
    assert sponsors.opening_wishes(theo, TODAY, 7) == ()
    assert sponsors.arriving_wish((theo,), 0, TODAY, 7) is None


@given(seeds, minutes)
def test_what_arrives_stays_the_same_within_its_turn(seed, minute):
    members = (member("kasper"), member("otto-okto"))
    turn = minute - minute % sponsors.ARRIVALS

    assert sponsors.arriving_wish(members, minute, TODAY, seed) == sponsors.arriving_wish(
        members, turn, TODAY, seed
    )
    later = sponsors.arriving_wish(members, turn + sponsors.ARRIVALS, TODAY, seed)
    assert later[1].title != sponsors.arriving_wish(members, turn, TODAY, seed)[1].title


def month(who, seed):
    start = date(2026, 10, 1)
    return float(sum(spending.usd for spending in money.spendings(who, start, date(2026, 10, 31), 1, seed)))


@given(seeds)
def test_juno_spends_more_than_her_budget_and_the_others_do_not(seed):
    assert month(member("juno-jade"), seed) > 100
    for slug in ("kasper", "mina-moor", "pia-prisma", "emil-esker"):
        assert 20 < month(member(slug), seed) < 125


@given(seeds, st.decimals(min_value=10, max_value=5000, places=2))
def test_spendings_follow_the_budget(seed, budget):
    assert month(member("mina-moor", budget=budget), seed) == pytest.approx(
        month(member("mina-moor", budget=100), seed) * float(budget) / 100, rel=0.01
    )


def test_who_does_not_stream_pays_nothing_for_it():
    services = {s.service for s in money.spendings(member("nova-nord", streams=False), TODAY, TODAY, 1, 7)}
    assert money.IVS not in services
    assert "Amazon CloudFront" in services
    assert list(money.usage(member("nova-nord", streams=False), TODAY, TODAY, 1, 7)) == []


@given(seeds, st.floats(min_value=0, max_value=1))
def test_today_is_paid_as_far_as_it_has_come(seed, elapsed):
    def total(share):
        return float(sum(s.usd for s in money.spendings(member("kasper"), TODAY, TODAY, share, seed)))

    assert total(elapsed) == pytest.approx(total(1) * elapsed, abs=0.001)


def test_the_books_begin_a_month_before():
    assert money.first_day(date(2026, 3, 31)) == date(2026, 2, 1)
    assert money.first_day(date(2026, 1, 1)) == date(2025, 12, 1)
