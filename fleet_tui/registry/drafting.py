"""A new creator as somebody types them: checked by the very rules that files are read by."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import Field, ValidationError

from fleet_tui.registry.loading import UNIQUE
from fleet_tui.registry.model import IVS_REGIONS, Creator, Language, Registry, Wave
from fleet_tui.registry.modules import Modules
from fleet_tui.registry.pricing import tier_complaint, tiers_of
from fleet_tui.registry.printing import shown
from fleet_tui.registry.wording import complaints
from fleet_tui.values import Value

MODULES = tuple(str(field.alias) for field in Modules.model_fields.values())
"""Every module, in the order of the file format."""

USUAL_MODULES = (
    "s3-website",
    "user-auth",
    "ivs-streaming",
    "ivs-chat",
    "contact-form",
    "monitoring",
    "backup",
)
"""What a new creator begins with unless somebody says otherwise: a site with a stream."""

ROLE = "FleetOperator"
"""The role in a creator's account that docs/SETUP.md describes."""

SELLING = ("sponsor-system", "shop", "membership")
"""Modules that take money, in the creator's currency."""

_FIRST_TIERS = "Member 5"

# What is left to the file and to its folder, by the module that it is for.
_LEFT: Mapping[str, str] = {
    "s3-website": "logo, imprint.txt, about.txt",
    "user-auth": "a second factor",
    "ivs-streaming": "recording, who may watch",
    "ivs-chat": "blocked words",
    "sponsor-system": "prices of placements",
    "shop": "countries, shipping, Stripe's key",
    "membership": "benefits of tiers",
    "events": "time zone, reminders",
    "newsletter": "topics",
    "monitoring": "Slack, Telegram",
    "backup": "how long backups are kept",
}


class Draft(Value):
    """A creator as somebody is typing them; any field may still be wrong or empty.

    Args:
        budget: US dollars a month.
        profile: of the operators' own AWS configuration; one of profile and role_arn is the way in.
        channel_type: of IVS, where the module ivs-streaming is on.
        currency: of all that is sold, where one of `SELLING` is on.
        tiers: of membership with their prices a month, where that module is on: `Bee 5, Queen 9.90`.
        imprint: who sends the newsletter and where they live, where the module newsletter is on.
        failover: the second region; empty for none.
        tagline: below the name, on the site.
        primary: a colour of the site such as `#e0a526`; empty for the platform's own. So are the next two.
    """

    slug: str = ""
    name: str = ""
    domain: str = ""
    account_id: str = ""
    region: str = ""
    contact: str = ""
    language: str = Language.EN.value
    wave: str = Wave.GENERAL.value
    budget: str = ""
    profile: str = ""
    role_arn: str = ""
    external_id: str = Field(default="", repr=False)
    modules: tuple[str, ...] = USUAL_MODULES
    channel_type: str = "STANDARD"
    currency: str = "EUR"
    tiers: str = ""
    imprint: str = ""
    failover: str = ""
    tagline: str = ""
    primary: str = ""
    accent: str = ""
    background: str = ""


_BRANDING = ("tagline", "primary", "accent", "background")

# The file's keys, by the draft's fields where they differ.
_FIELDS: Mapping[tuple[str, ...], str] = {
    ("monthly_budget",): "budget",
    ("access", "profile"): "profile",
    ("access", "role_arn"): "role_arn",
    ("access", "external_id"): "external_id",
    ("modules", "ivs-streaming", "channel_type"): "channel_type",
    ("modules", "membership", "tiers"): "tiers",
    ("modules", "newsletter", "imprint"): "imprint",
    **{("modules", module, "currency"): "currency" for module in SELLING},
    **{("branding", field): field for field in _BRANDING},
}


def complaints_of(draft: Draft, fleet: Registry) -> Mapping[str, str]:
    """What is wrong with a draft, by its fields; nothing where it can be written.

    The sentences are those that a file with these values would get, so that nothing passes here that is
    refused later. What the fleet has already is part of the rules.

    Args:
        draft: as it is so far.
        fleet: those who are there.
    """
    found = dict(_refused(draft))
    # The rules over several fields are asked only once each field is right: what is not right yet is taken as
    # something that is, so that they speak up while the rest is still being typed.
    for field, message in _refused(draft.model_copy(update=_stand_ins(draft, found))).items():
        found.setdefault(field, message)
    for field in ("slug", "name", "domain", "account_id", "region", "contact", "budget"):
        if not getattr(draft, field):
            found[field] = "is missing"
    if not (draft.profile or draft.role_arn):
        found.setdefault("role_arn", "is missing: a role or a profile is the way into the account")
    if unknown := [name for name in draft.modules if name not in MODULES]:
        found["modules"] = f"{shown(unknown[0])} is none of {', '.join(MODULES)}"
    if "membership" in draft.modules and (told := tier_complaint(draft.tiers)):
        found["tiers"] = told
    for field, message in _taken(draft, fleet).items():
        found.setdefault(field, message)
    return found


def _refused(draft: Draft) -> Mapping[str, str]:
    """What a file with these values would be refused for, by the draft's fields."""
    found: dict[str, str] = {}
    try:
        Creator.model_validate(content_of(draft))
    except ValidationError as error:
        for path, message in complaints(error):
            field = _FIELDS.get(path[:3]) or (path[0] if path[0] in Draft.model_fields else "modules")
            found.setdefault(field, message.replace(" in quotes", ""))  # which nobody types here
    return found


