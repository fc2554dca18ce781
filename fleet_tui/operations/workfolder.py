"""The folder in which Terraform works for one creator: a copy of the configuration, made at plan time.

A copy, so that an edit in the workspace while a run goes on changes nothing in it, and so that creators
never share a lock file or a `.terraform` folder. It is kept from run to run: `init` is needed only when
the backend, the providers or the modules have changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

from pydantic import JsonValue

INITIALISED = "initialised"
# The lines of a configuration that `terraform init` acts on.
_WANTED = re.compile(r"^\s*(source|version|required_version|backend)\b.*$", re.MULTILINE)


class WorkFolder:
    """One root module of one creator.

    Args:
        path: the folder; made when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def root(self) -> Path:
        """Where Terraform is run."""
        return self.path / "root"

    def fill(
        self,
        terraform: Path,
        root: str,
        variables: dict[str, JsonValue],
        backend: dict[str, JsonValue] | None,
    ) -> None:
        """Bring the folder to the state of the workspace.

        Args:
            terraform: the workspace's `terraform/` folder.
            root: name of the root module in it.
            variables: everything Terraform is told, written as one JSON file.
            backend: settings of the S3 backend; None leaves the state in this folder.
        """
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._mirror(terraform / root, self.root)
        self._mirror(terraform / "modules", self.path / "modules")
        if backend is None:
            (self.root / "backend.tf").unlink(missing_ok=True)
        else:
            _write_json(self.root / "backend.json", backend)
        _write_json(self.root / "fleet.auto.tfvars.json", variables)

    def needs_init(self) -> bool:
        """Whether `terraform init` has to run before anything else."""
        marker = self.root / ".terraform" / INITIALISED
        return not marker.is_file() or marker.read_text(encoding="utf-8") != self._key()

    def forget_initialised(self) -> None:
        """Forget that it has, before it runs again: broken off, it may leave what belongs to neither."""
        (self.root / ".terraform" / INITIALISED).unlink(missing_ok=True)

    def mark_initialised(self) -> None:
        """Remember that `terraform init` has succeeded for what is here now."""
        (self.root / ".terraform" / INITIALISED).write_text(self._key(), encoding="utf-8")

    def _key(self) -> str:
        digest = hashlib.sha256()
        for file in sorted(self.path.rglob("*.tf")):
            if ".terraform" not in file.parts:
                text = file.read_text(encoding="utf-8")
                wanted = "\n".join(match.group(0) for match in _WANTED.finditer(text))
                digest.update(f"{file.relative_to(self.path)}\0{wanted}".encode())
        backend = self.root / "backend.json"
        digest.update(backend.read_bytes() if backend.is_file() else b"local")
        return digest.hexdigest()

    def _mirror(self, source: Path, target: Path) -> None:
        """Make `target` hold the sources of `source` and no others; what Terraform keeps there stays."""
        kept = shutil.ignore_patterns(".terraform*", "tests", "examples", "*.md", "*.tfstate*", "*.tfvars")
        for old in [*target.rglob("*.tf"), *target.rglob("*.auto.tfvars.json")]:
            if ".terraform" not in old.parts:
                old.unlink()
        if source.is_dir():
            shutil.copytree(source, target, ignore=kept, dirs_exist_ok=True)


def _write_json(file: Path, content: dict[str, JsonValue]) -> None:
    file.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
