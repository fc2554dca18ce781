"""Which sponsors ask whom for what, and what an operator has already decided. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from fleet_tui.sandbox.director import pictures
from fleet_tui.sandbox.director.cast import Member
from fleet_tui.sandbox.director.dice import fraction
from fleet_tui.values import Value


class Sponsor(NamedTuple):
    """A company that books."""

    name: str
    domain: str
    claim: str


SPONSORS = (
    Sponsor("Honigmanufaktur Wabe", "wabe-honig.example", "Honey from the roof"),
    Sponsor("Nordlicht Kaffee", "nordlicht-kaffee.example", "Roasted on Tuesdays"),
    Sponsor("Tastenwerk", "tastenwerk.example", "Keyboards that outlast you"),
    Sponsor("Blue Harbor Gear", "blueharbor.example", "Jackets for any weather"),
    Sponsor("Pixelgarten", "pixelgarten.example", "Learn to draw, properly"),
    Sponsor("Quiet Hours", "quiethours.example", "Headphones for night owls"),
    Sponsor("Feinkost Adler", "adler-feinkost.example", "Dinner in a box"),
    Sponsor("Ahoy Insurance", "ahoy-insurance.example", "Cover for people who move"),
    Sponsor("Studio Lumen", "studiolumen.example", "Light for small rooms"),
    Sponsor("Greenline Bikes", "greenline-bikes.example", "Built for the way home"),
    Sponsor("Papier & Tusche", "papier-tusche.example", "Notebooks with manners"),
    Sponsor("Cloudberry Tea", "cloudberry-tea.example", "Steep for four minutes"),
)


class Wish(Value):
    """A booking that a sponsor asks for; its title is its own in the whole story.

    Args:
        approved: whether an operator has said yes by the time the story begins.
        overtakes: whether it asks for days that another sponsor asked for before, and holds no longer.
    """

    sponsor: str
    contact: str
    placement: str
    start_day: date
    end_day: date
    title: str
    target_url: str
    approved: bool = False
    overtakes: bool = False

    @property
    def submission(self) -> dict[str, str]:
        """The body of `POST /bookings`."""
        own = {key: str(value) for key, value in self.model_dump(exclude={"approved", "overtakes"}).items()}
        return {**own, "creative_type": pictures.MEDIA_TYPE}

    @property
    def picture(self) -> bytes:
        """The file that the sponsor sends to be shown."""
        return pictures.banner(self.placement, self.sponsor)


PENDING = {
    "kasper": 3,
    "otto-okto": 2,
    "mina-moor": 1,
    "juno-jade": 3,
    "pia-prisma": 1,
    "lena-lux": 1,
    "nova-nord": 2,
}
"""How many bookings wait when the story begins; one where nothing is said."""

RUNNING = {"kasper": 2, "otto-okto": 1, "juno-jade": 2, "nova-nord": 1}
"""How many are running then."""

IN_CONFLICT = frozenset({"kasper", "juno-jade"})
"""Whose first two pending bookings want the same placement on the same days: the first one lost its hold."""

ARRIVALS = 40
"""A further booking arrives at one of the creators every so many story minutes."""

MOST_PENDING = 6
"""Sponsors do not queue where so many wait already."""

RUNNING_DAYS = 10
WAITING_FROM = 14
"""Days from today: bookings that wait begin after those that run have ended."""


def _wish(member: Member, number: int, placement: str, start: date, days: int, seed: int) -> Wish:
    sponsor = SPONSORS[
        int(fraction(seed, "sponsor", member.slug) * len(SPONSORS) + number * 5) % len(SPONSORS)
    ]
    length = max(1, min(days, member.max_days))
    return Wish(
        sponsor=sponsor.name,
        contact=f"media@{sponsor.domain}",
        placement=placement,
        start_day=start,
        end_day=start + timedelta(days=length - 1),
        title=f"{sponsor.claim} ({member.slug} {number + 1})",
        target_url=f"https://{sponsor.domain}/?from={member.domain}",
    )


def opening_wishes(member: Member, today: date, seed: int) -> tuple[Wish, ...]:
    """The bookings that are there when the story begins: those that run, then those that wait."""
    places = member.placements
    if not places:
        return ()
    running = [
        _wish(member, number, places[number], today, RUNNING_DAYS, seed).model_copy(update={"approved": True})
        for number in range(min(RUNNING.get(member.slug, 0), len(places)))
    ]
    waiting = []
    for index in range(PENDING.get(member.slug, 1)):
        number = len(running) + index
        twin = member.slug in IN_CONFLICT and index == 1
        place = places[(index - 1 if twin else index) % len(places)]
        start = today + timedelta(days=WAITING_FROM + (2 if twin else 7 * index))
        wish = _wish(member, number, place, start, 7, seed)
        waiting.append(wish.model_copy(update={"overtakes": twin}))
    return (*running, *waiting)


def arriving_wish(
    members: tuple[Member, ...], minute: int, today: date, seed: int
) -> tuple[Member, Wish] | None:
    """The booking that arrives with the story minute's turn, if anybody can be booked.

    Every `ARRIVALS` minutes it is another one; within them it is the same, so that it is asked for once.
    """
    bookable = [member for member in members if member.placements]
    if not bookable:
        return None
    turn = minute // ARRIVALS
    member = bookable[int(fraction(seed, "arrival", turn) * len(bookable))]
    place = member.placements[int(fraction(seed, "placement", turn) * len(member.placements))]
    start = today + timedelta(days=WAITING_FROM + 7 + int(fraction(seed, "start", turn) * 60))
    return member, _wish(member, 100 + turn % 1_000_000, place, start, 3 + turn % 12, seed)
