"""`python -m fleet_tui.sandbox.emulator --port PORT --state DIR`: the embedded AWS in the foreground."""

from __future__ import annotations

import argparse
import fcntl
import logging
import logging.handlers
import os
import socket
import sys
from pathlib import Path

from fleet_tui.sandbox.emulator import environment

LOG_BYTES = 5_000_000


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fleet_tui.sandbox.emulator", description="An embedded AWS on loopback."
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port on 127.0.0.1; 0 (the default) takes a free one"
    )
    parser.add_argument(
        "--state", type=Path, required=True, help="folder for everything that is kept, and the log"
    )
    parser.add_argument("--seed", help="makes the identifiers of a fresh world the same in every run")
    parser.add_argument("--ready-fd", type=int, help="file descriptor to write pid, port and url to when up")
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    return parser.parse_args()


def _log_to(file: Path, level: str) -> None:
    handler = logging.handlers.RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=1)
    logging.basicConfig(
        handlers=[handler], level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )


def _claim(state: Path) -> int:
    """Make sure that one emulator at most works on a folder; returns the descriptor that holds the lock."""
    lock = os.open(state / "emulator.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"another emulator is running on {state}")
    return lock


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        sys.exit(f"port {port} cannot be used: {error.strerror}")
    listener.listen(1024)  # from here on a client waits instead of being refused
    return listener


def main() -> None:
    """Run until told to stop."""
    arguments = _arguments()
    state: Path = arguments.state.resolve()
    state.mkdir(parents=True, exist_ok=True)
    _claim(state)
    listener = _listen(arguments.port)
    environment.prepare(state, listener.getsockname()[1])
    _log_to(state / "emulator.log", arguments.log_level)
    from fleet_tui.sandbox.emulator import server  # ministack reads the environment when it is imported

    server.run(listener, state, arguments.seed, arguments.ready_fd)


if __name__ == "__main__":
    main()
