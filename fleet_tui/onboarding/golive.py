"""The go-live checks: asks the open site, its API, its player and its chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import JsonValue

from fleet_tui.onboarding.golive_rules import (
    api_check,
    certificate_check,
    chat_check,
    not_open_yet,
    page_check,
    player_check,
    public_routes,
    redirect_check,
    skipped,
)
from fleet_tui.onboarding.mail import OnboardingDoor
from fleet_tui.onboarding.model import Check, LiveReport, Outcome
from fleet_tui.onboarding.web import Web
from fleet_tui.problems import FleetError, Problem
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_ivschat import IvschatClient

_NOBODY = "fleet-check"  # the token is thrown away; it lets nobody write
_MINUTES = 1

Outputs = Mapping[str, JsonValue]


class GoLive:
    """Checks open sites. Safe to use from many threads.

    Args:
        door: the way into accounts.
        web: how sites are asked.
        emulated: the endpoint is an emulated AWS, which has no TLS and no video.
    """

    def __init__(self, door: OnboardingDoor, web: Web, *, emulated: bool) -> None:
        self._door = door
        self._web = web
        self._emulated = emulated

    def look(self, creator: Creator, outputs: Outputs, now: datetime, *, live: bool) -> LiveReport:
        """Every check that the creator's modules ask for; a check that breaks hides no other.

        Args:
            creator: whose site.
            outputs: of the creator's state.
            now: when it is looked.
            live: whether somebody streams right now.
        """
        modules = creator.modules.enabled
        asked: list[Callable[[], Check]] = []
        if "s3-website" in modules:
            asked += [
                lambda: self._certificate(creator, now),
                lambda: self._page(creator, outputs),
                lambda: self._redirect(creator),
            ]
        if creator.modules.with_functions:
            asked.append(lambda: self._api(creator, outputs))
        if "ivs-streaming" in modules:
            asked.append(lambda: self._player(creator, outputs, live=live))
        if "ivs-chat" in modules:
            asked.append(lambda: self._chat(creator, outputs))
        with ThreadPoolExecutor(max(1, len(asked))) as threads:
            checks = tuple(threads.map(lambda check: check(), asked))
        return LiveReport(checks=checks, checked_at=now)

    def _certificate(self, creator: Creator, now: datetime) -> Check:
        if self._emulated:
            return skipped("certificate", "the emulated AWS has no TLS")
        if not _has_domain(creator):
            return not_open_yet("certificate", creator.domain)
        hosts = (creator.domain, f"www.{creator.domain}")
        return certificate_check(creator.domain, {host: self._web.certificate(host) for host in hosts}, now)

    def _page(self, creator: Creator, outputs: Outputs) -> Check:
        """The first page, by CloudFront's own name as long as the domain does not lead there."""
        own = _has_domain(creator) and not self._emulated
        url = f"https://{creator.domain if own else _text(outputs, 'distribution_domain_name')}/"
        return page_check(url, self._web.ask("GET", url))

    def _redirect(self, creator: Creator) -> Check:
        if self._emulated:
            return skipped("redirect", "the emulated AWS has no TLS")
        if not _has_domain(creator):
            return not_open_yet("redirect", creator.domain)
        return redirect_check(creator.domain, self._web.ask("GET", f"http://{creator.domain}/"))

    def _api(self, creator: Creator, outputs: Outputs) -> Check:
        """All of the public routes; the first that does not answer tells."""
        base = _text(outputs, "site_api_url") or _text(outputs, "api_endpoint")
        routes = public_routes(creator.modules.enabled)
        if not routes:
            return skipped("API", "no module that is on has a public route")
        checks = [api_check(path, self._web.ask("GET", base + path)) for path in routes]
        bad = [check for check in checks if check.outcome is not Outcome.OK]
        found = f"{', '.join(routes)}: 200"
        return bad[0] if bad else checks[0].model_copy(update={"found": found})

    def _player(self, creator: Creator, outputs: Outputs, *, live: bool) -> Check:
        if self._emulated:
            return skipped("player", "the emulated AWS has no video")
        module = creator.modules.ivs_streaming
        members_only = module is not None and module.authorized_playback
        reply = self._web.ask("GET", _text(outputs, "playback_url"))
        return player_check(reply, members_only=members_only, live=live)

    def _chat(self, creator: Creator, outputs: Outputs) -> Check:
        base = _text(outputs, "site_api_url") or _text(outputs, "api_endpoint")
        refusal = self._web.ask("POST", f"{base}/chat/token")
        return chat_check(refusal, self.token_problem(creator, _text(outputs, "chat_room_arn")))

    def token_problem(self, creator: Creator, room: str) -> Problem | None:
        """Have the room make a token that may do nothing; why it did not, or None."""
        try:
            with self._door.entered(creator) as account:
                chat: IvschatClient = account.client("ivschat")
                chat.create_chat_token(
                    roomIdentifier=room, userId=_NOBODY, capabilities=[], sessionDurationInMinutes=_MINUTES
                )
        except FleetError as error:
            return error.problem
        return None


def _has_domain(creator: Creator) -> bool:
    website = creator.modules.s3_website
    return website is not None and website.domain_ready


def _text(outputs: Outputs, name: str) -> str:
    found = outputs.get(name)
    return found if isinstance(found, str) else ""
