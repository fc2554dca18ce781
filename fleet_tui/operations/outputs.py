"""What Terraform has printed for a run, kept whole in the run's folder: `terraform.02.apply.log`.

With `-json` Terraform prints no sensitive value, and plans and applies are run with it; `init` and the other
verbs know none. What AWS and the provider quote in their errors is hidden once the command has ended.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet_tui.operations.journal import read_events
from fleet_tui.operations.model import EventKind
from fleet_tui.operations.planlines import parse_line
from fleet_tui.secrecy import Redactor


def output_name(number: int, verb: str) -> str:
    """Name of the file of the run's so-many-th command."""
    return f"terraform.{number:02}.{verb.replace(' ', '-')}.log"


def outputs_of(folder: Path) -> list[Path]:
    """The output files in the folder of a run, in the order of their commands."""
    return sorted(folder.glob("terraform.??.*.log"))


def without_secrets(output: Path, hide: Redactor) -> None:
    """Write an output that is complete once more, without its secrets."""
    text = output.read_text(encoding="utf-8", errors="replace")
    if (clean := hide(text)) != text:
        part = output.with_suffix(".part")
        part.write_text(clean, encoding="utf-8")
        part.replace(output)


def verb_of(output: Path) -> str:
    """The sub-command that printed it."""
    return output.name.split(".")[2].replace("-", " ")


def lines_of(output: Path) -> list[dict[str, Any]]:
    """The machine-readable lines in an output file."""
    text = output.read_text(encoding="utf-8", errors="replace")
    return [parsed for line in text.splitlines() if (parsed := parse_line(line)) is not None]


def began(verb: str) -> str:
    """What the journal says where a command begins."""
    return f"terraform {verb}"


def told_since(folder: Path, verb: str) -> list[str]:
    """What the journal says since the last command of this verb began."""
    texts: list[str] = []
    for event in read_events(folder):
        if event.text == began(verb):
            texts.clear()
        elif event.kind in (EventKind.LOG, EventKind.PROGRESS):
            texts.append(event.text)
    return texts
