"""Drift: what was changed in an account behind Terraform's back."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from fleet_tui.values import Moment, Value


class DriftClass(StrEnum):
    """How much a change behind Terraform's back matters; the worst comes first."""

    GONE = "gone"  # the resource is not there any more
    ACCESS = "access"  # who may do what, public access, encryption, protection, logging
    DATA = "data"  # what is kept, for how long, and whether it can be brought back
    BEHAVIOUR = "behaviour"
    UNSORTED = "unsorted"  # a plan has found it, which does not tell what it is
    COSMETIC = "cosmetic"  # tags, descriptions


WORST_FIRST = tuple(DriftClass)
MOST_REASON = 300  # characters


def worst(classes: tuple[DriftClass, ...]) -> DriftClass:
    """The one that matters most of at least one class."""
    return min(classes, key=WORST_FIRST.index)


class AcceptedDrift(Value):
    """A drift that somebody knows of and lets be for a while.

    Args:
        mark: of what was found then; something else comes back at once.
        until: from here on it comes back in any case.
    """

    mark: str
    operator: str
    reason: str = Field(min_length=1, max_length=MOST_REASON)
    accepted_at: Moment
    until: Moment


class DriftedResource(Value):
    """A resource that has drifted, without any value: this is kept beside the state.

    Args:
        worst: the class of what matters most about it.
        attributes: names of what is different, such as `versioning_configuration[0].status`.
        first_seen: when a check or a plan found it first.
        mark: equal as long as the same is different; values that are hidden count by their names.
        repaired: whether a plan would change it back, at least in part.
        accepted: somebody knows of it.
    """

    address: str
    type: str
    worst: DriftClass
    attributes: tuple[str, ...] = ()
    first_seen: Moment
    mark: str = ""
    repaired: bool = True
    accepted: AcceptedDrift | None = None

    def known(self, now: Moment) -> bool:
        """Whether somebody has accepted exactly this, and the time for it is not over."""
        accepted = self.accepted
        return accepted is not None and accepted.mark == self.mark and now < accepted.until


class Drift(Value):
    """What the last drift check, or the last plan, found changed behind Terraform's back.

    Args:
        addresses: of all of it, accepted or not.
        resources: what is known of each.
    """

    checked_at: Moment
    addresses: tuple[str, ...]
    resources: tuple[DriftedResource, ...] = ()

    @property
    def since(self) -> Moment:
        """When the first of it was found."""
        return min((resource.first_seen for resource in self.resources), default=self.checked_at)

    def open(self, now: Moment) -> tuple[str, ...]:
        """Addresses of what nobody has accepted, or no longer."""
        known = {resource.address for resource in self.resources if resource.known(now)}
        return tuple(address for address in self.addresses if address not in known)


class AttributeDrift(Value):
    """One attribute that is different; its values are for the eyes of who looks, and for no record.

    Args:
        path: such as `tags.topic`; a list has its place, a set has none.
        before: as Terraform left it, written for a person; None where it was not set.
        after: as it is in the account.
        hidden: the values are secret and not in here.
        weight: how much it matters.
        repaired: whether a plan would change it back.
        setting: the key of creator.toml that it comes from, empty where it comes from none alone.
    """

    path: str
    before: str | None = None
    after: str | None = None
    hidden: bool = False
    weight: DriftClass
    repaired: bool = True
    setting: str = ""


class DriftFinding(Value):
    """A drifted resource with what is different about it.

    Args:
        attributes: none where the resource is gone.
        place: the file that declares it, such as `terraform/modules/shop/main.tf`; empty where unknown.
    """

    address: str
    type: str
    worst: DriftClass
    attributes: tuple[AttributeDrift, ...] = ()
    mark: str
    place: str = ""

    @property
    def gone(self) -> bool:
        """Whether the resource is not there any more."""
        return self.worst is DriftClass.GONE

    @property
    def repaired(self) -> bool:
        """Whether a plan would change it back, at least in part."""
        return self.gone or any(attribute.repaired for attribute in self.attributes)


class DriftReport(Value):
    """What one check has found, with values: in memory, and redacted in the run's own folder.

    Args:
        resources: the same as it is kept beside the state: since when, and what is let be.
    """

    slug: str
    checked_at: Moment
    resources: tuple[DriftedResource, ...] = ()
    findings: tuple[DriftFinding, ...] = ()
