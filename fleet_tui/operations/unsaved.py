"""States that Terraform could not write into the bucket, and left in its work folder as `errored.tfstate`.

Such a file is the only one that knows what the run has made. It is set aside under the id of the run, so that
no later run writes over it, and stays until it has been pushed and read back.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from fleet_tui.operations.workfolder import WorkFolder

_ERRORED = "errored.tfstate"
_FOLDER = "unsaved"
_UNKNOWN_RUN = "unknown"


def set_aside(state: Path, slug: str, folder: WorkFolder, run_id: str = _UNKNOWN_RUN) -> Path | None:
    """Set aside the state that could not be written, if there is one.

    Args:
        state: the folder of what cannot be made again; the work folder may be swept away like any cache.
        slug: whose.
        folder: where Terraform worked.
        run_id: the run that left it; without one its process was killed before it could say.

    Returns:
        Where it is kept now, which is where it was where it cannot be moved; None where there was none.
    """
    left = folder.root / _ERRORED
    if not left.is_file():
        return None
    kept = state / _FOLDER / slug / f"{run_id}.{left.stat().st_mtime_ns}.tfstate"
    part = kept.with_suffix(".part")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(left, part)  # it may lie on another disk
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.chmod(0o600)
        part.replace(kept)
    except OSError:
        return left
    left.unlink()
    return kept


def unsaved_states(work: Path, state: Path, slug: str) -> list[Path]:
    """The states of this creator that are in no bucket yet, oldest first.

    Args:
        work: the folder of all creators' work folders.
        state: the folder of what cannot be made again.
        slug: whose.
    """
    left = (WorkFolder(path).root / _ERRORED for path in (work / slug).glob("*"))
    kept = [*filter(Path.is_file, left), *(state / _FOLDER / slug).glob("*.tfstate")]
    return sorted(kept, key=lambda file: file.stat().st_mtime_ns)
