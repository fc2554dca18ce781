"""The environment that ministack reads when it is imported, and that Lambda functions inherit."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

KEPT = frozenset({"PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV"})
"""Variables of the caller that functions may see. Nothing else: a profile, a proxy or an endpoint of the
operator's own shell must never lead a function's calls away from the emulator."""

MANAGEMENT_ACCOUNT = "000000000000"
"""Credentials that name no account belong to this one; it is the payer of every other account."""


def prepare(state: Path, port: int) -> None:
    """Replace the environment of this process with the emulator's. Must run before ministack is imported.

    Args:
        state: folder for everything that is kept; created where missing.
        port: port that the emulator answers on; functions are given it as their endpoint.
    """
    temporary = state / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)  # what functions of an earlier run left behind
    for folder in (state, temporary, state / "services", state / "s3"):
        folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state / "services"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(state / "s3"),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{state / 'no-docker.sock'}",  # functions are processes, never containers
            "MINISTACK_ACCOUNT_ID": MANAGEMENT_ACCOUNT,
            "TMPDIR": str(temporary),
            "HOME": str(state),
            "NO_PROXY": "127.0.0.1,localhost",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )
    tempfile.tempdir = None
