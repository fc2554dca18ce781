"""Name servers of the tests' own: each answers over UDP and TCP on 127.0.0.1, by a function."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Mapping, Sequence

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from fleet_tui.onboarding.dns import exchange

Answerer = Callable[[dns.message.Message], dns.message.Message]
Records = Mapping[tuple[str, str], Sequence[str]]
"""Values by name and type, such as `("kasper.live", "NS")`."""

TTL = 300


class NameServer:
    """A server on a free port; used as a context manager.

    Args:
        answer: makes the answer to a query.
    """

    def __init__(self, answer: Answerer) -> None:
        self._answer = answer

    def __enter__(self) -> NameServer:
        outer = self

        class Udp(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, sock = self.request
                answer = outer._answer(dns.message.from_wire(data))
                sock.sendto(answer.to_wire(max_size=65_535), self.client_address)

        class Tcp(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                length = int.from_bytes(self.rfile.read(2), "big")
                answer = outer._answer(dns.message.from_wire(self.rfile.read(length)))
                answer.flags &= ~dns.flags.TC
                wire = answer.to_wire()
                self.wfile.write(len(wire).to_bytes(2, "big") + wire)

        self._tcp, self._udp = _bound(Tcp, Udp)
        self.port = self._tcp.server_address[1]
        for server in (self._udp, self._tcp):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()


def _bound(
    tcp: type[socketserver.StreamRequestHandler], udp: type[socketserver.BaseRequestHandler]
) -> tuple[socketserver.TCPServer, socketserver.UDPServer]:
    """Servers of both kinds on one port that is free for both."""
    while True:
        over_tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), tcp)
        try:
            return over_tcp, socketserver.ThreadingUDPServer(("127.0.0.1", over_tcp.server_address[1]), udp)
        except OSError:
            over_tcp.server_close()


def answering(records: Records, *, authority: bool = True) -> Answerer:
    """A server that knows these records and nothing else: other names do not exist."""

    def answer(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query, recursion_available=not authority)
        if authority:
            response.flags |= dns.flags.AA
        (question,) = query.question
        name, kind = question.name.to_text().rstrip(".") or ".", dns.rdatatype.to_text(question.rdtype)
        values = records.get((name, kind), ())
        if values:
            response.answer.append(rrset(name, kind, values))
        elif not any(known == name for known, _ in records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response

    return answer


def delegating(domain: str, names: Sequence[str] | None) -> Answerer:
    """A server of the zone above: refers to these name servers; None: the domain is not registered."""

    def answer(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        if names is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif names:
            response.authority.append(rrset(domain, "NS", names))
        return response

    return answer


def refusing(code: dns.rcode.Rcode) -> Answerer:
    """A server that serves no such zone."""

    def answer(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.set_rcode(code)
        return response

    return answer


def validating(answer: Answerer, bogus: str) -> Answerer:
    """A resolver that checks DNSSEC, for which this name is not what the zone above has promised."""

    def checked(query: dns.message.Message) -> dns.message.Message:
        (question,) = query.question
        if question.name == dns.name.from_text(bogus) and not query.flags & dns.flags.CD:
            return refusing(dns.rcode.SERVFAIL)(query)
        return answer(query)

    return checked


def cut_short(answer: Answerer) -> Answerer:
    """A server whose answers do not fit into a datagram."""

    def short(query: dns.message.Message) -> dns.message.Message:
        response = answer(query)
        response.flags |= dns.flags.TC
        return response

    return short


def rrset(name: str, kind: str, values: Sequence[str]) -> dns.rrset.RRset:
    """A set of records; names get their trailing dot."""
    dotted = [f"{value}." if kind in ("NS", "CNAME") else value for value in values]
    return dns.rrset.from_text(f"{name.rstrip('.')}.", TTL, "IN", kind, *dotted)


def all_in_one(
    domain: str, servers: Sequence[str], *, delegated: bool = True, records: Records | None = None
) -> Answerer:
    """One server in every role: resolver where it is to recurse, zone above for NS, else the zone's own."""
    parent = domain.partition(".")[2]
    soa = f"{servers[0]}. hostmaster.{domain}. 1 7200 900 1209600 86400"
    own: Records = {(domain, "NS"): servers, (domain, "SOA"): [soa], **(records or {})}
    found: Records = {
        (parent, "NS"): [f"ns.{parent}"],
        (f"ns.{parent}", "A"): ["127.0.0.1"],
        **{(server, "A"): ["127.0.0.1"] for server in servers},
        **(own if delegated else {(domain, "TXT"): ['"parked"']}),
    }
    recursive, above = answering(found, authority=False), delegating(domain, servers if delegated else ())
    itself = answering(own)

    def answer(query: dns.message.Message) -> dns.message.Message:
        if query.flags & dns.flags.RD:
            return recursive(query)
        return above(query) if query.question[0].rdtype == dns.rdatatype.NS else itself(query)

    return answer


class Network:
    """Addresses as in the world, each leading to a server here; every other address is silent."""

    def __init__(self) -> None:
        self._ports: dict[str, int] = {}

    def add(self, address: str, server: NameServer) -> None:
        """This address is that server."""
        self._ports[address] = server.port

    def ask(self, query: dns.message.Message, server: str) -> dns.message.Message:
        """Ask the server at this address, with the real exchange."""
        address = server.removesuffix(":53")
        if address not in self._ports:
            raise TimeoutError(f"nobody at {server}")
        return exchange(query, f"127.0.0.1:{self._ports[address]}")
