"""What a plan adds to a creator's month: pure, from the price book.

What is made and removed is counted by its resources; what comes and goes in usage, by the modules' planning
figures. An update leaves the fixed charges as they are, unless it changes how many of a price it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import get_args

from fleet_tui.costs.charges import amount_of
from fleet_tui.costs.estimate import estimate
from fleet_tui.costs.model import Confidence, CostLine, Usage
from fleet_tui.costs.pricebook import PriceBook
from fleet_tui.operations.model import CostDelta
from fleet_tui.operations.planjson import PlanJson
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import ChannelType, Module, Modules

_CENT = Decimal("0.01")
# Fixed charges of the estimate that no resource has by itself: of what is stored.
_STORED = frozenset({"S3 website", "DynamoDB", "AWS Backup"})


def cost_delta(plan: PlanJson, creator: Creator, book: PriceBook, now: datetime) -> CostDelta:
    """What the plan adds to the month, or takes from it where it is negative.

    Args:
        plan: its changes, with values.
        creator: as creator.toml says now.
        book: prices.
        now: the month that is estimated, in UTC.
    """
    by_type: dict[str, Decimal] = {}
    unknown: set[str] = set()
    sure = True
    for change in plan.changes:
        for name in book.charges.fixed.get(change.type, ()):
            more = amount_of(name, change.after) - amount_of(name, change.before)
            by_type[change.type] = by_type.get(change.type, Decimal(0)) + book[name].of(Decimal(more))
            sure = sure and (not more or book[name].confidence is Confidence.LISTED)
        if change.type not in book.charges.fixed and change.type not in book.charges.none:
            unknown.add(change.type)
    lines = [f"{signed(charge)} {kind}" for kind, charge in sorted(by_type.items()) if charge]
    usage, by_service = _usage(plan, creator, book, now)
    lines += [f"{signed(amount)} {service}, as planned" for service, amount in by_service]
    return CostDelta(
        fixed=sum(by_type.values(), Decimal(0)).quantize(_CENT),
        usage=usage.quantize(_CENT),
        confidence=Confidence.LISTED if sure and not unknown and not by_service else Confidence.ASSUMED,
        lines=tuple(lines),
        unknown=tuple(sorted(unknown)),
    )


def _usage(
    plan: PlanJson, creator: Creator, book: PriceBook, now: datetime
) -> tuple[Decimal, list[tuple[str, Decimal]]]:
    """What the modules' estimate differs by, and by which services."""
    before = _by_service(
        estimate(creator.model_copy(update={"modules": _before(plan, creator)}), Usage(), book, now)
    )
    modules = _with(creator.modules, plan.modules_after)
    after = _by_service(estimate(creator.model_copy(update={"modules": modules}), Usage(), book, now))
    differ = [
        (service, after.get(service, Decimal(0)) - before.get(service, Decimal(0)))
        for service in sorted(before.keys() | after.keys())
    ]
    told = [(service, amount) for service, amount in differ if amount]
    return sum((amount for _, amount in told), Decimal(0)), told


def _by_service(lines: tuple[CostLine, ...]) -> dict[str, Decimal]:
    return {line.service: line.usage + (line.fixed if line.service in _STORED else 0) for line in lines}


def _before(plan: PlanJson, creator: Creator) -> Modules:
    """The modules as they are in the account: those that have resources, the channel as it is there."""
    modules = _with(creator.modules, plan.modules_before)
    channel = next(_channel_types(plan), None)
    if channel is None or modules.ivs_streaming is None:
        return modules
    streaming = modules.ivs_streaming.model_copy(update={"channel_type": channel})
    return modules.model_copy(update={"ivs_streaming": streaming})


def _with(modules: Modules, present: frozenset[str]) -> Modules:
    """These modules, on where they are present and off where they are not.

    One that creator.toml names no more is taken with its defaults.
    """
    update: dict[str, object] = {}
    for name, field in type(modules).model_fields.items():
        module = getattr(modules, name)
        if module is None and name in present:
            kind = next(part for part in get_args(field.annotation) if issubclass(part, Module))
            update[name] = kind.model_construct(enabled=True)
        elif module is not None and module.enabled != (name in present):
            update[name] = module.model_copy(update={"enabled": name in present})
    return modules.model_copy(update=update)


def _channel_types(plan: PlanJson) -> Iterator[ChannelType]:
    """What the channel is before a change of it."""
    for change in plan.changes:
        told = str((change.before or {}).get("type", "")) if change.type == "aws_ivs_channel" else ""
        if told in ChannelType.__members__:
            yield ChannelType[told]


def signed(amount: Decimal) -> str:
    """`+$2.20`, `-$0.50`."""
    exact = amount.quantize(_CENT)
    return f"-${-exact:,}" if exact < 0 else f"+${exact:,}"
