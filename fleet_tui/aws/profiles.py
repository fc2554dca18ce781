"""The operator's shared AWS configuration files, parsed once for all profiles.

botocore parses both files anew for each profile: with a profile per creator that is quadratic, and takes a
minute of CPU for a thousand of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.configloader
import botocore.session
from botocore.credentials import SharedCredentialProvider
from botocore.loaders import Loader


class ProfileSessions:
    """Makes botocore sessions for profiles; parses a file again only when it has changed. For one thread at a
    time.

    Args:
        loader: botocore's data loader, shared by all sessions.
        prompt: called instead of asking at the terminal for an MFA code.
    """

    def __init__(self, loader: Loader, prompt: Callable[[str], str]) -> None:
        self._loader = loader
        self._prompt = prompt
        self._configuration: tuple[object, dict[str, Any]] = (None, {})
        self._parsed: dict[str, tuple[object, dict[str, Any]]] = {}

    def session(self, profile: str | None, region: str) -> botocore.session.Session:
        """A session for a profile, or None for the standard chain.

        Args:
            profile: its name.
            region: used where neither the profile nor the environment names one.

        Raises:
            BotoCoreError: where the profile does not exist or a file cannot be parsed.
        """
        session = _Session(self, profile)
        session.register_component("data_loader", self._loader)
        if session.get_config_variable("region") is None:
            session.set_config_variable("region", region)
        session.get_scoped_config()  # raises ProfileNotFound, where the chain would only come back empty
        resolver = session.get_component("credential_provider")
        resolver.get_provider("assume-role")._prompter = self._prompt
        resolver.remove(SharedCredentialProvider.METHOD)
        resolver.insert_after(
            "sso",
            SharedCredentialProvider(
                session.get_config_variable("credentials_file"), profile or session.profile, self._parse
            ),
        )
        return session

    def configuration(
        self, session: botocore.session.Session, parse: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Both files as one mapping; `parse` is called where one of them has changed."""
        files = [session.get_config_variable(name) for name in ("config_file", "credentials_file")]
        state = [_state(file) for file in files]
        if self._configuration[0] != state:
            self._configuration = state, parse()
        return self._configuration[1]

    def _parse(self, file: str) -> dict[str, Any]:
        known, parsed = self._parsed.get(file, (None, {}))
        state = _state(file)
        if known != state:
            parsed = botocore.configloader.raw_config_parse(file)
            self._parsed[file] = state, parsed
        return parsed


class _Session(botocore.session.Session):
    def __init__(self, files: ProfileSessions, profile: str | None) -> None:
        super().__init__(profile=profile)
        self._files = files

    @property
    def full_config(self) -> dict[str, Any]:
        return self._files.configuration(self, lambda: super(_Session, self).full_config)


def _state(file: str) -> tuple[str, int, int]:
    """Changes when the file does; the same for as long as it is not there."""
    try:
        found = Path(file).expanduser().stat()
    except OSError:
        return file, 0, 0
    return file, found.st_mtime_ns, found.st_size
