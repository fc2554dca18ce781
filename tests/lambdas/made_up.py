"""Requests that follow the description of an API, made up by schemathesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.schemas import BaseSchema

_CONFIG = schemathesis.Config.from_dict(
    {
        # Who calls is no part of the requests that are made up.
        "generation": {"with-security-parameters": False},
        # With 413, which schemathesis does not think of: what is too long may be too large as well.
        "checks": {"negative_data_rejection": {"expected-statuses": [400, 404, 409, 413, 415, 422, 429]}},
    }
)
_NOW = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
_TODAY = _NOW.date()


def described(document: dict[str, Any]) -> BaseSchema:
    """An OpenAPI document, read."""
    return schemathesis.openapi.from_dict(document, config=_CONFIG)


# Most days, addresses and texts that can be thought of are refused for what they are. These are not.
for _format, _values in {
    "date-time": st.datetimes(_NOW, _NOW + timedelta(days=60)).map(lambda at: f"{at:%Y-%m-%dT%H:%M}:00Z"),
    "date": st.dates(_TODAY, _TODAY + timedelta(days=60)).map(str),
    "email": st.from_regex(r"[a-z]{1,12}@[a-z]{1,12}\.example", fullmatch=True),
    "https-url": st.from_regex(r"https://[a-z]{1,12}\.example/[a-z0-9]{0,12}", fullmatch=True),
    "plain-text": st.from_regex(r"[A-ZÄ-Ö][a-zß-ö0-9 .]{0,18}[a-z]", fullmatch=True),
}.items():
    schemathesis.openapi.format(_format, _values)
