"""`python -m fleet_tui.sandbox.director --endpoint URL --creators DIR`: play until told to stop."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
import time
from contextlib import closing
from pathlib import Path

from fleet_tui.sandbox.director.cast import cast
from fleet_tui.sandbox.director.player import Player

SPEED = 12.0
"""Story minutes in a minute of the wall's clock: one every five seconds, as often as IVS measures."""

SEED = 7


def main() -> None:
    """Play until SIGTERM or SIGINT, or once."""
    parser = argparse.ArgumentParser(
        prog="fleet_tui.sandbox.director", description="Plays life into the sandbox."
    )
    parser.add_argument("--endpoint", required=True, help="URL of the embedded AWS")
    parser.add_argument(
        "--creators", type=Path, required=True, help="folder of the fleet's creator.toml files"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="the same seed tells the same story")
    parser.add_argument(
        "--speed", type=float, default=SPEED, help="story minutes a minute (default: %(default)s)"
    )
    parser.add_argument("--once", action="store_true", help="set the standard scene and end")
    arguments = parser.parse_args()
    if not 0.1 <= arguments.speed <= 600:
        parser.error("--speed must be between 0.1 and 600")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("fleet_tui").setLevel(logging.INFO)
    with closing(Player(cast(arguments.creators), arguments.endpoint, arguments.seed)) as player:
        if arguments.once:
            player.play_once()
        else:
            _play(player, 60 / arguments.speed)


def _play(player: Player, seconds: float) -> None:
    """Play a story minute every so many seconds, until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        began = time.monotonic()
        player.play(int(time.time() / seconds))
        stop.wait(max(0.0, seconds - (time.monotonic() - began)))


if __name__ == "__main__":
    main()
