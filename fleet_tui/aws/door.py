"""The one way into the fleet's accounts."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import fleet_tui.aws.route
from fleet_tui.aws.account import Account
from fleet_tui.aws.environment import subprocess_environment
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Access, Creator
from fleet_tui.values import Value

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

    from fleet_tui.aws.clients import Clients
    from fleet_tui.aws.sources import CredentialSources


class Identity(Value):
    """Whom credentials lead to, as STS says."""

    account_id: str
    arn: str


@dataclass(frozen=True, slots=True)
class _Parts:
    clients: Clients
    sources: CredentialSources


class AwsDoor:
    """Enters creators' accounts: credentials, clients, proof of the account. Safe to use from many threads.

    The operator's own credentials come from AWS' standard chain (environment, profiles, SSO, roles),
    endpoints are overridden by the standard AWS_ENDPOINT_URL. Both are read when the door is first used.

    Args:
        operator: who is at the keyboard, `user@host`; becomes the session name of roles that are taken on.
        connections: connections kept open per service and region; at least the number of threads that call.
        now: the current time with its zone; decides when a role's credentials are refreshed.
    """

    def __init__(
        self, *, operator: str, connections: int = 64, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._operator = operator
        self._connections = connections
        self._now = now
        self._lock = threading.Lock()
        self._parts: _Parts | None = None
        self._proofs: dict[str, tuple[str | None, str]] = {}

    @contextmanager
    def entered(self, creator: Creator) -> Generator[Account]:
        """The creator's account: `with door.entered(creator) as account:
        account.client("ivs").list_streams()`.

        What botocore raises inside the block leaves it as a FleetError, `where` being `<slug>: <service>`.

        Raises:
            FleetError: kinds CREDENTIALS, DENIED, NETWORK, THROTTLED, NOT_FOUND, CONFLICT, SERVICE,
            CONFIGURATION.
        """
        with self.entered_as(creator.access, creator.region, creator.slug) as account:
            yield account

    @contextmanager
    def entered_as(self, access: Access, region: str, where: str) -> Generator[Account]:
        """An account that is no creator's, such as the payer account; otherwise as `entered`.

        Args:
            access: the way in.
            region: where clients work unless told otherwise.
            where: who it is, for errors.
        """
        with self._inside(access, region, where) as (account, _):
            yield account

    def identity(self, creator: Creator) -> Identity:
        """Whom the creator's credentials lead to. Asks STS.

        Raises:
            FleetError: as `entered`.
        """
        with self.entered(creator) as account:
            answer = account.client("sts").get_caller_identity()
        return Identity(account_id=answer["Account"], arn=answer["Arn"])

    def prove_account(self, creator: Creator) -> None:
        """Make sure that the creator's credentials lead to the account that creator.toml names.

        The proof holds for as long as the credentials do. A role proves itself by STS' answer to AssumeRole,
        any other way in by GetCallerIdentity. Nothing may be done in an account before.

        Raises:
            FleetError: kind WRONG_ACCOUNT, or as `entered`.
        """
        with self._inside(creator.access, creator.region, creator.slug) as (_, parts):
            frozen = parts.sources.of(creator.access, creator.region).get_frozen_credentials()
            self._prove(creator, frozen, parts)

    def _prove(self, creator: Creator, frozen: ReadOnlyCredentials, parts: _Parts) -> None:
        if creator.access.role_arn:
            account_id = frozen.account_id
        else:
            proof = self._proofs.get(creator.slug)
            if proof is None or proof[0] != frozen.access_key:
                proof = frozen.access_key, _account_of(frozen, creator, parts)
                self._proofs[creator.slug] = proof
            account_id = proof[1]
        if account_id != creator.account_id:
            raise FleetError.of(
                ProblemKind.WRONG_ACCOUNT,
                f"the credentials lead to account {account_id}, creator.toml says {creator.account_id}",
                where=creator.slug,
                hint="Correct access or account_id in creator.toml; nothing was done",
            )

    def environment(self, creator: Creator, inherited: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment for a subprocess that works in this account and cannot reach another.

        A role is taken on anew, so that a long run has its full hour. These very credentials are proved, as
        by `prove_account`: what was proved before may have been another session.

        Args:
            creator: whose account.
            inherited: the environment to start from; None is this process' own.

        Raises:
            FleetError: kind WRONG_ACCOUNT, or as `entered`.
        """
        with self._inside(creator.access, creator.region, creator.slug) as (_, parts):
            frozen = parts.sources.fresh(creator.access, creator.region).get_frozen_credentials()
            self._prove(creator, frozen, parts)
            endpoint, ca_bundle = parts.clients.endpoint_override, parts.clients.ca_bundle
        return subprocess_environment(
            os.environ if inherited is None else inherited,
            access_key=frozen.access_key or "",
            secret_key=frozen.secret_key or "",
            token=frozen.token,
            region=creator.region,
            endpoint=endpoint,
            ca_bundle=ca_bundle,
        )

    def sign(
        self,
        creator: Creator,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        service: str = "execute-api",
    ) -> dict[str, str]:
        """`headers` with the signature (SigV4) for a request that is sent without botocore.

        Args:
            creator: in whose account and region.
            method: `GET`, `PUT` …
            url: the original URL, its query encoded; `route` says where to send it.
            headers: headers that are signed as well.
            body: exactly the bytes that are sent.
            service: the service's name in the signature.

        Raises:
            FleetError: as `entered`.
        """
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        with self._inside(creator.access, creator.region, f"{creator.slug}: {service}") as (_, parts):
            frozen = parts.sources.of(creator.access, creator.region).get_frozen_credentials()
        request = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
        SigV4Auth(frozen, service, creator.region).add_auth(request)
        return dict(request.headers.items())

    def route(self, url: str) -> tuple[str, dict[str, str]]:
        """Where to connect for `url`, and the headers to add: see `fleet_tui.aws.route.route`."""
        return fleet_tui.aws.route.route(url, self._opened().clients.endpoint_override)

    @property
    def ca_bundle(self) -> str | None:
        """Path of the CA bundle to trust, where the operator's configuration names one."""
        return self._opened().clients.ca_bundle

    def close(self) -> None:
        """Close every connection. The door can be used again afterwards."""
        with self._lock:
            parts, self._parts = self._parts, None
        if parts:
            parts.clients.close()

    @contextmanager
    def _inside(self, access: Access, region: str, where: str) -> Generator[tuple[Account, _Parts]]:
        from botocore.exceptions import BotoCoreError, ClientError

        from fleet_tui.aws.failures import clock_differs, translate

        parts = self._opened()
        account = Account(parts.clients, lambda: parts.sources.of(access, region), region=region, where=where)
        try:
            yield account, parts
        except FleetError as error:
            if error.problem.where:
                raise
            raise FleetError(error.problem.model_copy(update={"where": account.place})) from None
        except (ClientError, BotoCoreError) as error:
            failure = translate(error, where=account.place, profile=access.profile)
            if failure.problem.kind is ProblemKind.CREDENTIALS:
                parts.sources.forget(access)
            raise failure from None  # botocore's own message may hold a session token
        except RuntimeError as error:
            # What botocore says when new credentials are old on arrival.
            if "still expired" not in str(error):
                raise
            raise clock_differs(account.place) from None
        finally:
            account.leave()

    def _opened(self) -> _Parts:
        with self._lock:
            if self._parts is None:
                from fleet_tui.aws.clients import Clients
                from fleet_tui.aws.sources import CredentialSources

                agent = f"fleet-tui/{version('fleet-tui')}"
                clients = Clients(connections=self._connections, user_agent=agent)
                self._parts = _Parts(
                    clients, CredentialSources(clients, operator=self._operator, now=self._now)
                )
            return self._parts


def _account_of(frozen: ReadOnlyCredentials, creator: Creator, parts: _Parts) -> str:
    """Where exactly these credentials lead to. Asks STS."""
    from botocore.credentials import Credentials

    exactly = Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)
    account = Account(parts.clients, lambda: exactly, region=creator.region, where=creator.slug)
    return account.client("sts").get_caller_identity()["Account"]
