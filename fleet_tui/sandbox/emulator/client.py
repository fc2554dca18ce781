"""A client of the back door: for who started the emulator, and for who plays life into it."""

from __future__ import annotations

from typing import Any

import httpx

from fleet_tui.problems import FleetError, ProblemKind

TIMEOUT_SECONDS = 30.0


class BackDoorClient:
    """Calls `POST <endpoint>/_fleet/<door>`.

    Args:
        endpoint: the emulator's URL.
        http: connections to use, for who calls often; without them every call makes its own.
    """

    def __init__(self, endpoint: str, http: httpx.Client | None = None) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._http = http

    def call(
        self, door: str, body: dict[str, Any] | None = None, *, timeout: float = TIMEOUT_SECONDS
    ) -> dict[str, Any]:
        """Use a door.

        Args:
            door: path after `/_fleet/`, such as `streams/start`; `back_door.BackDoor` has them all.
            body: what it is given.
            timeout: seconds.

        Raises:
            FleetError: it does not answer, or says no.
        """
        where = f"{self.endpoint}/_fleet/{door}"
        try:
            if self._http is not None:
                answer = self._http.post(where, json=body or {}, timeout=timeout)
            else:
                answer = httpx.post(where, json=body or {}, timeout=timeout, trust_env=False)
            content: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise FleetError.of(
                ProblemKind.NETWORK,
                f"the embedded AWS does not answer ({type(error).__name__})",
                where=where,
                hint="Read emulator.log in the sandbox's folder",
            ) from None
        if answer.is_error:
            raise FleetError.of(ProblemKind.SERVICE, content["error"]["message"], where=where)
        return content
