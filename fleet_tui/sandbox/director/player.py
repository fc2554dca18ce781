"""Makes the scenario happen, account by account, and again and again: every step looks at the world first.

So a director that is started again, on a world that already lives, carries on without doubling anything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.sandbox.director import money, readers, scenario, sponsors
from fleet_tui.sandbox.director.account import COLLECTS, ROUTES, TIMEOUT_SECONDS, Account
from fleet_tui.sandbox.director.cast import Member
from fleet_tui.sandbox.director.dice import fraction
from fleet_tui.sandbox.director.scenario import Point, Scene
from fleet_tui.sandbox.emulator.client import BackDoorClient

logger = logging.getLogger(__name__)

LOOK_SECONDS = 20.0
"""How often an account is looked at for what has been provisioned meanwhile."""

STARVED_SECONDS = 14.0
"""For how long a stream has been starving that is found starving when the story begins."""

VISIT_MINUTES = 6
"""A visitor comes to one of the sites every so many story minutes."""

PICTURE_SECONDS = 30.0
"""For how long the checks of the opening pictures are waited for."""

LOOK_AGAIN_SECONDS = 0.2

OPENING_VIEWS = 12
VISITORS = 400
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0 v{1}"

TROUBLE = (FleetError, ClientError, BotoCoreError, httpx.HTTPError)
"""What a call may end in while the world is being built, changed or restarted."""


class Stage:
    """One creator's place in the play, with what is known of the account."""

    def __init__(self, member: Member, account: Account) -> None:
        self.member = member
        self.account = account
        self.channel: str | None = None
        self.api: str | None = None
        self.pages: str | None = None
        self.active: list[str] = []
        self.looked_at = float("-inf")
        self.opened = False
        self.browsed = False
        self.paid = False
        self.troubles: dict[str, str] = {}

    @property
    def provisioned(self) -> bool:
        """Whether there is anything to play with."""
        return any(part is not None for part in (self.channel, self.api, self.pages))

    def look(self, now: float) -> None:
        """Find out what is provisioned, unless that was done a moment ago."""
        if now - self.looked_at < LOOK_SECONDS:
            return
        self.looked_at = now
        self.channel = self.account.channel() if self.member.channel_type else None
        api = self.account.api_with(ROUTES) if self.member.placements else None
        if api != self.api:
            self.api, self.opened = api, False
        pages = self.account.api_with(COLLECTS) if self.member.counts_pages else None
        if pages != self.pages:
            self.pages, self.browsed = pages, False


