"""Asks name servers: the zone above, the zone's own servers, and public resolvers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver

from fleet_tui.onboarding.model import Answer, DnsReport, Record, ServerAnswer
from fleet_tui.onboarding.resolvers import DNS_PORT, split_address

_SECONDS = 2.0  # a name server answers in tens of milliseconds; one that needs longer is asked once more
_TRIES = 2
_AT_ONCE = 16
_MOST_PARENTS = 4  # of a zone's servers, which all have to say the same; .live has four, .com thirteen
_EDNS = 1232  # bytes, https://www.dnsflagday.net/2020/

Exchange = Callable[[dns.message.Message, str], dns.message.Message]
"""Sends a query to a server, `address` or `address:port`, and gives its answer.

Raises OSError or dns.exception.DNSException where there is none.
"""


def exchange(query: dns.message.Message, server: str) -> dns.message.Message:
    """Ask over UDP, and over TCP where the answer does not fit."""
    address, port = split_address(server)
    answer, _ = dns.query.udp_with_fallback(query, address, timeout=_SECONDS, port=port)
    return answer


Via = Sequence[str]
"""Resolvers that answer."""


class NameServers:
    """Looks at a domain from everywhere. Safe to use from many threads.

    Args:
        resolvers: public ones, asked for what they have cached; the first that answers also finds addresses.
        port: of authoritative servers.
        ask: how a server is asked.
    """

    def __init__(self, resolvers: Sequence[str], *, port: int = DNS_PORT, ask: Exchange = exchange) -> None:
        self._resolvers = tuple(resolvers)
        self._port = port
        self._ask = ask

    def look(
        self, domain: str, expected: Iterable[str], records: Iterable[Record], now: datetime
    ) -> DnsReport:
        """How the delegation looks; a server that does not answer is in the report, and is no error.

        Args:
            domain: the creator's domain.
            expected: the name servers of the zone that Terraform made.
            records: what the zone should hold; they come back with what was found.
            now: when it is looked.
        """
        wanted, servers = dns.name.from_text(domain), tuple(sorted(expected))
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            cached = tuple(threads.map(partial(self._resolver, wanted), self._resolvers))
            # Who was silent once is not asked for the way: without a network it would take minutes.
            via = tuple(one.server for one in cached if one.answer is not Answer.SILENT)
            parent, addresses = self._parent(via, wanted)
            parents = threads.map(partial(self._above, wanted), addresses)
            own = threads.map(partial(self._own, via, wanted), servers)
            found = threads.map(partial(self._has, via, servers), records)
            return DnsReport(
                domain=domain,
                expected=servers,
                parent=parent,
                parents=tuple(parents),
                resolvers=cached,
                servers=tuple(own),
                signed=self._signed(via, wanted),
                records=tuple(found),
                checked_at=now,
            )

    # Asking

    def _query(
        self,
        name: dns.name.Name,
        kind: dns.rdatatype.RdataType,
        server: str,
        *,
        recurse: bool,
        check: bool = True,
    ) -> dns.message.Message | None:
        """The server's answer; None where there is none in time."""
        query = dns.message.make_query(name, kind, use_edns=0, payload=_EDNS)
        query.flags = dns.flags.Flag(dns.flags.RD if recurse else 0) | (0 if check else dns.flags.CD)
        for _ in range(_TRIES):
            try:
                return self._ask(query, server)
            except (OSError, dns.exception.DNSException):
                continue
        return None

    def _resolve(
        self, via: Via, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> tuple[dns.message.Message | None, tuple[str, ...]]:
        """What the first resolver that answers says without checking DNSSEC, and the values of that type."""
        for server in via:
            answer = self._query(name, kind, server, recurse=True, check=False)
            if answer is not None and answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                return answer, _values(answer, answer.answer, kind, name)
        return None, ()

    def _addresses(self, via: Via, server: str) -> tuple[str, ...]:
        """`address:port` of a name server; IPv4, which reaches all of them from everywhere."""
        _, found = self._resolve(via, dns.name.from_text(server), dns.rdatatype.A)
        return tuple(f"{address}:{self._port}" for address in found)

    # The zone above

    def _parent(self, via: Via, domain: dns.name.Name) -> tuple[str, tuple[str, ...]]:
        """The zone that delegates the domain, and addresses of its servers; empty where nobody says."""
        above = domain
        while above != dns.name.root:
            above = above.parent()
            answer, servers = self._resolve(via, above, dns.rdatatype.NS)
            if answer is None:
                break
            if servers:
                chosen = servers[:_MOST_PARENTS]
                return _plain(above.to_text()), tuple(
                    a for name in chosen for a in self._addresses(via, name)[:1]
                )
        return "", ()

    def _above(self, domain: dns.name.Name, server: str) -> ServerAnswer:
        """What a server of the zone above says: a referral lists the name servers under authority."""
        answer = self._query(domain, dns.rdatatype.NS, server, recurse=False)
        if answer is None:
            return ServerAnswer(server=server, answer=Answer.SILENT)
        if answer.rcode() == dns.rcode.NXDOMAIN:
            return ServerAnswer(server=server, answer=Answer.NO_SUCH_NAME)
        if answer.rcode() != dns.rcode.NOERROR:
            return ServerAnswer(server=server, answer=Answer.REFUSED)
        names = _values(answer, [*answer.answer, *answer.authority], dns.rdatatype.NS, domain)
        return ServerAnswer(server=server, answer=Answer.FOUND if names else Answer.NONE, names=names)

    def _signed(self, via: Via, domain: dns.name.Name) -> bool | None:
        answer, found = self._resolve(via, domain, dns.rdatatype.DS)
        return None if answer is None else bool(found)

    # Caches, and the zone itself

    def _resolver(self, domain: dns.name.Name, server: str) -> ServerAnswer:
        """What a public resolver says; one that refuses is asked again without DNSSEC, to know why."""
        answer = self._query(domain, dns.rdatatype.NS, server, recurse=True)
        if answer is None:
            return ServerAnswer(server=server, answer=Answer.SILENT)
        if answer.rcode() == dns.rcode.NXDOMAIN:
            return ServerAnswer(server=server, answer=Answer.NO_SUCH_NAME)
        if answer.rcode() != dns.rcode.NOERROR:
            unchecked = self._query(domain, dns.rdatatype.NS, server, recurse=True, check=False)
            bogus = unchecked is not None and unchecked.rcode() == dns.rcode.NOERROR
            return ServerAnswer(server=server, answer=Answer.BOGUS if bogus else Answer.REFUSED)
        names = _values(answer, answer.answer, dns.rdatatype.NS, domain)
        return ServerAnswer(server=server, answer=Answer.FOUND if names else Answer.NONE, names=names)

    def _own(self, via: Via, domain: dns.name.Name, server: str) -> ServerAnswer:
        """Whether one of the zone's own servers serves it: with authority, or it is lame."""
        addresses = self._addresses(via, server)
        answer = self._query(domain, dns.rdatatype.SOA, addresses[0], recurse=False) if addresses else None
        if answer is None:
            return ServerAnswer(server=server, answer=Answer.SILENT)
        if answer.rcode() != dns.rcode.NOERROR or not answer.flags & dns.flags.AA:
            return ServerAnswer(server=server, answer=Answer.REFUSED)
        found = bool(_values(answer, answer.answer, dns.rdatatype.SOA, domain))
        return ServerAnswer(server=server, answer=Answer.FOUND if found else Answer.NONE)

    def _has(self, via: Via, servers: Sequence[str], record: Record) -> Record:
        """The record with whether it is there: asked of the zone's own servers, or of a resolver."""
        kind = dns.rdatatype.from_text(record.type)
        name = dns.name.from_text(record.name)
        answers: list[tuple[str, ...]] = []
        for server in servers:
            addresses = self._addresses(via, server)
            answer = self._query(name, kind, addresses[0], recurse=False) if addresses else None
            if answer is not None and answer.flags & dns.flags.AA:
                answers.append(_values(answer, answer.answer, kind, name))
                break
        if not answers:
            asked, found = self._resolve(via, name, kind)
            answers = [] if asked is None else [found]
        there = _plain(record.value) in {_plain(value) for value in answers[0]} if answers else None
        return record.model_copy(update={"found": there})


def _values(
    answer: dns.message.Message,
    section: Iterable[object],
    kind: dns.rdatatype.RdataType,
    name: dns.name.Name,
) -> tuple[str, ...]:
    """The values of this type in a section of an answer, sorted; of the name, or of what it stands for."""
    owners = {name}
    for found in answer.answer:
        if found.rdtype == dns.rdatatype.CNAME and found.name in owners and kind != dns.rdatatype.CNAME:
            owners |= {value.target for value in found}
    return tuple(
        sorted(
            _plain(value.to_text())
            for found in section
            if getattr(found, "rdtype", None) == kind and getattr(found, "name", None) in owners
            for value in found  # type: ignore[attr-defined]
        )
    )


def _plain(value: str) -> str:
    """A value to compare: small letters, no trailing dot, no quotes around texts."""
    return value.strip('"').rstrip(".").lower() if not value.startswith('"') else value.strip('"')
