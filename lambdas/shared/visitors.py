"""Who is one visitor, without knowing who they are.

A visitor is a keyed hash of network address and user agent. The key is a salt that lives for one UTC day
and is deleted after it, so that a visitor can neither be followed from one day to the next nor found out
later.
"""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv4Address, ip_address, ip_network

SALT_BYTES = 32
_IPV6_SITE_BITS = 64
_VISITOR_HEX = 32


def visitor_of(source_ip: str, user_agent: str, salt: bytes) -> str:
    """The day's pseudonym of a visitor, 32 hex digits.

    Args:
        source_ip: as API Gateway saw it. Of IPv6 only the first 64 bits count: the rest is a household's own
            to change as often as it likes (RFC 8981).
        user_agent: the header as it came.
        salt: the day's, `SALT_BYTES` long.
    """
    message = f"{_site(source_ip)}\n{user_agent}".encode("utf-8", "surrogatepass")
    return hmac.new(salt, message, hashlib.sha256).hexdigest()[:_VISITOR_HEX]


def _site(source_ip: str) -> str:
    try:
        address = ip_address(source_ip)
    except ValueError:
        return ""
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_SITE_BITS), strict=False))
