"""Terraform's lock, left behind by a Terraform of ours that is gone: removed, when that is certain."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleet_tui.deploy.conditional import read_object
from fleet_tui.deploy.variables import BACKEND_STATE_KEY, STATE_KEY
from fleet_tui.operations.journal import Journals, read_events
from fleet_tui.operations.outputs import began, outputs_of, verb_of
from fleet_tui.operations.sign import terraform_of
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from fleet_tui.operations.context import RunContext

# It says its version, and takes the lock when it has found the bucket.
_LOCKED_WITHIN = timedelta(seconds=30)
_LOCKED_OUT = "Error acquiring the state lock"


@dataclass(frozen=True, slots=True)
class Command:
    """A Terraform command of ours that is over.

    Args:
        begun_at: when it began.
        last_heard_at: when it last printed something.
    """

    begun_at: datetime
    last_heard_at: datetime


def left_by(lock: dict[str, Any], host: str, commands: Iterable[Command]) -> bool:
    """Whether one of these commands has left this lock.

    All times are of the same machine's clock. While a command of ours had the lock nobody else could take
    it, and those that were locked out are not among them.

    Args:
        lock: as Terraform writes it; `Who` is `user@host`.
        host: name of this machine.
        commands: what was run for this creator on this machine, and is over.
    """
    try:
        created = datetime.fromisoformat(str(lock["Created"]).replace("Z", "+00:00"))
        ours = str(lock["Who"]).rpartition("@")[2] == host
    except (KeyError, ValueError):
        return False
    return ours and any(
        command.begun_at <= created <= command.last_heard_at + _LOCKED_WITHIN for command in commands
    )


def release_lock(run: RunContext, creator: Creator, folders: Sequence[Path] | None = None) -> None:
    """Let go of a lock on the creator's state that one of our runs on this machine has left.

    To be called while holding the creator's work folder. Any other lock stays. Never raises: what could not
    be done is said, and `fleet unlock` is there for it.

    Args:
        run: the run that does it.
        creator: whose state.
        folders: the folders of the runs that may have left it; None is all runs of the creator.
    """
    try:
        with run.door.entered(creator) as account:
            s3, bucket = account.client("s3"), creator.state_bucket
            for key in (f"{STATE_KEY}.tflock", f"{BACKEND_STATE_KEY}.tflock"):
                found = read_object(s3, bucket, key)
                if found is None:
                    continue
                lock = json.loads(found.content)
                if left_by(lock, socket.gethostname(), _commands(run, creator, folders)):
                    s3.delete_object(Bucket=bucket, Key=key, IfMatch=found.etag)
                    text = f"removed the lock that a Terraform of {lock['Who']} had left, which is gone"
                    run.say(text, severity="warning")
    except (FleetError, ValueError) as error:
        run.say(
            f"whether Terraform's lock was left behind could not be found out ({error}); "
            f"fleet lease {creator.slug} shows it",
            severity="warning",
        )


def _commands(run: RunContext, creator: Creator, folders: Sequence[Path] | None) -> list[Command]:
    if folders is None:
        journals = Journals(run.settings.state)
        runs = (known.id for known in journals.all() if known.operation.slug == creator.slug)
        folders = [journals.folder(run_id) for run_id in runs]
    return [command for folder in folders for command in commands_of(folder)]


def commands_of(folder: Path) -> list[Command]:
    """The Terraform commands of a run that are over and were not locked out."""
    outputs = outputs_of(folder)
    if terraform_of(folder) is not None:
        outputs = outputs[:-1]
    begun = (event.at for event in read_events(folder) if event.text in {began(verb_of(o)) for o in outputs})
    return [
        Command(at, datetime.fromtimestamp(output.stat().st_mtime, UTC))
        for at, output in zip(begun, outputs, strict=False)
        if _LOCKED_OUT not in output.read_text(encoding="utf-8", errors="replace")
    ]
