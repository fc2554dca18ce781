"""Commands: those of the palette, and those that are typed after a colon."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from fleet_tui.tui.app import FleetApp

_DISCOVERED = 10


class CreatorCommands(Provider):
    """Opens a creator by a part of the name."""

    async def discover(self) -> Hits:
        """The first few creators."""
        app = cast("FleetApp", self.app)
        for slug, row in list(app.fleet.rows.items())[:_DISCOVERED]:
            yield DiscoveryHit(row.name, lambda slug=slug: app.open_creator(slug), help=slug)

    async def search(self, query: str) -> Hits:
        """Creators whose name or slug is like the query."""
        app = cast("FleetApp", self.app)
        matcher = self.matcher(query)
        for slug, row in app.fleet.rows.items():
            label = f"{row.name} ({slug})"
            if (score := matcher.match(label)) > 0:
                yield Hit(score, matcher.highlight(label), lambda slug=slug: app.open_creator(slug))


class Command(NamedTuple):
    """A command line, taken apart."""

    name: str
    argument: str = ""


NAMES = (
    "add", "approvals", "creator", "destroy", "drift", "fleet", "help", "onboarding",
    "plan", "plans", "quit", "refresh", "rollouts", "runs", "site", "sort", "state", "theme",
    "unlock",
)  # fmt: skip
_SHORT = {
    "q": "quit",
    "q!": "quit",
    "h": "help",
    "operations": "runs",
    "o": "runs",
    "a": "approvals",
    "v": "plans",
}


def read_command(text: str) -> Command | None:
    """The command that was typed, or None where there is no such command.

    A name may be cut short as long as only one command begins with it, or one that all others begin with:
    `:app` is `:approvals`, `:pl` is `:plan`.
    """
    name, _, argument = text.strip().partition(" ")
    name = _SHORT.get(name, name)
    if name not in NAMES:
        beginnings = [known for known in NAMES if name and known.startswith(name)]
        name = min(beginnings, key=len, default="")
        if not beginnings or not all(known.startswith(name) for known in beginnings):
            return None
    return Command(name, argument.strip())


def complete_command(text: str, slugs: list[str], sorts: list[str], themes: list[str]) -> str | None:
    """The whole line that `text` is most likely the beginning of, or None."""
    name, space, argument = text.partition(" ")
    if not space:
        return next((known for known in NAMES if name and known.startswith(name)), None)
    choices = {
        "creator": slugs,
        "destroy": slugs,
        "drift": slugs,
        "state": slugs,
        "onboarding": slugs,
        "plan": slugs,
        "site": slugs,
        "sort": sorts,
        "theme": themes,
        "unlock": slugs,
    }.get(name, [])
    found = next((choice for choice in choices if argument and choice.startswith(argument)), None)
    return None if found is None else f"{name} {found}"
