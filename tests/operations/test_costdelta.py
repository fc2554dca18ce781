from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from fleet_tui.costs.model import Confidence
from fleet_tui.costs.pricebook import price_book
from fleet_tui.operations.costdelta import cost_delta
from fleet_tui.operations.model import Action
from fleet_tui.operations.planjson import PlanJson
from tests.operations.planned import change, creator

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BOOK = price_book()
TERRAFORM = Path(__file__).parents[2] / "terraform"
NONE = frozenset()


def delta(*changes, before=NONE, after=NONE, of=None):
    return cost_delta(PlanJson(tuple(changes), before, after), of or creator(), BOOK, NOW)


MADE = {
    "zone": ("aws_route53_zone", {"name": "kasper.live"}, "0.50"),
    "alarm": ("aws_cloudwatch_metric_alarm", {"metric_query": []}, "0.10"),
    "alarm of two metrics": (
        "aws_cloudwatch_metric_alarm",
        {"metric_query": [{"metric": [{}]}, {"metric": [{}]}, {"expression": "a+b", "metric": []}]},
        "0.20",
    ),
    "key": ("aws_kms_key", {"description": "x"}, "1.00"),
    "firewall": ("aws_wafv2_web_acl", {"rule": [{}, {}, {}]}, "8.00"),
    "queue": ("aws_sqs_queue", {"name": "x"}, "0.00"),
}


@pytest.mark.parametrize("case", MADE)
def test_what_is_made_costs_its_price_and_what_is_removed_saves_it(case):
    kind, values, dollars = MADE[case]
    made = delta(change(kind, Action.CREATE, after=values))
    removed = delta(change(kind, Action.DELETE, before=values))
    replaced = delta(change(kind, Action.REPLACE, before=values, after=values))
    assert (made.monthly, removed.monthly, replaced.monthly) == (Decimal(dollars), -Decimal(dollars), 0)
    assert made.confidence is Confidence.LISTED
    assert made.lines == ((f"+${dollars} {kind}",) if Decimal(dollars) else ())


def test_a_health_check_costs_more_by_https():
    plain, secure = (
        delta(change("aws_route53_health_check", Action.CREATE, after={"type": kind})).fixed
        for kind in ("HTTP", "HTTPS_STR_MATCH")
    )
    assert secure - plain == BOOK["route53_health_check_https"].usd


def test_a_firewall_that_gets_a_rule_costs_that_rule():
    assert delta(
        change("aws_wafv2_web_acl", before={"rule": [{}]}, after={"rule": [{}, {}]})
    ).monthly == Decimal("1.00")


def test_what_the_price_book_does_not_know_is_said_and_is_not_sure():
    unknown = delta(change("aws_eks_cluster", Action.CREATE, after={}))
    assert unknown.unknown == ("aws_eks_cluster",)
    assert unknown.confidence is Confidence.ASSUMED


def test_a_module_that_comes_brings_its_planned_usage_and_takes_it_when_it_goes():
    streams = creator(modules={"ivs-streaming": {"channel_type": "BASIC"}})
    channel = change("aws_ivs_channel", Action.CREATE, after={"type": "BASIC"})
    comes = delta(channel, after=frozenset({"ivs_streaming"}), of=streams)
    goes = delta(before=frozenset({"ivs_streaming"}), of=streams)
    named_no_more = delta(before=frozenset({"ivs_streaming"}))
    assert comes.usage > 8  # ten hours a week of input alone
    assert goes.usage == -comes.usage
    assert named_no_more.usage < 0
    assert comes.confidence is Confidence.ASSUMED
    assert any("IVS input, as planned" in line for line in comes.lines)


def test_another_type_of_channel_costs_the_difference():
    streams = creator(modules={"ivs-streaming": {"channel_type": "STANDARD"}})
    both = frozenset({"ivs_streaming"})
    changed = change("aws_ivs_channel", before={"type": "BASIC"}, after={"type": "STANDARD"})
    assert delta(changed, before=both, after=both, of=streams).usage > 0
    assert delta(before=both, after=both, of=streams).monthly == 0


def test_the_price_book_knows_every_type_that_terraform_makes():
    text = "\n".join(file.read_text() for file in TERRAFORM.rglob("*.tf"))
    types = set(re.findall(r'^resource "(aws_[a-z0-9_]+)"', text, re.MULTILINE))
    assert types
    assert types <= BOOK.charges.fixed.keys() | BOOK.charges.none
    assert not BOOK.charges.fixed.keys() & BOOK.charges.none
