"""Letters' Markdown as HTML and as plain text.

A small part of CommonMark is understood: paragraphs, headings, emphasis, lists, quotes, rules, line breaks,
escapes and links. Everything else, HTML and pictures among it, stays the text that was typed, and is escaped.
Links have to be https with a public host; other ones stay text, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import TypeAdapter, ValidationError

from shared.fields import HttpsUrl

_URL: TypeAdapter[str] = TypeAdapter(HttpsUrl)
_UNDERSTOOD = (
    "heading", "lheading", "list", "blockquote", "hr", "emphasis", "link", "newline", "escape",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formatted:
    """A letter's text, twice."""

    html: str
    text: str


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Whether a link is made of this."""
        try:
            _URL.validate_python(url)
        except ValidationError:
            return False
        return True


_markdown = _Markdown("zero", {"html": False}).enable(list(_UNDERSTOOD))


@lru_cache(maxsize=4)
def formatted(text: str) -> Formatted:
    """A letter's text as HTML and as plain text.

    Args:
        text: Markdown, as it was typed.
    """
    tokens = _markdown.parse(text)
    for token in tokens:
        _hide_empty_links(token.children or [])
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return Formatted(html=html, text=_Plain().of(tokens))


class _Plain:
    """Plain text from the tokens of a text: block after block, each line behind what it is nested in."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._nested: list[str] = []
        self._numbers: list[int | None] = []
        self._bullet = ""

    def of(self, tokens: Sequence[Token]) -> str:
        """The text."""
        for token in tokens:
            match token.type:
                case "inline":
                    self._add(_line_of(token.children or []))
                case "hr":
                    self._add("-" * 20)
                case "blockquote_open":
                    self._nested.append("> ")
                case "bullet_list_open":
                    self._numbers.append(None)
                case "ordered_list_open":
                    self._numbers.append(int(token.attrs.get("start", 1)))
                case "bullet_list_close" | "ordered_list_close":
                    self._numbers.pop()
                case "list_item_open":
                    self._bullet = self._next_bullet()
                    self._nested.append(" " * len(self._bullet))
                case "blockquote_close" | "list_item_close":
                    self._nested.pop()
        return "\n\n".join(self._blocks)

    def _next_bullet(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "- "
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _add(self, text: str) -> None:
        indent = "".join(self._nested)
        first = indent[: len(indent) - len(self._bullet)] + self._bullet
        self._bullet = ""
        lines = text.split("\n")
        self._blocks.append("\n".join([first + lines[0], *(indent + line for line in lines[1:])]))


def _hide_empty_links(tokens: Sequence[Token]) -> None:
    """Let `[text]()`, which the library takes for a link, be its text. Links are never within links."""
    hidden = False
    for token in tokens:
        if token.type == "link_open":
            hidden = not token.attrs["href"]
        if token.type in ("link_open", "link_close"):
            token.hidden = hidden


def _line_of(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    links: list[str] = []
    for token in tokens:
        if token.hidden:
            continue
        match token.type:
            case "text" | "text_special":
                parts.append(token.content)
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "link_open":
                links.append(str(token.attrs["href"]))
            case "link_close":
                parts.append(f" ({links.pop()})")
    return "".join(parts)
