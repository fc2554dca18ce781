"""The platform's modules: the tables `[modules.<name>]` of a creator.toml."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, get_args
from zoneinfo import available_timezones

from pydantic import ConfigDict, Field, StrictBool, StringConstraints, field_validator, model_validator

from fleet_tui.registry.fields import Email, Line
from fleet_tui.values import Value

Currency = Literal["EUR", "USD", "GBP", "CHF"]
CURRENCIES: tuple[str, ...] = get_args(Currency)
"""What a creator's site can be paid in."""

_SENDS_MAIL = frozenset({"user-auth", "contact-form", "sponsor-system", "shop", "events", "newsletter"})

KNOW_PEOPLE = (
    "user-auth",
    "ivs-chat",
    "contact-form",
    "sponsor-system",
    "shop",
    "membership",
    "events",
    "polls",
    "newsletter",
)
"""Modules that may keep something of single persons, in the order of the file format."""


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


TierId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
"""Id of a tier of membership."""


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
        playback_tier: only members of this tier of membership, or of one above it, may watch.
    """

    channel_type: ChannelType = ChannelType.STANDARD
    latency_mode: Literal["LOW", "NORMAL"] = "LOW"
    recording: StrictBool = True
    recording_retention_days: int = Field(default=30, ge=1, le=3650, strict=True)
    authorized_playback: StrictBool = False
    live_notice: StrictBool = True
    playback_tier: TierId | None = None


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

    currency: Currency = "EUR"
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

    currency: Currency = "EUR"
    hold_minutes: int = Field(default=30, ge=5, le=1440, strict=True)
    countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] = Field(
        default_factory=lambda: ["DE", "AT", "CH"], min_length=1, max_length=60
    )
    shipping: int = Field(default=0, ge=0, le=1_000_000, strict=True)
    publishable_key: (
        Annotated[str, StringConstraints(pattern=r"^pk_(test|live)_[A-Za-z0-9]{8,200}$")] | None
    ) = None


class Tier(Value):
    """`[[modules.membership.tiers]]`

    Args:
        price: minor units (cents) of the membership's currency a month.
        benefits: what the site says that one gets.
    """

    id: TierId
    name: Line = Field(min_length=1, max_length=60)
    price: int = Field(ge=100, le=100_000, strict=True)
    benefits: list[Annotated[Line, Field(min_length=1, max_length=120)]] = Field(
        default_factory=list, max_length=20
    )


class Membership(Module):
    """`[modules.membership]`

    Args:
        tiers: from the lowest to the highest; each has all that the ones before it have.
        grace_days: who could not be charged stays a member for so long.
    """

    currency: Currency = "EUR"
    tiers: list[Tier] = Field(min_length=1, max_length=10)
    grace_days: int = Field(default=7, ge=0, le=30, strict=True)

    @field_validator("tiers")
    @classmethod
    def _told_apart(cls, tiers: list[Tier]) -> list[Tier]:
        if len({tier.id for tier in tiers}) < len(tiers):
            raise ValueError("have an id each of their own")
        return tiers


class Events(Module):
    """`[modules.events]`

    Args:
        reminder_hours: hours before an event at which its guests are reminded.
        time_zone: IANA name of the zone in which letters tell the time.
    """

    reminder_hours: list[Annotated[int, Field(ge=1, le=336, strict=True)]] = Field(
        default_factory=lambda: [24, 1], max_length=3
    )
    time_zone: str = "Europe/Berlin"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f'"{zone}" is not a time zone such as Europe/Berlin')
        return zone


class Polls(Module):
    """`[modules.polls]`

    Args:
        guests: who is not signed in may vote too.
    """

    guests: StrictBool = True


TopicId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
"""Id of a topic of the newsletter."""


class Newsletter(Module):
    """`[modules.newsletter]`

    Args:
        topics: what one can subscribe to, by id, as the site names it.
        mails_per_second: how fast letters are sent; SES grants 1 a second in its sandbox and 14 at first.
        imprint: who sends it and where they live, at the foot of every letter.
    """

    topics: dict[TopicId, Annotated[Line, Field(min_length=1, max_length=60)]] = Field(
        default_factory=lambda: {"news": "News"}, min_length=1, max_length=20
    )
    mails_per_second: int = Field(default=10, ge=1, le=100, strict=True)
    imprint: Line = Field(min_length=5, max_length=300)


class Analytics(Module):
    """`[modules.analytics]`

    Args:
        retention_days: days that single page views are kept; the daily figures stay. A day is added up twice,
            the second time two days later.
        public_counters: the site may show how often its pages were seen.
    """

    retention_days: int = Field(default=90, ge=2, le=3650, strict=True)
    public_counters: StrictBool = True


class Monitoring(Module):
    """`[modules.monitoring]`; budget and contact are the creator's.

    Args:
        emails: who is written to, besides the creator's contact.
        slack: notices go to Slack; the webhook is a secret, `fleet secrets set`.
        telegram_chat: id of the Telegram chat that notices go to; the bot's token is a secret.
        budget_percent: parts of the monthly budget at which what was spent, or is forecast, is told.
        anomaly_dollars: least impact of an unusual cost that is told of.
        own_anomaly_monitor: false where the account has AWS' default monitor already: AWS allows one.
        anomaly_monitor_arn: of that default monitor, which then tells us too.
    """

    emails: list[Email] = Field(default_factory=list, max_length=9)
    slack: StrictBool = False
    telegram_chat: (
        Annotated[str, StringConstraints(pattern=r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{5,32})$")] | None
    ) = None
    budget_percent: list[Annotated[int, Field(ge=1, le=1000, strict=True)]] = Field(
        default_factory=lambda: [80, 100], min_length=1, max_length=5
    )
    anomaly_dollars: int = Field(default=10, ge=1, le=100_000, strict=True)
    own_anomaly_monitor: StrictBool = True
    anomaly_monitor_arn: (
        Annotated[
            str, StringConstraints(pattern=r"^arn:aws[a-z-]*:ce::[0-9]{12}:anomalymonitor/[0-9a-f-]{36}$")
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _one_monitor(self) -> Monitoring:
        if self.own_anomaly_monitor and self.anomaly_monitor_arn:
            raise ValueError("anomaly_monitor_arn goes with own_anomaly_monitor = false: AWS allows one")
        return self


class Backup(Module):
    """`[modules.backup]`

    Args:
        retention_days: days that daily backups are kept.
        drill: how often a restore is tried and compared.
    """

    retention_days: int = Field(default=35, ge=1, le=3650, strict=True)
    drill: Literal["weekly", "monthly", "off"] = "monthly"


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
    membership: Membership | None = Field(default=None, alias="membership")
    events: Events | None = Field(default=None, alias="events")
    polls: Polls | None = Field(default=None, alias="polls")
    newsletter: Newsletter | None = Field(default=None, alias="newsletter")
    analytics: Analytics | None = Field(default=None, alias="analytics")
    monitoring: Monitoring | None = Field(default=None, alias="monitoring")
    backup: Backup | None = Field(default=None, alias="backup")

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

    @property
    def with_people(self) -> tuple[str, ...]:
        """Names of the modules that are on and may keep something of single persons.

        Each has a function `<slug>-<module>-privacy` that exports and erases it.
        """
        return tuple(name for name in self.enabled if name in KNOW_PEOPLE)
