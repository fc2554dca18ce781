"""Saving the whole world while it runs.

ministack saves only at a graceful stop, and only logs what it could not write. Here every service is encoded
first, in one go on the event loop (where requests are handled, so that the picture is coherent), then each
file is replaced as a whole, and an error is the caller's to know.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from ministack import app as ministack
from ministack.core import persistence

from fleet_tui.sandbox.emulator.blobs import LARGE_BYTES, Blobs, write_whole

logger = logging.getLogger(__name__)

BLOB = "__fleet_blob__"
"""Key of a reference to a content that was put aside."""

ATTEMPTS = 20
"""How often a service is asked again when one of its background threads changed it meanwhile."""

_written: dict[str, str] = {}
_blobs = Blobs(Path(persistence.STATE_DIR) / "blobs")


class _Encoder:
    """JSON with large contents put aside; knows which ones a save refers to."""

    def __init__(self) -> None:
        self.referred: set[str] = set()

    def default(self, value: Any) -> Any:
        if isinstance(value, bytes) and len(value) >= LARGE_BYTES:
            name = _blobs.put(value)
            self.referred.add(name)
            return {BLOB: name}
        return persistence._json_default(value)


def _encode(key: str, get_state: Any, encoder: _Encoder) -> bytes | None:
    for attempt in range(ATTEMPTS):
        try:
            state = get_state()
            if state is None:  # a module that could not be loaded: keep what is on disk
                return None
            envelope = {"__ministack_format__": persistence._state_format_version(key), "payload": state}
            return json.dumps(envelope, default=encoder.default).encode()
        except RuntimeError:  # "dictionary changed size during iteration"
            if attempt == ATTEMPTS - 1:
                raise
    return None


def save() -> dict[str, int]:
    """Write the state of every service to disk; files that did not change are left alone.

    Returns:
        `services`: how many have a state, `written`: how many files were written, `bytes`: their size.

    Raises:
        RuntimeError: a service would not hold still.
        OSError: the disk said no.
        TypeError: a service holds something that is no JSON.
    """
    folder = Path(persistence.STATE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    encoder = _Encoder()
    encoded = {
        key: content
        for key, get_state in ministack._build_persistence_save_dict().items()
        if (content := _encode(key, get_state, encoder)) is not None
    }
    size = written = 0
    for key, content in encoded.items():
        digest = hashlib.blake2b(content).hexdigest()
        path = folder / f"{key}.json"
        if _written.get(key) == digest and path.exists():
            continue
        write_whole(path, content)
        _written[key] = digest
        written += 1
        size += len(content)
    _blobs.sweep(encoder.referred)
    return {"services": len(encoded), "written": written, "bytes": size}


def install() -> None:
    """Let ministack's own save at a graceful stop be this one, and its loading know what was put aside."""
    hook = persistence._json_object_hook

    def object_hook(value: dict[str, Any]) -> Any:
        return _blobs.get(value[BLOB]) if BLOB in value else hook(value)

    def save_all(_services: Any) -> None:
        logger.info("saved at stop: %s", save())

    ministack.save_all = save_all
    persistence._json_object_hook = object_hook