def _stand_ins(draft: Draft, wrong: Iterable[str]) -> Mapping[str, Any]:
    """Values that no rule of a single field refuses, for the fields that are wrong."""
    account = re.match(r"arn:aws[a-z-]*:iam::([0-9]{12}):", draft.role_arn)
    good = Draft(
        slug="a-slug",
        name="A name",
        domain="a.live",
        account_id=account[1] if account else "000000000000",
        region=min(IVS_REGIONS - {draft.failover}),
        contact="a@a.live",
        budget="1",
        tiers=_FIRST_TIERS,
        imprint="An imprint",
    )
    return {field: getattr(good, field) for field in wrong if field != "modules"}


def _taken(draft: Draft, fleet: Registry) -> Mapping[str, str]:
    """What somebody else has; a folder whose file cannot be read has its slug all the same."""
    slugs = {creator.slug for creator in fleet.creators} | {creator.slug for creator in fleet.invalid}
    found = {"slug": f"{shown(draft.slug)} is there already"} if draft.slug in slugs else {}
    for key, called in UNIQUE.items():
        owner = next((one.slug for one in fleet.creators if getattr(one, key) == getattr(draft, key)), None)
        if owner:
            found[key] = f"{shown(getattr(draft, key))} is the {called} of {owner}"
    return found


def suggestion(draft: Draft, fleet: Registry) -> Draft:
    """The draft with a proposal for each field that is empty and follows from what is there.

    Args:
        draft: what was typed; none of it is changed.
        fleet: whose habits are followed: most creators' region.
    """
    slug = draft.slug or slug_of(draft.name)
    domain = draft.domain or (f"{slug}.live" if slug else "")
    given = draft.account_id if re.fullmatch(r"[0-9]{12}", draft.account_id) else ""
    role = f"arn:aws:iam::{given}:role/{ROLE}" if given and not draft.profile else ""
    regions = Counter(creator.region for creator in fleet.creators if creator.region in IVS_REGIONS)
    return draft.model_copy(
        update={
            "slug": slug,
            "domain": domain,
            "contact": draft.contact or (f"hello@{domain}" if domain else ""),
            "region": draft.region or (regions.most_common(1)[0][0] if regions else "eu-central-1"),
            "role_arn": draft.role_arn or role,
            "tiers": draft.tiers or (_FIRST_TIERS if "membership" in draft.modules else ""),
        }
    )


def slug_of(name: str) -> str:
    """A slug from a display name: `jurgen-die-bienen` of `Jürgen & die Bienen`; empty where there is none."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24].rstrip("-")
    return slug if re.fullmatch(r"[a-z][a-z0-9-]{1,22}[a-z0-9]", slug) else ""


def left_to_the_file(draft: Draft) -> tuple[str, ...]:
    """What nobody was asked for, and may be said in the creator's folder: `logo`, `blocked words`."""
    return tuple(_LEFT[name] for name in MODULES if name in draft.modules and name in _LEFT)


def new_external_id() -> str:
    """An external id for a role's trust policy: nobody guesses it, and no two creators share one."""
    return f"fleet-{secrets.token_hex(16)}"


def nearest_creator(draft: Draft) -> Creator | None:
    """The creator that the draft would be with its wrong fields right; None where its modules are wrong."""
    return creator_of(draft.model_copy(update=_stand_ins(draft, _refused(draft))))


def creator_of(draft: Draft) -> Creator | None:
    """The creator that the draft describes; None as long as it describes none."""
    try:
        return Creator.model_validate(content_of(draft))
    except ValidationError:
        return None


def content_of(draft: Draft) -> dict[str, Any]:
    """The draft as plain values under the file's keys; what is empty is left out where the file may."""
    access = {
        key: getattr(draft, key) for key in ("profile", "role_arn", "external_id") if getattr(draft, key)
    }
    branding = {field: getattr(draft, field) for field in _BRANDING if getattr(draft, field)}
    return {
        "slug": draft.slug,
        "name": draft.name,
        "domain": draft.domain,
        "account_id": draft.account_id,
        "region": draft.region,
        "contact": draft.contact,
        "language": draft.language,
        "wave": draft.wave,
        "monthly_budget": _amount(draft.budget),
        "access": access,
        **({"failover": {"region": draft.failover}} if draft.failover else {}),
        "modules": {name: _settings(name, draft) for name in MODULES if name in draft.modules},
        **({"branding": branding} if branding else {}),
    }


def _settings(module: str, draft: Draft) -> dict[str, Any]:
    match module:
        case "s3-website":
            return {"domain_ready": False}
        case "ivs-streaming":
            return {"channel_type": draft.channel_type}
        case "sponsor-system" | "shop":
            return {"currency": draft.currency}
        case "membership":
            return {"currency": draft.currency, "tiers": tiers_of(draft.tiers)}
        case "newsletter":
            return {"imprint": draft.imprint}
    return {}


def _amount(text: str) -> Decimal | str:
    """The number that was typed, or the text as it is for the rules to refuse."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
