"""What guests read in their letters, in the creator's language.

No letter has the name that somebody typed: the first one goes to whoever's address was typed with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from events.event import Event
from events.ical import place_of
from events.letters import Letter


@dataclass(frozen=True, slots=True)
class Text:
    """A letter's subject of one line and its body, with names in braces for what is filled in."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Site:
    """Whose letters these are.

    Args:
        creator: the display name.
        domain: of the site.
        language: `en` or `de`.
        zone: in which the time is told.
    """

    creator: str
    domain: str
    language: str
    zone: tzinfo


_ENGLISH = {
    Letter.CONFIRM: Text(
        "Please confirm: {title}",
        "Hello,\n\nsomebody, hopefully you, has signed up with this address for:\n\n{facts}\n\n"
        "Please confirm it within the next hour:\n{confirm}\n\n"
        "If it was not you, do nothing: nobody is signed up then, and we forget the address.",
    ),
    Letter.SEATED: Text(
        "You are in: {title}",
        "Hello,\n\nyou are signed up, and your seat is yours:\n\n{facts}",
    ),
    Letter.WAITING: Text(
        "On the waiting list: {title}",
        "Hello,\n\nall seats are taken, and you are on the waiting list:\n\n{facts}\n\n"
        "As soon as a seat is free for you, it is yours and we write to you.",
    ),
    Letter.MOVED_UP: Text(
        "A seat for you: {title}",
        "Hello,\n\nsomebody could not make it, and you have moved up. Your seat is yours:\n\n{facts}",
    ),
    Letter.REMINDER: Text(
        "Coming up: {title}",
        "Hello,\n\nit begins soon:\n\n{facts}\n\nSee you there!",
    ),
    Letter.CHANGED: Text(
        "New time or place: {title}",
        "Hello,\n\ntime or place have changed. This is how it is now:\n\n{facts}",
    ),
    Letter.CANCELLED: Text(
        "Cancelled: {title}",
        "Hello,\n\nwe are sorry: this does not take place.\n\n{facts}",
    ),
}

_GERMAN = {
    Letter.CONFIRM: Text(
        "Bitte bestätigen: {title}",
        "Hallo,\n\njemand – hoffentlich du – hat diese Adresse angemeldet für:\n\n{facts}\n\n"
        "Bitte bestätige das innerhalb der nächsten Stunde:\n{confirm}\n\n"
        "Wenn du das nicht warst, tu einfach nichts: Dann ist niemand angemeldet, und wir vergessen die "
        "Adresse.",
    ),
    Letter.SEATED: Text(
        "Du bist dabei: {title}",
        "Hallo,\n\ndu bist angemeldet, und dein Platz ist dir sicher:\n\n{facts}",
    ),
    Letter.WAITING: Text(
        "Auf der Warteliste: {title}",
        "Hallo,\n\nalle Plätze sind vergeben, und du stehst auf der Warteliste:\n\n{facts}\n\n"
        "Sobald ein Platz für dich frei wird, gehört er dir, und wir schreiben dir.",
    ),
    Letter.MOVED_UP: Text(
        "Ein Platz für dich: {title}",
        "Hallo,\n\njemand kann nicht kommen, und du bist nachgerückt. Dein Platz ist dir sicher:\n\n{facts}",
    ),
    Letter.REMINDER: Text(
        "Bald geht es los: {title}",
        "Hallo,\n\nes geht bald los:\n\n{facts}\n\nBis dann!",
    ),
    Letter.CHANGED: Text(
        "Neue Zeit oder neuer Ort: {title}",
        "Hallo,\n\nZeit oder Ort haben sich geändert. So ist es jetzt:\n\n{facts}",
    ),
    Letter.CANCELLED: Text(
        "Abgesagt: {title}",
        "Hallo,\n\nes tut uns leid: Das findet nicht statt.\n\n{facts}",
    ),
}

_TEXTS: Mapping[str, Mapping[Letter, Text]] = {"en": _ENGLISH, "de": _GERMAN}
_LEAVE = {
    "en": "You cannot come? Sign off with one click, and somebody else gets your place:\n{leave}",
    "de": "Du kannst nicht? Melde dich mit einem Klick ab, und jemand anders bekommt den Platz:\n{leave}",
}
_FORGET = {
    "en": "You do not want to hear of it any more? Sign off with one click:\n{leave}",
    "de": "Du möchtest nichts mehr davon hören? Melde dich mit einem Klick ab:\n{leave}",
}
_STREAMED = {"en": "live on {place}", "de": "live auf {place}"}
_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_GERMAN_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
_MONTHS = {"en": _ENGLISH_MONTHS, "de": _GERMAN_MONTHS}


def text_of(letter: Letter, event: Event, token: str, site: Site) -> Text:
    """A letter.

    Args:
        letter: what it is about.
        event: as it is.
        token: of the sign-up.
        site: whose letter it is.
    """
    text = _TEXTS[site.language][letter]
    filled = {
        "title": event.title,
        "facts": _facts(event, site),
        "confirm": _link("confirm", event, token, site),
        "leave": _link("leave", event, token, site),
    }
    unwanted = letter in (Letter.CONFIRM, Letter.CANCELLED)
    ending = (_FORGET if unwanted else _LEAVE)[site.language]
    body = f"{text.body}\n\n{ending}\n\n{{creator}}\n".format_map({**filled, "creator": site.creator})
    return Text(subject=text.subject.format_map(filled), body=body)


def time_of(event: Event, site: Site) -> str:
    """From when to when it takes place, as `Friday, 5 June 2026, 20:00 – 22:00 (Europe/Berlin)`."""
    starts, ends = (moment.astimezone(site.zone) for moment in (event.starts_at, event.ends_at))
    first, last = _day(starts, site.language), _day(ends, site.language)
    until = f"{ends:%H:%M}" if first == last else f"{last}, {ends:%H:%M}"
    clock = " Uhr" if site.language == "de" else ""
    return f"{first}, {starts:%H:%M} – {until}{clock} ({site.zone})"


def _facts(event: Event, site: Site) -> str:
    place = place_of(event, site.domain)
    where = place if event.place else _STREAMED[site.language].format(place=place)
    return f"{event.title}\n{time_of(event, site)}\n{where}"


def _day(moment: datetime, language: str) -> str:
    day, month = _DAYS[language][moment.weekday()], _MONTHS[language][moment.month - 1]
    dot = "." if language == "de" else ""
    return f"{day}, {moment.day}{dot} {month} {moment.year}"


def _link(action: str, event: Event, token: str, site: Site) -> str:
    """A page of the site; what comes after # stays in the browser: a link scanner only looks at the page."""
    return f"https://{site.domain}/events/#{action}.{event.id}.{token}"
