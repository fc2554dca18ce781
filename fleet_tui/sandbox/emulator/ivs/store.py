"""Where IVS resources and stream sessions are kept, and what every operation needs of them."""

from __future__ import annotations

import base64
import binascii
import copy
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.wire import ServiceError

Record = dict[str, Any]

KIND = "_kind"
"""Key of a record's kind; keys that begin with an underscore never leave the service."""

resources: Any = AccountRegionScopedDict()
"""arn → record, of both services."""

sessions: Any = AccountRegionScopedDict()
"""channel arn → stream sessions, newest first."""

tokens: Any = AccountRegionScopedDict()
"""chat token → who it was made for."""

deliveries: Any = AccountRegionScopedDict()
"""room arn → what was delivered to the room's clients, oldest first."""


def not_found(what: str) -> ServiceError:
    """The error for a resource that is not there."""
    return ServiceError(404, "ResourceNotFoundException", f"Resource: {what} not found")


def invalid(message: str) -> ServiceError:
    """The error for a request that makes no sense."""
    return ServiceError(400, "ValidationException", message)


def new_arn(service: str, resource_type: str) -> str:
    """A fresh ARN in the account and region of the request."""
    name = identifiers.draw(f"{service}/{resource_type}")
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{resource_type}/{name}"


def find(arn: str | None, kind: str) -> Record:
    """The record with this ARN.

    Raises:
        ServiceError: there is none of this kind.
    """
    record: Record | None = resources.get(arn)
    if record is None or record[KIND] != kind:
        raise not_found(str(arn))
    return record


def of_kind(kind: str) -> list[Record]:
    """All records of a kind in the account and region of the request."""
    return [record for record in resources.values() if record[KIND] == kind]


def public(record: Record) -> Record:
    """The record as the API shows it."""
    return {key: value for key, value in record.items() if not key.startswith("_") and value is not None}


def page(items: list[Record], body: Record, key: str) -> Record:
    """One page of a list: `maxResults` of 1 to 100 (100 if not given), `nextToken` from the page before.

    Raises:
        ServiceError: a number out of range, or a token that no page has given.
    """
    size = body.get("maxResults") or 100
    if not 1 <= size <= 100:
        raise invalid("maxResults must be between 1 and 100")
    start = 0
    if token := body.get("nextToken"):
        try:
            start = int(base64.urlsafe_b64decode(token))
        except (ValueError, binascii.Error):
            raise invalid("Invalid nextToken") from None
    answer: Record = {key: items[start : start + size]}
    if start + size < len(items):
        answer["nextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return answer


def iso(moment: float) -> str:
    """Seconds since the epoch as the API writes moments."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_KEPT = {"resources": resources, "sessions": sessions, "tokens": tokens, "deliveries": deliveries}


def get_state() -> Record:
    """What is persisted."""
    return {name: copy.deepcopy(kept) for name, kept in _KEPT.items()}


def load_persisted_state(state: Record) -> None:
    """Restore."""
    for name, kept in _KEPT.items():
        kept.update(state.get(name, {}))


def reset() -> None:
    """Forget everything, in every account."""
    for kept in _KEPT.values():
        kept.clear()
