"""Runs the real Terraform on a copy of the project's configuration, with a CLI configuration of its own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "terraform"

# Where Terraform looks for providers by itself
# (https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories).
_IMPLIED_MIRRORS = (
    Path.home() / ".terraform.d/plugins",
    Path.home() / ".local/share/terraform/plugins",
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
)


@dataclass(frozen=True)
class Terraform:
    """The program, and a copy of the project's `terraform/` in which it may leave its files."""

    program: str
    tree: Path
    environment: dict[str, str]

    def run(self, folder: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it in a folder of the copy; the output is text without colours."""
        return subprocess.run(
            [self.program, *arguments],
            cwd=self.tree / folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def init(self, folder: str) -> None:
        """Get the providers of a folder ready, without its backend."""
        done = self.run(folder, "init", "-backend=false", "-input=false", "-no-color")
        assert done.returncode == 0, done.stdout + done.stderr


def _mirror() -> Path | None:
    candidates = [*_IMPLIED_MIRRORS, *sorted(Path("/opt").glob("*"))]
    return next(
        (path for path in candidates if (path / "registry.terraform.io/hashicorp/aws").is_dir()), None
    )


def cli_configuration(folder: Path) -> str:
    """Text of a CLI configuration: a mirror of the providers where there is one, else a cache in `folder`."""
    if mirror := _mirror():
        return f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    cache = folder / "plugins"
    cache.mkdir()
    return f'plugin_cache_dir = "{cache}"\n'
