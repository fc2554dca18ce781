"""Tables for people and JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from fleet_tui.deploy.modules import module_report
from fleet_tui.observatory.model import CreatorSnapshot, Facet, FleetSnapshot, Observation
from fleet_tui.present.line import Line, Span, Tone, plain, width_of

_STYLES: dict[Tone, dict[str, Any]] = {
    Tone.STRONG: {"bold": True},
    Tone.QUIET: {"dim": True},
    Tone.WAITING: {"fg": "cyan"},
    Tone.CAUTION: {"fg": "yellow"},
    Tone.TROUBLE: {"fg": "red", "bold": True},
}

# What comes from an account may hold anything; escape sequences begin with one of these.
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�")


def terminal_width() -> int:
    """Columns of the terminal; 160 where the output goes to a file or a pipe."""
    return shutil.get_terminal_size((160, 45)).columns if sys.stdout.isatty() else 160


def table(heads: Sequence[str], rows: Sequence[Sequence[Line]]) -> None:
    """Print rows under their heads, every column as wide as its widest cell. Colour only in a terminal.

    Args:
        heads: one for each column.
        rows: a cell for each column; a row with fewer cells runs on over the columns it lacks.
    """
    whole = [row for row in rows if len(row) == len(heads)]
    widths = [
        max([len(head), *(width_of(row[number]) for row in whole)]) for number, head in enumerate(heads)
    ]
    click.secho(
        "  ".join(head.ljust(width) for head, width in zip(heads, widths, strict=True)).rstrip(), dim=True
    )
    for row in rows:
        cells = [
            styled(cell) + " " * (max(0, width - width_of(cell)))
            for cell, width in zip(row, widths, strict=False)
        ]
        click.echo("  ".join(cells).rstrip())


def styled(cell: Line) -> str:
    """The text of a cell with its tones as terminal styles, and nothing else that a terminal obeys."""
    text = (Span(span.text.translate(_CONTROLS), span.tone) for span in cell)
    if not sys.stdout.isatty():
        return plain(text)
    return "".join(click.style(span.text, **_STYLES.get(span.tone, {})) for span in text)


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2, default=str))


def snapshot_json(fleet: FleetSnapshot, rows: Sequence[CreatorSnapshot]) -> dict[str, Any]:
    """The fleet as JSON: every facet with its value, its age in seconds and its problem."""
    return {
        "environment": fleet.environment,
        "taken_at": fleet.taken_at.isoformat(),
        "progress": dataclasses.asdict(fleet.progress),
        "creators": [row_json(row, fleet.taken_at) for row in rows],
    }


def row_json(row: CreatorSnapshot, now: datetime) -> dict[str, Any]:
    """One creator as JSON."""
    creator = row.creator
    modules = module_report(creator.modules, row.deploy.value) if creator else None
    return {
        "slug": row.slug,
        "name": row.name,
        "account_id": creator.account_id if creator else None,
        "region": creator.region if creator else None,
        "wave": creator.wave.value if creator else None,
        "errors": [error.sentence for error in row.errors],
        "run": row.run.model_dump(mode="json", exclude={"plan"}) if row.run else None,
        # By what was last seen of the deploy state, whose age and problem stand there.
        "modules": modules.model_dump(mode="json") if modules else None,
        **{facet.value: _observation(getattr(row, facet.value), now) for facet in Facet},
    }


def _observation(look: Observation[Any], now: datetime) -> dict[str, Any]:
    return {
        "value": look.value.model_dump(mode="json") if look.value is not None else None,
        "seen_at": look.seen_at.isoformat() if look.seen_at else None,
        "age_seconds": round((now - look.seen_at).total_seconds(), 1) if look.seen_at else None,
        "cached": look.cached,
        "stale": look.stale,
        "problem": look.problem.model_dump(mode="json") if look.problem else None,
    }


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)
