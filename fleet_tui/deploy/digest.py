"""The digest of a creator's configuration: what `out of date` is measured by.

It covers everything an apply would be made from: the Terraform files, the Lambdas' sources and pinned
requirements, and the variables. The root module writes it into its outputs, so the digest that was
applied is read from the state file alone.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from pathlib import Path

from fleet_tui.deploy.variables import creator_variables
from fleet_tui.registry.model import Creator

SOURCES = ("terraform/creator", "terraform/modules", "lambdas")
_SUFFIXES = frozenset({".tf", ".py", ".txt", ".html", ".js", ".json", ".tftpl", ".svg", ".css", ".toml"})
_LEFT_OUT = frozenset({"__pycache__", ".terraform", "tests", "examples"})
_FRESH_SECONDS = 5.0  # an edit shows in the grid after at most this long; 1,000 creators share one walk


class ConfigurationDigest:
    """Digests of a workspace, with the walk over its files shared by all creators."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._sources = ""
        self._walked_at = float("-inf")

    def of(self, creator: Creator) -> str:
        """The digest of what an apply of this creator would be made from: 64 hexadecimal digits."""
        variables = json.dumps(creator_variables(creator), sort_keys=True)
        return hashlib.sha256(f"{self._source_digest()}\n{variables}".encode()).hexdigest()

    def _source_digest(self) -> str:
        with self._lock:
            if time.monotonic() - self._walked_at > _FRESH_SECONDS:
                self._sources = digest_files(self._workspace, SOURCES)
                self._walked_at = time.monotonic()
            return self._sources


def digest_files(root: Path, folders: tuple[str, ...]) -> str:
    """One digest over the names and contents of all source files in these folders of `root`."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted((root / folder).rglob("*")):
            relative = file.relative_to(root)
            if file.suffix in _SUFFIXES and not _LEFT_OUT.intersection(relative.parts) and file.is_file():
                content = file.read_bytes()
                digest.update(f"{relative.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
