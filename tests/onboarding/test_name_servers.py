"""Asking name servers, each case against real servers on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

import dns.rcode
import pytest

from fleet_tui.onboarding.delegation import Delegation, judge_delegation
from fleet_tui.onboarding.dns import NameServers
from fleet_tui.onboarding.model import Answer, DnsReport, Record
from fleet_tui.onboarding.resolvers import Dns, split_address
from tests.onboarding.name_servers import (
    Answerer,
    NameServer,
    Network,
    Records,
    all_in_one,
    answering,
    cut_short,
    delegating,
    refusing,
    validating,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DOMAIN = "kasper.live"
OURS = ("ns-1.awsdns-01.org", "ns-2.awsdns-02.net")
THEIRS = ("ns1.parked.example", "ns2.parked.example")
SOA = "ns-1.awsdns-01.org. hostmaster.kasper.live. 1 7200 900 1209600 86400"
ZONE: Records = {(DOMAIN, "NS"): OURS, (DOMAIN, "SOA"): [SOA]}
WAY: Records = {
    ("live", "NS"): ["a.nic.live"],
    ("a.nic.live", "A"): ["192.0.2.10"],
    (OURS[0], "A"): ["192.0.2.21"],
    (OURS[1], "A"): ["192.0.2.22"],
}
RESOLVERS = ("192.0.2.1", "192.0.2.2")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as servers:
        yield servers


def cached(names: Sequence[str]) -> Records:
    """What a resolver has: the way there, and these name servers of the domain."""
    return {**WAY, **({(DOMAIN, "NS"): names} if names else {(DOMAIN, "TXT"): ['"parked"']})}


def look(
    stack: ExitStack,
    *,
    above: Answerer | None = None,
    resolvers: Sequence[Answerer] | None = None,
    own: Answerer | None = None,
    records: Sequence[Record] = (),
) -> DnsReport:
    """A look at the domain in a network that is right but for what is said."""
    network = Network()
    for address, answer in {
        "192.0.2.10": above or delegating(DOMAIN, OURS),
        "192.0.2.21": own or answering(ZONE),
        "192.0.2.22": own or answering(ZONE),
        **dict(zip(RESOLVERS, resolvers or [answering(cached(OURS), authority=False)] * 2, strict=True)),
    }.items():
        network.add(address, stack.enter_context(NameServer(answer)))
    return NameServers(RESOLVERS, ask=network.ask).look(DOMAIN, OURS, records, NOW)


def test_a_domain_that_is_delegated_to_us_is_seen_so_from_everywhere(stack):
    report = look(stack)
    assert report.parent == "live"
    assert [(one.answer, one.names) for one in report.parents] == [(Answer.FOUND, OURS)]
    assert [one.answer for one in report.servers] == [Answer.FOUND, Answer.FOUND]
    assert report.signed is False
    assert judge_delegation(report).delegation is Delegation.DELEGATED


@pytest.mark.parametrize(
    ("names", "delegation", "told"),
    [
        (None, Delegation.NOT_REGISTERED, "live does not know kasper.live"),
        ((), Delegation.NOT_DELEGATED, "no name servers are entered"),
        (THEIRS, Delegation.ELSEWHERE, "ns1.parked.example, ns2.parked.example"),
        ((OURS[0],), Delegation.PARTLY, "still missing at the registrar: ns-2.awsdns-02.net"),
        ((*OURS, THEIRS[0]), Delegation.PARTLY, "not ours: ns1.parked.example"),
    ],
)
def test_the_zone_above_decides(stack, names, delegation, told):
    """The resolvers still have what is right: a cache does not count against the zone above."""
    verdict = judge_delegation(look(stack, above=delegating(DOMAIN, names)))
    assert verdict.delegation is delegation
    assert told in " ".join(verdict.found)
    assert verdict.action
    assert verdict.waiting_for


@pytest.mark.parametrize("code", [dns.rcode.REFUSED, dns.rcode.SERVFAIL])
def test_servers_of_ours_that_do_not_serve_the_zone_are_lame(stack, code):
    verdict = judge_delegation(look(stack, own=refusing(code)))
    assert verdict.delegation is Delegation.LAME
    assert "ns-1.awsdns-01.org, ns-2.awsdns-02.net does not serve" in verdict.found[0]


def test_an_answer_without_authority_is_lame(stack):
    report = look(stack, own=answering(ZONE, authority=False))
    assert judge_delegation(report).delegation is Delegation.LAME


def test_a_ds_record_that_was_left_behind_is_told_from_a_server_that_fails(stack):
    signed = {**cached(OURS), (DOMAIN, "DS"): ["12345 13 2 " + "ab" * 32]}
    resolver = validating(answering(signed, authority=False), DOMAIN)
    report = look(stack, resolvers=[resolver, resolver])
    assert report.signed is True
    verdict = judge_delegation(report)
    assert verdict.delegation is Delegation.BOGUS
    assert "Remove the DS record" in verdict.action


def test_a_cache_that_has_the_old_servers_is_waited_for(stack):
    old, new = (answering(cached(names), authority=False) for names in (THEIRS, OURS))
    verdict = judge_delegation(look(stack, resolvers=[new, old]))
    assert verdict.delegation is Delegation.SPREADING
    assert verdict.waiting_for == "caches: 1 of 2 resolvers see it"
    assert "192.0.2.2 still has what was before" in verdict.found[0]


def test_answers_that_do_not_fit_come_over_tcp(stack):
    report = look(stack, resolvers=[cut_short(answering(cached(OURS), authority=False))] * 2)
    assert judge_delegation(report).delegation is Delegation.DELEGATED


def test_without_a_network_nothing_is_known_and_nothing_is_called_well():
    report = NameServers(RESOLVERS, ask=Network().ask).look(
        DOMAIN, OURS, [Record(type="TXT", name=f"_dmarc.{DOMAIN}", value="v=DMARC1; p=none")], NOW
    )
    assert {one.answer for one in (*report.resolvers, *report.servers)} == {Answer.SILENT}
    assert (report.parent, report.parents, report.signed) == ("", (), None)
    assert [record.found for record in report.records] == [None]
    verdict = judge_delegation(report)
    assert verdict.delegation is Delegation.UNKNOWN
    assert "fleet.toml" in verdict.action


def test_where_only_resolvers_can_be_reached_what_they_all_say_counts(stack):
    network = Network()
    for address in RESOLVERS:
        network.add(address, stack.enter_context(NameServer(answering(cached(OURS), authority=False))))
    asked = NameServers(RESOLVERS, ask=network.ask)
    verdict = judge_delegation(asked.look(DOMAIN, OURS, (), NOW))
    assert verdict.delegation is Delegation.DELEGATED
    assert "the servers of live did not answer" in verdict.found[0]
    other = judge_delegation(asked.look(DOMAIN, THEIRS, (), NOW))
    assert other.delegation is Delegation.UNKNOWN


def test_nobody_at_a_port_is_no_answer(monkeypatch):
    monkeypatch.setattr("fleet_tui.onboarding.dns._SECONDS", 0.05)
    with NameServer(answering({})) as closed:
        pass
    report = NameServers([f"127.0.0.1:{closed.port}"]).look(DOMAIN, OURS, (), NOW)
    assert [one.answer for one in report.resolvers] == [Answer.SILENT]


def test_records_are_looked_for_in_the_zone_itself(stack):
    dkim = Record(type="CNAME", name=f"abc._domainkey.{DOMAIN}", value="abc.dkim.amazonses.com")
    dmarc = Record(type="TXT", name=f"_dmarc.{DOMAIN}", value="v=DMARC1; p=none")
    exchange = Record(type="MX", name=f"mail.{DOMAIN}", value="10 feedback-smtp.eu-central-1.amazonses.com")
    zone = answering(
        {
            **ZONE,
            (dkim.name, "CNAME"): [dkim.value],
            (dmarc.name, "TXT"): ['"v=DMARC1; p=reject"'],
            (exchange.name, "MX"): [f"{exchange.value}."],
        }
    )
    report = look(stack, own=zone, records=[dkim, dmarc, exchange])
    assert [(record.type, record.found) for record in report.records] == [
        ("CNAME", True),
        ("TXT", False),
        ("MX", True),
    ]


def test_one_server_in_every_role(stack):
    server = stack.enter_context(NameServer(all_in_one(DOMAIN, OURS)))
    asked = NameServers([f"127.0.0.1:{server.port}"], port=server.port)
    assert judge_delegation(asked.look(DOMAIN, OURS, (), NOW)).delegation is Delegation.DELEGATED


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_addresses_of_resolvers(text, address):
    assert split_address(text) == address


@pytest.mark.parametrize("text", ["dns.google", "192.0.2.1:0", "192.0.2.1:x", "[2001:db8::1", ""])
def test_what_is_no_address_is_refused_in_the_settings(text):
    with pytest.raises(ValueError, match="resolvers"):
        Dns(resolvers=(text,))
