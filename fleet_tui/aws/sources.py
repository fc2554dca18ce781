"""Where an account's credentials come from: the standard chain, a profile, or a role taken on by STS."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

from botocore.credentials import Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError

from fleet_tui.aws.clients import Clients
from fleet_tui.aws.failures import translate
from fleet_tui.aws.profiles import ProfileSessions
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.model import Access

_REMEMBER_FAILURE_SECONDS = 10.0
_SESSION_NAME = 64  # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html


def role_session_name(operator: str) -> str:
    """The operator's name in the characters and the length that STS allows for a RoleSessionName."""
    return re.sub(r"[^\w+=,.@-]", "-", operator, flags=re.ASCII)[:_SESSION_NAME].ljust(2, "-")


class CredentialSources:
    """Credentials per way in, kept and refreshed ahead of their expiry. Safe to use from many threads.

    Args:
        clients: where the STS client comes from.
        operator: becomes the RoleSessionName, so that CloudTrail in the creator's account names the person.
        now: the current time with its zone.
    """

    def __init__(self, clients: Clients, *, operator: str, now: Callable[[], datetime]) -> None:
        self._clients = clients
        self._session_name = role_session_name(operator)
        self._now = now
        self._lock = threading.Lock()
        self._chain_lock = threading.Lock()
        self._known: dict[Access, Credentials] = {}
        self._failed: dict[str | None, tuple[float, Problem]] = {}
        # A prompt for an MFA code would wait unseen behind the screen, in a thread, for ever.
        self._profiles = ProfileSessions(clients.session.get_component("data_loader"), _refuse_to_prompt)

    def of(self, access: Access, region: str) -> Credentials:
        """The credentials for `access`; a role is taken on when they are first used.

        Args:
            access: the way in.
            region: where STS is asked, unless the operator's configuration names a region.

        Raises:
            FleetError: where the chain or the profile gives none. `where` is left empty.
        """
        role_arn = access.role_arn
        if role_arn is None:
            return self._chain(access.profile, region)
        with self._lock:
            if access not in self._known:
                self._known[access] = DeferredRefreshableCredentials(
                    refresh_using=lambda: self._assume(role_arn, access, region),
                    method="assume-role",
                    time_fetcher=self._now,
                )
            return self._known[access]

    def fresh(self, access: Access, region: str) -> Credentials:
        """Credentials that last as long as they can: a role is taken on anew, for its full hour.

        Raises:
            FleetError: as `of`.
            ClientError, BotoCoreError: where STS refuses or cannot be reached.
        """
        if access.role_arn is None:
            return self.of(access, region)
        answer = self._assume(access.role_arn, access, region)
        return Credentials(
            answer["access_key"], answer["secret_key"], answer["token"], account_id=answer["account_id"]
        )

    def forget(self, access: Access) -> None:
        """Read `access` anew at its next use; called when AWS refused its credentials."""
        with self._lock:
            for way in {access, Access(profile=access.profile)}:
                self._known.pop(way, None)

    def _assume(self, role_arn: str, access: Access, region: str) -> dict[str, Any]:
        # At home if possible: a creator's region may be one that the operator's own account has not switched
        # on.
        home = self._clients.session.get_config_variable("region") or region
        sts = cast("Any", self._clients.bound("sts", home, lambda: self._chain(access.profile, region)))
        external = {"ExternalId": access.external_id} if access.external_id else {}
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=self._session_name, **external)
        credentials = answer["Credentials"]
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": credentials["Expiration"].astimezone(UTC).isoformat(),
            "account_id": answer["AssumedRoleUser"]["Arn"].split(":")[4],
        }

    def _chain(self, profile: str | None, region: str) -> Credentials:
        way = Access(profile=profile)
        known = self._known.get(way)
        if known is not None:
            return known
        # One at a time: the chain may end at the metadata service, which answers a machine outside of AWS
        # only by a timeout. For the same reason a failure is remembered for a moment.
        with self._chain_lock:
            known = self._known.get(way)
            if known is not None:
                return known
            failed_at, problem = self._failed.get(profile, (0.0, None))
            if problem is not None and time.monotonic() - failed_at < _REMEMBER_FAILURE_SECONDS:
                raise FleetError(problem)
            try:
                credentials = self._load(profile, region)
            except (FleetError, BotoCoreError) as error:
                failure = (
                    error if isinstance(error, FleetError) else translate(error, where="", profile=profile)
                )
                self._failed[profile] = time.monotonic(), failure.problem
                raise failure from None
            with self._lock:
                self._known[way] = credentials
            return credentials

    def _load(self, profile: str | None, region: str) -> Credentials:
        credentials = self._profiles.session(profile, region).get_credentials()
        if credentials is None:
            name = f'profile "{profile}" has' if profile else "there are"
            raise FleetError.of(
                ProblemKind.CREDENTIALS,
                f"{name} no AWS credentials",
                hint=f"Run: aws configure sso{f' --profile {profile}' if profile else ''}",
            )
        return credentials


def _refuse_to_prompt(_: str) -> NoReturn:
    raise FleetError.of(
        ProblemKind.CREDENTIALS,
        "the AWS profile asks for an MFA code, which cannot be entered here",
        hint="Use an AWS SSO profile, or put temporary credentials into the environment",
    )
