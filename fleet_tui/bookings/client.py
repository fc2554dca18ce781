"""The sponsor queue of a creator, read and decided through the creator's own bookings API."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fleet_tui.aws import AwsDoor
from fleet_tui.bookings.answers import problem_of, read_booking, read_page
from fleet_tui.bookings.conflicts import conflicts
from fleet_tui.bookings.model import Booking, BookingQueue, BookingStatus
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    import httpx

_LISTED = (BookingStatus.PENDING, BookingStatus.APPROVED, BookingStatus.ACTIVE)
_PAGE = 100  # the most that the API gives at once
_MOST_PAGES = 50
_CONNECT_SECONDS = 4.0
_ANSWER_SECONDS = 15.0  # a cold Lambda included
_WAITS_SECONDS = (0.3, 1.0)  # before the second and the third attempt of a read
_WORTH_ANOTHER_TRY = frozenset({429, 500, 502, 503, 504})


class BookingClient:
    """Reads and decides bookings. Safe to use from many threads.

    Args:
        door: the way into accounts; signs the requests.
        endpoint_of: the base URL of a creator's API, or None where it was never deployed.
        transport: what carries the requests instead of the network.
        wait: called with seconds before a read is tried again.
    """

    def __init__(
        self,
        door: AwsDoor,
        endpoint_of: Callable[[Creator], str | None],
        *,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._door = door
        self._endpoint_of = endpoint_of
        self._transport = transport
        self._wait = wait
        self._making = threading.Lock()
        self._http: httpx.Client | None = None
        self._decided: dict[str, dict[str, Booking]] = {}

    def queue(self, creator: Creator) -> BookingQueue:
        """The creator's pending, approved and active bookings.

        Raises:
            FleetError: kinds WRONG_ACCOUNT, CREDENTIALS, DENIED, NOT_FOUND, NETWORK, THROTTLED, SERVICE.
        """
        sponsors = creator.modules.sponsor_system
        endpoint = self._endpoint_of(creator) if sponsors and sponsors.enabled else None
        if endpoint is None:
            return BookingQueue(available=False)
        self._door.prove_account(creator)
        seen: dict[str, Booking] = {}
        for status in _LISTED:  # a booking that moves on meanwhile counts where it was seen last
            for booking in self._all(creator, endpoint, status):
                seen[booking.id] = booking
        bookings = self._with_own_decisions(creator.slug, seen)
        return BookingQueue(
            pending=tuple(
                sorted(_having(bookings, BookingStatus.PENDING), key=lambda one: (one.created_at, one.id))
            ),
            upcoming=tuple(
                sorted(
                    _having(bookings, BookingStatus.APPROVED, BookingStatus.ACTIVE),
                    key=lambda one: (one.start_day, one.id),
                )
            ),
            conflicts=conflicts(bookings),
        )

    def approve(self, creator: Creator, booking: Booking) -> Booking:
        """Approve a booking as it was seen.

        Returns:
            The booking after it.

        Raises:
            FleetError: kind CONFLICT, where somebody decided first or another booking holds a day; others as
            `queue`.
        """
        return self._decide(creator, booking, "approve", {"version": booking.version})

    def reject(self, creator: Creator, booking: Booking, reason: str) -> Booking:
        """Reject a booking as it was seen.

        Args:
            creator: whose booking.
            booking: as it was seen.
            reason: what the sponsor is told, 1 to 500 characters.

        Returns:
            The booking after it.

        Raises:
            FleetError: as `approve`.
        """
        return self._decide(creator, booking, "reject", {"version": booking.version, "reason": reason})

    def close(self) -> None:
        """Close every connection."""
        with self._making:
            http, self._http = self._http, None
        if http is not None:
            http.close()

    def _all(self, creator: Creator, endpoint: str, status: BookingStatus) -> Sequence[Booking]:
        found: list[Booking] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            query = {"status": status.value, "limit": str(_PAGE)} | ({"cursor": cursor} if cursor else {})
            body = self._read(creator, f"{endpoint.rstrip('/')}/bookings?{urlencode(query)}")
            page, cursor = read_page(body, _where(creator))
            found += page
            if cursor is None:
                return found
        raise FleetError.of(
            ProblemKind.SERVICE,
            f"there are more than {_MOST_PAGES * _PAGE} {status.value} bookings",
            where=_where(creator),
            hint="Reject what nobody will answer any more",
        )

    def _read(self, creator: Creator, url: str) -> bytes:
        for wait in _WAITS_SECONDS:
            try:
                status, body = self._send(creator, "GET", url, b"")
            except FleetError as error:
                if error.problem.kind is not ProblemKind.NETWORK:
                    raise
            else:
                if status not in _WORTH_ANOTHER_TRY:
                    return _good(status, body, creator)
            self._wait(wait)
        return _good(*self._send(creator, "GET", url, b""), creator)

    def _decide(
        self, creator: Creator, booking: Booking, decision: str, said: dict[str, int | str]
    ) -> Booking:
        endpoint = self._endpoint_of(creator)
        if endpoint is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND,
                "the sponsor system is not deployed",
                where=_where(creator),
                hint="Apply the creator's infrastructure first",
            )
        self._door.prove_account(creator)
        url = f"{endpoint.rstrip('/')}/bookings/{quote(booking.id, safe='')}/{decision}"
        status, body = self._send(creator, "PUT", url, json.dumps(said).encode())
        decided = read_booking(_good(status, body, creator), _where(creator))
        self._decided.setdefault(creator.slug, {})[decided.id] = decided
        return decided

    def _with_own_decisions(self, slug: str, seen: dict[str, Booking]) -> list[Booking]:
        """The API's lists follow a decision within about a second; what we know to be newer goes first."""
        own = self._decided.get(slug, {})
        newer = {id_: own[id_] for id_, old in seen.items() if id_ in own and own[id_].version > old.version}
        self._decided[slug] = newer
        return list((seen | newer).values())

    def _send(self, creator: Creator, method: str, url: str, body: bytes) -> tuple[int, bytes]:
        import httpx

        headers = {"accept": "application/json"} | ({"content-type": "application/json"} if body else {})
        signed = self._door.sign(creator, method, url, headers, body)
        reached, host = self._door.route(url)
        try:
            answer = self._client().request(method, reached, headers=signed | host, content=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unanswered(error, method, _where(creator)) from None
        return answer.status_code, answer.content

    def _client(self) -> httpx.Client:
        with self._making:
            if self._http is None:
                import httpx

                bundle = self._door.ca_bundle
                self._http = httpx.Client(
                    transport=self._transport,
                    timeout=httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS),
                    verify=ssl.create_default_context(cafile=bundle) if bundle else True,
                )
            return self._http


