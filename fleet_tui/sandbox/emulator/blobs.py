"""Large contents of the saved state, such as the zips of Lambda layers: each kept once, under its digest.

ministack writes them into its JSON in base 64, every one of every account: ten creators with the same layer
would be a file of 150 MB, to be written at every save and read at every start.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

LARGE_BYTES = 64 * 1024
"""What is smaller stays in the JSON."""


class Blobs:
    """A folder of contents by digest, which hands the same object out for the same content.

    Args:
        folder: created when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._contents: dict[str, bytes] = {}
        self._names: dict[int, str] = {}  # by identity of the objects in `_contents` and `_seen`
        self._seen: dict[str, list[bytes]] = {}

    def put(self, content: bytes) -> str:
        """Make sure that the content is on disk; returns its name.

        Raises:
            OSError: the disk said no.
        """
        if (known := self._names.get(id(content))) is not None:
            return known
        name = hashlib.sha256(content).hexdigest()
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        self._names[id(content)] = name
        self._seen.setdefault(name, []).append(content)  # while it is held, its identity is its own
        return name

    def get(self, name: str) -> bytes:
        """The content of this name.

        Raises:
            OSError: there is none.
        """
        if name not in self._contents:
            content = (self._folder / name).read_bytes()
            self._contents[name] = content
            self._names[id(content)] = name
        return self._contents[name]

    def sweep(self, kept: set[str]) -> None:
        """Forget every content but these, on disk and in memory."""
        for path in self._folder.glob("*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
        self._contents = {name: content for name, content in self._contents.items() if name in kept}
        self._seen = {name: contents for name, contents in self._seen.items() if name in kept}
        held = {id(content) for content in self._contents.values()}
        held |= {id(content) for contents in self._seen.values() for content in contents}
        self._names = {identity: name for identity, name in self._names.items() if identity in held}


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by this content; who reads it sees the old one or the new one, also after a crash."""
    staging = path.with_suffix(".tmp")
    with staging.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    staging.replace(path)
