"""The e-mail that a message becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contact_form.model import Message


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail to the creator: a subject of one line, and plain text."""

    subject: str
    text: str


_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "subject": "Message from {name}",
        "intro": "Somebody wrote to you with the contact form of {domain}.",
        "name": "Name",
        "email": "E-mail",
        "about": "Subject",
        "sent": "Sent",
        "consent": "Consent",
        "yes": "given",
        "no": "not given",
        "outro": "If you answer this e-mail, you write to {email}. "
        "Nobody has checked that the address is the sender's.",
    },
    "de": {
        "subject": "Nachricht von {name}",
        "intro": "Jemand hat dir über das Kontaktformular von {domain} geschrieben.",
        "name": "Name",
        "email": "E-Mail",
        "about": "Betreff",
        "sent": "Gesendet",
        "consent": "Einwilligung",
        "yes": "erteilt",
        "no": "nicht erteilt",
        "outro": "Wenn du auf diese E-Mail antwortest, schreibst du an {email}. "
        "Ob die Adresse dem Absender gehört, hat niemand geprüft.",
    },
}
_RULE = "-" * 40


def mail_of(message: Message, *, domain: str, language: str) -> Mail:
    """The e-mail for a message.

    Args:
        message: as it was kept.
        domain: of the site that has the form; it begins the subject, so that such mail can be told apart.
        language: `en` or `de`.
    """
    texts = _TEXTS[language]
    facts = [
        (texts["name"], message.name),
        (texts["email"], message.email),
        (texts["about"], message.subject),
        (texts["sent"], f"{message.received_at:%Y-%m-%d %H:%M} UTC"),
        (texts["consent"], None if message.consent is None else texts["yes" if message.consent else "no"]),
    ]
    parts = [
        texts["intro"].format(domain=domain),
        "",
        *(f"{label}: {value}" for label, value in facts if value is not None),
        _RULE,
        message.message,
        _RULE,
        texts["outro"].format(email=message.email),
        "",
    ]
    subject = message.subject or texts["subject"].format(name=message.name)
    return Mail(subject=f"[{domain}] {subject}", text="\n".join(parts))