class Player:
    """Plays for a cast on an emulator.

    Args:
        members: who plays.
        endpoint: the emulator's URL.
        seed: of the story; the same seed tells the same story.
        clock: the wall's clock, seconds since the epoch.
    """

    def __init__(
        self, members: Iterable[Member], endpoint: str, seed: int, clock: Callable[[], float] = time.time
    ) -> None:
        session = boto3.Session()
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
        self._stages = [Stage(member, Account(session, self._http, endpoint, member)) for member in members]
        self._door = BackDoorClient(endpoint, self._http)
        self._seed = seed
        self._clock = clock

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def play_once(self) -> int:
        """Bring every provisioned account to the standard scene.

        Returns:
            How many accounts there are to play with.
        """
        self.play(scenario.STANDARD_MINUTE, arrivals=False)
        return sum(stage.provisioned for stage in self._stages)

    def play(self, minute: int, *, arrivals: bool = True) -> None:
        """Play one story minute, now, in every account; trouble in one account leaves the others alone.

        Args:
            minute: of the story.
            arrivals: whether further bookings come in.
        """
        for stage in self._stages:
            self._play_stage(stage, minute)
        if arrivals:
            self._arrival(minute)

    def _play_stage(self, stage: Stage, minute: int) -> None:
        now = self._clock()
        self._guarded(stage, stage.look, now)
        if stage.channel:
            self._guarded(stage, self._stream, stage, stage.channel, minute, now)
        if stage.provisioned:
            self._guarded(stage, self._pay, stage, now)
        if stage.api:
            self._guarded(stage, self._visit, stage, stage.api, minute)
        if stage.pages:
            self._guarded(stage, self._browse, stage, stage.pages, minute)
        if stage.provisioned and stage.looked_at == now:
            self._guarded(stage, self._keep_house, stage)

    @staticmethod
    def _guarded(stage: Stage, step: Callable[..., None], *arguments: Any) -> None:
        """Take a step; what goes wrong is said once, and the account is looked at anew."""
        name = step.__name__
        try:
            step(*arguments)
        except TROUBLE as error:
            stage.looked_at = float("-inf")
            if stage.troubles.get(name) != str(error):
                logger.info("%s: %s", stage.member.slug, error)
            stage.troubles[name] = str(error)
        else:
            stage.troubles.pop(name, None)

    # -- streams

    def _call(self, stage: Stage, door: str, **body: Any) -> None:
        here = {"account": stage.member.account_id, "region": stage.member.region}
        self._door.call(door, {**here, **body})

    def _stream(self, stage: Stage, channel: str, minute: int, now: float) -> None:
        scene = scenario.scene_at(stage.member, minute, self._seed)
        health = stage.account.health()
        if scene is None:
            if health is not None:
                self._call(stage, "streams/end", channel_arn=channel, at=now)
                logger.info("%s: the stream ended", stage.member.slug)
            elif not stage.account.has_streamed(channel):
                self._past_stream(stage, channel, now)
            return
        if health is None:
            self._start(stage, channel, scene, now)
        else:
            self._follow(stage, channel, scene, health, now)

    def _past_stream(self, stage: Stage, channel: str, now: float) -> None:
        part = scenario.part_of(stage.member)
        if part.ended_ago is not None:
            end = now - part.ended_ago
            self._call(stage, "streams/start", channel_arn=channel, at=end - part.lasted)
            self._call(stage, "streams/end", channel_arn=channel, at=end)

    def _start(self, stage: Stage, channel: str, scene: Scene, now: float) -> None:
        part = scenario.part_of(stage.member)
        begin = now
        if not stage.account.has_streamed(channel):
            self._past_stream(stage, channel, now)
            begin = now - part.live_for
        video = part.encoder.video if part.encoder else {}
        self._call(stage, "streams/start", channel_arn=channel, at=begin, viewers=scene.viewers, video=video)
        logger.info("%s: a stream started", stage.member.slug)
        well_until = max(begin, now - STARVED_SECONDS) if scene.starving else now
        points = list(scenario.history(stage.member, begin, well_until, self._seed))
        if scene.starving:
            self._call(stage, "streams/starve", channel_arn=channel, at=well_until)
            for tick in range(int((now - well_until) / scenario.RESOLUTION) + 1):
                at = well_until + tick * scenario.RESOLUTION
                points += scenario.points_at(stage.member, at, scene, self._seed)
        self._measure(stage, channel, points)

    def _follow(self, stage: Stage, channel: str, scene: Scene, health: str, now: float) -> None:
        if scene.starving and health != "STARVING":
            self._call(stage, "streams/starve", channel_arn=channel, at=now)
            logger.info("%s: the stream starves", stage.member.slug)
        elif not scene.starving and health == "STARVING":
            self._call(stage, "streams/recover", channel_arn=channel, at=now)
            logger.info("%s: the stream has recovered", stage.member.slug)
        self._call(stage, "streams/update", channel_arn=channel, viewers=scene.viewers)
        self._measure(stage, channel, scenario.points_at(stage.member, now, scene, self._seed))

    def _measure(self, stage: Stage, channel: str, points: Iterable[Point]) -> None:
        dimensions = {"Channel": channel.rsplit("/", 1)[-1]}
        told = [{**point._asdict(), "dimensions": dimensions} for point in points]
        if told:
            self._call(stage, "metrics", points=told)

    # -- money

    def _pay(self, stage: Stage, now: float) -> None:
        """The bill up to now: all of it the first time, then the day that runs."""
        moment = datetime.fromtimestamp(now, UTC)
        today = moment.date()
        start = today if stage.paid else money.first_day(today)
        told = [
            {"day": spending.day.isoformat(), "service": spending.service, "usd": str(spending.usd)}
            for spending in money.spendings(stage.member, start, today, _elapsed(moment), self._seed)
        ]
        if told:
            self._door.call("costs", {"account": stage.member.account_id, "entries": told})
        if not stage.paid and stage.channel and not stage.account.has_usage():
            self._tell_usage(stage, stage.channel, moment)
        stage.paid = True

    def _tell_usage(self, stage: Stage, channel: str, moment: datetime) -> None:
        today = moment.date()
        points = []
        for day in money.usage(stage.member, today.replace(day=1), today, _elapsed(moment), self._seed):
            evening = datetime(day.day.year, day.day.month, day.day.day, 20, tzinfo=UTC)
            at = min(evening, moment).timestamp()
            points.append(Point("LiveInputTime", "Seconds", at, day.live_input))
            points.append(Point("LiveDeliveredTime", "Seconds", at, day.live_delivered))
        self._measure(stage, channel, points)

    # -- what people and AWS do by themselves

    def _browse(self, stage: Stage, api: str, minute: int) -> None:
        """Visitors look at pages: some when the story begins, then one every minute."""
        visitors = (
            range(OPENING_VIEWS)
            if not stage.browsed
            else (int(fraction(self._seed, "reader", minute) * VISITORS),)
        )
        for visitor in visitors:
            view = readers.page_view(stage.member, visitor, minute, self._seed)
            stage.account.see_page(api, view, _browser(visitor))
        stage.browsed = True

    def _keep_house(self, stage: Stage) -> None:
        """The owners of mailboxes agree to be written to; the plan of backups has its first night."""
        for address in stage.account.unconfirmed() if stage.member.writes_notices else ():
            self._call(stage, "sns/confirm", address=address)
            logger.info("%s: %s wants to be written to", stage.member.slug, address)
        if stage.member.keeps_backups and stage.account.lacks_backups():
            self._call(stage, "backups/run")
            logger.info("%s: backups were made", stage.member.slug)

    # -- sponsors

    def _visit(self, stage: Stage, api: str, minute: int) -> None:
        if not stage.opened:
            self._open_bookings(stage, api)
            self._approve_opening(stage, api)
            stage.active = stage.account.active(api)
            for number in range(OPENING_VIEWS if stage.active else 0):
                self._see(stage, api, number)
            stage.opened = True
        elif minute % (VISIT_MINUTES * len(self._stages)) == VISIT_MINUTES * self._stages.index(stage):
            stage.active = stage.account.active(api)
            if stage.active:
                self._see(stage, api, int(fraction(self._seed, "visitor", minute) * VISITORS))

    def _see(self, stage: Stage, api: str, visitor: int) -> None:
        """A visitor sees a sponsor; one in six follows it."""
        booking = stage.active[visitor % len(stage.active)]
        browser = _browser(visitor)
        stage.account.track(api, booking, "view", browser)
        if visitor % 6 == 0:
            stage.account.track(api, booking, "click", browser)

    def _open_bookings(self, stage: Stage, api: str) -> None:
        known = {booking["title"]: booking for booking in stage.account.bookings(api)}
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        for wish in sponsors.opening_wishes(stage.member, today, self._seed):
            if wish.title in known:
                continue
            if wish.overtakes:
                stage.account.end_holds(wish.placement, wish.start_day, wish.end_day)
            stage.account.submit(api, wish.submission, wish.picture)

    def _approve_opening(self, stage: Stage, api: str) -> None:
        """Approve what runs when the story begins, as soon as the pictures have been checked."""
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        wishes = sponsors.opening_wishes(stage.member, today, self._seed)
        wanted = {wish.title for wish in wishes if wish.approved}
        deadline = time.monotonic() + PICTURE_SECONDS
        while wanted:
            for booking in stage.account.bookings(api):
                if booking["title"] not in wanted:
                    continue
                if booking["status"] == "pending":
                    if booking["creative"]["state"] != "ready":
                        continue
                    stage.account.approve(api, booking)
                wanted.discard(booking["title"])
            if wanted and time.monotonic() > deadline:
                raise FleetError.of(
                    ProblemKind.SERVICE,
                    f"{len(wanted)} pictures are not checked yet",
                    where=stage.member.slug,
                )
            if wanted:
                time.sleep(LOOK_AGAIN_SECONDS)

    def _arrival(self, minute: int) -> None:
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        members = tuple(stage.member for stage in self._stages if stage.api and stage.opened)
        if minute % sponsors.ARRIVALS or not (
            arrival := sponsors.arriving_wish(members, minute, today, self._seed)
        ):
            return
        member, wish = arrival
        stage = next(stage for stage in self._stages if stage.member is member)
        self._guarded(stage, self._receive, stage, wish)

    @staticmethod
    def _receive(stage: Stage, wish: sponsors.Wish) -> None:
        if stage.api is None:
            return
        bookings = stage.account.bookings(stage.api)
        waiting = sum(booking["status"] == "pending" for booking in bookings)
        if waiting < sponsors.MOST_PENDING and all(booking["title"] != wish.title for booking in bookings):
            stage.account.submit(stage.api, wish.submission, wish.picture)
            logger.info("%s: %s asks for %s", stage.member.slug, wish.sponsor, wish.placement)


def _browser(visitor: int) -> str:
    """By which a visitor is told from others."""
    return BROWSER.format(120 + visitor % 12, visitor)


def _elapsed(moment: datetime) -> float:
    """Share of the day that has passed."""
    return (moment.hour * 60 + moment.minute) / 1440
