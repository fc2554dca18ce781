"""Serving: our services and repairs are put into ministack, which then answers on one socket of loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import resource
import signal
import socket
import sys
from pathlib import Path

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from ministack import app as ministack

from fleet_tui.sandbox.emulator import faults, gates, registration, repairs, requests, saving
from fleet_tui.sandbox.emulator.back_door import BackDoor
from fleet_tui.sandbox.emulator.cost import anomalies
from fleet_tui.sandbox.emulator.cost.ledger import ledger
from fleet_tui.sandbox.emulator.cost.service import handle_cost_explorer
from fleet_tui.sandbox.emulator.front import Front
from fleet_tui.sandbox.emulator.identifiers import identifiers
from fleet_tui.sandbox.emulator.ivs import store
from fleet_tui.sandbox.emulator.ivs.service import handle_chat, handle_ivs

GRACE_SECONDS = 1.0
"""How long requests in hand may take at a stop."""

KEEP_ALIVE_SECONDS = 3600
"""Clients have to be the ones who close idle connections (Terraform's does after 90 s): a request that meets
the server's closing is carried out, its answer is lost, and the second try is told that it exists already."""


def install(seed: str | None) -> None:
    """Add our services, states and repairs to ministack.

    Args:
        seed: makes the identifiers of our services the same in every run; None for any.
    """
    if seed is not None:
        identifiers.seed = seed
    registration.serve("ivs", handle_ivs)
    registration.serve("ivschat", handle_chat)
    registration.serve("ce", handle_cost_explorer)
    registration.keep("fleet_identifiers", identifiers)
    registration.keep("fleet_ivs", store)
    registration.keep("fleet_costs", ledger)
    registration.keep("fleet_cost_anomalies", anomalies)
    registration.keep("fleet_faults", faults.faults)
    repairs.install()
    faults.install()
    gates.install()
    requests.install()
    saving.install()


def announce(ready: int | None, file: Path, port: int) -> None:
    """Say that the emulator answers: in a file, and on the pipe of whoever started it."""
    content = json.dumps({"pid": os.getpid(), "port": port, "url": f"http://127.0.0.1:{port}"})
    staging = file.with_suffix(".tmp")
    staging.write_text(content)
    staging.replace(file)
    if ready is not None:
        with os.fdopen(ready, "w") as pipe:
            pipe.write(content)


async def serve(listener: socket.socket, state: Path, ready: int | None) -> None:
    """Answer until SIGTERM, SIGINT or the back door says stop; the state is saved at the end.

    Args:
        listener: a bound socket.
        state: the emulator's folder.
        ready: file descriptor to say "up" on, or None.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    port = listener.getsockname()[1]
    file = state / "emulator.json"
    front = Front(ministack.app, BackDoor(stop.set), lambda: announce(ready, file, port))
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.keep_alive_max_requests = sys.maxsize
    config.graceful_timeout = GRACE_SECONDS
    try:
        await hypercorn_serve(front, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]
    finally:
        file.unlink(missing_ok=True)


def run(listener: socket.socket, state: Path, seed: str | None, ready: int | None) -> None:
    """Serve in this process until told to stop."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    install(seed)
    asyncio.run(serve(listener, state, ready))
