"""A new creator.toml: written all at once, and never over one that is there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.drafting import Draft, complaints_of, content_of
from fleet_tui.registry.editing import alone
from fleet_tui.registry.loading import load
from fleet_tui.registry.model import Creator
from fleet_tui.registry.printing import printable
from fleet_tui.registry.reading import FILE_NAME, parse


def file_text(draft: Draft) -> str:
    """The creator.toml of a draft, with comments for whoever reads it next."""
    content = content_of(draft)
    access, modules = content.pop("access"), content.pop("modules")
    tables = {name: content.pop(name) for name in ("failover", "branding") if name in content}
    del content["slug"]  # the name of the folder
    lines = [f"# {printable(draft.name or draft.slug)}. Every key is explained in docs/SETUP.md."]
    lines += _pairs(content)
    lines += ["", "# How operators get into the account.", "[access]", *_pairs(access)]
    for name, settings in modules.items():
        lines += ["", *([f"# {_NOTES[name]}"] if name in _NOTES else []), f"[modules.{name}]"]
        repeated = {key: value for key, value in settings.items() if isinstance(value, list)}
        lines += _pairs({key: value for key, value in settings.items() if key not in repeated})
        for key, entries in repeated.items():
            for entry in entries:
                lines += ["", f"[[modules.{name}.{key}]]", *_pairs(entry)]
    for name, table in tables.items():
        lines += ["", *([f"# {_NOTES[name]}"] if name in _NOTES else []), f"[{name}]", *_pairs(table)]
    return "\n".join(lines) + "\n"


def _pairs(values: Mapping[str, Any]) -> list[str]:
    """`key = value`, with what the key means behind it where that is not plain."""
    return [
        f"{key} = {_toml(value)}" + (f" # {_MEANINGS[key]}" if key in _MEANINGS else "")
        for key, value in values.items()
    ]


def _toml(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else tomlkit.item(value).as_string()


_MEANINGS = {
    "wave": "canary, early or general: when a change to the fleet reaches this creator",
    "monthly_budget": "US dollars, as AWS bills them",
}
_NOTES = {
    "s3-website": "domain_ready becomes true once the domain is delegated to the zone's name servers.",
    "membership": "From the lowest tier to the highest; prices are cents a month.",
    "newsletter": "The imprint stands at the foot of every letter.",
    "failover": "A second region that answers when the first one does not: docs/FAILOVER.md.",
}


def create(root: Path, draft: Draft) -> Creator:
    """Write `<slug>/creator.toml`, all at once, and never over one that is there.

    Args:
        root: the folder that holds the slug folders.
        draft: the whole description.

    Returns:
        The creator as the file describes them.

    Raises:
        FleetError: kind CONFIGURATION, the draft is not right or the file cannot be written; kind CONFLICT,
            somebody has made it in the meantime.
    """
    with _told(root), alone(root):
        if wrong := complaints_of(draft, load(root)):
            what = "; ".join(f"{field} {message}" for field, message in wrong.items())
            taken = "there already" in wrong.get("slug", "")
            kind = ProblemKind.CONFLICT if taken else ProblemKind.CONFIGURATION
            raise FleetError.of(kind, what, where=draft.slug or FILE_NAME, hint="Nothing was written")
        path = root / draft.slug / FILE_NAME
        text = file_text(draft)
        creator = parse(path, draft.slug, text)
        path.parent.mkdir(exist_ok=True)
        _put(path, text)
    return creator


def _put(path: Path, text: str) -> None:
    """Write beside the place and link it there: a link, unlike a rename, never takes the place of a file."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(temporary)
    except FileExistsError as error:
        raise FleetError.of(
            ProblemKind.CONFLICT, "is there already", where=str(path), hint="Nothing was written"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _told(root: Path) -> Iterator[None]:
    """Tells an error of the file system as one of the fleet's folder."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise FleetError.of(
            ProblemKind.CONFIGURATION, f"the creator cannot be written: {reason}", where=str(root)
        ) from error
