"""How many runs go on at once on this machine, whichever process started them.

A Terraform run takes about 650 MB (measured), and two cores gain nothing beyond three at once; so runs
wait for one of N slots. A slot is a locked file: it comes free when its process ends, however it ends.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

_LOOK_AGAIN_SECONDS = 0.25


@asynccontextmanager
async def slot(folder: Path, count: int) -> AsyncIterator[None]:
    """Hold one of `count` slots, waiting for it without keeping a thread busy."""
    folder.mkdir(parents=True, exist_ok=True)
    file = await _first_free([folder / f"{number}.slot" for number in range(count)])
    try:
        yield
    finally:
        file.close()


@asynccontextmanager
async def only_one(path: Path) -> AsyncIterator[None]:
    """Be the only run on this machine that works in one creator's work folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = await _first_free([path])
    try:
        yield
    finally:
        file.close()


async def _first_free(paths: list[Path]) -> IO[bytes]:
    while True:
        for path in paths:
            file = path.open("ab")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
            else:
                return file
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
