"""What a creator is: the shape of `creators/<slug>/creator.toml`."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    field_validator,
    model_validator,
)

from fleet_tui.values import Value

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,22}[a-z0-9]$")]
"""Short enough for every AWS name it becomes a part of (the tightest is an S3 bucket's 63 characters)."""

AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Domain = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", min_length=4, max_length=253
    ),
]
Email = Annotated[
    str, StringConstraints(pattern=r"^[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;]+$", max_length=254)
]

Line = Annotated[
    str, StringConstraints(pattern=r"^[^\p{Cc}\p{Zl}\p{Zp}\x{202a}-\x{202e}\x{2066}-\x{2069}]*$")
]
"""Text for one line of a terminal: no control characters, no line breaks, no reversed reading order."""

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAGS_OF_OURS = frozenset({"creator", "wave", "managed-by", "module"})
_TAG_TEXT = re.compile(r"[\w .:/=+@-]*")


def _tag_text(text: str) -> str:
    if not _TAG_TEXT.fullmatch(text):
        raise ValueError("has characters that a tag in AWS cannot have")
    return text


def _free_key(key: str) -> str:
    if key in TAGS_OF_OURS or key.lower().startswith("aws:"):
        raise ValueError("is set by Terraform or by AWS itself")
    return key


TagKey = Annotated[
    str, StringConstraints(min_length=1, max_length=128), AfterValidator(_tag_text), AfterValidator(_free_key)
]
TagValue = Annotated[str, StringConstraints(max_length=256), AfterValidator(_tag_text)]

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


_SENDS_MAIL = frozenset({"user-auth", "contact-form", "sponsor-system", "shop"})


class Wave(StrEnum):
    """When a creator's turn comes in a change to the whole fleet."""

    CANARY = "canary"
    EARLY = "early"
    GENERAL = "general"


class ChannelType(StrEnum):
    """IVS channel types (https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Channel.html)."""

    BASIC = "BASIC"
    STANDARD = "STANDARD"
    ADVANCED_SD = "ADVANCED_SD"
    ADVANCED_HD = "ADVANCED_HD"


class Placement(StrEnum):
    """Where on a creator's site a sponsor can be."""

    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"
    CREATOR = "creator"


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


class Module(Value):
    """What every module's table has."""

    enabled: StrictBool = True


class Website(Module):
    """`[modules.s3-website]`

    Args:
        domain_ready: the registrar has the zone's name servers, so that the certificate can be waited for.
    """

    domain_ready: StrictBool = False
    waf: StrictBool = False
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"


class UserAuth(Module):
    """`[modules.user-auth]`

    Args:
        self_sign_up: people may sign up by themselves; otherwise operators and admins invite them.
        mfa: whether a second factor (an authenticator app) may be used.
    """

    self_sign_up: StrictBool = True
    mfa: Literal["off", "optional"] = "off"


class Streaming(Module):
    """`[modules.ivs-streaming]`

    Args:
        authorized_playback: only members may watch.
        live_notice: a notice is sent when a stream begins.
    """

    channel_type: ChannelType = ChannelType.STANDARD
    latency_mode: Literal["LOW", "NORMAL"] = "LOW"
    recording: StrictBool = True
    recording_retention_days: int = Field(default=30, ge=1, le=3650, strict=True)
    authorized_playback: StrictBool = False
    live_notice: StrictBool = True


class Chat(Module):
    """`[modules.ivs-chat]`

    Args:
        max_message_chars: longest message; IVS allows 500
            (https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateRoom.html).
        messages_per_second: most in the room; IVS allows 100, Terraform's AWS provider 10.
        guests: who is not signed in may read.
        blocked_words: words that no message may hold.
        log_retention_days: days that messages are kept; 0 keeps none.
    """

    max_message_chars: int = Field(default=300, ge=1, le=500, strict=True)
    messages_per_second: int = Field(default=10, ge=1, le=10, strict=True)
    guests: StrictBool = True
    blocked_words: list[Annotated[Line, Field(min_length=2, max_length=40)]] = Field(
        default_factory=list, max_length=200
    )
    log_retention_days: Literal[0, 1, 3, 5, 7, 14, 30, 60, 90, 180, 365] = 30


class Contact(Module):
    """`[modules.contact-form]`

    Args:
        recipient: where messages go, the creator's contact unless said otherwise.
    """

    recipient: Email | None = None


