"""One botocore client per service and region for the whole fleet; each call brings its own credentials.

A client per account costs 34 ms of CPU with a shared data loader and 194 ms without; a call on a client that
is already there costs about one. So clients are shared, and a handler on `before-sign` puts the credentials
of the account whose call it is into the request.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, cast

import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import CredentialResolver, Credentials

from fleet_tui.problems import FleetError, ProblemKind

_CONNECT_SECONDS = 4
_READ_SECONDS = 15
# Cost Explorer computes its answer while the caller waits, and a function may take its whole five minutes.
_SLOW_READ_SECONDS = {"ce": 60, "lambda": 310}

# Set only while a call of a bound client runs: nothing before, after or beside it can sign with it.
_credentials: ContextVar[Credentials | None] = ContextVar("fleet_tui_credentials", default=None)


def _sign_for_the_caller(**event: Any) -> None:
    request: AWSRequest = event["request"]
    credentials = _credentials.get()
    if credentials is None:
        raise FleetError.of(
            ProblemKind.UNEXPECTED, "a call to AWS was about to be made outside of an entered account"
        )
    request.context["signing"] = {**request.context.get("signing", {}), "request_credentials": credentials}


class Clients:
    """The shared clients.

    Retries are botocore's standard mode and not its adaptive mode: the adaptive rate limiter is kept per
    client, and a client serves the whole fleet, so one throttled account would slow down every other.
    Standard mode's retry quota is per client too, but it never delays a first attempt: while a large part of
    the fleet fails, calls fail without retries, and whoever schedules them backs off per creator.

    Args:
        connections: connections kept open per client; at least the number of threads that call.
        user_agent: what CloudTrail shall show, such as `fleet-tui/0.1.0`.
    """

    def __init__(self, *, connections: int, user_agent: str) -> None:
        self._session = botocore.session.Session()
        # No credentials of its own: what no account is entered for cannot be signed.
        self._session.register_component("credential_provider", CredentialResolver(providers=[]))
        self._session.register("before-sign", _sign_for_the_caller)
        self._connections = connections
        self._user_agent = user_agent
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], BaseClient] = {}

    @property
    def session(self) -> botocore.session.Session:
        """The session whose configuration and data loader all clients share."""
        return self._session

    @property
    def endpoint_override(self) -> str | None:
        """The endpoint of all services, where AWS_ENDPOINT_URL or the operator's profile sets one."""
        if self._session.get_config_variable("ignore_configured_endpoint_urls"):
            return None
        return os.environ.get("AWS_ENDPOINT_URL") or self._session.get_scoped_config().get("endpoint_url")

    @property
    def ca_bundle(self) -> str | None:
        """Path of the CA bundle, where AWS_CA_BUNDLE or the operator's profile sets one."""
        return cast("str | None", self._session.get_config_variable("ca_bundle"))

    def bound(self, service: str, region: str, credentials: Callable[[], Credentials]) -> BaseClient:
        """The shared client of `service` in `region`, as a twin whose every call is signed for one account.

        Paginators and waiters of the twin are bound as well, wherever and in whichever thread they are used.

        Args:
            service: botocore's name of the service, such as `ivs`.
            region: such as `eu-central-1`.
            credentials: asked at the start of each call; may raise.
        """
        shared = self._shared(service, region)
        call = cast("Any", shared)._make_api_call

        def signed_call(operation_name: str, api_params: Any) -> Any:
            previous = _credentials.set(credentials())
            try:
                return call(operation_name, api_params)
            finally:
                _credentials.reset(previous)

        twin: BaseClient = object.__new__(type(shared))
        twin.__dict__.update(shared.__dict__, _make_api_call=signed_call)
        return twin

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _shared(self, service: str, region: str) -> BaseClient:
        client = self._clients.get((service, region))
        if client is not None:
            return client
        with self._lock:  # botocore's session is not safe to create clients in several threads
            client = self._clients.get((service, region))
            if client is None:
                client = self._session.create_client(
                    service, region_name=region, config=self._config(service)
                )
                self._clients[service, region] = client
            return client

    def _config(self, service: str) -> Config:
        return Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_SLOW_READ_SECONDS.get(service, _READ_SECONDS),
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=self._connections,
            tcp_keepalive=True,
            # One host per region instead of one per bucket: botocore keeps connections to ten hosts at most,
            # so with a thousand buckets nearly every request would begin with a TLS handshake.
            s3={"addressing_style": "path"},
            # The account in the host name would be the client's, and the client has none.
            account_id_endpoint_mode="disabled",
            user_agent_extra=self._user_agent,
        )
