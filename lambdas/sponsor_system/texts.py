"""The letters to sponsors, in the creator's language. Pure.

Nothing that a sponsor has typed is in them: whose address was given has not said so, and must not get what
others want to tell them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.images import Refusal
from sponsor_system.creatives import LIMITS, MAX_BYTES
from sponsor_system.lifecycle import DAYS_PASSED, HOLD, NO_PICTURE, SPONSOR
from sponsor_system.model import Booking
from sponsor_system.occasions import Occasion
from sponsor_system.report import Report
from sponsor_system.settings import Settings

_HOURS = int(HOLD.total_seconds()) // 3600
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Texts:
    greeting: str
    booking: str
    why: str
    placements: Mapping[str, str]
    given_up: Mapping[str, str]
    refusals: Mapping[Refusal, str]
    letters: Mapping[Occasion, tuple[str, str]]


_EN = _Texts(
    greeting="Hello,",
    booking="Booking {id}: {placement}, {first} to {last}, {price}",
    why="Reason: {reason}",
    placements={"top": "top", "bottom": "bottom", "left": "left", "right": "right", "creator": "creator"},
    given_up={},
    refusals={
        Refusal.TOO_LARGE: "the file is larger than {mebibytes} MB",
        Refusal.NOT_AN_IMAGE: "the file is no PNG, JPEG, WebP or GIF picture that can be read",
        Refusal.ANIMATED: "the picture moves; please send a still one",
        Refusal.TOO_SMALL_DIMENSIONS: "the picture is too small",
        Refusal.TOO_LARGE_DIMENSIONS: "the picture is too large",
    },
    letters={
        Occasion.RECEIVED: (
            "Your booking on {domain}",
            (
                "thank you for your booking. The days are held for you for {hours} hours; we look at it once "
                "your picture is there. If none comes within that time, the booking ends by itself.\n\n"
                "Here you can send the picture, see how things stand, or cancel:\n{link}\n\n"
                "Whoever has this link can do that, too: please keep it to yourself."
            ),
        ),
        Occasion.CREATIVE_REFUSED: (
            "Your picture for {domain}",
            (
                "we cannot show your picture: {refusal}. Pictures here are {limits} pixels and at most "
                "{mebibytes} MB. Please send another one by the link in our first letter."
            ),
        ),
        Occasion.APPROVED: (
            "Your booking on {domain} is approved",
            "good news: your booking is approved. It begins on {first} and ends on {last} (UTC).",
        ),
        Occasion.REJECTED: (
            "Your booking on {domain} is declined",
            "we are sorry: your booking is declined.",
        ),
        Occasion.CANCELLED: (
            "Your booking on {domain} is cancelled",
            "your booking is cancelled.",
        ),
        Occasion.REFUNDED: (
            "Your money for the booking on {domain}",
            "we have given back {refund} for your booking. Reference: {reference}",
        ),
        Occasion.STARTED: (
            "Your booking on {domain} has begun",
            "your booking has begun; the site shows it until {last} (UTC).",
        ),
        Occasion.ENDED: (
            "Your booking on {domain} has ended",
            (
                "your booking has ended. This is what it brought:\n\n"
                "Views: {views}\nClicks: {clicks}\nClicks for each view: {click_rate}\n"
                "Not counted: {repeated} repeated, {bot} by programs, {rate} too many at once\n\n"
                "The link in our first letter shows it day by day. Thank you!"
            ),
        ),
    },
)

_DE = _Texts(
    greeting="Guten Tag,",
    booking="Buchung {id}: {placement}, {first} bis {last}, {price}",
    why="Grund: {reason}",
    placements={"top": "oben", "bottom": "unten", "left": "links", "right": "rechts", "creator": "Creator"},
    given_up={
        DAYS_PASSED: "Die Tage sind ohne Entscheidung vergangen",
        NO_PICTURE: "Es kam rechtzeitig kein Bild",
    },
    refusals={
        Refusal.TOO_LARGE: "Die Datei ist größer als {mebibytes} MB",
        Refusal.NOT_AN_IMAGE: "Die Datei ist kein lesbares Bild in PNG, JPEG, WebP oder GIF",
        Refusal.ANIMATED: "Das Bild bewegt sich; bitte ein stehendes senden",
        Refusal.TOO_SMALL_DIMENSIONS: "Das Bild ist zu klein",
        Refusal.TOO_LARGE_DIMENSIONS: "Das Bild ist zu groß",
    },
    letters={
        Occasion.RECEIVED: (
            "Ihre Buchung auf {domain}",
            (
                "vielen Dank für Ihre Buchung. Die Tage sind {hours} Stunden für Sie vorgemerkt; wir sehen "
                "sie uns an, sobald Ihr Bild da ist. Kommt in dieser Zeit keines, endet die Buchung von "
                "selbst.\n\n"
                "Hier können Sie das Bild senden, den Stand sehen oder absagen:\n{link}\n\n"
                "Wer diesen Link hat, kann das auch: Bitte behalten Sie ihn für sich."
            ),
        ),
        Occasion.CREATIVE_REFUSED: (
            "Ihr Bild für {domain}",
            (
                "wir können Ihr Bild nicht zeigen. {refusal}. Bilder haben hier {limits} Pixel und höchstens "
                "{mebibytes} MB. Bitte senden Sie über den Link in unserem ersten Brief ein anderes."
            ),
        ),
        Occasion.APPROVED: (
            "Ihre Buchung auf {domain} ist bestätigt",
            "gute Nachricht: Ihre Buchung ist bestätigt. Sie beginnt am {first} und endet am {last} (UTC).",
        ),
        Occasion.REJECTED: (
            "Ihre Buchung auf {domain} ist abgelehnt",
            "leider haben wir Ihre Buchung abgelehnt.",
        ),
        Occasion.CANCELLED: (
            "Ihre Buchung auf {domain} ist abgesagt",
            "Ihre Buchung ist abgesagt.",
        ),
        Occasion.REFUNDED: (
            "Ihr Geld für die Buchung auf {domain}",
            "wir haben Ihnen {refund} für Ihre Buchung erstattet. Zeichen: {reference}",
        ),
        Occasion.STARTED: (
            "Ihre Buchung auf {domain} läuft",
            "Ihre Buchung läuft; die Seite zeigt sie bis {last} (UTC).",
        ),
        Occasion.ENDED: (
            "Ihre Buchung auf {domain} ist beendet",
            (
                "Ihre Buchung ist beendet. Das hat sie gebracht:\n\n"
                "Aufrufe: {views}\nKlicks: {clicks}\nKlicks je Aufruf: {click_rate}\n"
                "Nicht gezählt: {repeated} wiederholt, {bot} von Programmen, {rate} zu viele auf einmal\n\n"
                "Der Link in unserem ersten Brief zeigt es Tag für Tag. Vielen Dank!"
            ),
        ),
    },
)

_TEXTS = {"en": _EN, "de": _DE}


def letter_of(
    occasion: Occasion, booking: Booking, site: Settings, *, token: str = "", report: Report | None = None
) -> tuple[str, str]:
    """Subject and text of a letter.

    Args:
        occasion: what it is about.
        booking: as it is after that.
        site: of whose site.
        token: of the booking, for the link in the first letter.
        report: what the booking brought, for the last letter.
    """
    texts = _TEXTS[site.creator_language]
    values = _values(booking, site, texts, token) | (_figures(report) if report else {})
    subject, body = texts.letters[occasion]
    parts = [texts.greeting, body.format(**values)]
    last = booking.last
    if occasion in (Occasion.REJECTED, Occasion.CANCELLED) and last and last.reason and last.by != SPONSOR:
        parts.append(texts.why.format(reason=texts.given_up.get(last.reason, last.reason)))
    parts += [texts.booking.format(**values), site.creator_name]
    return subject.format(**values), "\n\n".join(parts) + "\n"


def _values(booking: Booking, site: Settings, texts: _Texts, token: str) -> dict[str, object]:
    limits = LIMITS[booking.placement]
    mebibytes = MAX_BYTES // _MEBIBYTE
    refusal = booking.creative.refusal
    refund = booking.refund
    return {
        "id": booking.id,
        "placement": texts.placements[booking.placement],
        "first": _day(booking.start_day, site.creator_language),
        "last": _day(booking.end_day, site.creator_language),
        "price": _amount(booking.price.total, booking.price.currency),
        "domain": site.creator_domain,
        "hours": _HOURS,
        "link": f"https://{site.creator_domain}/sponsor/#{booking.id}.{token}",
        "mebibytes": mebibytes,
        "limits": f"{limits.min_width} × {limits.min_height} – {limits.max_width} × {limits.max_height}",
        "refusal": texts.refusals[refusal].format(mebibytes=mebibytes) if refusal else "",
        "refund": _amount(refund.amount, booking.price.currency) if refund else "",
        "reference": refund.reference if refund else "",
    }


def _figures(report: Report) -> dict[str, object]:
    total = report.total
    rate = total.click_rate
    return {
        "views": total.views,
        "clicks": total.clicks,
        "click_rate": "–" if rate is None else f"{rate:.2%}",
        **total.dropped.model_dump(),
    }


def _day(day: date, language: str) -> str:
    return f"{day:%d.%m.%Y}" if language == "de" else f"{day.day} {day:%B %Y}"


def _amount(minor: int, currency: str) -> str:
    major, cents = divmod(minor, 100)  # every currency that can be configured has cents
    return f"{major}.{cents:02d} {currency}"
