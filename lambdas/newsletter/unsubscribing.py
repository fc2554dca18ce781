"""The request and the page with which somebody unsubscribes.

Mail programs post a form (RFC 8058) to the address in the header List-Unsubscribe, without a session and
without asking anybody. People open the link at the foot of a letter, see a page and press its button.
Programs that open links only to look at them see the page, and nothing happens.
"""

from __future__ import annotations

import json
from email import message_from_bytes
from email.message import Message
from html import escape
from urllib.parse import parse_qsl

from newsletter.model import Language
from newsletter.texts import text

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""The page runs nothing, tells nobody where it was, and is in nobody's frame."""

_MAX_FIELDS = 20


def token_in(content_type: str, body: bytes) -> str:
    """The token in the body of a request to unsubscribe; empty where there is none.

    Args:
        content_type: header of the body: a form of either kind, or JSON.
        body: as it came.
    """
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            said = json.loads(body)
            return str(said.get("token", "")) if isinstance(said, dict) else ""
        if kind == "application/x-www-form-urlencoded":
            fields = parse_qsl(body.decode(), max_num_fields=_MAX_FIELDS)
        elif kind == "multipart/form-data":
            fields = _parts(content_type, body)
        else:
            return ""
    except (ValueError, RecursionError):
        return ""
    return dict(fields).get("token", "")


def page(language: Language, key: str, *, name: str, button: bool = False) -> str:
    """A page that says one thing.

    Args:
        language: of the page.
        key: of its text, `ask`, `gone` or `invalid`.
        name: the creator's.
        button: whether it has the button that unsubscribes.
    """
    title = escape(text(language, "leave"))
    form = f'<form method="post"><button>{title}</button></form>' if button else ""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>'
        f"{title}</title>\n<style>body{{font:1.2em/1.5 sans-serif;max-width:30em;margin:4em auto;"
        "padding:0 1em}button{font:inherit;padding:.5em 1em}</style></head>\n"
        f"<body><p>{escape(text(language, key, name=name))}</p>{form}</body>\n</html>\n"
    )


def _parts(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The fields of a multipart form."""
    header = content_type.replace("\r", " ").replace("\n", " ").encode("ascii", "replace")
    form = message_from_bytes(b"Content-Type: " + header + b"\r\n\r\n" + body)
    payload = form.get_payload()
    parts = [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
    return [
        (str(part.get_param("name", "", "content-disposition")), _text_of(part))
        for part in parts[:_MAX_FIELDS]
    ]


def _text_of(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace").strip() if isinstance(content, bytes) else ""
