"""Which of a creator's two regions takes writes, and naming another one (docs/FAILOVER.md).

The item `REGION` / `ACTIVE` of the table `<slug>-region` says so; without it, it is the first region. The
table is copied between both regions. It is always written in the second one: when the first is away because
nothing else answers, and when the first takes over again so that the region that has to stop is the first to
know.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.values import Value

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_KEY: dict[str, Any] = {"pk": {"S": "REGION"}, "sk": {"S": "ACTIVE"}}


class FailoverDoor(Protocol):
    """What is needed of the door to AWS."""

    def entered(self, creator: Creator) -> AbstractContextManager[Any]:
        """The account, whose `client(service)` gives boto3 clients; errors leave it as FleetErrors."""

    def prove_account(self, creator: Creator) -> None:
        """Raises FleetError when the credentials lead to another account."""


class WritingRegion(Value):
    """Which region takes writes.

    Args:
        first: the creator's own region.
        second: the one that stands in.
        writes: the one that is named in the second region; the first where none is.
        first_agrees: whether the first region has the same written down; None while it does not answer.
    """

    first: str
    second: str
    writes: str
    first_agrees: bool | None


class Failover:
    """The regions of one creator at a time.

    Args:
        door: the way into the accounts.
    """

    def __init__(self, door: FailoverDoor) -> None:
        self._door = door

    def look(self, creator: Creator) -> WritingRegion:
        """Which region takes writes now, as both of them have it.

        Raises:
            FleetError: CONFIGURATION, there is no second region; NOT_FOUND, it was never applied; otherwise
                as the door, for the second region.
        """
        there = _in_second_region(creator)
        named = self._named(there)
        try:
            agrees = self._named(creator) == named
        except FleetError:
            agrees = None  # the reason why anybody looks
        writes = named or creator.region
        return WritingRegion(first=creator.region, second=there.region, writes=writes, first_agrees=agrees)

    def name(self, creator: Creator, region: str, shown: WritingRegion) -> WritingRegion:
        """Have another region take the writes.

        Args:
            creator: whose; the account is proved first.
            region: the one that is to take them.
            shown: what the operator saw; if it has become another meanwhile, nothing is written.

        Raises:
            FleetError: CONFIGURATION, it is neither of the two; CONFLICT, somebody else was first; otherwise
                as `look`.
        """
        there = _in_second_region(creator)
        if region not in (creator.region, there.region):
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                f"{region} is neither {creator.region} nor {there.region}",
                where=creator.slug,
                hint="Name one of the creator's two regions; nothing was changed",
            )
        self._door.prove_account(there)
        with self._door.entered(there) as account:
            client: DynamoDBClient = account.client("dynamodb")
            unchanged = "#region = :shown"
            if shown.writes == creator.region:
                unchanged = f"attribute_not_exists(pk) OR {unchanged}"
            try:
                client.put_item(
                    TableName=_table(creator),
                    Item=_KEY | {"region": {"S": region}},
                    ConditionExpression=unchanged,
                    ExpressionAttributeNames={"#region": "region"},
                    ExpressionAttributeValues={":shown": {"S": shown.writes}},
                )
            except client.exceptions.ConditionalCheckFailedException:
                raise FleetError.of(
                    ProblemKind.CONFLICT,
                    "somebody else has just named a region",
                    where=creator.slug,
                    hint=f"Look again (fleet failover {creator.slug}); nothing was changed",
                ) from None
        return self.look(creator)

    def _named(self, creator: Creator) -> str | None:
        with self._door.entered(creator) as account:
            client: DynamoDBClient = account.client("dynamodb")
            try:
                item = client.get_item(TableName=_table(creator), Key=_KEY, ConsistentRead=True).get("Item")
            except client.exceptions.ResourceNotFoundException:
                raise FleetError.of(
                    ProblemKind.NOT_FOUND,
                    f"there is no table {_table(creator)} in {creator.region}",
                    where=creator.slug,
                    hint="The second region comes with an apply: plan it first",
                ) from None
        return item["region"]["S"] if item else None


def _table(creator: Creator) -> str:
    return f"{creator.slug}-region"


def _in_second_region(creator: Creator) -> Creator:
    """The creator as somebody who lives in the second region: nothing of the first one is asked."""
    if creator.failover is None or not creator.failover.enabled:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            "there is no second region",
            where=creator.slug,
            hint="[failover] in creator.toml makes one",
        )
    return creator.model_copy(update={"region": creator.failover.region})
