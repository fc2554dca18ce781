"""Where in the workspace a resource is declared, and what Terraform was told to ignore about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from fleet_tui.deploy.drift.noise import IGNORE_ALL

# `terraform fmt`, which is checked, puts a block's closing brace under its first letter.
_IGNORE = re.compile(r"^\s*ignore_changes\s*=\s*(all\b|\[(?P<names>[^\]]*)\])", re.MULTILINE)


class Place(NamedTuple):
    """A resource's declaration.

    Args:
        file: relative to the workspace, empty where it was not found.
        ignored: names in its `ignore_changes`; `all` where that is what it says.
    """

    file: str = ""
    ignored: frozenset[str] = frozenset()


class Sources:
    """The Terraform of a workspace.

    Args:
        workspace: the folder that holds `terraform/`.
        root: the root module in it.
    """

    def __init__(self, workspace: Path, root: str = "creator") -> None:
        self._workspace = workspace
        self._root = workspace / "terraform" / root
        self._texts: dict[Path, dict[Path, str]] = {}

    def place(self, folder: str, kind: str, name: str) -> Place:
        """Where a resource is declared.

        Args:
            folder: of its module, relative to the root module's.
            kind: its type.
            name: in its module.
        """
        for file, text in self._files((self._root / folder).resolve()).items():
            block = _block(text, kind, name)
            if block is not None:
                return Place(file.relative_to(self._workspace.resolve()).as_posix(), _ignored(block))
        return Place()

    def _files(self, folder: Path) -> dict[Path, str]:
        if folder not in self._texts:
            inside = folder.is_relative_to(self._workspace.resolve())
            files = sorted(folder.glob("*.tf")) if inside else []
            self._texts[folder] = {file: file.read_text(encoding="utf-8") for file in files}
        return self._texts[folder]


def _block(text: str, kind: str, name: str) -> str | None:
    found = re.search(
        rf'^resource "{re.escape(kind)}" "{re.escape(name)}" \{{(?P<body>.*?)^\}}', text, re.M | re.S
    )
    return found["body"] if found else None


def _ignored(block: str) -> frozenset[str]:
    found = _IGNORE.search(block)
    if found is None:
        return frozenset()
    if found["names"] is None:
        return frozenset({IGNORE_ALL})
    return frozenset(re.findall(r"^\s*([a-z]\w*)", found["names"].replace(",", "\n"), re.MULTILINE))
