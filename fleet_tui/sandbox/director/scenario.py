"""What happens to whose stream: pure functions of creator, story minute and seed.

A story minute is a minute of the story's own clock, which runs faster than the wall's. Moments that are shown
(a start, a metric point) are always of the wall's clock: only the pace of what happens is accelerated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from fleet_tui.sandbox.director.cast import Member
from fleet_tui.sandbox.director.dice import about
from fleet_tui.values import Value

STANDARD_MINUTE = 9
"""The story minute of the standard scene: everybody who is ever live is, and Otto starves."""

RESOLUTION = 5.0
"""Seconds between two points of the ingest metrics, as IVS has it."""

STARVED = 0.12
"""Share of bitrate and frame rate that still arrives from an encoder that starves."""


class Encoder(Value):
    """What a creator's encoder sends."""

    name: str
    width: int
    height: int
    framerate: int
    bitrate: int
    keyframe_interval: float
    profile: str = "High"
    level: str = "4.1"
    codec: str = "avc1.640029"

    @property
    def video(self) -> dict[str, object]:
        """The video configuration in IVS' own terms."""
        return {
            "encoder": self.name,
            "codec": self.codec,
            "avcProfile": self.profile,
            "avcLevel": self.level,
            "videoWidth": self.width,
            "videoHeight": self.height,
            "targetFramerate": self.framerate,
            "targetBitrate": self.bitrate,
        }


class Rhythm(Value):
    """When a stream is live: `live` of every `period` minutes; in the last `starved` of them it starves."""

    period: int
    live: int
    starved: int = 0


class Part(Value):
    """What a creator does in the story.

    Args:
        encoder: None for who does not stream now.
        rhythm: None for who does not stream now.
        viewers: on average.
        live_for: seconds that the first stream has been live for when the story begins.
        ended_ago: seconds since the last stream ended, for who is offline; None without a history.
        lasted: how many seconds that stream lasted.
    """

    encoder: Encoder | None = None
    rhythm: Rhythm | None = None
    viewers: int = 0
    live_for: int = 0
    ended_ago: int | None = None
    lasted: int = 2 * 3600


ALWAYS = Rhythm(period=1, live=1)

OBS = "obs-output module (libobs version 31.0.1)"

PARTS: dict[str, Part] = {
    "kasper": Part(
        encoder=Encoder(
            name=OBS, width=1920, height=1080, framerate=30, bitrate=5_900_000, keyframe_interval=2.0
        ),
        rhythm=ALWAYS,
        viewers=1_200,
        live_for=4_360,
    ),
    "mina-moor": Part(
        encoder=Encoder(
            name="obs-output module (libobs version 29.1.3)",
            width=854,
            height=480,
            framerate=30,
            bitrate=1_400_000,
            keyframe_interval=6.0,
            profile="Main",
            level="3.1",
            codec="avc1.4D401F",
        ),
        rhythm=ALWAYS,
        viewers=86,
        live_for=2_520,
    ),
    "otto-okto": Part(
        encoder=Encoder(
            name="vMix 27",
            width=1280,
            height=720,
            framerate=30,
            bitrate=4_500_000,
            keyframe_interval=2.0,
            level="3.1",
            codec="avc1.64001F",
        ),
        rhythm=Rhythm(period=12, live=12, starved=3),
        viewers=340,
        live_for=5_400,
    ),
    "theo-tal": Part(
        encoder=Encoder(
            name="Streamlabs 1.18",
            width=1920,
            height=1080,
            framerate=30,
            bitrate=6_000_000,
            keyframe_interval=2.0,
        ),
        rhythm=Rhythm(period=48, live=36),
        viewers=230,
        live_for=1_500,
        ended_ago=9 * 3600,
    ),
    "juno-jade": Part(
        encoder=Encoder(
            name=OBS,
            width=1920,
            height=1080,
            framerate=60,
            bitrate=8_000_000,
            keyframe_interval=2.0,
            level="4.2",
            codec="avc1.64002A",
        ),
        rhythm=ALWAYS,
        viewers=8_400,
        live_for=6_300,
    ),
    "pia-prisma": Part(ended_ago=26 * 3600),
    "lena-lux": Part(ended_ago=3 * 86_400, lasted=5_400),
    "emil-esker": Part(ended_ago=5 * 3600, lasted=7_200),
}
"""Who is not here has a quiet life: no stream, now or before."""


class Scene(NamedTuple):
    """A live stream at a moment."""

    starving: bool
    viewers: int


def part_of(member: Member) -> Part:
    """What this creator does; nothing for who does not stream."""
    return PARTS.get(member.slug, Part()) if member.channel_type is not None else Part()


def scene_at(member: Member, minute: int, seed: int) -> Scene | None:
    """A creator's stream in a story minute, or None when it is not live."""
    part = part_of(member)
    if part.rhythm is None:
        return None
    phase = minute % part.rhythm.period
    if phase >= part.rhythm.live:
        return None
    return Scene(
        starving=phase >= part.rhythm.live - part.rhythm.starved,
        viewers=round(_viewers(member, part, minute, seed)),
    )


def _viewers(member: Member, part: Part, minute: int, seed: int) -> float:
    tide = 1 + 0.08 * math.sin(2 * math.pi * minute / 45)
    return about(part.viewers * tide, 0.02, seed, member.slug, "viewers", minute)


class Point(NamedTuple):
    """A metric's value; `at` in seconds since the epoch."""

    name: str
    unit: str
    at: float
    value: float


def points_at(member: Member, at: float, scene: Scene, seed: int) -> Iterator[Point]:
    """The metrics of a live stream at a moment."""
    encoder = part_of(member).encoder
    if encoder is None:
        return
    tick = int(at / RESOLUTION)
    share = STARVED if scene.starving else 1.0

    def near(value: float, spread: float, name: str) -> float:
        return about(value, spread, seed, member.slug, name, tick)

    yield Point("IngestVideoBitrate", "Bits/Second", at, near(encoder.bitrate * share, 0.04, "bitrate"))
    yield Point("IngestAudioBitrate", "Bits/Second", at, near(160_000 * share, 0.01, "audio"))
    yield Point("IngestFramerate", "Count/Second", at, near(encoder.framerate * share, 0.006, "framerate"))
    yield Point("KeyframeInterval", "Seconds", at, near(encoder.keyframe_interval, 0.015, "keyframes"))
    yield Point("ConcurrentViews", "Count", at, float(scene.viewers))


def history(member: Member, begin: float, now: float, seed: int) -> Iterator[Point]:
    """The metrics of a stream that has been live, and well, from `begin` until now.

    One point a minute, and one every five seconds in the last ten minutes; the last hour at most.
    """
    part = part_of(member)
    at = max(begin, now - 3600)
    while at < now:
        minute = int((at - now) / 60)
        scene = Scene(starving=False, viewers=round(_viewers(member, part, minute, seed)))
        yield from points_at(member, at, scene, seed)
        at += RESOLUTION if now - at <= 600 else 60.0
