"""What the newsletter writes of its own: the letter that asks for confirmation, feet, and the page."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.model import Language

_TEXTS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "consent": "I want to get e-mails from {name} about: {topics}. I can take that back at any time, "
        "by a link in every letter.",
        "confirm_subject": "Please confirm: letters from {name}",
        "confirm": "Hello,\n\nsomebody entered this address on {domain} to get letters. If that was you, "
        "open this link within 7 days and confirm:\n\n{link}\n\nBy confirming you say: {consent}\n\n"
        "If it was not you, do nothing: there will be no letters, and the address is deleted.\n",
        "why": "You get this letter because you subscribed to it on {domain}.",
        "change": "Change topics",
        "leave": "Unsubscribe",
        "ask": "Do you want no more letters from {name}?",
        "gone": "You get no more letters from {name}.",
        "invalid": "This link is not valid. It may not be complete.",
    },
    "de": {
        "consent": "Ich möchte E-Mails von {name} bekommen über: {topics}. Das kann ich jederzeit "
        "widerrufen, mit einem Link in jedem Brief.",
        "confirm_subject": "Bitte bestätigen: Post von {name}",
        "confirm": "Hallo,\n\njemand hat diese Adresse auf {domain} eingetragen, um Post zu bekommen. Wenn "
        "du das warst, öffne innerhalb von 7 Tagen diesen Link und bestätige:\n\n{link}\n\n"
        "Mit der Bestätigung erklärst du: {consent}\n\n"
        "Wenn du es nicht warst, tu nichts: Es kommt keine Post, und die Adresse wird gelöscht.\n",
        "why": "Du bekommst diesen Brief, weil du ihn auf {domain} abonniert hast.",
        "change": "Themen ändern",
        "leave": "Abbestellen",
        "ask": "Möchtest du keine Post von {name} mehr?",
        "gone": "Du bekommst keine Post von {name} mehr.",
        "invalid": "Dieser Link ist nicht gültig. Vielleicht ist er nicht vollständig.",
    },
}


def text(language: Language, key: str, **values: str) -> str:
    """A text in a language, with its values."""
    return _TEXTS[language][key].format_map(values)
