"""Secrets that a creator's functions read: parameters that Terraform makes empty and a person fills.

They lie in the creator's own account as SecureStrings, `/<slug>/<module>/<name>`. A value is sent once and
never read back.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.values import Moment, Value

if TYPE_CHECKING:
    from types_boto3_ssm import SSMClient

MAX_BYTES = 4096
"""Longest value of a standard parameter
(https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html)."""


class SecretsDoor(Protocol):
    """What is needed of the door to AWS."""

    def entered(self, creator: Creator) -> AbstractContextManager[Any]:
        """The account, whose `client(service)` gives boto3 clients; errors leave it as FleetErrors."""

    def prove_account(self, creator: Creator) -> None:
        """Raises FleetError when the credentials lead to another account."""


class Secret(Value):
    """A secret, without its value.

    Args:
        name: below the creator's slug, `shop/stripe-secret-key`.
        filled: whether somebody has put a value in.
        changed_at: when it was made or filled last.
    """

    name: str
    filled: bool
    changed_at: Moment


class Secrets:
    """The secrets of one creator at a time."""

    def __init__(self, door: SecretsDoor) -> None:
        self._door = door

    def listed(self, creator: Creator) -> tuple[Secret, ...]:
        """The creator's secrets by name.

        Raises:
            FleetError: as the door.
        """
        with self._door.entered(creator) as account:
            client: SSMClient = account.client("ssm")
            pages = client.get_paginator("describe_parameters").paginate(
                ParameterFilters=[
                    {"Key": "Path", "Option": "Recursive", "Values": [f"/{creator.slug}"]},
                    {"Key": "Type", "Values": ["SecureString"]},
                ]
            )
            found = [parameter for page in pages for parameter in page["Parameters"]]
        prefix = f"/{creator.slug}/"
        return tuple(
            Secret(
                name=parameter["Name"].removeprefix(prefix),
                filled=parameter["Version"] > 1,  # Terraform's placeholder is the first
                changed_at=parameter["LastModifiedDate"],
            )
            for parameter in sorted(found, key=lambda parameter: parameter["Name"])
        )

    def fill(self, creator: Creator, name: str, value: str) -> None:
        """Put a value into a secret that Terraform has made.

        Args:
            creator: whose secret it is; their account is proven first.
            name: as in `Secret`.
            value: goes nowhere but to AWS.

        Raises:
            FleetError: CONFIGURATION, the value cannot be one; NOT_FOUND, there is no such secret; otherwise
                as the door.
        """
        if not value or value != value.strip() or len(value.encode()) > MAX_BYTES:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                f"the value of {name} is empty, has spaces around it or is longer than {MAX_BYTES} bytes",
                where=creator.slug,
                hint="Copy it once more; nothing was changed",
            )
        self._door.prove_account(creator)
        names = [secret.name for secret in self.listed(creator)]
        if name not in names:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                f"there is no secret {name}",
                where=creator.slug,
                hint=f"There are: {', '.join(names)}" if names else "Apply a module that needs one first",
            )
        with self._door.entered(creator) as account:
            client: SSMClient = account.client("ssm")
            client.put_parameter(
                Name=f"/{creator.slug}/{name}", Value=value, Type="SecureString", Overwrite=True
            )
