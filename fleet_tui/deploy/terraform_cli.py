"""Finding Terraform and its provider on this machine, and writing command lines for it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_tui.problems import FleetError, ProblemKind

PROVIDER = "registry.terraform.io/hashicorp/aws"

# Folders in which Terraform looks for providers by itself
# (https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories).
_IMPLICIT_MIRRORS = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)


# Variables of the operator's shell that would change a creator, have another program make it, or write what
# is sent to AWS, secrets and all, into the logs.
_STRAY = ("TF_VAR_", "TF_CLI_ARGS", "TF_WORKSPACE", "TF_DATA_DIR", "TF_REATTACH_PROVIDERS", "TF_LOG")


def find_terraform(environ: Mapping[str, str] = os.environ) -> Path:
    """The Terraform binary on the PATH.

    Raises:
        FleetError: kind MISSING_TOOL.
    """
    found = shutil.which("terraform", path=environ.get("PATH"))
    if found is None:
        raise FleetError.of(
            ProblemKind.MISSING_TOOL,
            "Terraform is not on this machine's PATH",
            hint="Install Terraform 1.11 or later (developer.hashicorp.com/terraform/install)",
        )
    return Path(found)


def command(binary: Path, verb: str, *arguments: str, **options: Any) -> list[str]:
    """Argument list of a Terraform command, built by python-terraform's own rules.

    Args:
        binary: the Terraform binary.
        verb: the sub-command, such as `plan`.
        arguments: positional arguments, placed last.
        options: options by name with `_` for `-`; True becomes `=true`, `flag()` stands alone.
    """
    from python_terraform import Terraform

    words: list[str] = Terraform(terraform_bin_path=str(binary)).generate_cmd_string(
        verb, *arguments, **options
    )
    return words


def flag() -> Any:
    """The value of an option that stands without a value, as in `-json`."""
    from python_terraform import IsFlagged

    return IsFlagged


def terraform_environment(
    base: Mapping[str, str], work: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The environment of a Terraform process, with a CLI configuration that works on this machine.

    A user's own CLI configuration is left in force. Where there is none, one is written into `work` that
    names a provider mirror found on this machine, so that the provider (675 MB) is linked and not copied.

    Args:
        base: environment that carries the creator's credentials.
        work: folder for the CLI configuration, and for the shared plugin cache beside it.
        environ: where a CLI configuration of the user's own would be named.
    """
    result = dict(base) | {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    for name in list(result):
        if name.startswith(_STRAY):
            del result[name]
    # Garbage is collected half as often: a tenth less CPU for 100 MB more, measured with all modules on.
    result.setdefault("GOGC", "200")
    if _users_configuration(environ):
        return result
    work.mkdir(parents=True, exist_ok=True)
    file = work / "terraform.rc"
    cache = work / "plugins"
    cache.mkdir(exist_ok=True)
    mirror = next(_mirrors(), None)
    lines = [f"plugin_cache_dir = {json.dumps(str(cache))}", "disable_checkpoint = true"]
    if mirror is not None:
        lines = [
            "disable_checkpoint = true",
            "provider_installation {",
            f"  filesystem_mirror {{ path = {json.dumps(str(mirror))}",
            f'    include = ["{PROVIDER}"] }}',
            f'  direct {{ exclude = ["{PROVIDER}"] }}',
            "}",
        ]
    text = "\n".join(lines) + "\n"
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        part = file.with_name(f"{file.name}.{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    result["TF_CLI_CONFIG_FILE"] = str(file)
    return result


def _users_configuration(environ: Mapping[str, str]) -> bool:
    named = environ.get("TF_CLI_CONFIG_FILE")
    return Path(named).is_file() if named else Path("~/.terraformrc").expanduser().is_file()


def _mirrors() -> Iterator[Path]:
    for folder in (Path(place).expanduser() for place in _IMPLICIT_MIRRORS):
        if (folder / PROVIDER).is_dir():
            yield folder
    for folder in sorted(Path("/opt").glob("*/registry.terraform.io")):
        if (folder.parent / PROVIDER).is_dir():
            yield folder.parent