def _where(creator: Creator) -> str:
    return f"{creator.slug}: bookings"


def _having(bookings: Sequence[Booking], *statuses: BookingStatus) -> Sequence[Booking]:
    return [booking for booking in bookings if booking.status in statuses]


def _good(status: int, body: bytes, creator: Creator) -> bytes:
    if status != 200:
        raise problem_of(status, body, _where(creator))
    return body


def _unanswered(error: Exception, method: str, where: str) -> FleetError:
    import httpx

    kind = ProblemKind.NETWORK
    if "certificate" in str(error).lower():
        what, hint = (
            "the TLS certificate of the bookings API is not accepted",
            "Set AWS_CA_BUNDLE behind a TLS proxy",
        )
    elif isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        kind = ProblemKind.CONFIGURATION
        what, hint = "the output api_endpoint is not a URL", "Apply the creator's infrastructure again"
    elif isinstance(error, httpx.ConnectTimeout | httpx.ConnectError | httpx.PoolTimeout):
        what, hint = "the bookings API cannot be reached", "Check the network; look again in a moment"
    elif method == "GET":
        what, hint = "the bookings API did not answer", "Look again in a moment"
    else:
        what = "the bookings API did not answer, so it is not known whether the decision was made"
        hint = "Look again before you decide again"
    return FleetError.of(kind, what, where=where, hint=hint)
