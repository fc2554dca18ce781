"""Open sites, looked at over real TLS with a certificate authority of the tests' own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleet_tui.aws import AwsDoor
from fleet_tui.onboarding.golive import GoLive
from fleet_tui.onboarding.golive_rules import SECURITY_HEADERS
from fleet_tui.onboarding.model import Check, Outcome
from fleet_tui.onboarding.web import Web
from fleet_tui.registry.model import Creator

NOW = datetime.now(UTC)
DOMAIN = "kasper.live"
API = "https://a1b2.execute-api.eu-central-1.amazonaws.com"
PLAYBACK = "https://5f2d.eu-central-1.playback.live-video.net/v1/eu.m3u8"
OUTPUTS = {"api_endpoint": API, "playback_url": PLAYBACK}
PAGE = ("text/html; charset=utf-8", "<!doctype html><title>Kasper</title>")
PAGES: dict[tuple[str, str], tuple[int, str, str]] = {
    (DOMAIN, "/"): (200, *PAGE),
    ("a1b2.execute-api.eu-central-1.amazonaws.com", "/live"): (200, "application/json", '{"live": false}'),
    ("5f2d.eu-central-1.playback.live-video.net", "/v1/eu.m3u8"): (404, "application/json", "[]"),
}


class Authority:
    """Makes certificates that whoever trusts its file believes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        whole = self._builder(self._name, self._key, NOW + timedelta(days=365))
        own = whole.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
            decipher_only=False,
        )  # fmt: skip
        signed = own.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        self.file = folder / "authority.pem"
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def context(self, *hosts: str, days: float = 200) -> ssl.SSLContext:
        """A server's TLS for these hosts, ending in so many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        certificate = (
            self._builder(name, key, NOW + timedelta(days=days))
            .add_extension(names, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self._folder / f"{hosts[0]}-{days}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _builder(self, subject: x509.Name, key: Any, ends: datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=400))
            .not_valid_after(ends)
        )


class Handler(BaseHTTPRequestHandler):
    """Answers by host and path as PAGES says; plain HTTP leads to HTTPS."""

    def do_GET(self) -> None:
        if not isinstance(self.connection, ssl.SSLSocket):
            self.send_response(301)
            self.send_header("Location", f"https://{self.headers['Host']}{self.path}")
            self.end_headers()
            return
        status, kind, body = PAGES.get(
            (self.headers["Host"], self.path), (403, "application/xml", "<Error/>")
        )
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for header in SECURITY_HEADERS:
            self.send_header(header, "x")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def open_site(authority: Authority, context: ssl.SSLContext, *, trust: bool = True) -> Iterator[Web]:
    """All hosts of the world are one server here."""
    with serving(context) as secure, serving(None) as plain:

        def route(url: str) -> tuple[str, dict[str, str]]:
            scheme, _, rest = url.partition("://")
            host, _, path = rest.partition("/")
            port = secure if scheme == "https" else plain
            return f"{scheme}://127.0.0.1:{port}/{path}", {"Host": host}

        bundle = str(authority.file) if trust else None
        yield Web(route, connect=lambda host: ("127.0.0.1", secure), ca_bundle=bundle)


def look(web: Web, *, domain_ready: bool = True, live: bool = False) -> dict[str, Check]:
    creator = Creator.model_validate(
        {
            "slug": "kasper", "name": "Kasper Kast", "domain": DOMAIN, "account_id": "210000000001",
            "region": "eu-central-1", "contact": "kasper@kasper.live", "monthly_budget": 150,
            "modules": {"s3-website": {"domain_ready": domain_ready}, "ivs-streaming": {}},
        }
    )  # fmt: skip
    site = GoLive(AwsDoor(operator="ana@ops"), web, emulated=False)
    return {check.name: check for check in site.look(creator, OUTPUTS, NOW, live=live).checks}


HOSTS = (DOMAIN, f"www.{DOMAIN}", "a1b2.execute-api.eu-central-1.amazonaws.com",
         "5f2d.eu-central-1.playback.live-video.net")  # fmt: skip


def test_a_site_that_is_open_is_well(authority):
    with open_site(authority, authority.context(*HOSTS)) as web:
        checks = look(web)
    assert {name: check.outcome for name, check in checks.items()} == dict.fromkeys(
        ("certificate", "page", "redirect", "API", "player"), Outcome.OK
    ), checks
    assert DOMAIN in checks["certificate"].found


def test_a_stream_that_does_not_reach_its_viewers_is_seen(authority):
    with open_site(authority, authority.context(*HOSTS)) as web:
        assert look(web, live=True)["player"].outcome is Outcome.FAILED


def test_a_certificate_without_www_is_refused(authority):
    with open_site(authority, authority.context(DOMAIN, *HOSTS[2:])) as web:
        checks = look(web)
    assert checks["certificate"].outcome is Outcome.FAILED
    assert "www.kasper.live" in checks["certificate"].found
    assert checks["page"].outcome is Outcome.OK


def test_an_expired_certificate_is_refused(authority):
    with open_site(authority, authority.context(*HOSTS, days=-1)) as web:
        checks = look(web)
    assert checks["certificate"].outcome is Outcome.FAILED
    assert "expired" in checks["certificate"].found
    assert checks["page"].outcome is Outcome.UNKNOWN
    assert "is not believed" in checks["page"].found


def test_an_authority_that_nobody_knows_is_refused(authority):
    with open_site(authority, authority.context(*HOSTS), trust=False) as web:
        assert look(web)["certificate"].outcome is Outcome.FAILED


def test_nobody_there_is_unknown_and_not_well(authority):
    with open_site(authority, authority.context(*HOSTS)) as closed:
        pass
    checks = look(closed)
    assert {check.outcome for check in checks.values()} == {Outcome.UNKNOWN}


def test_before_the_domain_leads_there_it_is_waited_for(authority):
    with open_site(authority, authority.context(*HOSTS)) as web:
        checks = look(web, domain_ready=False)
    assert checks["certificate"].outcome is checks["redirect"].outcome is Outcome.WAITING
