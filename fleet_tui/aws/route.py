"""Where a request to an HTTP API or to CloudFront really goes when AWS' endpoints are overridden."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def route(url: str, override: str | None) -> tuple[str, dict[str, str]]:
    """The URL to connect to and the headers to add, for a request to `url`.

    An HTTP API has a host name of its own, which no endpoint override reaches by itself. Under an override
    the connection goes to the override's address and the `Host` header names the API, as with a VPC endpoint
    (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html).
    The signature stays the one over the original host. A distribution of CloudFront's is reached in the same
    way, and is told by `X-Forwarded-Proto` that its visitor came by HTTPS.

    Args:
        url: the original URL, such as `https://a1b2c3d4.execute-api.eu-central-1.amazonaws.com/bookings`.
        override: the endpoint override, such as `http://127.0.0.1:4566`, or None.

    Returns:
        The URL to connect to, and `{"Host": …}` where it differs; the URL itself and no headers where there
        is no override or the host is neither an HTTP API of AWS nor a distribution.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    distribution = host.endswith(".cloudfront.net")
    if override is None or not (distribution or ".execute-api." in host):
        return url, {}
    other = urlsplit(override)
    path = other.path.rstrip("/") + parts.path
    headers = {"Host": parts.netloc} | ({"X-Forwarded-Proto": parts.scheme} if distribution else {})
    return urlunsplit((other.scheme, other.netloc, path, parts.query, "")), headers
