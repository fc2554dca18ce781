"""Looks at a site as a visitor does: HTTP by httpx, certificates by ssl."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from fleet_tui.onboarding.golive_rules import Reply, SeenCertificate

_SECONDS = 10.0
_MOST_BYTES = 256 * 1024
_AGENT = "fleet-check"

Route = Callable[[str], tuple[str, dict[str, str]]]
"""Where to connect for a URL, and the headers to add."""

Connect = Callable[[str], tuple[str, int]]
"""Address and port of a host's TLS."""


class Web:
    """Asks sites. Follows no redirects, sends nothing but what is said here, reads at most 256 KiB.

    Args:
        route: where requests really go.
        connect: where a host's certificate is looked at.
        ca_bundle: certificates to trust instead of the usual ones.
    """

    def __init__(
        self,
        route: Route = lambda url: (url, {}),
        *,
        connect: Connect = lambda host: (host, 443),
        ca_bundle: str | None = None,
    ) -> None:
        self._route = route
        self._connect = connect
        self._context = ssl.create_default_context(cafile=ca_bundle)

    def ask(self, method: str, url: str) -> Reply:
        """The answer to a request without a body; never raises for what the network does."""
        target, headers = self._route(url)
        name = httpx.URL(url).host
        # Where the connection goes elsewhere, the certificate still has to be the one of the name asked for.
        extensions = {"sni_hostname": name} if target.startswith("https://") else {}
        try:
            with (
                httpx.Client(verify=self._context, timeout=_SECONDS, trust_env=False) as client,
                client.stream(
                    method, target, headers={"User-Agent": _AGENT, **headers}, extensions=extensions
                ) as answer,
            ):
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) >= _MOST_BYTES:
                        break
        except httpx.HTTPError as error:
            return Reply(problem=_why_not(name, error))
        return Reply(
            status=answer.status_code,
            headers={key.lower(): value for key, value in answer.headers.items()},
            body=body[:_MOST_BYTES].decode("utf-8", "replace"),
        )

    def certificate(self, host: str) -> SeenCertificate:
        """The host's certificate as a browser judges it: chain, names, time."""
        try:
            with (
                socket.create_connection(self._connect(host), timeout=_SECONDS) as plain,
                self._context.wrap_socket(plain, server_hostname=host) as secured,
            ):
                found = secured.getpeercert() or {}
        except ssl.SSLCertVerificationError as error:
            return SeenCertificate(refused=error.verify_message or "the certificate is not believed")
        except OSError as error:
            return SeenCertificate(problem=_why_not(host, error))
        # Entries are pairs such as ("DNS", "kasper.live"); the end is in GMT, as OpenSSL prints it.
        names = tuple(str(entry[1]) for entry in found.get("subjectAltName", ()) if entry[0] == "DNS")
        ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
        return SeenCertificate(names=names, ends_at=ends)


def _why_not(host: str, error: Exception) -> str:
    cause = error.__cause__ or error.__context__ or error
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return f"{host} did not answer in time"
    if isinstance(cause, socket.gaierror) or "Name or service not known" in str(error):
        return f"{host} has no address yet, as seen from here"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"the certificate of {host} is not believed"
    return f"{host} cannot be reached"
