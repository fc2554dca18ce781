"""Edits of a creator.toml that leave everything else in the file as it was."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import tomllib
from collections.abc import Iterator, MutableMapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit.container import Container, OutOfOrderTableProxy
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Table

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.loading import UNIQUE, load
from fleet_tui.registry.model import Creator
from fleet_tui.registry.printing import dotted, shown
from fleet_tui.registry.reading import InvalidFileError, parse, read_text

_LAYOUT = "the layout of this file cannot be edited here; use an editor"

Scalar = str | bool | int | Decimal
Key = str | tuple[str, ...]
"""A dotted key such as `modules.s3-website.waf`, or its parts where one of them has a dot."""


class Edit:
    """Changes to one creator.toml, collected and then saved together.

    Made by `edit`. Nothing is written before `save`.
    """

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._before = text
        # tomlkit writes new lines with "\n" only; the file's own line ends are put back at the end.
        self._crlf = "\r\n" in text
        self._document = tomlkit.parse(text.replace("\r\n", "\n"))
        self._wanted: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)

    @property
    def text(self) -> str:
        """The file as it would be written."""
        text = tomlkit.dumps(self._document)
        return text.replace("\n", "\r\n") if self._crlf else text

    def set(self, key: Key, value: Scalar) -> None:
        """Give a key a value; tables on the way to it are added where they are missing.

        Args:
            key: which one.
            value: what TOML can hold on one line; a Decimal becomes a number with the same digits.

        Raises:
            FleetError: kind CONFIGURATION; something on the way to the key is not a table.
        """
        parts = _parts(key)
        item = tomlkit.value(f"{value:f}") if isinstance(value, Decimal) else tomlkit.item(value)
        self._table(self._wanted, parts)[parts[-1]] = value
        try:
            self._table(self._document, parts)[parts[-1]] = item
        except (ValueError, TOMLKitError) as error:
            raise _refused(self._path, _LAYOUT) from error

    def remove(self, key: Key) -> None:
        """Remove a key, or a table with everything in it.

        Raises:
            FleetError: kind NOT_FOUND; it is not there.
        """
        parts = _parts(key)
        for content in (self._document, self._wanted):
            table: Any = content
            for part in parts[:-1]:
                table = table.get(part) if isinstance(table, MutableMapping) else None
            if not isinstance(table, MutableMapping) or parts[-1] not in table:
                raise FleetError.of(
                    ProblemKind.NOT_FOUND, f"there is no {dotted(parts)}", where=str(self._path)
                )
            del table[parts[-1]]

    def check(self) -> Creator:
        """The creator as the file would describe it.

        Raises:
            FleetError: kind CONFIGURATION; the result is not a creator, or shares its account or its domain
                with another one of the fleet.
        """
        slug = self._path.parent.name
        # tomlkit does not master every layout, and none may ever cost a setting: the text has to say the same
        # as the plain values to which the same changes were made.
        wanted = self._wanted_creator(slug)
        try:
            creator = parse(self._path, slug, self.text)
        except InvalidFileError as error:
            what = "; ".join(f"{found.key} {found.message}".lstrip() for found in error.errors)
            raise _refused(self._path, _LAYOUT if wanted else what) from error
        if creator != wanted:
            raise _refused(self._path, _LAYOUT)
        for other in load(self._path.parent.parent).creators:
            for key, called in UNIQUE.items():
                value = getattr(creator, key)
                if other.slug != slug and getattr(other, key) == value:
                    raise _refused(self._path, f"{shown(value)} is the {called} of {other.slug}")
        return creator

    def save(self) -> Creator:
        """Check the result and put it in the file's place, all at once or not at all.

        Returns:
            The creator as it is described now.

        Raises:
            FleetError: as `check`; kind CONFLICT where the file was changed since it was read.
        """
        folder = self._path.parent
        with alone(folder):
            creator = self.check()
            if _read(self._path) != self._before:
                raise FleetError.of(
                    ProblemKind.CONFLICT,
                    "somebody else has changed the file in the meantime",
                    where=str(self._path),
                    hint="Look at the change, then make yours again",
                )
            _replace(self._path, self.text)
        self._before = self.text
        return creator

    def _wanted_creator(self, slug: str) -> Creator | None:
        """What the changes make of the file's plain values; None where that is no creator."""
        if "slug" in self._wanted:
            return None
        try:
            return Creator.model_validate({"slug": slug, **self._wanted})
        except ValidationError:
            return None

    def _table(self, content: Any, parts: tuple[str, ...]) -> Any:
        """The table that holds the last part of a key, made where it is missing."""
        table = content
        for depth, part in enumerate(parts[:-1], start=1):
            if part not in table:
                table[part] = _new_table(table, holds_tables=depth < len(parts) - 1)
            table = table[part]
            if not isinstance(table, MutableMapping):
                raise _refused(self._path, f"{dotted(parts[:depth])} is not a table")
        return table


def edit(path: Path) -> Edit:
    """Begin to edit a creator.toml. It may be invalid as a creator, but has to be TOML.

    Raises:
        FleetError: kind CONFIGURATION; the file cannot be read, or is not TOML.
    """
    text = _read(path)
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(path, "the file is not valid TOML; correct it in an editor first") from error
    try:
        return Edit(path, text)
    except (ValueError, RecursionError, TOMLKitError) as error:
        raise _refused(path, _LAYOUT) from error


def _new_table(around: Any, *, holds_tables: bool) -> Any:
    """A table of the kind that the one around it can hold; who only holds tables gets no header."""
    if isinstance(around, InlineTable):
        return tomlkit.inline_table()
    return (
        tomlkit.table(is_super_table=holds_tables)
        if isinstance(around, Container | OutOfOrderTableProxy | Table)
        else {}
    )


def _parts(key: Key) -> tuple[str, ...]:
    return tuple(key.split(".")) if isinstance(key, str) else key


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except InvalidFileError as error:
        raise _refused(path, error.errors[0].message) from error


def _refused(path: Path, what: str) -> FleetError:
    return FleetError.of(ProblemKind.CONFIGURATION, what, where=str(path))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps other edits of ours out of the folder; the lock ends with its handle."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, text: str) -> None:
    """Write beside the file and move it there, with the mode it had."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        reason = (error.strerror or "unknown error").lower()
        raise FleetError.of(
            ProblemKind.CONFIGURATION, f"the file cannot be written: {reason}", where=str(path)
        ) from error
