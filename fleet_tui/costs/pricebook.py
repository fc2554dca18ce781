"""The price book: dated list prices that ship with the program."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError

from fleet_tui.costs.model import Confidence
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.values import Value

FILE_NAME = "prices.toml"

PriceName = Literal[
    "ivs_input_basic",
    "ivs_input_standard",
    "ivs_input_advanced_sd",
    "ivs_input_advanced_hd",
    "ivs_output_sd",
    "ivs_output_hd",
    "ivs_output_full_hd",
    "s3_storage",
    "cloudfront_transfer",
    "cloudfront_requests",
    "route53_zone",
    "waf_acl",
    "waf_rule",
    "waf_requests",
    "http_api_requests",
    "lambda_requests",
    "lambda_arm_gb_seconds",
    "dynamodb_writes",
    "dynamodb_reads",
    "dynamodb_storage",
    "dynamodb_recovery",
    "cloudwatch_logs",
    "cloudwatch_alarm",
    "cognito_member",
    "chat_messages",
    "ses_messages",
    "kms_key",
    "route53_health_check",
    "route53_health_check_https",
    "firehose_ingestion",
    "backup_storage",
]
"""Every price that an estimate asks for."""


class Price(Value):
    """One figure of the price book.

    Args:
        usd: US dollars for `per` units.
        per: of how many units.
        unit: what is counted, such as `h` or `requests`.
        source: the page that it is from.
        as_of: when it was taken.
        confidence: LISTED where it was read in AWS' own price list, ASSUMED otherwise.
    """

    usd: Decimal = Field(ge=0)
    per: int = Field(ge=1)
    unit: str = Field(min_length=1)
    source: str = Field(pattern=r"^https://")
    as_of: date
    confidence: Literal[Confidence.LISTED, Confidence.ASSUMED]

    def of(self, amount: Decimal) -> Decimal:
        """What this many units cost, in US dollars, unrounded."""
        return amount * self.usd / self.per

    def __str__(self) -> str:
        return f"${self.usd} per {self.per:,} {self.unit}" if self.per > 1 else f"${self.usd}"


class Planning(Value):
    """What is assumed where nothing is measured. Amounts a month, unless the name says otherwise."""

    stream_hours_per_week: Decimal = Field(ge=0)
    average_viewers: Decimal = Field(ge=0)
    site_gb: Decimal = Field(ge=0)
    api_requests: Decimal = Field(ge=0)
    site_requests_per_gb: Decimal = Field(ge=0)
    site_stored_gb: Decimal = Field(ge=0)
    lambda_gb_seconds_per_invocation: Decimal = Field(ge=0)
    table_writes_per_request: Decimal = Field(ge=0)
    table_reads_per_request: Decimal = Field(ge=0)
    table_stored_gb: Decimal = Field(ge=0)
    log_kb_per_request: Decimal = Field(ge=0)
    alarms: dict[str, Annotated[Decimal, Field(ge=0)]]
    members: Decimal = Field(ge=0)
    chat_messages: Decimal = Field(ge=0)
    mails: Decimal = Field(ge=0)
    newsletter_mails: Decimal = Field(ge=0)
    page_views: Decimal = Field(ge=0)
    page_view_kb: Decimal = Field(ge=0)
    waf_rules: Decimal = Field(ge=0)
    health_requests: Decimal = Field(ge=0)
    recorded_gb_per_hour_basic: Decimal = Field(ge=0)
    recorded_gb_per_hour: Decimal = Field(ge=0)


class Charges(Value):
    """What a resource costs by being there, by its type in Terraform.

    Args:
        fixed: the prices of those that cost something.
        none: those that cost nothing until they are used.
    """

    fixed: dict[str, tuple[PriceName, ...]]
    none: frozenset[str]


class PriceBook(Value):
    """All prices, with the day of the book and the region whose list they are from."""

    as_of: date
    region: str
    prices: dict[PriceName, Price]
    planning: Planning
    charges: Charges

    def __getitem__(self, name: PriceName) -> Price:
        return self.prices[name]


def parse_book(text: str) -> PriceBook:
    """The price book that a TOML text holds.

    Raises:
        FleetError: kind CONFIGURATION; not TOML, a price is missing or not known, or a figure is not right.
    """
    try:
        book = PriceBook.model_validate(tomllib.loads(text, parse_float=Decimal))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise _broken(f"{place}: {first['msg'].lower()}") from error
    except ValueError as error:
        raise _broken(str(error)) from error
    if missing := set(get_args(PriceName)) - set(book.prices):
        raise _broken(f"no price for {', '.join(sorted(missing))}")
    return book


@cache
def price_book() -> PriceBook:
    """The price book that ships with the program."""
    return parse_book((files(__package__) / FILE_NAME).read_text(encoding="utf-8"))


def _broken(what: str) -> FleetError:
    return FleetError.of(ProblemKind.CONFIGURATION, f"the price book cannot be used: {what}", where=FILE_NAME)
