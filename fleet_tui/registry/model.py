"""What a creator is: the shape of `creators/<slug>/creator.toml`."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from pydantic import (
    Field,
    StrictBool,
    field_validator,
    model_validator,
)

from fleet_tui.registry.fields import AccountId, Colour, Domain, Email, Line, Slug, TagKey, TagValue
from fleet_tui.registry.modules import Modules
from fleet_tui.values import Value

# Regions that creators may live in. IVS' control plane is in the seven first ones only
# (https://docs.aws.amazon.com/general/latest/gr/ivs.html, read 2026); who streams has to be in one of them.
IVS_REGIONS = frozenset(
    {"us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2"}
)
REGIONS = IVS_REGIONS | {
    "us-east-2", "us-west-1", "ca-central-1", "sa-east-1", "eu-west-2", "eu-west-3", "eu-north-1",
    "eu-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-3",
}  # fmt: skip


class Language(StrEnum):
    """Languages of the texts that people get from a creator's site."""

    EN = "en"
    DE = "de"


class Wave(StrEnum):
    """When a creator's turn comes in a change to the whole fleet."""

    CANARY = "canary"
    EARLY = "early"
    GENERAL = "general"


class KeyedError(ValueError):
    """A rule over several keys is broken; `key` is the dotted key, below its table, that is to be changed."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Access(Value):
    """How operators get into the account: a profile, or a role taken on from their own credentials."""

    profile: Line | None = Field(default=None, min_length=1, max_length=128)
    role_arn: str | None = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,128}$"
    )
    external_id: Line | None = Field(default=None, min_length=2, max_length=1224, repr=False)

    @model_validator(mode="after")
    def _one_way_in(self) -> Access:
        if self.external_id and not self.role_arn:
            raise KeyedError("external_id", "needs a role_arn beside it")
        return self


class Mail(Value):
    """`[mail]`

    Args:
        production: AWS has granted production access to SES; until then mail reaches verified addresses only.
    """

    production: StrictBool = False


def _region(region: str) -> str:
    if region not in REGIONS:
        raise ValueError(f'"{region}" is not a region')
    return region


class Failover(Value):
    """`[failover]`: a second region that keeps a copy and answers when the first one does not.

    Args:
        region: where the copy is.
        enabled: false takes the copy away once it is applied; only then can the table go, because what is in
            the region has to be found to be removed.
    """

    region: str
    enabled: StrictBool = True

    @field_validator("region")
    @classmethod
    def _known_region(cls, region: str) -> str:
        return _region(region)


class Encryption(Value):
    """`[encryption]`

    Args:
        own_key: tables and buckets are encrypted with a key of the creator's own, at $1 a month and region.
    """

    own_key: StrictBool = False


class Branding(Value):
    """`[branding]`: colours, and files beside the creator.toml."""

    primary: Colour = "#e0a526"
    accent: Colour = "#2b2d42"
    background: Colour = "#fffaf0"
    logo: str | None = None
    tagline: Line = Field(default="", max_length=120)

    @field_validator("logo")
    @classmethod
    def _beside_the_file(cls, logo: str | None) -> str | None:
        if logo is not None and not re.fullmatch(r"[\w-]+\.(svg|png|webp)", logo):
            raise ValueError("has to be a file beside creator.toml that ends in .svg, .png or .webp")
        return logo


def _check_needs(modules: Modules) -> None:
    """Modules that need another one have it. Raises KeyedError."""
    on = modules.enabled
    streaming, membership = modules.ivs_streaming, modules.membership
    if streaming and streaming.enabled and streaming.authorized_playback and "user-auth" not in on:
        raise KeyedError(
            "modules.ivs-streaming.authorized_playback",
            "lets only members watch, and there are none: add [modules.user-auth]",
        )
    if membership and membership.enabled and "user-auth" not in on:
        raise KeyedError("modules.membership", "is for people who can sign in: add [modules.user-auth]")
    if streaming and streaming.enabled and (tier := streaming.playback_tier) is not None:
        key = "modules.ivs-streaming.playback_tier"
        if not streaming.authorized_playback:
            raise KeyedError(key, "holds where only members may watch: set authorized_playback = true")
        if not (membership and membership.enabled and tier in {one.id for one in membership.tiers}):
            raise KeyedError(key, f'"{tier}" is no tier of [modules.membership]')


class Creator(Value):
    """One creator: who, where, and what they have.

    Args:
        protect_data: false lets tables, buckets and user pools be destroyed, once it is applied; unless it
            is said, they are protected on real accounts.
    """

    slug: Slug
    name: Line = Field(min_length=1, max_length=80)
    domain: Domain
    account_id: AccountId
    region: str
    contact: Email
    language: Language = Language.EN
    wave: Wave = Wave.GENERAL
    monthly_budget: Decimal = Field(gt=0, le=1_000_000, description="US dollars a month")
    protect_data: StrictBool | None = None
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=40)
    access: Access = Field(default_factory=Access)
    mail: Mail = Field(default_factory=Mail)
    failover: Failover | None = None
    encryption: Encryption = Field(default_factory=Encryption)
    modules: Modules = Field(default_factory=Modules)
    branding: Branding = Field(default_factory=Branding)

    @field_validator("region")
    @classmethod
    def _known_region(cls, region: str) -> str:
        return _region(region)

    @model_validator(mode="after")
    def _coherent(self) -> Creator:
        if self.access.role_arn and self.access.role_arn.split(":")[4] != self.account_id:
            raise KeyedError("access.role_arn", f"is in another account than account_id {self.account_id}")
        of_ivs = [name for name in self.modules.enabled if name.startswith("ivs-")]
        if of_ivs and self.region not in IVS_REGIONS:
            where = ", ".join(sorted(IVS_REGIONS))
            raise KeyedError(
                "region", f'"{self.region}" has no IVS, and {of_ivs[0]} is on; IVS is in {where}'
            )
        if self.failover and self.failover.region == self.region:
            raise KeyedError("failover.region", "is the region that it is to stand in for")
        _check_needs(self.modules)
        return self

    @property
    def state_bucket(self) -> str:
        """The bucket that holds this creator's Terraform state, in the creator's own account."""
        return f"fleet-state-{self.account_id}-{self.region}"


class FileError(Value):
    """One thing that is wrong in a creator.toml.

    Args:
        path: the file.
        line: 1-based, or None where the file as a whole is meant (a key that is missing altogether).
        key: dotted key, `modules.ivs-streaming.channel_type`; empty for a syntax error.
        message: what is wrong, worded to follow the key: `"eu-centrl-1" is not a region`.
    """

    path: Path
    line: int | None
    key: str
    message: str

    @property
    def sentence(self) -> str:
        """`creator.toml line 7: region "eu-centrl-1" is not a region`"""
        place = self.path.name + (f" line {self.line}" if self.line else "")
        return f"{place}: {self.key + ' ' if self.key else ''}{self.message}"


class InvalidCreator(Value):
    """A folder under `creators/` whose file cannot be used. It stays a row in the fleet."""

    slug: str
    errors: tuple[FileError, ...]


class Registry(Value):
    """The whole fleet as its files describe it, sorted by slug."""

    root: Path
    creators: tuple[Creator, ...]
    invalid: tuple[InvalidCreator, ...]

    def get(self, slug: str) -> Creator | None:
        """The creator with this slug, or None."""
        return next((creator for creator in self.creators if creator.slug == slug), None)
