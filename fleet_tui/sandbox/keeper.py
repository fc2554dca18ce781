"""The keeper of a world: serves the embedded AWS, brings the sample fleet live and plays life into it.

`python -m fleet_tui.sandbox.keeper WORLD WORKSPACE`. It is started by the first visitor and leaves a little
after the last one, when what it had in hand is done; then everything is saved.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from fleet_tui.aws import AwsDoor
from fleet_tui.deploy.digest import ConfigurationDigest
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.terraform_cli import find_terraform
from fleet_tui.fleet import Fleet
from fleet_tui.problems import FleetError
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.sandbox.provisioner import Provisioner
from fleet_tui.sandbox.troubles import Troubles
from fleet_tui.sandbox.world import World
from fleet_tui.settings import load_settings

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_SAVE_SECONDS = 60.0
_RUN_MEMORY = (
    1.2e9  # bytes; a Terraform run with its provider takes 0.65e9, and the machine is not ours alone
)


class Keeper:
    """Serves one world.

    Args:
        world: the world.
        first_wave_only: provision no more than the first wave.
    """

    def __init__(self, world: World, *, first_wave_only: bool) -> None:
        self._world = world
        self._first_wave_only = first_wave_only
        self._stop = threading.Event()
        self._director: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Serve until the last visitor has left."""
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        at_once = runs_at_once()
        self._world.write_settings(at_once)
        emulator = Emulator.start(self._world.aws)
        try:
            variables = self._world.variables(emulator.url)
            self._world.enter(variables)
            self._world.announce(emulator.url)
            self._director = self._start_director(emulator.url)
            provisioning = threading.Thread(
                target=self._provision, args=(emulator, at_once), name="provisioning"
            )
            provisioning.start()
            self._wait(emulator)
            provisioning.join()
        finally:
            self._world.announce(None)
            if self._director is not None:
                self._director.terminate()
                self._director.wait(timeout=30)
            emulator.stop()

    def _wait(self, emulator: Emulator) -> None:
        """Return when nobody is here any more; a power cut costs a minute at most."""
        saved_at = time.monotonic()
        while not self._stop.is_set() and self._world.visited():
            if time.monotonic() - saved_at > _SAVE_SECONDS:
                emulator.save()
                saved_at = time.monotonic()
            self._stop.wait(_LOOK_SECONDS)
        self._stop.set()

    def _provision(self, emulator: Emulator, at_once: int) -> None:
        try:
            find_terraform()
        except FleetError as error:
            logger.error("the fleet is not provisioned: %s", error)
            return
        settings = load_settings(os.environ).model_copy(update={"operator": "sandbox@demo"})
        fleet = Fleet(settings)
        door = AwsDoor(operator=settings.operator)
        troubles = Troubles(door, StateBuckets(door, ConfigurationDigest(settings.workspace)), emulator)
        try:
            provisioner = Provisioner(fleet, troubles, at_once=at_once, go_on=lambda: not self._stop.is_set())
            complete = provisioner.provision(first_wave_only=self._first_wave_only)
            logger.info("provisioned: %s", "the whole fleet" if complete else "a part of the fleet")
        except Exception:
            logger.exception("provisioning broke off")
        finally:
            fleet.stop()
            emulator.save()

    def _start_director(self, endpoint: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                sys.executable, "-m", "fleet_tui.sandbox.director",
                "--endpoint", endpoint,
                "--creators", str(self._world.workspace / "creators"),
            ],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip


def runs_at_once() -> int:
    """How many Terraform runs this machine carries: they mostly wait, so twice its cores."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(2 * (os.cpu_count() or 1), int(memory / 2 / _RUN_MEMORY), 8))


def main(arguments: Sequence[str]) -> int:
    """Serve a world, unless somebody does already."""
    parser = argparse.ArgumentParser(prog="keeper", description=__doc__)
    parser.add_argument("world", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--first-wave-only", action="store_true")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    world = World(options.world, options.workspace)
    with (world.folder / "keeper.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # two visitors came at once, and the other one's keeper was faster
        Keeper(world, first_wave_only=options.first_wave_only).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
