"""Events as iCalendar (RFC 5545): what calendar programs subscribe to, and what is attached to letters.

Written here because the library for it would add 9 MB to every function's layer and we write 16 properties;
tests read what is written with that library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from events.event import Event

MEDIA_TYPE = "text/calendar; charset=utf-8"

_MAX_OCTETS = 75  # of a line, without its end (RFC 5545, 3.1)
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_LINE_BREAK = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def calendar_of(events: Iterable[Event], *, name: str, domain: str) -> str:
    """A calendar of events.

    Args:
        events: in any order.
        name: the creator's, which calendar programs show.
        domain: of the creator's site; with an event's id it makes the UID, which never changes.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_text(domain)}//Events//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for event in events:
        lines += _lines_of(event, domain)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def place_of(event: Event, domain: str) -> str:
    """Where it takes place: the place, or the site that streams it."""
    return event.place or f"https://{domain}/"


def _lines_of(event: Event, domain: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.id}@{domain}",
        f"DTSTAMP:{_stamp(event.updated_at)}",
        f"CREATED:{_stamp(event.created_at)}",
        f"LAST-MODIFIED:{_stamp(event.updated_at)}",
        f"SEQUENCE:{event.version - 1}",
        f"STATUS:{'CANCELLED' if event.cancelled_at else 'CONFIRMED'}",
        f"DTSTART:{_stamp(event.starts_at)}",
        f"DTEND:{_stamp(event.ends_at)}",
        f"SUMMARY:{_text(event.title)}",
        f"DESCRIPTION:{_text(event.description)}",
        f"LOCATION:{_text(place_of(event, domain))}",
        f"URL:https://{domain}/events/#{event.id}",
        "END:VEVENT",
    ]


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11); controls have no place in it."""
    return _CONTROL.sub("", _LINE_BREAK.sub("\n", text)).translate(_ESCAPES)


def _folded(line: str) -> str:
    """The line, broken so that no part is longer than allowed and no character is torn."""
    parts, part, octets = [], "", 0
    for character in line:
        size = len(character.encode("utf-8", "replace"))
        if octets + size > _MAX_OCTETS:
            parts.append(part)
            part, octets = " ", 1
        part, octets = part + character, octets + size
    return "\r\n".join([*parts, part])
