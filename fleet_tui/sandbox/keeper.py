"""The keeper of a world: serves the embedded AWS, brings the sample fleet live and plays life into it.

`python -m fleet_tui.sandbox.keeper WORLD WORKSPACE`. It is started by the first visitor and leaves a little
after the last one, when what it had in hand, and what visitors have set going, is done; then everything is
saved.
"""

from __future__ import annotations

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
from fleet_tui.deploy.memory import StateMemory
from fleet_tui.deploy.statebucket import StateBuckets
from fleet_tui.deploy.terraform_cli import find_terraform
from fleet_tui.fleet import Fleet
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Wave
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.sandbox.provisioner import Provisioner
from fleet_tui.sandbox.troubles import Troubles
from fleet_tui.sandbox.visitors import VisitorsWork
from fleet_tui.sandbox.world import World
from fleet_tui.settings import load_settings

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_LOCK_SECONDS = 1.0
_SAVE_SECONDS = 60.0
_CANCEL_SECONDS = 60.0  # Terraform finishes what it has in hand
_RUN_MEMORY = (
    1.2e9  # bytes; a Terraform run with its provider takes 0.65e9, and the machine is not ours alone
)


class Keeper:
    """Serves one world.

    Args:
        world: the world.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._stop = threading.Event()
        self._complete = False

    def serve(self) -> None:
        """Serve until the last visitor has left and what was in hand is done."""
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        at_once = runs_at_once()
        self._world.write_settings(at_once)
        emulator = Emulator.start(self._world.aws)
        director = None
        try:
            self._world.enter(self._world.variables(emulator.url))
            # After a power cut the accounts are as they were saved last, up to a minute before.
            StateMemory(load_settings(os.environ).state).forget_all()
            director = self._start_director(emulator.url)
            self._world.announce(emulator.url)
            self._serve(emulator, at_once)
        finally:
            self._world.announce(None)
            if director is not None:
                director.terminate()
                director.wait(timeout=30)
            emulator.stop()

    def _serve(self, emulator: Emulator, at_once: int) -> None:
        """Provision for as long as somebody wants it; return when nobody is here and nothing is in hand."""
        provisioning: threading.Thread | None = None
        work = VisitorsWork(_fleet())
        served_all = False
        saved_at = time.monotonic()
        while not self._stop.is_set():
            visited, wants_all = self._world.visited(), self._world.wants_whole_fleet()
            idle = provisioning is None or not provisioning.is_alive()
            if idle and not visited:
                self._world.announce(None)
                if not self._world.visited():
                    break
                self._world.announce(emulator.url)  # somebody came through the door as it was closing
            elif idle and not self._complete and (provisioning is None or (wants_all and not served_all)):
                served_all = wants_all
                provisioning = threading.Thread(
                    target=self._provision, args=(emulator, at_once), name="provisioning"
                )
                provisioning.start()
            if time.monotonic() - saved_at > _SAVE_SECONDS:
                emulator.save()  # so that a power cut costs a minute at most
                saved_at = time.monotonic()
            self._stop.wait(_LOOK_SECONDS)
        if provisioning is not None:
            provisioning.join()
        until = time.monotonic() + _CANCEL_SECONDS
        while not work.ended(cancel=True) and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)

    def _wanted(self, wave: Wave) -> bool:
        if self._stop.is_set() or not self._world.visited():
            return False
        return wave is Wave.CANARY or self._world.wants_whole_fleet()

    def _provision(self, emulator: Emulator, at_once: int) -> None:
        try:
            find_terraform()
        except FleetError as error:
            logger.error("the fleet is not provisioned: %s", error)
            return
        fleet = _fleet()
        door = AwsDoor(operator=fleet.operator)
        troubles = Troubles(door, StateBuckets(door, ConfigurationDigest(fleet.settings.workspace)), emulator)
        try:
            provisioner = Provisioner(
                fleet,
                troubles,
                at_once=at_once,
                wanted=self._wanted,
                broken_off=self._stop,
                save=emulator.save,
            )
            self._complete = provisioner.provision()
            logger.info("provisioned: %s", "the whole fleet" if self._complete else "a part of the fleet")
        except Exception:
            logger.exception("provisioning broke off")
        finally:
            fleet.stop()
            emulator.save()

    def _start_director(self, endpoint: str) -> subprocess.Popen[bytes]:
        """Let life begin; where a picture is to be drawn, play the standard scene and let it rest."""
        still = self._world.wants_stillness()
        director = subprocess.Popen(
            [
                sys.executable, "-m", "fleet_tui.sandbox.director",
                "--endpoint", endpoint,
                "--creators", str(self._world.workspace / "creators"),
                *(["--once"] if still else []),
            ],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if still:
            director.wait()
        return director


def _fleet() -> Fleet:
    return Fleet(load_settings(os.environ).model_copy(update={"operator": "sandbox@demo"}))


def runs_at_once() -> int:
    """How many Terraform runs this machine carries: they mostly wait, so twice its cores."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(2 * (os.cpu_count() or 1), int(memory / 2 / _RUN_MEMORY), 8))


def main(arguments: Sequence[str]) -> int:
    """Serve a world, unless somebody does already."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("botocore", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    world = World(Path(arguments[0]), Path(arguments[1]))
    with world.lock.open("ab") as lock:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # Either another keeper is here, or a visitor was just looking whether one is.
                if time.monotonic() > deadline:
                    return 0
                time.sleep(_LOOK_SECONDS / 10)
        Keeper(world).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
