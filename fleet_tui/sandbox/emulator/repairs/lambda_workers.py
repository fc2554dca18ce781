"""Lambda: the processes that functions run in.

Upstream keeps a process (55 MB with its libraries) for every function that was ever called, as long as the
emulator runs, and unpacks code and layers (45 MB) for each of them anew: twelve creators with forty functions
each would be 25 GB of memory and 40 GB of disk. AWS ends what is idle. Here idle processes are ended after a
while, and the longest idle ones earlier when there are many; what is uploaded or unpacked is shared by all
who have the same package, with the bytecode that Python leaves in it.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.concurrency import spawn_background
from ministack.services import lambda_svc

from fleet_tui.sandbox.emulator.blobs import LARGE_BYTES
from fleet_tui.sandbox.emulator.warm_pool import surplus

IDLE_SECONDS = 120.0

MOST_PROCESSES = 32
"""Warm processes of all accounts together: 2 GB. Those at work are never ended, so there may be more."""

KNOWN_UPLOADS = 64
"""Large uploads that are remembered; what is forgotten is only not shared any more."""


def _end_surplus(most: int) -> list[Any]:
    """Take what is to be ended out of ministack's pool."""
    with lambda_runtime._lock:
        everybody = [worker for workers in lambda_runtime._workers.values() for worker in workers]
        ended = surplus(everybody, time.time(), IDLE_SECONDS, most)
        for key, workers in list(lambda_runtime._workers.items()):
            kept = [worker for worker in workers if worker not in ended]
            if kept:
                lambda_runtime._workers[key] = kept
            else:
                del lambda_runtime._workers[key]
    return ended


def reap_idle_workers() -> int:
    """End the processes of functions that nobody has called for a while; returns how many."""
    ended = _end_surplus(MOST_PROCESSES)
    lambda_runtime.kill_workers(ended)
    return len(ended)


def acquire_worker(*arguments: Any, **named: Any) -> tuple[Any, str]:
    """Lease a process, and make room where a new one makes too many."""
    worker, how = lambda_runtime.acquire_worker(*arguments, **named)
    if how == "spawn" and (ended := _end_surplus(MOST_PROCESSES)):
        spawn_background(lambda_runtime.kill_workers, ended, thread_name="end-functions")
    return worker, how


class SharedPackage(zipfile.ZipFile):
    """A package that is unpacked once for everybody who has the same content."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        """Let `path`, an empty folder, become a link to the unpacked content; the archive is removed."""
        archive, place = Path(str(self.filename)), Path(path)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        content = Path(tempfile.gettempdir()) / "packages" / digest
        if not content.exists():
            content.parent.mkdir(exist_ok=True)
            staging = Path(tempfile.mkdtemp(dir=content.parent))
            super().extractall(staging, members, pwd)
            staging.chmod(0o755)
            try:
                staging.rename(content)
            except OSError:  # another one was faster
                shutil.rmtree(staging)
        place.rmdir()
        place.symlink_to(content, target_is_directory=True)
        archive.unlink()


class Uploads:
    """The standard library's `base64` as ministack's Lambda sees it: equal large contents are one object."""

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}

    def b64decode(self, *arguments: Any, **named: Any) -> bytes:
        """Decode; gives the object that is known already where the content is."""
        content = base64.b64decode(*arguments, **named)
        if len(content) < LARGE_BYTES:
            return content
        if len(self._known) >= KNOWN_UPLOADS:
            self._known.clear()
        return self._known.setdefault(hashlib.sha256(content).digest(), content)

    def __getattr__(self, name: str) -> Any:
        return getattr(base64, name)


class _Archives:
    """The standard library's `zipfile` as ministack's runtime sees it, with shared packages."""

    ZipFile = SharedPackage

    def __getattr__(self, name: str) -> Any:
        return getattr(zipfile, name)


def install() -> None:
    """Put the repair in place."""
    lambda_runtime.zipfile = _Archives()
    lambda_svc.base64 = Uploads()
    lambda_svc.acquire_worker = acquire_worker
    lambda_svc.reap_idle_workers = reap_idle_workers  # ministack calls it every 30 s
