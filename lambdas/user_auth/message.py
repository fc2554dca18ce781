"""The user pool's e-mail as HTML, in the creator's language and colours.

Mail programs know tables and styles on the elements, and little else. Cognito sends no plain version beside
it, so the text has to be readable when all styles are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from user_auth.settings import Branding
from user_auth.texts import WORDS

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerificationMessageTemplateType.html
MAX_SUBJECT_CHARS = 140
MAX_MESSAGE_CHARS = 20_000

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_TABLE = '<table role="presentation" width="100%" cellspacing="0" cellpadding="0"'
_BAND = f"padding:20px 28px;font-size:20px;font-weight:700;{_FONT}"
_TEXT = f"padding:28px 28px 8px;color:#1f1f1f;font-size:16px;line-height:1.5;{_FONT}"
_CODE = (
    "padding:16px;color:#1f1f1f;background:#ffffff;font-size:26px;font-weight:700;letter-spacing:2px;"
    "text-align:center;font-family:Consolas,Menlo,monospace"
)
_SMALL = f"padding:8px 28px 28px;color:#565656;font-size:14px;line-height:1.5;{_FONT}"


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail: a subject of one line, and HTML."""

    subject: str
    html: str


def message_of(
    kind: str,
    *,
    language: str,
    name: str,
    domain: str,
    branding: Branding,
    code: str,
    username: str | None,
) -> Message:
    """The e-mail for an occasion.

    Args:
        kind: of `WORDS`.
        language: `en` or `de`.
        name: the creator's display name.
        domain: the creator's.
        branding: colours.
        code: what Cognito puts the code or the password in the place of.
        username: what Cognito puts the person's address in the place of, for invitations.
    """
    words = WORDS[language][kind]
    site = _safe(domain)
    link = f'<a href="https://{site}/account/" style="color:inherit">{site}</a>'
    text = words.text.format(name=_safe(name), domain=link, username=username)
    subject = words.subject.format(name=name.translate({ord("{"): "(", ord("}"): ")"}))
    code_box = f'<div style="{_CODE};border:2px solid {branding.accent}">{code}</div>'
    band = f"{_BAND};background:{branding.primary};color:{readable_on(branding.primary)}"
    html = f"""\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{_safe(subject)}</title></head>
<body style="margin:0;background:{branding.background}">
{_TABLE} style="background:{branding.background}"><tr><td align="center" style="padding:24px 12px">
{_TABLE} style="max-width:520px;background:#ffffff">
<tr><td style="{band}">{_safe(name)}</td></tr>
<tr><td style="{_TEXT}">{text}</td></tr>
<tr><td style="padding:8px 28px">{code_box}</td></tr>
<tr><td style="{_SMALL}">{_safe(words.validity)}</td></tr>
</table>
</td></tr></table>
</body>
</html>
"""
    return Message(subject=subject, html=html)


def readable_on(colour: str) -> str:
    """Black or white, whichever contrasts more with a background.

    Args:
        colour: as #rrggbb.
    """
    luminance = _luminance(colour)
    on_white, on_black = 1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05
    return "#000000" if on_black > on_white else "#ffffff"


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _safe(text: str) -> str:
    """Text for HTML, in which Cognito finds no place of its own to fill."""
    return escape(text).replace("{", "&#123;").replace("}", "&#125;")
