"""A sandbox world on disk: an embedded AWS with the sample fleet in it, and how to reach it.

A world is a folder named by a digest of everything that made it. While somebody is in it a keeper process
serves it (see `keeper`); each visitor holds a lock on `visitors`, and the keeper leaves after the last one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs

from fleet_tui.deploy.digest import digest_files
from fleet_tui.problems import FleetError, ProblemKind

OPERATOR_ACCOUNT = "000000000000"
"""The account of the operators themselves, which is also the one that pays."""

_MADE_OF = (
    "creators",
    "terraform",
    "lambdas",
    "fleet_tui/sandbox",
    "fleet_tui/deploy",
    "fleet_tui/operations",
)
_START_SECONDS = 60.0  # the standard scene for pictures takes a while
_AGAIN_SECONDS = 5.0  # a keeper takes under two seconds to come up
_LOOK_SECONDS = 0.02
_KEPT_WORLDS = 2


@dataclass(frozen=True, slots=True)
class World:
    """One world.

    Args:
        folder: where it is kept.
        workspace: the checkout that holds `creators/`, `terraform/` and `lambdas/`.
    """

    folder: Path
    workspace: Path

    @classmethod
    def of_checkout(cls, root: Path | None = None) -> World:
        """The world that belongs to the checkout this package lies in.

        Args:
            root: where worlds are kept; the user's cache folder without it.

        Raises:
            FleetError: the package is not in a checkout, or the sandbox's packages are not installed.
        """
        workspace = Path(__file__).resolve().parents[2]
        if not (workspace / "creators").is_dir() or not (workspace / "terraform").is_dir():
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                "the sample fleet is not here",
                hint="The sandbox runs from a checkout of the project: clone it, then make demo",
            )
        try:
            emulator = version("ministack")
        except PackageNotFoundError as error:
            raise FleetError.of(
                ProblemKind.MISSING_TOOL,
                "the embedded AWS is not installed",
                hint="make demo installs it; by hand: pip install 'fleet-tui[sandbox]'",
            ) from error
        made_of = f"{digest_files(workspace, _MADE_OF)} {emulator} {sys.version_info[:2]}"
        name = hashlib.sha256(made_of.encode()).hexdigest()[:12]
        root = root or Path(platformdirs.user_cache_dir("fleet")) / "sandbox"
        return cls(root / name, workspace)

    # -- places -------------------------------------------------------------------------------------

    @property
    def aws(self) -> Path:
        """What the embedded AWS keeps."""
        return self.folder / "aws"

    @property
    def config(self) -> Path:
        """The console's settings in this world."""
        return self.folder / "fleet.toml"

    @property
    def log(self) -> Path:
        """What the keeper has to say."""
        return self.folder / "keeper.log"

    @property
    def lock(self) -> Path:
        """What the keeper holds while there is one."""
        return self.folder / "keeper.lock"

    @property
    def _visitors(self) -> Path:
        return self.folder / "visitors"

    @property
    def _audience(self) -> Path:
        return self.folder / "audience"

    @property
    def _stillness(self) -> Path:
        return self.folder / "stillness"

    @property
    def _ready(self) -> Path:
        return self.folder / "ready.json"

    # -- being there --------------------------------------------------------------------------------

    @contextmanager
    def visit(self, *, whole_fleet: bool = True, still: bool = False) -> Iterator[dict[str, str]]:
        """Be in this world: its keeper runs until the last visitor has left.

        Args:
            whole_fleet: have the whole sample fleet provisioned; False is content with the first wave.
            still: have the director play its standard scene once, for pictures, in place of going on.

        Yields:
            The variables that lead a process into this world.

        Raises:
            FleetError: the keeper did not come up, or a still world is in use.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._forget_old_worlds()
        if still and self.kept():
            raise FleetError.of(ProblemKind.CONFLICT, "the sandbox is in use", hint="Leave the console first")
        with (
            self._visitors.open("ab") as visitors,
            self._audience.open("ab") as audience,
            self._stillness.open("ab") as stillness,
        ):
            fcntl.flock(visitors, fcntl.LOCK_SH)
            for wanted, file in ((whole_fleet, audience), (still, stillness)):
                if wanted:
                    fcntl.flock(file, fcntl.LOCK_SH)
            yield self.variables(self._await_endpoint())

    def kept(self) -> bool:
        """Whether a keeper serves this world now."""
        return _is_locked(self.lock)

    def visited(self) -> bool:
        """Whether anybody is in this world now."""
        return _is_locked(self._visitors)

    def wants_whole_fleet(self) -> bool:
        """Whether anybody here waits for more than the first wave."""
        return _is_locked(self._audience)

    def wants_stillness(self) -> bool:
        """Whether the one who is here draws a picture."""
        return _is_locked(self._stillness)

    def endpoint(self) -> str | None:
        """Where the embedded AWS answers, or None while it does not."""
        if not self.kept():
            return None
        try:
            endpoint = json.loads(self._ready.read_text(encoding="utf-8"))["endpoint"]
        except (OSError, ValueError, KeyError):
            return None
        return str(endpoint)

    def announce(self, endpoint: str | None) -> None:
        """Say where the embedded AWS answers; None: it no longer does."""
        if endpoint is None:
            self._ready.unlink(missing_ok=True)
            return
        part = self._ready.with_suffix(".part")
        part.write_text(json.dumps({"endpoint": endpoint, "keeper": os.getpid()}), encoding="utf-8")
        part.replace(self._ready)

    def dismiss(self) -> bool:
        """Send the keeper away: runs in hand are cancelled, everything is saved. Waits until it has left.

        Returns:
            Whether there was a keeper.
        """
        try:
            keeper = int(json.loads(self._ready.read_text(encoding="utf-8"))["keeper"])
        except (OSError, ValueError, KeyError):
            return False
        if not self.kept():
            return False
        os.kill(keeper, signal.SIGTERM)
        while self.kept():
            time.sleep(_LOOK_SECONDS)
        return True

    def variables(self, endpoint: str) -> dict[str, str]:
        """The environment variables that lead into this world, as any others lead into AWS."""
        return {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": OPERATOR_ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_REGION": "eu-central-1",
            "AWS_CONFIG_FILE": str(self.folder / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "aws-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "FLEET_CONFIG": str(self.config),
            "FLEET_OPERATOR": "you@sandbox",
        }

    def enter(self, variables: Mapping[str, str]) -> None:
        """Lead this process into the world."""
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
            os.environ.pop(name, None)
        os.environ.update(variables)

    def write_settings(self, parallel_runs: int) -> None:
        """Write the settings and the AWS configuration that visitors use."""
        self.config.write_text(
            "\n".join(
                (
                    "# Written by the sandbox.",
                    'environment = "sandbox"',
                    f"workspace = {json.dumps(str(self.workspace))}",
                    f"cache_dir = {json.dumps(str(self.folder / 'cache'))}",
                    f"state_dir = {json.dumps(str(self.folder / 'state'))}",
                    f"parallel_runs = {parallel_runs}",
                    "cost_refresh_minutes = 0.5  # money is spent at an accelerated clock here",
                    "emulated = true",
                    'lambda_target = "host"',
                    "",
                    "[rollout]",
                    "healthy_minutes = 0.2  # time enough to watch, and not to wait",
                    "",
                    "[payer.access]",
                    f'role_arn = "arn:aws:iam::{OPERATOR_ACCOUNT}:role/FleetBilling"',
                    "",
                )
            ),
            encoding="utf-8",
        )
        profiles = [
            f"[profile {profile}]\nrole_arn = arn:aws:iam::{account}:role/FleetOperator\n"
            "credential_source = Environment\n"
            for profile, account in self._profiles()
        ]
        (self.folder / "aws-config").write_text("\n".join(profiles), encoding="utf-8")
        (self.folder / "aws-credentials").write_text("", encoding="utf-8")

    def _profiles(self) -> list[tuple[str, str]]:
        from fleet_tui.registry import load

        creators = load(self.workspace / "creators").creators
        return [
            (creator.access.profile, creator.account_id) for creator in creators if creator.access.profile
        ]

    def _start_keeper(self) -> None:
        with self.log.open("ab") as log:
            subprocess.Popen(
                [sys.executable, "-m", "fleet_tui.sandbox.keeper", str(self.folder), str(self.workspace)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _await_endpoint(self) -> str:
        """Where the embedded AWS answers; a keeper is started where there is none, or one just leaves."""
        deadline = time.monotonic() + _START_SECONDS
        started_at = float("-inf")
        while (now := time.monotonic()) < deadline:
            if endpoint := self.endpoint():
                return endpoint
            if now - started_at > _AGAIN_SECONDS and not self.kept():
                self._start_keeper()
                started_at = now
            time.sleep(_LOOK_SECONDS)
        raise FleetError.of(
            ProblemKind.SERVICE,
            f"the embedded AWS did not come up within {_START_SECONDS:.0f} seconds",
            hint=f"{self.log} says why; fleet sandbox reset begins anew",
        )

    def _forget_old_worlds(self) -> None:
        """Remove worlds that were made of something else, but for the newest; they can be made again."""
        others = [world for world in self.folder.parent.iterdir() if world.is_dir() and world != self.folder]
        others.sort(key=lambda world: world.stat().st_mtime, reverse=True)
        for world in others[_KEPT_WORLDS - 1 :]:
            if not _is_locked(world / "keeper.lock") and not _is_locked(world / "visitors"):
                shutil.rmtree(world, ignore_errors=True)


def _is_locked(path: Path) -> bool:
    try:
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False
    except FileNotFoundError:
        return False
