"""Where things are and how this operator works: one file, `fleet.toml`, and a few variables.

Looked for, first found wins: the path in `FLEET_CONFIG`; `fleet.toml` in the current folder or one above
it that holds `creators/`; `fleet.toml` in the user's configuration folder. Without any file the defaults
below hold, with the workspace found by going up from the current folder.
"""

from __future__ import annotations

import difflib
import getpass
import os
import socket
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, ValidationError

from fleet_tui.machine import parallel_runs_here
from fleet_tui.onboarding.resolvers import Dns
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Access
from fleet_tui.values import Value

CONFIG_NAME = "fleet.toml"
LambdaTarget = Literal["aws-arm64", "host"]


class Payer(Value):
    """Where the bill of the whole fleet can be read: the organisation's payer account."""

    access: Access
    region: str = "us-east-1"


class RolloutSettings(Value):
    """`[rollout]`: how a change goes through the waves.

    Args:
        parallel: how many creators at once; as many as `parallel_runs` without it.
        healthy_minutes: how long a wave has to be healthy before the next one starts.
        max_failed_share: 0 to 1; when more of a wave fails, the rollout stops. One creator may always fail,
            but for canaries, of which none may; 0 lets none fail anywhere.
    """

    parallel: int | None = Field(default=None, ge=1, le=32)
    healthy_minutes: float = Field(default=10.0, ge=0, le=1440)
    max_failed_share: float = Field(default=0.1, ge=0, le=1)


class Settings(Value):
    """Everything that is set once for a console.

    Args:
        environment: short name, shown in the header; cache and journals are kept apart by it.
        workspace: folder that holds `creators/`, `terraform/` and `lambdas/`.
        read_only: refuse every action where it is executed.
        parallel_runs: how many Terraform runs at once; one takes about 650 MB. As many as are good for this
            machine where nothing is said.
        emulated: the endpoint is an emulated AWS: Terraform gets path-style S3 and no metadata checks.
        lambda_target: what Lambda packages are built for: AWS on arm64, or this machine's Python.
        cost_refresh_minutes: how old costs may grow; Cost Explorer has new data three times a day, and
            takes $0.01 for each page.
        rollout: how a change goes through the waves.
        payer: how Cost Explorer is reached; None shows estimates only.
        dns: whom onboarding asks about domains.
    """

    environment: str = Field(default="production", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    workspace: Path = Path()
    read_only: bool = False
    parallel_runs: int = Field(default_factory=parallel_runs_here, ge=1, le=32)
    emulated: bool = False
    lambda_target: LambdaTarget = "aws-arm64"
    cost_refresh_minutes: float = Field(default=360.0, gt=0)
    rollout: RolloutSettings = RolloutSettings()
    payer: Payer | None = None
    dns: Dns = Dns()
    operator: str = ""
    cache_dir: Path | None = None
    state_dir: Path | None = None
    config_file: Path | None = Field(default=None, exclude=True)

    @property
    def creators(self) -> Path:
        """The folder with one folder per creator."""
        return self.workspace / "creators"

    @property
    def cache(self) -> Path:
        """What can be made again: last known picture, work folders, built packages."""
        return (self.cache_dir or Path(platformdirs.user_cache_dir("fleet"))) / self.environment

    @property
    def state(self) -> Path:
        """What cannot: journals and plans."""
        return (self.state_dir or Path(platformdirs.user_state_dir("fleet"))) / self.environment


def load_settings(environ: Mapping[str, str] = os.environ, cwd: Path | None = None) -> Settings:
    """The settings in force.

    Args:
        environ: the process' environment; `FLEET_CONFIG`, `FLEET_READ_ONLY` and `FLEET_OPERATOR` are read.
        cwd: where to begin looking for the workspace.

    Raises:
        FleetError: the file is named but missing, is not TOML, or holds something that does not fit.
    """
    here = (cwd or Path.cwd()).resolve()
    workspace = next((folder for folder in (here, *here.parents) if (folder / "creators").is_dir()), None)
    file = _find(environ, workspace)
    found: dict[str, object] = {}
    if file is not None:
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise _refuse(file, str(error)) from error
        for key in ("workspace", "cache_dir", "state_dir"):
            if isinstance(found.get(key), str):
                found[key] = (file.parent / str(found[key])).expanduser().resolve()
        found["config_file"] = file
    found.setdefault("workspace", workspace or here)
    found.setdefault(
        "operator", environ.get("FLEET_OPERATOR") or f"{getpass.getuser()}@{socket.gethostname()}"
    )
    if environ.get("FLEET_READ_ONLY", "") not in ("", "0"):
        found["read_only"] = True
    try:
        return Settings.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        told = (
            first["msg"]
            if first["type"] != "extra_forbidden"
            else f"is no setting{_meant(str(first['loc'][-1]))}"
        )
        raise _refuse(file or Path(CONFIG_NAME), f"{key}: {told}") from error


def _meant(key: str) -> str:
    """What somebody may have meant by a key that is no setting where it stands."""
    close = difflib.get_close_matches(key, [*Settings.model_fields, *RolloutSettings.model_fields], n=1)
    return f"; did you mean {close[0]}?" if close and close[0] != key else ""


def _find(environ: Mapping[str, str], workspace: Path | None) -> Path | None:
    if named := environ.get("FLEET_CONFIG"):
        path = Path(named).expanduser()
        if not path.is_file():
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                f"FLEET_CONFIG names {path}, and there is no such file",
                hint="Correct the path, or unset FLEET_CONFIG",
            )
        return path.resolve()
    places = [workspace / CONFIG_NAME] if workspace else []
    places.append(Path(platformdirs.user_config_dir("fleet")) / CONFIG_NAME)
    return next((place for place in places if place.is_file()), None)


def _refuse(file: Path, message: str) -> FleetError:
    return FleetError.of(
        ProblemKind.CONFIGURATION, message, where=str(file), hint="docs/SETUP.md lists every setting"
    )
