"""What customers read in their mails, in the creator's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shop.order import Order


class Mail(StrEnum):
    """What a mail is about."""

    PAID = "paid"
    FULFILLED = "fulfilled"
    REFUNDED = "refunded"
    SOLD_OUT = "sold-out"


@dataclass(frozen=True, slots=True)
class Text:
    """A mail's subject and body, with names in braces for what is filled in."""

    subject: str
    body: str


_ENGLISH = {
    Mail.PAID: Text(
        "Your order at {shop}",
        "Thank you! We have received your payment.\n\n{summary}\n\n"
        "We write again as soon as it is on its way.",
    ),
    Mail.FULFILLED: Text(
        "Your order at {shop} is on its way", "Good news: your order is on its way.{tracking}\n\n{summary}"
    ),
    Mail.REFUNDED: Text(
        "Your refund from {shop}",
        "We have given back {refunded} of your order {order}. Until you see it in your account it can take "
        "some days, depending on your bank.",
    ),
    Mail.SOLD_OUT: Text(
        "Your order at {shop} could not be kept",
        "Your payment reached us after the time for which we could keep your items, and they have been sold "
        "meanwhile. We are sorry. We are giving back all of your money ({total}) for your order {order}; "
        "you need not do anything.",
    ),
}

_GERMAN = {
    Mail.PAID: Text(
        "Deine Bestellung bei {shop}",
        "Danke! Deine Zahlung ist bei uns angekommen.\n\n{summary}\n\n"
        "Wir melden uns, sobald sie unterwegs ist.",
    ),
    Mail.FULFILLED: Text(
        "Deine Bestellung bei {shop} ist unterwegs",
        "Gute Nachricht: Deine Bestellung ist unterwegs.{tracking}\n\n{summary}",
    ),
    Mail.REFUNDED: Text(
        "Deine Rückzahlung von {shop}",
        "Wir haben dir {refunded} deiner Bestellung {order} zurückgezahlt. Bis du das Geld auf deinem Konto "
        "siehst, kann es je nach Bank einige Tage dauern.",
    ),
    Mail.SOLD_OUT: Text(
        "Wir konnten deine Bestellung bei {shop} nicht halten",
        "Deine Zahlung kam erst an, als wir deine Artikel nicht mehr zurückhalten konnten, und inzwischen "
        "sind sie ausverkauft. Das tut uns leid. Du bekommst dein ganzes Geld ({total}) für die Bestellung "
        "{order} zurück; du musst nichts tun.",
    ),
}

_TEXTS: Mapping[str, Mapping[Mail, Text]] = {"en": _ENGLISH, "de": _GERMAN}
_WORDS = {
    "en": {"order": "Order", "shipping": "Shipping", "total": "Total", "tracking": "Tracking"},
    "de": {"order": "Bestellung", "shipping": "Versand", "total": "Gesamt", "tracking": "Sendungsnummer"},
}


def text_of(mail: Mail, order: Order, *, shop: str, language: str) -> Text:
    """A mail about an order.

    Args:
        mail: what it is about.
        order: as it is.
        shop: the creator's name.
        language: `en` or `de`.
    """
    text, words = _TEXTS[language][mail], _WORDS[language]
    filled = {
        "shop": shop,
        "order": order.id,
        "summary": _summary(order, language),
        "total": money(order.total, order.currency, language),
        "refunded": money(order.given_back, order.currency, language),
        "tracking": f"\n{words['tracking']}: {order.tracking}" if order.tracking else "",
    }
    return Text(subject=text.subject.format_map(filled), body=f"{text.body.format_map(filled)}\n\n{shop}\n")


def money(amount: int, currency: str, language: str) -> str:
    """An amount in minor units, as `12.50 EUR` or `12,50 EUR`."""
    whole, minor = divmod(amount, 100)
    return f"{whole}{',' if language == 'de' else '.'}{minor:02d} {currency}"


def _summary(order: Order, language: str) -> str:
    words = _WORDS[language]
    rows = [f"{words['order']} {order.id}", ""]
    rows += [
        f"{line.quantity} × {line.title}: {money(line.price * line.quantity, order.currency, language)}"
        for line in order.lines
    ]
    if order.shipping:
        rows.append(f"{words['shipping']}: {money(order.shipping, order.currency, language)}")
    rows.append(f"{words['total']}: {money(order.total, order.currency, language)}")
    return "\n".join(rows)
