"""A notice in words, in the creator's language: what, since when, where to look, and for which creator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.notice import Kind, Notice
from monitoring.pacing import WINDOW

MAX_TEXT_CHARS = 3500
"""Telegram takes 4096 characters, the title among them: https://core.telegram.org/bots/api#sendmessage"""

_MAX_LISTED = 30


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given.

    Args:
        title: one line.
        text: plain text of several lines.
    """

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a message is for.

    Args:
        slug, name, domain: of the creator.
        language: `en` or `de`.
        dashboard: URL of the creator's dashboard.
    """

    slug: str
    name: str
    domain: str
    language: str
    dashboard: str


_TITLES: Mapping[str, Mapping[Kind, str]] = {
    "en": {
        Kind.ALARM: "ALARM: {name}",
        Kind.OK: "OK again: {name}",
        Kind.UNKNOWN: "No data: {name}",
        Kind.BUDGET: "Budget: {amount} spent",
        Kind.FORECAST: "Budget: {amount} expected",
        Kind.ANOMALY: "Unusual costs: {name}",
        Kind.COSTS: "Costs: a message from AWS",
    },
    "de": {
        Kind.ALARM: "ALARM: {name}",
        Kind.OK: "Wieder gut: {name}",
        Kind.UNKNOWN: "Keine Daten: {name}",
        Kind.BUDGET: "Budget: {amount} ausgegeben",
        Kind.FORECAST: "Budget: {amount} erwartet",
        Kind.ANOMALY: "Ungewohnte Kosten: {name}",
        Kind.COSTS: "Kosten: eine Nachricht von AWS",
    },
}
_BODIES: Mapping[str, Mapping[Kind, str]] = {
    "en": {
        Kind.ALARM: "What: {description}\nSince: {since}\nFigures: {reason}",
        Kind.OK: "What was: {description}\nOver since: {since}, after {minutes} min",
        Kind.UNKNOWN: "What was: {description}\nIt rang {minutes} min before, and since {since} there is "
        "no data: nobody knows whether it is over.",
        Kind.BUDGET: "This month's costs are {amount}; the budget is {budgeted}.\n"
        "Told at: {threshold}\nSince: {since}",
        Kind.FORECAST: "AWS expects {amount} for this month; the budget is {budgeted}.\n"
        "Told at: {threshold}\nSince: {since}",
        Kind.ANOMALY: "{name} costs {impact} more than usual.\nExpected: {expected}, actual: {actual}\n"
        "Cause: {cause}\nSince: {since}",
        Kind.COSTS: "AWS says:\n{text}",
    },
    "de": {
        Kind.ALARM: "Was: {description}\nSeit: {since}\nZahlen: {reason}",
        Kind.OK: "Was war: {description}\nVorbei seit: {since}, nach {minutes} min",
        Kind.UNKNOWN: "Was war: {description}\nDer Alarm kam {minutes} min vorher, seit {since} fehlen "
        "Daten: Niemand weiß, ob es vorbei ist.",
        Kind.BUDGET: "Die Kosten dieses Monats sind {amount}, das Budget ist {budgeted}.\n"
        "Gemeldet ab: {threshold}\nSeit: {since}",
        Kind.FORECAST: "AWS erwartet {amount} für diesen Monat, das Budget ist {budgeted}.\n"
        "Gemeldet ab: {threshold}\nSeit: {since}",
        Kind.ANOMALY: "{name} kostet {impact} mehr als sonst.\nErwartet: {expected}, tatsächlich: {actual}\n"
        "Ursache: {cause}\nSeit: {since}",
        Kind.COSTS: "AWS schreibt:\n{text}",
    },
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "look": "Look here",
        "dashboard": "Dashboard",
        "unknown": "not known",
        "sum_title": "{count} notices",
        "sum": "So much at once is told in one message. The next comes in {minutes} minutes at the earliest.",
        "more": "and {count} more",
        "trial_title": "Test notice",
        "trial": "An operator has asked for this message. Nothing is wrong: notices reach you this way.",
    },
    "de": {
        "look": "Hier nachsehen",
        "dashboard": "Dashboard",
        "unknown": "nicht bekannt",
        "sum_title": "{count} Meldungen",
        "sum": "So viel auf einmal steht in einer Nachricht. Die nächste kommt nach {minutes} Minuten.",
        "more": "und {count} weitere",
        "trial_title": "Test-Meldung",
        "trial": "Jemand vom Betrieb hat diese Nachricht bestellt. Alles ist gut: So kommen Meldungen an.",
    },
}


class _Facts(dict[str, str]):
    """Facts of which one that is missing is said to be."""

    def __init__(self, facts: Mapping[str, str], unknown: str) -> None:
        super().__init__({name: value for name, value in facts.items() if value})
        self._unknown = unknown

    def __missing__(self, name: str) -> str:
        return self._unknown


def message_of(notices: Sequence[Notice], reader: Reader) -> Message:
    """The message for one notice, or one that sums several up.

    Args:
        notices: oldest first, at least one.
        reader: whom it is for.
    """
    words = _WORDS[reader.language]
    if len(notices) == 1:
        (notice,) = notices
        body = _BODIES[reader.language][notice.kind].format_map(_facts(notice, reader))
        look = [f"{words['look']}: {notice.link}"] if notice.link else []
        return _message(_title(notice, reader), [body, *look], reader)
    listed = [f"{notice.at:%H:%M} UTC  {_title(notice, reader)}" for notice in notices[:_MAX_LISTED]]
    if len(notices) > _MAX_LISTED:
        listed.append(words["more"].format(count=len(notices) - _MAX_LISTED))
    minutes = int(WINDOW.total_seconds() / 60)
    title = words["sum_title"].format(count=len(notices))
    return _message(title, [*listed, "", words["sum"].format(minutes=minutes)], reader)


def trial_message(reader: Reader) -> Message:
    """The message that an operator asks for to try the channels."""
    words = _WORDS[reader.language]
    return _message(words["trial_title"], [words["trial"]], reader)


def _message(title: str, lines: Sequence[str], reader: Reader) -> Message:
    head = f"{reader.name} ({reader.domain})"
    foot = f"{_WORDS[reader.language]['dashboard']}: {reader.dashboard}"
    body = "\n".join(lines)[: MAX_TEXT_CHARS - len(head) - len(foot) - 4]
    return Message(title=f"[{reader.slug}] {title}", text=f"{head}\n\n{body}\n{foot}\n")


def _title(notice: Notice, reader: Reader) -> str:
    line = _TITLES[reader.language][notice.kind].format_map(_facts(notice, reader))
    return " ".join(line.split())[:120]


def _facts(notice: Notice, reader: Reader) -> _Facts:
    facts = {**notice.facts, "name": notice.name, "since": f"{notice.at:%Y-%m-%d %H:%M} UTC"}
    return _Facts(facts, _WORDS[reader.language]["unknown"])
