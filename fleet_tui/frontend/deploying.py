"""Bringing a site to its visitors, and back.

A site is switched by one write. Every file but the pages has its content's digest in its name and lies in the
bucket before; the first page, which names them, is then replaced under the condition that it is still the one
that was seen. Until that write visitors get the release before as a whole, from then on the new one as a
whole. Broken off before it, nothing has happened; broken off after it, the next deployment does the rest:
the other pages, CloudFront's caches, the look at what visitors get.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from fleet_tui.frontend.build import Site
from fleet_tui.frontend.doors import SiteDoor
from fleet_tui.frontend.history import begun, current, done, kept, one_before, settled, step_back
from fleet_tui.frontend.manifest import addresses, left_over, paths_changed, unreferenced
from fleet_tui.frontend.model import (
    ENTRY,
    History,
    Manifest,
    Order,
    Release,
    Served,
    SiteFile,
    Switch,
    Wish,
)
from fleet_tui.frontend.place import Place
from fleet_tui.frontend.releases import ReleaseBook
from fleet_tui.frontend.upload import SiteBucket, etag_of
from fleet_tui.frontend.visiting import Visitor
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

LOOK_AGAIN_SECONDS = 5.0
LOOKS = 60
"""Five minutes: an invalidation usually takes less than two
(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html)."""

_UNREACHED_LOOKS = 2  # then it is the network and not CloudFront
_NO_EDGE = range(500, 600)


class StoppedError(Exception):
    """The operator stopped it: before the switch, or while it was waited for what comes after."""


class Teller(Protocol):
    """Where is said what goes on."""

    def say(self, text: str, *, severity: str = "info") -> None:
        """A line: severity info, warning or error."""

    def progress(self, done: int, total: int, text: str) -> None:
        """Files done and to do."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who deploys, where, and what it depends on.

    Args:
        door: the way into the account.
        creator: whose site it is.
        place: where it lies.
        operator: who asked for it.
        run_id: by which run.
        reason: why.
        teller: where is said what goes on.
        now: the present.
        prove: raises FleetError where somebody else may write by now.
        wait: does nothing for so many seconds, or until it is to stop.
        stopped: whether the operator wants it stopped.
        emulated: the endpoint is an emulated AWS, whose CloudFront may not serve every distribution.
    """

    door: SiteDoor
    creator: Creator
    place: Place
    operator: str
    run_id: str
    reason: str
    teller: Teller
    now: Callable[[], datetime]
    prove: Callable[[], None]
    wait: Callable[[float], object]
    stopped: Callable[[], bool]
    emulated: bool


@dataclass(slots=True)
class _Found:
    """What there was at the beginning; the history is replaced as it goes on.

    Args:
        current: the switch that led to what visitors see; None where that is nothing of ours.
        etag: of the history.
    """

    served: Served | None
    current: Switch | None
    history: History
    etag: str

    @property
    def release(self) -> str:
        return self.served.release if self.served else ""

    @property
    def seen_through(self) -> bool:
        """Whether CloudFront is known to hand out what is in the bucket."""
        return self.current is not None and self.current.done_at is not None


class Deployment:
    """One deployment, or one way back."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._at = circumstances
        self._slug = circumstances.creator.slug
        self._bucket = SiteBucket(circumstances.door, circumstances.creator, circumstances.place)
        self._book = ReleaseBook(circumstances.door, circumstances.creator)
        self._say = circumstances.teller.say

    def carry_out(self, order: Order, build: Callable[[], Site]) -> str:
        """Do what was asked for.

        Args:
            order: what that is.
            build: makes the site, where a new one is deployed.

        Returns:
            One sentence on what visitors get now.

        Raises:
            FleetError: CONFLICT, somebody else was faster, or the workspace is older than the site;
                NOT_FOUND, there is no such release; SERVICE, visitors do not get it; or as the door.
            StoppedError: the operator stopped it.
        """
        found = self._look(order)
        return self._back(order, found) if order.wish is Wish.ROLLBACK else self._deploy(build(), found)

    def _look(self, order: Order) -> _Found:
        served = self._bucket.served()
        history, etag = self._book.history()
        history = settled(history, served)
        found = _Found(served, current(history, served), history, etag)
        if found.release != order.seen:
            switch = found.current
            who = f" by {switch.operator}" if switch else ""
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"visitors see release {found.release or 'none'}{who} by now, and not {order.seen or 'none'}",
                where=self._slug,
                hint="Nothing was switched; look at the site and ask again",
            )
        return found

    def _deploy(self, site: Site, found: _Found) -> str:
        for warning in site.warnings:
            self._say(warning, severity="warning")
        digest = site.manifest.digest
        switch = found.current
        same = switch is not None and switch.digest == digest
        if not same and (before := step_back(found.history, digest, found.release)):
            raise FleetError.of(
                ProblemKind.CONFLICT,
                f"this workspace builds release {before.release}, which {found.release} has replaced",
                where=self._slug,
                hint="Bring the workspace up to date; or, if that is what you want, "
                f"fleet frontend rollback {self._slug} {before.release}",
            )
        mended = self._upload(site)
        contents = {page.key: site.contents[page.key] for page in site.manifest.pages}
        if switch is not None and same:
            self._say(f"release {switch.release} is what would be built")
            return self._finish(switch, site.manifest, contents, found, mended=mended)
        release = self._new_release(site, found.history)
        self._book.keep(release)
        self._say(f"release {release.id} is complete in the bucket")
        return self._switch(release, contents, found)

    def _back(self, order: Order, found: _Found) -> str:
        target = order.release or one_before(found.history, found.release)
        if not target:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                "there is no release before the one that visitors see",
                where=self._slug,
                hint=f"fleet frontend history {self._slug} lists those that are kept",
            )
        release = self._book.release(target)
        missing = {file.key for file in release.manifest.assets} - self._bucket.etags().keys()
        if missing:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                f"{len(missing)} files of release {target} are gone from the bucket",
                where=self._slug,
                hint="Deploy instead; nothing was switched",
            )
        contents = {key: text.encode() for key, text in release.pages.items()}
        switch = found.current
        if switch is not None and switch.release == target:
            self._say(f"release {target} is what visitors see already")
            return self._finish(switch, release.manifest, contents, found)
        return self._switch(release, contents, found)

    def _upload(self, site: Site) -> tuple[str, ...]:
        """Put the assets that are not in the bucket as they should be; the keys of those that were other."""
        there = self._bucket.etags()
        wanted = [
            file for file in site.manifest.assets if there.get(file.key) != etag_of(site.contents[file.key])
        ]
        for number, file in enumerate(wanted, start=1):
            self._go_on()
            self._bucket.put(file, site.contents[file.key])
            self._at.teller.progress(number, len(wanted), f"{file.key} uploaded")
        unchanged = len(site.manifest.assets) - len(wanted)
        if unchanged:
            self._say(f"{unchanged} files are in the bucket already")
        return tuple(file.key for file in wanted if file.key in there)

    def _new_release(self, site: Site, history: History) -> Release:
        at = self._at.now()
        if history.switches:  # ids sort by age even where the operators' clocks differ
            at = max(at, history.switches[0].at + timedelta(milliseconds=1))
        return Release(
            id=f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}-{site.manifest.digest[:8]}",
            made_at=at,
            operator=self._at.operator,
            run_id=self._at.run_id,
            reason=self._at.reason,
            manifest=site.manifest,
            pages=site.pages,
        )

    def _switch(self, release: Release, contents: Mapping[str, bytes], found: _Found) -> str:
        switch = Switch(
            release=release.id,
            digest=release.manifest.digest,
            before=found.release,
            at=max([self._at.now(), release.made_at, *(one.at for one in found.history.switches[:1])]),
            operator=self._at.operator,
            run_id=self._at.run_id,
            reason=self._at.reason,
        )
        found.history = begun(found.history, switch)
        found.etag = self._book.write_history(found.history, found.etag)
        self._go_on()
        self._at.prove()
        entry = next(page for page in release.manifest.pages if page.key == ENTRY)
        now = Served(etag="", release=release.id, run_id=self._at.run_id)
        self._bucket.switch(entry, contents[ENTRY], found.served, now)
        self._say(f"switched from {found.release or 'the placeholder'} to {release.id}")
        return self._finish(switch, release.manifest, contents, found)

    def _finish(
        self,
        switch: Switch,
        manifest: Manifest,
        contents: Mapping[str, bytes],
        found: _Found,
        *,
        mended: tuple[str, ...] = (),
    ) -> str:
        """What is left once the first page is the right one; it may be done again and again."""
        there = self._bucket.etags()
        renewed = [
            page
            for page in manifest.pages
            if page.key != ENTRY and there.get(page.key) != etag_of(contents[page.key])
        ]
        for page in renewed:
            self._bucket.put(page, contents[page.key])
        known = [self._book.release(one).manifest for one in self._book.ids()]
        gone = left_over(there, known, manifest)
        if gone:
            self._bucket.delete(gone)
            self._say(f"removed: {', '.join(gone)}")
        touched = (*mended, *(page.key for page in renewed), *gone)
        paths = {path for key in touched for path in addresses(key)}
        if switch.done_at is None:
            before = self._manifest_of(switch.before) if found.seen_through else None
            paths |= set(paths_changed(before, manifest))
        if paths:
            self._forget(tuple(sorted(paths)))
        self._verify(switch.release, manifest)
        if switch.done_at is None:
            found.history = done(found.history, switch.run_id, self._at.now())
            found.etag = self._book.write_history(found.history, found.etag)
        self._clean(found.history, switch.release)
        return f"visitors get release {switch.release}"

    def _manifest_of(self, release: str) -> Manifest | None:
        """The manifest of a release; None where it is not kept any more, or was none of ours."""
        return self._book.release(release).manifest if release in self._book.ids() else None

    def _forget(self, paths: tuple[str, ...]) -> None:
        """Have CloudFront ask anew, and wait for it."""
        self._say(f"CloudFront is told to ask anew for {', '.join(paths)}")
        invalidation = self._bucket.forget(paths, self._at.run_id)
        for _ in range(LOOKS):
            if self._bucket.forgotten(invalidation):
                self._say(f"invalidation {invalidation} is done")
                return
            self._go_on()
            self._at.wait(LOOK_AGAIN_SECONDS)
        self._say(f"invalidation {invalidation} still goes on; it ends by itself", severity="warning")

    def _verify(self, release: str, manifest: Manifest) -> None:
        """See that visitors get every file as it was built. Raises FleetError."""
        left = manifest.files
        differences: dict[str, str] = {}
        with Visitor(self._at.door, self._at.place, self._slug) as visitor:
            for look in range(LOOKS):
                if look:
                    self._go_on()
                    self._at.wait(LOOK_AGAIN_SECONDS)
                try:
                    differences = {file.key: self._difference(visitor, file) for file in left}
                except FleetError:
                    if look >= _UNREACHED_LOOKS:
                        raise
                    continue
                left = tuple(file for file in left if differences[file.key])
                if not left:
                    self._say(f"seen through CloudFront: {len(manifest.files)} files are as they were built")
                    return
        told = ", ".join(f"/{file.key}: {differences[file.key]}" for file in left[:3])
        raise FleetError.of(
            ProblemKind.SERVICE,
            f"release {release} is in place, but visitors do not get it ({told})",
            where=f"{self._slug}: https://{self._at.place.host}",
            hint=f"Deploy again, which looks again; fleet frontend rollback {self._slug} goes back",
        )

    def _difference(self, visitor: Visitor, file: SiteFile) -> str:
        """How what visitors get differs from the file; empty where it does not."""
        answer = visitor.ask(file)
        if answer.status not in _NO_EDGE or not self._at.emulated:
            return answer.differs(file)
        content = self._bucket.read(file.key)
        self._say(f"the emulated CloudFront answers {answer.status}: /{file.key} is compared in the bucket")
        return "" if content is not None and sha256(content).hexdigest() == file.sha256 else "other content"

    def _clean(self, history: History, release: str) -> None:
        """Drop old releases, and the assets that no kept one names. What fails is left to the next time."""
        stay = kept(history, release)
        try:
            for old in set(self._book.ids()).difference(stay):
                self._book.drop(old)
            manifests = [self._book.release(one).manifest for one in self._book.ids()]
            keys = unreferenced(self._bucket.etags(), manifests)
            if keys:
                self._bucket.delete(keys)
                self._say(f"{len(keys)} files of old releases removed")
        except FleetError as error:
            self._say(f"old releases stay for now: {error.problem.sentence}", severity="warning")

    def _go_on(self) -> None:
        if self._at.stopped():
            raise StoppedError
