"""A small fleet in which every state is to be seen, and a large one; both always the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from fleet_tui.bookings.model import (
    Booking,
    BookingQueue,
    BookingStatus,
    Creative,
    CreativeState,
    Price,
    PriceLine,
)
from fleet_tui.costs.model import Confidence, CostLine, CostReport
from fleet_tui.deploy.drift import Drift
from fleet_tui.deploy.model import DeployState, DeployStatus, LastRun, Lock
from fleet_tui.observatory.model import CreatorSnapshot, FleetSnapshot, Observation, Progress
from fleet_tui.operations.model import Operation, OperationKind, Run, RunStatus
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import Creator, FileError, Wave
from fleet_tui.registry.modules import Chat, Modules, Sponsors, Streaming, Website
from fleet_tui.streams.model import (
    Finding,
    Ingest,
    Series,
    Severity,
    StreamEvent,
    StreamHealth,
    StreamStatus,
)

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
OPERATOR = "ana@ops"


def ago(**parts: float) -> datetime:
    """That long before NOW."""
    return NOW - timedelta(**parts)


WEBSITE = tuple(
    f"module.s3_website[0].{resource}"
    for resource in (
        "aws_acm_certificate.this", "aws_cloudfront_distribution.this", "aws_route53_zone.this",
        "aws_s3_bucket.site",
    )
)  # fmt: skip
STREAMING = (
    "module.ivs_streaming[0].aws_ivs_channel.this",
    "module.ivs_streaming[0].module.recordings[0].aws_s3_bucket.this",
)
SPONSORS = (
    "module.sponsor_system[0].aws_dynamodb_table.bookings",
    'module.sponsor_system[0].aws_lambda_function.this["create_booking"]',
    'module.sponsor_system[0].aws_lambda_function.this["list_bookings"]',
)
SHARED = (
    "module.http_api[0].aws_apigatewayv2_api.this",
    "module.lambda_artifacts[0].aws_s3_bucket.this",
)
DELEGATION = {
    "module": "s3-website",
    "what": "Delegation of the domain",
    "where": "the registrar",
    "action": "Enter the name servers ns-1.awsdns-01.org, ns-2.awsdns-02.net",
}
MAIL = {
    "what": "Production access for e-mail",
    "where": "Amazon SES, eu-central-1",
    "action": "Ask for it in the console of SES; until then only verified addresses get mail",
}


OUTPUTS = {
    "site_url": "https://kasper.live",
    "bookings_api_url": "https://a1b2c3d4.execute-api.eu-central-1.amazonaws.com",
    "ivs_playback_url": "https://5f2d.eu-central-1.playback.live-video.net/api/video/v1/eu.m3u8",
    "name_servers": ["ns-1.awsdns-01.org", "ns-2.awsdns-02.net"],
}


def creator(slug: str, name: str, number: int = 1, wave: Wave = Wave.GENERAL, budget: int = 120,
            modules: Modules | None = None) -> Creator:  # fmt: skip
    return Creator(
        slug=slug,
        name=name,
        domain=f"{slug.split('-')[0]}.live",
        account_id=f"{210_000_000_000 + number:012d}",
        region="eu-central-1",
        contact=f"hello@{slug.split('-')[0]}.live",
        wave=wave,
        monthly_budget=Decimal(budget),
        modules=modules
        or Modules.model_validate(
            {"s3-website": Website(), "ivs-streaming": Streaming(), "sponsor-system": Sponsors()}
        ),
    )


def seen(value: T, *, seconds: float = 4, **more: object) -> Observation[T]:
    at = ago(seconds=seconds)
    return Observation(value=value, seen_at=at, tried_at=at, **more)  # type: ignore[arg-type]


def deployed(status: DeployStatus = DeployStatus.UP_TO_DATE, **more: object) -> DeployState:
    return DeployState.model_validate(
        {
            "status": status,
            "since": ago(days=2),
            "resources": 11,
            "serial": 9,
            "terraform_version": "1.11.4",
            "applied_at": ago(days=2),
            "applied_digest": "4f1c9a7be02d",
            "wanted_digest": "4f1c9a7be02d",
            "outputs": OUTPUTS,
            "addresses": (*SHARED, *STREAMING, *WEBSITE, *SPONSORS),
            "last_run": LastRun(
                run_id="r1", kind="apply", outcome="succeeded", operator=OPERATOR,
                started_at=ago(days=2, minutes=3), finished_at=ago(days=2), summary="11 created",
            ),
            **more,
        }
    )  # fmt: skip


HALF_MADE = Modules.model_validate(
    {
        "s3-website": Website(), "ivs-streaming": Streaming(), "ivs-chat": Chat(),
        "sponsor-system": Sponsors(enabled=False),
    }
)  # fmt: skip


def half_made() -> DeployState:
    """An apply of `HALF_MADE` that failed on its way."""
    what = f"{STREAMING[0]}: creating IVS Channel: pending verification"
    return deployed(
        DeployStatus.FAILED,
        reason=what,
        since=ago(minutes=40),
        resources=9,
        addresses=(*SHARED, *STREAMING, *WEBSITE, *SPONSORS[:1]),
        tainted=STREAMING[:1],
        outputs=OUTPUTS | {"waiting_for": [DELEGATION, MAIL]},
        last_run=LastRun(
            run_id="r2", kind="apply", outcome="failed", operator=OPERATOR, started_at=ago(minutes=43),
            finished_at=ago(minutes=40), summary=what,
        ),
    )  # fmt: skip


def series(name: str, unit: str, values: list[float]) -> Series:
    start = NOW.timestamp() - 5 * len(values)
    return Series(name=name, unit=unit, points=tuple((start + 5 * i, v) for i, v in enumerate(values)))


def live(
    viewers: int | None = 1204, *, started: datetime | None = None, bitrate: float = 5.9e6
) -> StreamHealth:
    wave = [bitrate * (1 - 0.06 * ((i * 7) % 5)) for i in range(60)]
    return StreamHealth(
        status=StreamStatus.LIVE,
        channel_arn="arn:aws:ivs:eu-central-1:210000000001:channel/5f2d",
        stream_id="st-1",
        started_at=started or ago(hours=1, minutes=12),
        viewers=viewers,
        aws_health="HEALTHY",
        ingest=Ingest(
            encoder="OBS 30.2", video_codec="avc1.64002A", width=1920, height=1080,
            target_bitrate_bps=6_000_000,
            target_framerate=30, audio_codec="mp4a.40.2", audio_channels=2, audio_sample_rate_hz=48_000,
            audio_bitrate_bps=160_000,
        ),
        bitrate=series("IngestVideoBitrate", "bit/s", wave),
        framerate=series("IngestFramerate", "fps", [30.0] * 55 + [29.5] * 5),
        keyframe_interval=series("KeyframeInterval", "s", [2.0] * 60),
        viewers_over_time=series("ConcurrentViews", "", [900 + 5 * i for i in range(60)]),
        events=(
            StreamEvent(at=ago(hours=1, minutes=12), name="Stream Start", type="IVS Stream State Change"),
            StreamEvent(at=ago(hours=1, minutes=13), name="Session Created", type="IVS Stream State Change"),
        ),
    )  # fmt: skip


def unwell() -> StreamHealth:
    return live(311, started=ago(minutes=48)).model_copy(
        update={
            "status": StreamStatus.UNWELL,
            "aws_health": "STARVING",
            "findings": (
                Finding(
                    code="starving", severity=Severity.RED, what="starving for 14 s",
                    advice="ask the creator to check their upload; the encoder sends less than it announced",
                ),
                Finding(
                    code="keyframe_interval", severity=Severity.AMBER, what="keyframes every 6.1 s",
                    advice="set the keyframe interval to 2 s in OBS",
                ),
            ),
        }
    )  # fmt: skip


def offline(**since: float) -> StreamHealth:
    return StreamHealth(status=StreamStatus.OFFLINE, ended_at=ago(**since))


def booking(
    number: int, sponsor: str, placement: str, *, waited: timedelta, first: date, length: int
) -> Booking:
    gross = 12_000 * length
    return Booking(
        id=f"bk-{number:04d}",
        sponsor=sponsor,
        contact=f"ads@{sponsor.split()[0].lower()}.example",
        placement=placement,
        start_day=first,
        end_day=first + timedelta(days=length - 1),
        status=BookingStatus.PENDING,
        version=1,
        price=Price(
            currency="EUR",
            total=gross - gross // 10,
            lines=(
                PriceLine(label=f"{placement} · {length} days × €120.00", amount=gross),
                PriceLine(label="7 days or more: 10 % off", amount=-(gross // 10)),
            ),
        ),
        title=f"{sponsor} winter campaign",
        target_url=f"https://{sponsor.split()[0].lower()}.example/winter",
        creative=Creative(state=CreativeState.READY, type="image/png", width=728, height=90),
        creative_url=f"https://assets.example/{sponsor.split()[0].lower()}.png",
        created_at=NOW - waited,
    )


KEKS = booking(
    1, "Keksfabrik Nord", "top", waited=timedelta(days=2, hours=4), first=date(2026, 11, 25), length=7
)
LUMEN = booking(2, "Lumen Lights", "left", waited=timedelta(hours=20), first=date(2026, 12, 1), length=14)
RIVAL = booking(3, "Rivalo Games", "top", waited=timedelta(hours=3), first=date(2026, 11, 28), length=7)
OTTOS = booking(4, "Bergbahn AG", "creator", waited=timedelta(minutes=20), first=date(2026, 11, 24), length=1)
ACTIVE = booking(
    5, "Tee & Co", "bottom", waited=timedelta(days=9), first=date(2026, 11, 20), length=7
).model_copy(update={"status": BookingStatus.ACTIVE, "decided_by": "ben@ops", "decided_at": ago(days=8)})


def cost(actual: int | None, forecast: int, budget: int) -> CostReport:
    return CostReport(
        month=date(2026, 11, 1),
        estimate=(
            CostLine(service="IVS input", fixed=Decimal(0), usage=Decimal("24.80"), basis="12.4 h × $2.00",
                     confidence=Confidence.MEASURED),
            CostLine(service="IVS output", fixed=Decimal(0), usage=Decimal("41.25"), basis="550 h × $0.075",
                     confidence=Confidence.MEASURED),
            CostLine(service="CloudFront", fixed=Decimal(0), usage=Decimal("8.50"), basis="100 GB × $0.085",
                     confidence=Confidence.ASSUMED),
            CostLine(service="Route 53", fixed=Decimal("0.50"), usage=Decimal(0), basis="1 zone × $0.50",
                     confidence=Confidence.LISTED),
        ),
        actual=None if actual is None else Decimal(actual),
        actual_by_service=()
        if actual is None
        else (("Amazon IVS", Decimal(actual) - 9), ("CloudFront", Decimal(9))),
        actual_as_of=None if actual is None else ago(hours=3),
        yesterday=None if actual is None else Decimal("4.10"),
        forecast=Decimal(forecast),
        budget=Decimal(budget),
        price_book=date(2026, 11, 1),
    )  # fmt: skip


def run(slug: str, kind: OperationKind = OperationKind.APPLY, status: RunStatus = RunStatus.RUNNING,
        number: int = 1, **more: object) -> Run:  # fmt: skip
    operation = Operation(
        id=f"20261122T14000{number}-{slug}", kind=kind, slug=slug, account_id="210000000003",
        operator=OPERATOR, requested_at=ago(minutes=2 * number),
    )  # fmt: skip
    return Run.model_validate(
        {"operation": operation, "status": status, "started_at": ago(minutes=2 * number), **more}
    )


DENIED = Problem(
    kind=ProblemKind.DENIED,
    what="the role fleet-operator may not read the state",
    where="lena-lux: S3 in eu-central-1",
    hint="Allow s3:GetObject on the state bucket",
)
NO_ANSWER = Problem(
    kind=ProblemKind.NETWORK,
    what="no answer within 10 s",
    where="theo-takt: IVS",
    hint="It is tried again soon",
)


def small_fleet() -> FleetSnapshot:
    """Twelve creators, one of them with an invalid file."""
    none = BookingQueue()
    off = BookingQueue(available=False)
    up = deployed()
    rows = [
        CreatorSnapshot(
            "jule-jazz", creator("jule-jazz", "Jule Jazz", 8), deploy=seen(up), stream=seen(live(None)),
            bookings=seen(none), cost=seen(cost(61, 88, 100), seconds=9000),
        ),
        CreatorSnapshot(
            "kasper", creator("kasper", "Kasper Kast", 1, Wave.CANARY, 150),
            deploy=seen(up), stream=seen(live()),
            bookings=seen(
                BookingQueue(
                    pending=(KEKS, LUMEN, RIVAL), upcoming=(ACTIVE,),
                    conflicts={KEKS.id: (RIVAL.id,), RIVAL.id: (KEKS.id,)},
                ),
                seconds=40,
            ),
            cost=seen(cost(84, 131, 150), seconds=9000),
        ),
        CreatorSnapshot(
            "lena-lux", creator("lena-lux", "Lena Lux", 6),
            deploy=seen(up, seconds=1900, problem=DENIED), stream=seen(offline(hours=9)),
            bookings=seen(none), cost=seen(cost(33, 52, 90), seconds=9000),
        ),
        CreatorSnapshot(
            "mina-moor", creator("mina-moor", "Mina Moor", 2, Wave.EARLY),
            deploy=seen(deployed(DeployStatus.DRIFTED, since=ago(hours=6), drift=Drift(
                checked_at=ago(hours=1), addresses=("a", "b", "c", "d")),
                outputs=OUTPUTS | {"waiting_for": [DELEGATION]})),
            stream=seen(unwell()), bookings=seen(none), cost=seen(cost(41, 77, 120), seconds=9000),
        ),
        CreatorSnapshot(
            "nico-nova", creator("nico-nova", "Nico Nova", 9), deploy=seen(up, seconds=90_000, cached=True),
            stream=seen(live(88), seconds=90_000, cached=True, stale=True),
            bookings=seen(none, seconds=90_000, cached=True),
            cost=seen(cost(20, 31, 60), seconds=90_000, cached=True),
        ),
        CreatorSnapshot(
            "otto-okto", creator("otto-okto", "Otto Okto", 3, budget=90),
            deploy=seen(deployed(DeployStatus.OUT_OF_DATE)), stream=seen(offline(days=3)),
            bookings=seen(BookingQueue(pending=(OTTOS,))), cost=seen(cost(12, 19, 90), seconds=9000),
            run=run("otto-okto", done=34, total=61),
        ),
        CreatorSnapshot(
            "pia-prisma", creator("pia-prisma", "Pia Prisma", 4, budget=200),
            deploy=seen(deployed(DeployStatus.LOCKED, lock=Lock(
                id="l-1", operation="OperationTypeApply", who="ben@build", created=ago(hours=2)))),
            stream=seen(offline(days=1, hours=2), seconds=1860, stale=True), bookings=seen(none),
            cost=seen(cost(140, 212, 200), seconds=9000),
        ),
        CreatorSnapshot(
            "quentin", creator("quentin", "Quentin Quarz", 5, Wave.EARLY, modules=HALF_MADE),
            deploy=seen(half_made()), stream=seen(offline(hours=1)),
            bookings=seen(none), cost=seen(cost(None, 44, 80), seconds=9000),
        ),
        CreatorSnapshot(
            "ron-rune", None,
            errors=(FileError(path=Path("creators/ron-rune/creator.toml"), line=7, key="region",
                              message='"eu-centrl-1" is not a region'),),
        ),
        CreatorSnapshot(
            "suse-sol", creator("suse-sol", "Suse Sol", 10), deploy=seen(DeployState(
                status=DeployStatus.NEVER_DEPLOYED)),
            stream=seen(StreamHealth(status=StreamStatus.NO_CHANNEL)),
            bookings=seen(off), cost=seen(cost(None, 12, 60), seconds=9000),
        ),
        CreatorSnapshot(
            "theo-takt", creator("theo-takt", "Theo Takt", 11), deploy=seen(up),
            stream=Observation(tried_at=ago(seconds=8), problem=NO_ANSWER), bookings=seen(none),
            cost=seen(cost(18, 27, 60), seconds=9000),
        ),
        CreatorSnapshot("ute-ufer", creator("ute-ufer", "Ute Ufer", 12)),
    ]  # fmt: skip
    return FleetSnapshot(
        environment="production",
        taken_at=NOW,
        rows={row.slug: row for row in rows},
        progress=Progress(total=12, answered=10, failed=1, throttled=1),
    )


def large_fleet(size: int) -> FleetSnapshot:
    """That many creators made from the rows of the small fleet that have a file."""
    patterns = [row for row in small_fleet().rows.values() if row.creator is not None]
    rows = {}
    for number in range(size):
        pattern = patterns[number % len(patterns)]
        slug = f"creator-{number:05d}"
        who = pattern.creator.model_copy(update={"slug": slug, "name": f"Creator {number:05d}"})  # type: ignore[union-attr]
        rows[slug] = CreatorSnapshot(
            slug,
            who,
            deploy=pattern.deploy,
            stream=pattern.stream,
            bookings=pattern.bookings,
            cost=pattern.cost,
        )
    return FleetSnapshot("bench", NOW, rows, Progress(total=size, answered=size))
