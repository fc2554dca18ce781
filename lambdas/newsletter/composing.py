"""Mails from their parts: the one that asks for confirmation, and a letter to one subscriber.

Subjects and headers are one line each: names and subjects are of types that refuse line breaks, the rest is
made here. In HTML everything is escaped that is not made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from newsletter.formatting import formatted
from newsletter.letter import Draft
from newsletter.model import Language, Pending
from newsletter.settings import Settings
from newsletter.texts import text


@dataclass(frozen=True, slots=True)
class Message:
    """A mail to one person: a subject of one line, the text, the same as HTML, headers of its own."""

    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def consent_text(topics: tuple[str, ...], language: Language, site: Settings) -> str:
    """What somebody agrees to who confirms."""
    names = ", ".join(site.topics[topic] for topic in topics)
    return text(language, "consent", name=site.creator_name, topics=names)


def confirmation(pending: Pending, token: str, site: Settings) -> Message:
    """The mail that asks whether somebody wants letters.

    Args:
        pending: what was asked.
        token: that confirms it. It stands behind the address' `#`, so that it is sent to no server, and what
            opens links to look at them confirms nothing.
        site: the creator's settings.
    """
    return Message(
        subject=text(pending.language, "confirm_subject", name=site.creator_name),
        text=text(
            pending.language,
            "confirm",
            domain=site.creator_domain,
            link=f"https://{site.creator_domain}/newsletter/#confirm={token}",
            consent=pending.text,
        ),
    )


def unsubscribe_url(token: str, site: Settings) -> str:
    """Where somebody unsubscribes: a POST does it, a GET shows a page with a button."""
    return f"{site.api_url}/newsletter/unsubscribe?token={token}"


def letter_to(draft: Draft, language: Language, token: str, site: Settings) -> Message:
    """A letter to one subscriber.

    Args:
        draft: the letter.
        language: the subscriber's, for what stands below it.
        token: with which they unsubscribe or change topics.
        site: the creator's settings.
    """
    body = formatted(draft.text)
    leave, change = unsubscribe_url(token, site), f"https://{site.creator_domain}/newsletter/#manage={token}"
    why = text(language, "why", domain=site.creator_domain)
    labels = {name: text(language, name) for name in ("leave", "change")}
    foot = f"{why}\n{labels['leave']}: {leave}\n{labels['change']}: {change}\n\n{site.imprint}\n"
    return Message(
        subject=draft.subject,
        text=f"{body.text}\n\n-- \n{foot}",
        html=(
            f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
            f"<title>{escape(draft.subject)}</title></head>\n"
            '<body style="max-width:40em;margin:0 auto;padding:1em;font-family:sans-serif;line-height:1.5">\n'
            f"{body.html}"
            '<hr>\n<p style="font-size:smaller">'
            f"{escape(why)}<br>\n"
            f'<a href="{escape(leave)}">{escape(labels["leave"])}</a> · '
            f'<a href="{escape(change)}">{escape(labels["change"])}</a></p>\n'
            f'<p style="font-size:smaller">{escape(site.imprint)}</p>\n</body>\n</html>\n'
        ),
        headers={
            # RFC 8058: whoever reads mail shows a button, and posts to this address when it is pressed.
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<newsletter.{site.creator_domain}>",
        },
    )
