"""Which pages the visitors of a site look at, and where they come from. Pure."""

from __future__ import annotations

from fleet_tui.sandbox.director.cast import Member
from fleet_tui.sandbox.director.dice import fraction

PAGES = ("/", "/", "/", "/live", "/live", "/events", "/shop", "/about")
"""Some are looked at more than others."""

REFERRERS = ("", "", "https://www.youtube.com/", "https://bsky.app/", "https://duckduckgo.com/")
SCREENS = ("small", "small", "medium", "large")
LANGUAGES = ("de-DE", "de-AT", "en-GB", "en-US", "fr-FR")


def page_view(member: Member, visitor: int, turn: int, seed: int) -> dict[str, str]:
    """What a page tells when this visitor sees it at this turn."""

    def pick(what: str, choices: tuple[str, ...], *of: int) -> str:
        return choices[int(fraction(seed, what, member.slug, visitor, *of) * len(choices))]

    return {
        "page": pick("page", PAGES, turn),
        "referrer": pick("referrer", REFERRERS),
        "screen": pick("screen", SCREENS),
        "language": pick("language", LANGUAGES),
    }
