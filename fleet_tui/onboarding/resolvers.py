"""`[dns]` in fleet.toml: whom to ask about domains."""

from __future__ import annotations

import ipaddress

from pydantic import Field, field_validator

from fleet_tui.values import Value

DNS_PORT = 53


class Dns(Value):
    """`[dns]`

    Args:
        resolvers: what creators' visitors use, asked for what they have cached; `address` or `address:port`.
            Cloudflare's, Google's and Quad9's check DNSSEC, as most do.
        port: of the servers of zones.
    """

    resolvers: tuple[str, ...] = Field(default=("1.1.1.1", "8.8.8.8", "9.9.9.9"), min_length=1, max_length=10)
    port: int = Field(default=DNS_PORT, ge=1, le=65_535)

    @field_validator("resolvers")
    @classmethod
    def _addresses(cls, resolvers: tuple[str, ...]) -> tuple[str, ...]:
        for resolver in resolvers:
            split_address(resolver)
        return resolvers


def split_address(server: str, port: int = DNS_PORT) -> tuple[str, int]:
    """Address and port of `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`.

    Args:
        server: one of these.
        port: where none is said.

    Raises:
        ValueError: it is none of these.
    """
    host, _, number = server.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        address, found = host[1:-1], number
    elif server.count(":") == 1:
        address, found = host, number
    else:
        address, found = server, str(port)
    if not found.isdecimal() or not 0 < int(found) < 65_536:
        raise ValueError(f'"{server}" is not an address such as 192.0.2.1 or 192.0.2.1:5353')
    return str(ipaddress.ip_address(address)), int(found)
