"""One creator.toml: read safely, parsed, and checked."""

from __future__ import annotations

import errno
import os
import stat
import tomllib
from pathlib import Path

from pydantic import ValidationError

from fleet_tui.registry.lines import key_lines, line_of
from fleet_tui.registry.model import Creator, FileError
from fleet_tui.registry.printing import dotted, printable
from fleet_tui.registry.wording import complaints, syntax_complaint

FILE_NAME = "creator.toml"

MAX_BYTES = 64 * 1024
"""The largest file that is read: forty times the size of one that sets every key."""


class InvalidFileError(Exception):
    """A file that cannot be used, with everything that is wrong with it."""

    def __init__(self, *errors: FileError) -> None:
        super().__init__("; ".join(error.sentence for error in errors))
        self.errors = errors


def file_error(path: Path, message: str, *, line: int | None = None, key: str = "") -> FileError:
    """The error with the path in a form that can be shown and kept as JSON, whatever bytes it has."""
    return FileError(path=Path(printable(str(path))), line=line, key=key, message=message)


def read_text(path: Path) -> str:
    """The text of a regular file, with its line ends as they are.

    Links are refused: what is behind them is outside of the fleet's folder, or is another creator's file.

    Args:
        path: a creator.toml.

    Raises:
        InvalidFileError: the file is missing, unreadable, no regular file, too large or not UTF-8.
    """
    try:
        # Not blocking: a named pipe in this place would be waited for for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InvalidFileError(file_error(path, "is not a file"))
            content = os.read(handle, MAX_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise InvalidFileError(file_error(path, _unreadable(error))) from error
    if len(content) > MAX_BYTES:
        raise InvalidFileError(file_error(path, f"is larger than {MAX_BYTES // 1024} KiB"))
    if content.startswith(b"\xef\xbb\xbf"):
        raise InvalidFileError(
            file_error(path, "begins with a byte order mark; save it as UTF-8 without one", line=1)
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 (byte 0x{content[error.start]:02x})"
        raise InvalidFileError(file_error(path, message, line=line)) from error


def parse(path: Path, slug: str, text: str) -> Creator:
    """The creator that a file describes.

    Args:
        path: where the text is from, for errors.
        slug: the name of the folder, which is the creator's slug.
        text: the content of the file.

    Raises:
        InvalidFileError: with every error of the file, each with its line and dotted key.
    """
    try:
        content = tomllib.loads(text)
    except RecursionError as error:
        raise InvalidFileError(file_error(path, "is nested too deeply")) from error
    except ValueError as error:  # more than TOMLDecodeError: numbers with too many digits, too
        position, message = syntax_complaint(error, text)
        raise InvalidFileError(file_error(path, message, line=position)) from error
    errors = []
    if content.pop("slug", None) is not None:
        line = line_of(key_lines(text), ("slug",))
        message = "is not written in the file: it is the name of the folder"
        errors.append(file_error(path, message, line=line, key="slug"))
    try:
        creator = Creator.model_validate({"slug": slug, **content})
    except ValidationError as error:
        lines = key_lines(text)
        for keys, message in complaints(error):
            if keys == ("slug",):
                errors.append(file_error(path, f"the folder's name {message}"))
            else:
                errors.append(file_error(path, message, line=line_of(lines, keys), key=dotted(keys)))
        raise InvalidFileError(*errors) from error
    if errors:
        raise InvalidFileError(*errors)
    return creator


def _unreadable(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "is missing"
    if error.errno == errno.ELOOP:
        return "is a link; put the file itself there"
    return f"cannot be read: {(error.strerror or 'unknown error').lower()}"
