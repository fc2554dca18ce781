"""Looking at a site as a visitor does: through CloudFront."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from fleet_tui.frontend.doors import SiteDoor
from fleet_tui.frontend.model import ENTRY, SiteFile
from fleet_tui.frontend.place import Place
from fleet_tui.problems import FleetError, ProblemKind

if TYPE_CHECKING:
    import httpx

_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a visitor got.

    Args:
        status: of HTTP.
        sha256: of the content, hexadecimal.
        content_type: as it was told.
    """

    status: int
    sha256: str
    content_type: str

    def differs(self, file: SiteFile) -> str:
        """How it differs from the file; empty where it does not."""
        if self.status != 200:
            return f"status {self.status}"
        if self.sha256 != file.sha256:
            return "other content"
        if self.content_type != file.content_type:
            return f"type {self.content_type or 'unknown'}"
        return ""


class Visitor:
    """Asks for the files of a site; used as a context manager.

    Args:
        door: knows how addresses are reached.
        place: where the site is.
        slug: whose site it is, for errors.
    """

    def __init__(self, door: SiteDoor, place: Place, slug: str) -> None:
        import httpx

        bundle = door.ca_bundle
        self._door = door
        self._place = place
        self._slug = slug
        # Compression would be CloudFront's own work; here the bytes are compared.
        self._http: httpx.Client = httpx.Client(
            timeout=_PATIENCE_SECONDS,
            headers={"Accept-Encoding": "identity"},
            verify=ssl.create_default_context(cafile=bundle) if bundle else True,
        )

    def __enter__(self) -> Visitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def ask(self, file: SiteFile) -> Answer:
        """What a visitor gets at the file's address; a folder's page is asked for by the folder.

        Raises:
            FleetError: NETWORK, CloudFront cannot be reached.
        """
        import httpx

        path = file.key.removesuffix(ENTRY) if file.key.endswith(ENTRY) else file.key
        url, headers = self._door.route(f"https://{self._place.host}/{path}")
        try:
            answer = self._http.get(url, headers=headers)
        except httpx.HTTPError as error:
            raise FleetError.of(
                ProblemKind.NETWORK,
                f"the site could not be looked at ({type(error).__name__})",
                where=f"{self._slug}: https://{self._place.host}",
                hint="The release is in place; fleet frontend deploy looks at it again",
            ) from None
        return Answer(
            answer.status_code,
            hashlib.sha256(answer.content).hexdigest(),
            answer.headers.get("content-type", ""),
        )
