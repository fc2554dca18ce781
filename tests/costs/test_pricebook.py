from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from fleet_tui.costs.model import Confidence
from fleet_tui.costs.pricebook import FILE_NAME, parse_book, price_book
from fleet_tui.problems import FleetError, ProblemKind

TEXT = (files("fleet_tui.costs") / FILE_NAME).read_text()


def test_the_book_that_ships_is_whole_dated_and_sourced():
    book = price_book()
    assert book.region == "us-east-1"
    assert book.as_of >= max(price.as_of for price in book.prices.values())
    assert {price.source.split("/")[2] for price in book.prices.values()} == {"aws.amazon.com"}


def test_figures_are_exact():
    book = price_book()
    assert book["lambda_arm_gb_seconds"].usd == Decimal("0.0000133334")
    assert book["cloudfront_requests"].of(Decimal(2_000_000)) == Decimal(2)
    assert book.planning.recorded_gb_per_hour == Decimal("2.7")


def test_figures_at_second_hand_are_marked():
    book = price_book()
    second_hand = ("ivs_", "chat_", "firehose_", "backup_", "route53_health_")
    assert all(
        price.confidence is (Confidence.ASSUMED if name.startswith(second_hand) else Confidence.LISTED)
        for name, price in book.prices.items()
    )


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('usd = "0.20"', 'usd = "-0.20"', "prices.ivs_input_basic.usd"),
        ("per = 1\n", "per = 0\n", "prices.ivs_input_basic.per"),
        ('"https://aws.amazon.com/ivs/pricing/"', '"hearsay"', "prices.ivs_input_basic.source"),
        ('confidence = "assumed"', 'confidence = "measured"', "prices.ivs_input_basic.confidence"),
        ("[prices.ivs_input_basic]", "[prices.ivs_input_basics]", "prices.ivs_input_basics"),
        ("average_viewers = 15", "", "planning.average_viewers"),
        ("as_of = 2026-11-22\nregion", "as_of = soon\nregion", "line"),
    ],
)
def test_a_broken_book_is_a_problem_with_its_place(old: str, new: str, what: str):
    assert old in TEXT
    with pytest.raises(FleetError) as caught:
        parse_book(TEXT.replace(old, new, 1))
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION
    assert what in caught.value.problem.what


def test_a_price_that_is_missing_is_named():
    start = TEXT.index("[prices.waf_rule]")
    with pytest.raises(FleetError, match="no price for waf_rule"):
        parse_book(TEXT[:start] + TEXT[TEXT.index("[prices.waf_requests]") :])


def test_prices_are_shown_with_their_unit():
    assert str(price_book()["route53_zone"]) == "$0.50"
    assert str(price_book()["http_api_requests"]) == "$1.00 per 1,000,000 requests"
    assert price_book().as_of == date(2026, 11, 22)
