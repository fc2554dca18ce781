"""The sites of all creators: what is there, what would be built, and the way from one to the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import JsonValue

from fleet_tui.frontend.build import Site, build
from fleet_tui.frontend.doors import SiteDoor
from fleet_tui.frontend.history import current, one_before, settled
from fleet_tui.frontend.manifest import diff
from fleet_tui.frontend.model import (
    ASSETS,
    History,
    Manifest,
    Order,
    Served,
    SiteState,
    SiteStatus,
    Told,
    Wish,
)
from fleet_tui.frontend.place import Place, needed_place, place_of
from fleet_tui.frontend.releases import ReleaseBook
from fleet_tui.frontend.upload import SiteBucket
from fleet_tui.registry.model import Creator

_DIGEST = re.compile(r"\.[0-9a-f]{16}(?=\.)")


Run = TypeVar("Run")
"""A run of an operation, however runs are kept."""


class Frontends(Generic[Run]):
    """Deploying sites. Every method may take seconds, and raises FleetError.

    Args:
        workspace: holds the template and the creators' folders.
        creator: finds a creator by the slug.
        door: the way into the accounts.
        outputs: the outputs of a creator's state.
        start: starts an operation of the kind FRONTEND: slug, reason, target.
    """

    def __init__(
        self,
        *,
        workspace: Path,
        creator: Callable[[str], Creator],
        door: SiteDoor,
        outputs: Callable[[Creator], Mapping[str, JsonValue]],
        start: Callable[[str, str, str], Run],
    ) -> None:
        self._workspace = workspace
        self._creator = creator
        self._door = door
        self._outputs = outputs
        self._start = start

    def build(self, slug: str, *, offline: bool = False) -> Site:
        """The site as it would be deployed now; nothing is changed.

        Args:
            slug: the creator.
            offline: ask nobody for the state's outputs, and leave out what needs them.
        """
        creator = self._creator(slug)
        return build(self._workspace, creator, {} if offline else self._outputs(creator))

    def deploy(self, slug: str, reason: str = "", *, seen: str | None = None) -> Run:
        """Start to build the site and to bring it to its visitors.

        Args:
            slug: the creator.
            reason: kept in the journal and in the release.
            seen: id of the release that was decided upon; None looks which one it is now. Where visitors see
                another one by the time it is carried out, nothing is done.
        """
        order = Order(wish=Wish.DEPLOY, seen=self._seen(slug, seen))
        return self._start(slug, reason, order.model_dump_json())

    def rollback(self, slug: str, release: str = "", reason: str = "", *, seen: str | None = None) -> Run:
        """Start to lead visitors back to a release that is kept, without building or uploading it again.

        Args:
            slug: the creator.
            release: its id; empty for the one before the one that visitors see.
            reason: kept in the journal.
            seen: as for `deploy`.
        """
        order = Order(wish=Wish.ROLLBACK, release=release, seen=self._seen(slug, seen))
        return self._start(slug, reason, order.model_dump_json())

    def history(self, slug: str) -> tuple[Told, ...]:
        """What visitors were led to, newest first."""
        creator = self._creator(slug)
        place = place_of(self._outputs(creator))
        self._door.prove_account(creator)
        history, _ = ReleaseBook(self._door, creator).history()
        served = SiteBucket(self._door, creator, place).served() if place else None
        now = current(history, served)
        kept = set(ReleaseBook(self._door, creator).ids())
        return tuple(
            Told(switch=switch, current=switch == now, kept=switch.release in kept)
            for switch in settled(history, served).switches
        )

    def status(self, slug: str) -> SiteState:
        """What visitors get, and whether that is what would be built now."""
        creator = self._creator(slug)
        outputs = self._outputs(creator)
        place = place_of(outputs)
        if place is None:
            return SiteState(status=SiteStatus.NO_BUCKET)
        self._door.prove_account(creator)
        site = build(self._workspace, creator, outputs)
        book = ReleaseBook(self._door, creator)
        history, _ = book.history()
        served = SiteBucket(self._door, creator, place).served()
        return self._state(place, site, book, settled(history, served), served)

    def _state(
        self, place: Place, site: Site, book: ReleaseBook, history: History, served: Served | None
    ) -> SiteState:
        switch = current(history, served)
        state = SiteState(status=SiteStatus.PLACEHOLDER, url=place.url, warnings=site.warnings)
        if served is None or not served.release:
            return state
        told: dict[str, object] = {
            "release": served.release,
            "current": switch,
            "previous": one_before(history, served.release),
            "status": SiteStatus.UNVERIFIED,
        }
        if switch is None or switch.digest != site.manifest.digest:
            kept = served.release in book.ids()
            deployed = book.release(served.release).manifest if kept else Manifest()
            told["changed"] = _differences(deployed, site.manifest)
        if switch is not None and switch.done_at is not None:
            told["status"] = SiteStatus.OUT_OF_DATE if "changed" in told else SiteStatus.UP_TO_DATE
        return state.model_copy(update=told)

    def _seen(self, slug: str, seen: str | None) -> str:
        """The release that was decided upon, or the one that visitors see now; there has to be a site."""
        creator = self._creator(slug)
        place = needed_place(slug, self._outputs(creator))
        if seen is not None:
            return seen
        self._door.prove_account(creator)
        served = SiteBucket(self._door, creator, place).served()
        return served.release if served else ""


def _differences(deployed: Manifest, wanted: Manifest) -> tuple[str, ...]:
    """Names of the files that are others, as the template calls them."""
    difference = diff(deployed, wanted)
    keys = (*(file.key for file in difference.put), *difference.gone)
    return tuple(sorted({_DIGEST.sub("", key.removeprefix(ASSETS)) for key in keys}))