class Sponsors(Module):
    """`[modules.sponsor-system]`; rates are minor units (cents) of `currency` a day.

    A placement that has no rate is not for sale.
    """

    currency: Literal["EUR", "USD", "GBP", "CHF"] = "EUR"
    rates: dict[Placement, Annotated[int, Field(ge=0, le=100_000_000, strict=True)]] = Field(
        default_factory=lambda: {
            Placement.TOP: 12_000,
            Placement.BOTTOM: 6_000,
            Placement.LEFT: 8_000,
            Placement.RIGHT: 8_000,
            Placement.CREATOR: 20_000,
        }
    )
    # An approval is one transaction of at most 100 items: the booking, and a slot for each day.
    max_days: int = Field(default=90, ge=1, le=97, strict=True)


class Shop(Module):
    """`[modules.shop]`

    Args:
        hold_minutes: an order holds its items for so long, until it is paid.
        countries: ISO 3166-1 codes of the countries that goods are sent to.
        shipping: minor units (cents) of `currency` an order.
        publishable_key: Stripe's, which the site shows to everybody; the secret ones are no part of any file.
    """

    currency: Literal["EUR", "USD", "GBP", "CHF"] = "EUR"
    hold_minutes: int = Field(default=30, ge=5, le=1440, strict=True)
    countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] = Field(
        default_factory=lambda: ["DE", "AT", "CH"], min_length=1, max_length=60
    )
    shipping: int = Field(default=0, ge=0, le=1_000_000, strict=True)
    publishable_key: (
        Annotated[str, StringConstraints(pattern=r"^pk_(test|live)_[A-Za-z0-9]{8,200}$")] | None
    ) = None


class Modules(Value):
    """The modules that are switched on, with their settings. A module without a table is off."""

    # The file's own names in JSON too, or what is written could not be read again.
    model_config = ConfigDict(serialize_by_alias=True)

    s3_website: Website | None = Field(default=None, alias="s3-website")
    user_auth: UserAuth | None = Field(default=None, alias="user-auth")
    ivs_streaming: Streaming | None = Field(default=None, alias="ivs-streaming")
    ivs_chat: Chat | None = Field(default=None, alias="ivs-chat")
    contact_form: Contact | None = Field(default=None, alias="contact-form")
    sponsor_system: Sponsors | None = Field(default=None, alias="sponsor-system")
    shop: Shop | None = Field(default=None, alias="shop")

    @property
    def enabled(self) -> tuple[str, ...]:
        """Names of the modules that are on, in the order of the file format."""
        return tuple(
            str(field.alias)
            for name, field in type(self).model_fields.items()
            if (module := getattr(self, name)) is not None and module.enabled
        )

    @property
    def with_functions(self) -> tuple[str, ...]:
        """Names of the modules that are on and bring functions and routes of the HTTP API."""
        return tuple(name for name in self.enabled if name != "s3-website")

    @property
    def with_mail(self) -> tuple[str, ...]:
        """Names of the modules that are on and send mail by SES."""
        return tuple(name for name in self.enabled if name in _SENDS_MAIL)


class Mail(Value):
    """`[mail]`

    Args:
        production: AWS has granted production access to SES; until then mail reaches verified addresses only.
    """

    production: StrictBool = False


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
    modules: Modules = Field(default_factory=Modules)
    branding: Branding = Field(default_factory=Branding)

    @field_validator("region")
    @classmethod
    def _known_region(cls, region: str) -> str:
        if region not in REGIONS:
            raise ValueError(f'"{region}" is not a region')
        return region

    @model_validator(mode="after")
    def _coherent(self) -> Creator:
        if self.access.role_arn and self.access.role_arn.split(":")[4] != self.account_id:
            raise KeyedError("access.role_arn", f"is in another account than account_id {self.account_id}")
        streaming = self.modules.ivs_streaming
        of_ivs = [name for name in self.modules.enabled if name.startswith("ivs-")]
        if of_ivs and self.region not in IVS_REGIONS:
            where = ", ".join(sorted(IVS_REGIONS))
            raise KeyedError(
                "region", f'"{self.region}" has no IVS, and {of_ivs[0]} is on; IVS is in {where}'
            )
        members = self.modules.user_auth
        members_only = streaming and streaming.enabled and streaming.authorized_playback
        if members_only and not (members and members.enabled):
            raise KeyedError(
                "modules.ivs-streaming.authorized_playback",
                "lets only members watch, and there are none: add [modules.user-auth]",
            )
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
