"""Filling in the template: every value is escaped, and what is missing is an error."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{ ([a-z0-9_.]+) \}\}")


class Markup(str):
    """Text that is HTML (or CSS) already, and is put in as it is."""

    __slots__ = ()


class MissingValueError(LookupError):
    """The template asks for a value that there is none of."""


def fill(template: str, values: Mapping[str, str]) -> Markup:
    """The template with its places `{{ name }}` filled in.

    Args:
        template: HTML, or CSS.
        values: by name; escaped for HTML text and quoted attributes, unless they are `Markup`. What they hold
            is never taken for a place.

    Raises:
        MissingValueError: a place that is none of `values`.
    """

    def value_of(place: re.Match[str]) -> str:
        name = place.group(1)
        if name not in values:
            raise MissingValueError(name)
        value = values[name]
        return value if isinstance(value, Markup) else html.escape(value)

    return Markup(_PLACE.sub(value_of, template))


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs: an empty line parts them, a line break stays one."""
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    return Markup("\n".join(f"<p>{_lines(block)}</p>" for block in blocks if block))


def _lines(block: str) -> str:
    return "<br>".join(html.escape(line.strip()) for line in block.split("\n"))
