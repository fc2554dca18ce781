"""Runs the real Terraform on a copy of the project's configuration, with a CLI configuration of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "terraform"

# Where Terraform looks for providers by itself
# (https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories).
_IMPLIED_MIRRORS = (
    Path.home() / ".terraform.d/plugins",
    Path.home() / ".local/share/terraform/plugins",
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
)


_REATTACH = "TF_REATTACH_PROVIDERS"


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


def program() -> str:
    """Where Terraform is; the test that asks is skipped where it is not installed."""
    found = shutil.which("terraform")
    if found is None:
        pytest.skip("Terraform is not installed (https://developer.hashicorp.com/terraform/install)")
    return found


def environment(folder: Path) -> dict[str, str]:
    """The environment of a Terraform that hears nothing of this machine's settings and credentials.

    Args:
        folder: where its CLI configuration is written.
    """
    configuration = folder / "cli.tfrc"
    configuration.write_text(cli_configuration(folder))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))}
    return {
        **inherited,
        "TF_CLI_CONFIG_FILE": str(configuration),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "GOGC": "200",  # as in operations
    }


@contextmanager
def with_one_provider(terraform: Terraform, folder: str) -> Iterator[Terraform]:
    """The same Terraform, all of whose commands share one provider process that runs already.

    Terraform starts the provider anew for every module and every run, which is three quarters of the CPU
    that a test with mocked resources takes. Only for commands that configure no provider: the process would
    keep what it was told last.

    Args:
        terraform: as it is.
        folder: any that needs the provider.
    """
    terraform.init(folder)
    (binary,) = terraform.tree.glob(
        f"{folder}/.terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*"
    )
    # A third less CPU for 300 MB more, measured: garbage is collected less often.
    environment = {**terraform.environment, "GOGC": "400"}
    # Its debug mode is HashiCorp's own way: https://developer.hashicorp.com/terraform/plugin/debugging
    process = subprocess.Popen(
        [str(binary), "-debug"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = next(line for line in process.stdout if f"{_REATTACH}=" in line)
        provider = told.split("=", 1)[1].strip().strip("'")
        yield replace(terraform, environment={**environment, _REATTACH: provider})
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


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
