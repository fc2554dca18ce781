"""What a creator's month costs by the price book, from the modules that are on and from what was used."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fleet_tui.costs.model import Confidence, CostLine, Usage
from fleet_tui.costs.pricebook import Price, PriceBook, PriceName
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import ChannelType, Modules, Streaming, Website

SETTLED_DAYS = 7
"""Streaming follows the week. Until one has passed, the planning figures stand in for its missing days."""

_CENT = Decimal("0.01")
_DAYS_A_WEEK = 7
_DAYS_A_MONTH = Decimal("30.4375")
_BYTES_A_GB = Decimal(10**9)
_KB_A_GB = Decimal(10**6)
_ONE = Decimal(1)

_INPUT: dict[ChannelType, PriceName] = {
    ChannelType.BASIC: "ivs_input_basic",
    ChannelType.STANDARD: "ivs_input_standard",
    ChannelType.ADVANCED_SD: "ivs_input_advanced_sd",
    ChannelType.ADVANCED_HD: "ivs_input_advanced_hd",
}
_TABLE_STORAGE: tuple[PriceName, ...] = ("dynamodb_storage", "dynamodb_recovery")
# The best picture that a channel type gives its viewers, and so the dearest that an hour of output can be
# (https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Channel.html). BASIC hands on what it
# gets; within its 3.5 Mbit/s that is 720p.
_OUTPUT: dict[ChannelType, tuple[PriceName, str]] = {
    ChannelType.BASIC: ("ivs_output_hd", "HD"),
    ChannelType.STANDARD: ("ivs_output_full_hd", "Full HD"),
    ChannelType.ADVANCED_SD: ("ivs_output_sd", "SD"),
    ChannelType.ADVANCED_HD: ("ivs_output_hd", "HD"),
}


@dataclass(frozen=True, slots=True)
class _Amount:
    """How much of something a whole month sees."""

    value: Decimal
    measured: bool

    @property
    def word(self) -> str:
        return "expected" if self.measured else "planned"

    @property
    def known(self) -> Confidence:
        """How sure the amount is."""
        return Confidence.MEASURED if self.measured else Confidence.ASSUMED

    @property
    def derived(self) -> Confidence:
        """How sure it is what follows from the amount by an assumption."""
        return Confidence.LISTED if self.measured else Confidence.ASSUMED


def estimate(creator: Creator, usage: Usage, book: PriceBook, now: datetime) -> tuple[CostLine, ...]:
    """The lines of a whole month's estimate.

    What was measured so far goes on at its daily rate until the end of the month (see `SETTLED_DAYS`); what
    was not measured follows the planning figures of the price book. Volume discounts and free tiers are left
    out, and every viewer is taken to watch the best picture there is: the estimate errs on the dear side.

    Args:
        creator: whose modules and settings count.
        usage: what was used since the month began.
        book: prices, from one region's list; what they are of elsewhere is said in the basis.
        now: the present, in UTC; its month is the one that is estimated.

    Returns:
        One line a service that some enabled module uses; rounded to cents.
    """
    modules, plan = creator.modules, book.planning
    whole = _Month(now)
    lines: list[CostLine] = []
    if modules.ivs_streaming and modules.ivs_streaming.enabled:
        planned = plan.stream_hours_per_week * whole.days / _DAYS_A_WEEK
        hours = whole.expected(usage.stream_input_hours, planned)
        watched = whole.expected(usage.stream_output_hours, planned * plan.average_viewers)
        lines += _streaming(modules.ivs_streaming, hours, watched, book)
    if modules.s3_website and modules.s3_website.enabled:
        measured = None if usage.site_bytes is None else float(Decimal(usage.site_bytes) / _BYTES_A_GB)
        lines += _website(modules.s3_website, whole.expected(measured, plan.site_gb), book)
    if modules.with_functions:
        requests = whole.expected(usage.api_requests, plan.api_requests)
        invocations = whole.expected(usage.lambda_invocations, plan.api_requests)
        lines += _functions(modules.with_functions, requests, invocations, book)
        if creator.failover and creator.failover.enabled:
            lines.append(_second_region(modules, requests, book))
    lines += _people(modules, book)
    lines += _own_keys(creator, book)
    if creator.region != book.region:
        lines = [line.model_copy(update={"basis": f"{line.basis}, {book.region} prices"}) for line in lines]
    return tuple(lines)


class _Month:
    """How far a month is."""

    def __init__(self, now: datetime) -> None:
        self.days = calendar.monthrange(now.year, now.month)[1]
        first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        self.elapsed = Decimal((now - first).total_seconds()) / 86_400

    def expected(self, so_far: float | None, planned: Decimal) -> _Amount:
        """What the whole month sees, from what it saw so far and what is planned for a whole one."""
        if so_far is None:
            return _Amount(planned, measured=False)
        seen = Decimal(str(so_far))
        unsettled = max(Decimal(0), SETTLED_DAYS - self.elapsed)
        rate = (seen + planned / self.days * unsettled) / (self.elapsed + unsettled)
        return _Amount(seen + rate * (self.days - self.elapsed), measured=True)


def _streaming(module: Streaming, hours: _Amount, watched: _Amount, book: PriceBook) -> list[CostLine]:
    source = book[_INPUT[module.channel_type]]
    name, picture = _OUTPUT[module.channel_type]
    output = book[name]
    lines = [
        _line(
            "IVS input", f"{hours.value:,.1f} h {hours.word} × {source}", hours.known, [(source, hours.value)]
        ),
        _line(
            "IVS output",
            f"{watched.value:,.0f} h {watched.word} of watching, all in {picture} × {output}",
            watched.known,
            [(output, watched.value)],
        ),
    ]
    if module.recording:
        plan, basic = book.planning, module.channel_type is ChannelType.BASIC
        per_hour = plan.recorded_gb_per_hour_basic if basic else plan.recorded_gb_per_hour
        kept = hours.value * per_hour * module.recording_retention_days / _DAYS_A_MONTH
        storage = book["s3_storage"]
        basis = (
            f"{kept:,.0f} GB: {per_hour} GB an hour, kept {module.recording_retention_days} days × {storage}"
        )
        lines.append(_line("IVS recordings", basis, hours.derived, [(storage, kept)]))
    return lines


def _website(module: Website, traffic: _Amount, book: PriceBook) -> list[CostLine]:
    plan, zone, storage, transfer = (
        book.planning,
        book["route53_zone"],
        book["s3_storage"],
        book["cloudfront_transfer"],
    )
    requests = traffic.value * plan.site_requests_per_gb
    lines = [
        _line("Route 53", f"1 hosted zone × {zone}", Confidence.LISTED, fixed=[(zone, _ONE)]),
        _line(
            "S3 website",
            f"{plan.site_stored_gb} GB × {storage}",
            Confidence.ASSUMED,
            fixed=[(storage, plan.site_stored_gb)],
        ),
        _line(
            "CloudFront",
            f"{traffic.value:,.0f} GB {traffic.word} × {transfer}, {requests:,.0f} requests",
            traffic.known,
            [(transfer, traffic.value), (book["cloudfront_requests"], requests)],
        ),
    ]
    if module.waf:
        lines.append(
            _line(
                "WAF",
                f"1 web ACL, {plan.waf_rules} rules, {requests:,.0f} requests {traffic.word}",
                traffic.derived,
                [(book["waf_requests"], requests)],
                fixed=[(book["waf_acl"], _ONE), (book["waf_rule"], plan.waf_rules)],
            )
        )
    return lines


def _functions(
    modules: Sequence[str], requests: _Amount, invocations: _Amount, book: PriceBook
) -> list[CostLine]:
    plan, api = book.planning, book["http_api_requests"]
    compute = invocations.value * plan.lambda_gb_seconds_per_invocation
    writes = requests.value * plan.table_writes_per_request
    reads = requests.value * plan.table_reads_per_request
    logs = requests.value * plan.log_kb_per_request / _KB_A_GB
    alarms = sum((plan.alarms.get(name, Decimal(0)) for name in ("shared", *modules)), Decimal(0))
    return [
        _line(
            "API Gateway",
            f"{requests.value:,.0f} requests {requests.word} × {api}",
            requests.known,
            [(api, requests.value)],
        ),
        _line(
            "Lambda",
            f"{invocations.value:,.0f} invocations {invocations.word}, {compute:,.0f} GB-s",
            invocations.known,
            [(book["lambda_requests"], invocations.value), (book["lambda_arm_gb_seconds"], compute)],
        ),
        _line(
            "DynamoDB",
            f"{writes:,.0f} writes and {reads:,.0f} reads, {plan.table_stored_gb} GB with recovery",
            requests.derived,
            [(book["dynamodb_writes"], writes), (book["dynamodb_reads"], reads)],
            fixed=[(book[name], plan.table_stored_gb) for name in _TABLE_STORAGE],
        ),
        _line(
            "CloudWatch",
            f"{alarms} alarms, {logs:,.1f} GB of logs",
            requests.derived,
            [(book["cloudwatch_logs"], logs)],
            fixed=[(book["cloudwatch_alarm"], alarms)],
        ),
    ]


def _second_region(modules: Modules, requests: _Amount, book: PriceBook) -> CostLine:
    """What stands in a second region, and every write once more (replicated writes have the price of writes).

    Copies of pages and pictures and what goes from region to region are cents and left out.
    """
    plan, alarm = book.planning, book["cloudwatch_alarm"]
    writes = requests.value * plan.table_writes_per_request
    usage = [(book["dynamodb_writes"], writes)]
    fixed = [(alarm, _ONE), *((book[name], plan.table_stored_gb) for name in _TABLE_STORAGE)]
    basis = f"{writes:,.0f} writes and {plan.table_stored_gb} GB once more, 1 alarm"
    website = modules.s3_website
    if website and website.enabled and website.domain_ready:
        asked = plan.health_requests
        answers = (
            asked * plan.lambda_gb_seconds_per_invocation / 10
        )  # a tenth of the work, and half the memory
        usage += [
            (book["http_api_requests"], asked),
            (book["lambda_requests"], asked),
            (book["lambda_arm_gb_seconds"], answers),
            (book["dynamodb_reads"], asked),
        ]
        fixed += [(book["route53_health_check"], _ONE), (book["route53_health_check_https"], _ONE)]
        basis = f"{basis}, 1 health check that asks {asked:,.0f} times"
    return _line("Second region", basis, requests.derived, usage, fixed=fixed)


def _own_keys(creator: Creator, book: PriceBook) -> list[CostLine]:
    if not creator.encryption.own_key:
        return []
    key, keys = book["kms_key"], Decimal(2 if creator.failover and creator.failover.enabled else 1)
    return [_line("KMS, own keys", f"{keys} × {key}, one a region", Confidence.LISTED, fixed=[(key, keys)])]


def _people(modules: Modules, book: PriceBook) -> list[CostLine]:
    """What follows from how many people there are, which nothing measures yet."""
    plan = book.planning
    lines: list[CostLine] = []

    def planned(service: str, name: PriceName, amount: Decimal, what: str) -> None:
        basis = f"{amount:,.0f} {what} planned × {book[name]}"
        lines.append(_line(service, basis, Confidence.ASSUMED, [(book[name], amount)]))

    if modules.user_auth and modules.user_auth.enabled:
        planned("Cognito", "cognito_member", plan.members, "active members")
    if modules.ivs_chat and modules.ivs_chat.enabled:
        planned("IVS Chat", "chat_messages", plan.chat_messages, "messages")
    if modules.with_mail:
        letters = plan.newsletter_mails if modules.newsletter and modules.newsletter.enabled else Decimal(0)
        planned("SES", "ses_messages", plan.mails + letters, "messages")
    if modules.analytics and modules.analytics.enabled:
        gigabytes = plan.page_views * plan.page_view_kb / _KB_A_GB
        planned("Firehose", "firehose_ingestion", gigabytes, f"GB, {plan.page_views:,.0f} page views,")
    if modules.backup and modules.backup.enabled:
        copies, storage = plan.table_stored_gb * modules.backup.retention_days, book["backup_storage"]
        basis = f"{modules.backup.retention_days} daily copies of {plan.table_stored_gb} GB × {storage}"
        lines.append(_line("AWS Backup", basis, Confidence.ASSUMED, fixed=[(storage, copies)]))
    streaming = modules.ivs_streaming
    if streaming and streaming.enabled and streaming.authorized_playback:
        key = book["kms_key"]
        basis = f"1 key that signs playback tokens × {key}"
        lines.append(_line("KMS", basis, Confidence.LISTED, fixed=[(key, _ONE)]))
    return lines


Priced = Sequence[tuple[Price, Decimal]]


def _line(service: str, basis: str, known: Confidence, usage: Priced = (), *, fixed: Priced = ()) -> CostLine:
    """The line, no surer than the least sure of its prices."""
    unsure = any(price.confidence is Confidence.ASSUMED for price, _ in (*usage, *fixed))
    return CostLine(
        service=service,
        fixed=_total(fixed),
        usage=_total(usage),
        basis=basis,
        confidence=Confidence.ASSUMED if unsure else known,
    )


def _total(priced: Priced) -> Decimal:
    return sum((price.of(amount) for price, amount in priced), Decimal(0)).quantize(_CENT)
