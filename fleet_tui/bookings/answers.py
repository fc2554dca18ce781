"""What a creator's bookings API answers, read with suspicion: values where it is good, problems where it is
not."""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime
from typing import Any, NoReturn

from pydantic import JsonValue, TypeAdapter, ValidationError

from fleet_tui.bookings.model import Booking
from fleet_tui.problems import FleetError, ProblemKind

_LONGEST_DETAIL = 200  # characters
_JSON: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


def read_page(body: bytes, where: str) -> tuple[list[Booking], str | None]:
    """A page of `GET /bookings`: `{"bookings": […], "next_cursor": …}`.

    Returns:
        The bookings, and the cursor of the next page or None.

    Raises:
        FleetError: kind SERVICE, where it is something else.
    """
    document = _document(body)
    rows, cursor = document.get("bookings"), document.get("next_cursor")
    if not isinstance(rows, list) or not (cursor is None or isinstance(cursor, str)):
        _not_understood(where)
    return [_booking(row, where) for row in rows], cursor or None


def read_booking(body: bytes, where: str) -> Booking:
    """The booking that a decision answers with.

    Raises:
        FleetError: kind SERVICE, where it is something else.
    """
    return _booking(_document(body), where)


def problem_of(status: int, body: bytes, where: str) -> FleetError:
    """The error to show for an answer that is no success.

    Args:
        status: HTTP status.
        body: a problem document (RFC 9457) of the API, or the `{"message": …}` of API Gateway.
        where: the creator and the service.
    """
    document = _document(body)
    message = str(document.get("message") or document.get("Message") or "")
    match status:
        case 409:
            what, hint = _conflict(document)
            return FleetError.of(ProblemKind.CONFLICT, what, where=where, hint=hint)
        case 401 | 403 if "expired" in message.lower():
            return FleetError.of(
                ProblemKind.CREDENTIALS,
                "the bookings API says that the signature or the credentials have expired",
                where=where,
                hint="Sign in again; if that does not help, set this machine's clock (NTP)",
            )
        case 401 | 403:
            return FleetError.of(
                ProblemKind.DENIED,
                "the bookings API lets operators of this account in, and not you",
                where=where,
                hint="Add execute-api:Invoke to the role or the permission set that operators use",
            )
        case 404:
            return FleetError.of(
                ProblemKind.NOT_FOUND,
                _detail(document) or "the bookings API is not there",
                where=where,
                hint="Look again; if it stays away, apply the creator's infrastructure",
            )
        case 429:
            return FleetError.of(
                ProblemKind.THROTTLED, "the bookings API throttles", where=where, hint="Try again in a moment"
            )
        case 400 | 413 | 415 | 422:
            reason = _detail(document) or f"status {status}"
            return FleetError.of(
                ProblemKind.UNEXPECTED, f"the bookings API refused the request: {reason}", where=where
            )
        case _:
            return FleetError.of(
                ProblemKind.SERVICE,
                f"the bookings API failed (status {status})",
                where=where,
                hint="Try again in a moment; the creator's log group has the details",
            )


def _conflict(document: dict[str, JsonValue]) -> tuple[str, str]:
    """Who was first, or what holds the days."""
    match str(document.get("type", "")).rsplit("/", 1)[-1]:
        case "already-decided":
            status = _text(document.get("booking_status")) or "decided"
            by, at = _text(document.get("decided_by")), _moment(document.get("decided_at"))
            return (
                f"already {status}{f' by {by}' if by else ''}{f' on {at}' if at else ''}",
                "Nothing was changed",
            )
        case "slot-taken":
            return (
                f"the placement is taken by {_holders(document)}",
                "Reject it, or agree on other days with the sponsor",
            )
        case "slot-held":
            until = _moment(document.get("free_from"))
            return (
                f"the placement is held for {_holders(document)}{f' until {until}' if until else ''}",
                "Reject the other booking first, or wait until its hold has ended",
            )
        case "creative-not-ready":
            state = _text(document.get("creative_state")) or "not ready"
            return f"the booking's picture is {state}", "Approve it once the picture is ready"
        case "changed":
            return "the booking has changed since you saw it", "Look again before you decide"
        case "over":
            return _detail(document) or "the booking's days have passed", "Reject it instead"
        case _:
            return _detail(document) or "somebody else was first", "Look again before you decide"


def _holders(document: dict[str, JsonValue]) -> str:
    return " and ".join(_holder(one) for one in _list(document.get("conflicts"))) or "another booking"


def _holder(one: JsonValue) -> str:
    if not isinstance(one, dict):
        return "another booking"
    days = sorted(_text(day) for day in _list(one.get("days")))
    span = "" if not days else f" on {days[0]}" if len(days) == 1 else f" from {days[0]} to {days[-1]}"
    return f"booking {_text(one.get('booking'))}{span}"


def _moment(value: JsonValue) -> str:
    try:
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d at %H:%M}"
    except ValueError:
        return ""


def _detail(document: dict[str, JsonValue]) -> str:
    """The problem's own words with the members that are wrong, without the trailing period."""
    wrong = [
        f"{_text(one.get('pointer'))} {_text(one.get('detail'))}"
        for one in _list(document.get("errors"))
        if isinstance(one, dict)
    ]
    text = "; ".join(wrong) or _text(document.get("detail"))
    short = text if len(text) <= _LONGEST_DETAIL else text[: _LONGEST_DETAIL - 1] + "…"
    return short.rstrip(".")


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)


def _booking(row: JsonValue, where: str) -> Booking:
    if not isinstance(row, dict):
        _not_understood(where)
    # A creator's API may be newer than this program and tell more.
    known = {name: value for name, value in row.items() if name in Booking.model_fields}
    try:
        return Booking.model_validate_json(json.dumps(known))
    except ValidationError:
        _not_understood(where)


def _document(body: bytes) -> dict[str, JsonValue]:
    try:
        return _JSON.validate_python(_harmless(json.loads(body)))
    except (ValueError, RecursionError):
        return {}


def _harmless(value: Any) -> Any:
    """Sponsors write these texts: nothing in them may steer the terminal."""
    if isinstance(value, str):
        return "".join(
            " " if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else sign for sign in value
        )
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _harmless(item) for name, item in value.items()}
    return value


def _not_understood(where: str) -> NoReturn:
    raise FleetError.of(
        ProblemKind.SERVICE,
        "the bookings API answered with something else than bookings",
        where=where,
        hint="Check that the sponsor-system module is applied in its current version",
    )
