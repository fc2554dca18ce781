"""What a site is made of, which release of it visitors see, and how that came about."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from fleet_tui.values import Moment, Value

ENTRY = "index.html"
"""The page whose replacement switches the site: it names every other file of its release."""

ASSETS = "assets/"
"""Below it lie files whose names hold a digest of their content: they never change."""


class SiteFile(Value):
    """One file of a site, without its content.

    Args:
        key: of the object in the site's bucket; its path on the site without the leading slash.
        sha256: of the content, 64 hexadecimal digits.
        size: bytes.
    """

    key: str
    sha256: str
    size: int
    content_type: str
    cache_control: str

    @property
    def is_asset(self) -> bool:
        """Whether its name changes with its content."""
        return self.key.startswith(ASSETS)


class Manifest(Value):
    """All files of a site, sorted by key."""

    files: tuple[SiteFile, ...] = ()

    @property
    def digest(self) -> str:
        """64 hexadecimal digits; two sites with the same digest are the same to the byte."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def pages(self) -> tuple[SiteFile, ...]:
        """The files with an address that stays."""
        return tuple(file for file in self.files if not file.is_asset)

    @property
    def assets(self) -> tuple[SiteFile, ...]:
        """The files whose names change with their content."""
        return tuple(file for file in self.files if file.is_asset)


class Release(Value):
    """A built site as it is kept beside the creator's state, complete but for its assets' content.

    Args:
        id: sorts by age; begins with the moment in UTC.
        pages: the pages' text by key, so that going back needs no build.
    """

    id: str
    made_at: Moment
    operator: str
    run_id: str
    reason: str = ""
    manifest: Manifest
    pages: dict[str, str]


class Switch(Value):
    """That visitors were led to a release.

    Args:
        release: id.
        digest: of its manifest.
        before: id of the release that they saw until then; empty where it was Terraform's placeholder.
        done_at: when it was seen that visitors get it; None while that is not known.
    """

    release: str
    digest: str
    before: str = ""
    at: Moment
    operator: str
    run_id: str
    reason: str = ""
    done_at: Moment | None = None


class History(Value):
    """What visitors were led to, newest first."""

    switches: tuple[Switch, ...] = ()


class Served(Value):
    """What the site's bucket hands out as first page.

    Args:
        etag: of the object, for writes that must not overwrite another's.
        release: id; empty where nobody of us has put it there, as with Terraform's placeholder.
        run_id: the run that put it there.
    """

    etag: str
    release: str = ""
    run_id: str = ""


class SiteStatus(StrEnum):
    """One word for a creator's site."""

    NO_BUCKET = "no_bucket"  # the module s3-website is off, or was not applied yet
    PLACEHOLDER = "placeholder"
    UP_TO_DATE = "up_to_date"
    OUT_OF_DATE = "out_of_date"
    UNVERIFIED = "unverified"  # switched to, and not seen yet that visitors get it


class SiteState(Value):
    """What visitors of a creator's site get, and whether that is what would be built now.

    Args:
        url: where the site is open.
        current: the switch that led to what they get; None for Terraform's placeholder, or where what is in
            the bucket is not in the history.
        release: id of what they get; empty for Terraform's placeholder.
        changed: keys of the files that would be others now.
        previous: id of the release that a rollback leads to; empty where there is none.
        warnings: what a person should add to the creator's folder.
    """

    status: SiteStatus
    url: str = ""
    release: str = ""
    current: Switch | None = None
    changed: tuple[str, ...] = ()
    previous: str = ""
    warnings: tuple[str, ...] = ()


class Wish(StrEnum):
    """What is asked for."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"


class Order(Value):
    """What an operation of the kind FRONTEND is told, as JSON in its target.

    Args:
        release: for a rollback, where to; empty for the release before.
        seen: id of the release that was current when it was asked for. Where another one is by the time it
            is carried out, somebody else was faster, and nothing is done.
    """

    wish: Wish
    release: str = ""
    seen: str = ""


class Told(Value):
    """A switch as it is listed.

    Args:
        current: visitors see what it led to.
        kept: a rollback can lead to its release.
    """

    switch: Switch
    current: bool
    kept: bool
