"""What the answers of an open site mean: pure rules, one a check."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from fleet_tui.onboarding.model import Check, Outcome
from fleet_tui.problems import Problem
from fleet_tui.values import Moment, Value

EXPIRY_NEAR = timedelta(days=21)
"""ACM renews 60 days before the end (https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html):
a certificate that has only three weeks left was not renewed."""

SECURITY_HEADERS = (
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
)
"""The headers that the module s3-website puts on every page."""

PUBLIC_ROUTES: Mapping[str, str] = {
    "ivs-streaming": "/live",
    "sponsor-system": "/sponsors/active",
    "shop": "/products",
    "membership": "/membership/tiers",
    "events": "/events",
    "polls": "/polls",
    "newsletter": "/newsletter/archive",
}
"""A route of each module that anybody may read, with no parameters."""

_MANIFEST = "#EXTM3U"


class Reply(Value):
    """What a server answered, or why there is no answer.

    Args:
        status: of HTTP; None where there was no answer.
        headers: names in small letters.
        body: the beginning of it, as text.
        problem: why there was no answer.
    """

    status: int | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    problem: str = ""


class SeenCertificate(Value):
    """What a host's certificate says, or why it is not believed.

    Args:
        names: that it holds for.
        refused: why it is not believed; empty where it is.
        problem: why there was none to look at.
    """

    names: tuple[str, ...] = ()
    ends_at: Moment | None = None
    refused: str = ""
    problem: str = ""


def certificate_check(domain: str, seen: Mapping[str, SeenCertificate], now: datetime) -> Check:
    """Whether browsers believe the certificate of the domain and of www.

    Args:
        domain: the creator's.
        seen: certificates by host.
        now: the present.
    """
    name, expected = "certificate", f"believed by browsers, for {' and '.join(seen)}"
    for host, one in seen.items():
        if one.problem:
            return _unknown(name, f"{host}: {one.problem}", expected)
        if one.refused:
            action = "Compare the certificate's names and chain in ACM (us-east-1), then plan and apply"
            return Check(name=name, outcome=Outcome.FAILED, found=f"{host}: {one.refused}", expected=expected,
                         action=action)  # fmt: skip
    ends = min(one.ends_at for one in seen.values() if one.ends_at is not None)
    left = ends - now
    if left < EXPIRY_NEAR:
        return Check(
            name=name,
            outcome=Outcome.FAILED,
            found=f"ends on {ends:%Y-%m-%d}, in {left.days} days",
            expected="renewed by AWS 60 days before its end",
            action=f"Look in ACM (us-east-1) why {domain} is not renewed; its records have to stay",
        )
    names = sorted({one for certificate in seen.values() for one in certificate.names})
    return Check(name=name, outcome=Outcome.OK, found=f"{', '.join(names)} until {ends:%Y-%m-%d}")


def page_check(url: str, reply: Reply) -> Check:
    """Whether the first page is there, with the headers that the module puts on it."""
    name, expected = "page", f"{url} answers 200 with HTML and security headers"
    if reply.status is None:
        return _unknown(name, reply.problem, expected)
    kind = reply.headers.get("content-type", "")
    if reply.status != 200 or not kind.startswith("text/html"):
        found = f"{reply.status}" + (f", {kind}" if kind and reply.status == 200 else "")
        return _failed(
            name, found, expected, "Bring the site up again: fleet frontend deploy; then look at CloudFront"
        )
    missing = [header for header in SECURITY_HEADERS if header not in reply.headers]
    if missing:
        action = (
            "It is not our distribution that answers, or its headers were changed by hand: plan, and compare"
        )
        return _failed(name, f"200 without {', '.join(missing)}", expected, action)
    return Check(name=name, outcome=Outcome.OK, found=f"{url} answers 200, with security headers")


def redirect_check(domain: str, reply: Reply) -> Check:
    """Whether plain HTTP leads to HTTPS."""
    name, expected = "redirect", f"http://{domain} leads to https"
    if reply.status is None:
        return _unknown(name, reply.problem, expected)
    target = reply.headers.get("location", "")
    if reply.status in (301, 302, 307, 308) and target.startswith("https://"):
        return Check(name=name, outcome=Outcome.OK, found=f"{reply.status} to {target[:80]}")
    action = "Something else than our distribution answers: compare the address records with the zone"
    return _failed(name, f"{reply.status}, no way to https", expected, action)


def api_check(path: str, reply: Reply) -> Check:
    """Whether a public route answers with JSON."""
    name, expected = "API", f"GET {path} answers 200 with JSON"
    if reply.status is None:
        return _unknown(name, reply.problem, expected)
    if reply.status == 200 and _is_json(reply.body):
        return Check(name=name, outcome=Outcome.OK, found=f"GET {path}: 200")
    said = "200 and no JSON" if reply.status == 200 else f"{reply.status}"
    return _failed(
        name, f"GET {path}: {said}", expected, "Look at the function's log in CloudWatch, and plan"
    )


def player_check(reply: Reply, *, members_only: bool, live: bool) -> Check:
    """Whether the player's manifest is what the stream is.

    A channel that is offline has no manifest (404), and one for members only refuses without a token (403):
    https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-verify.html.

    Args:
        reply: to the manifest's URL, without a token.
        members_only: whether playback is authorised.
        live: whether somebody streams right now.
    """
    name = "player"
    if reply.status is None:
        return _unknown(name, reply.problem, "IVS answers")
    if reply.status == 403 and members_only:
        return Check(name=name, outcome=Outcome.OK, found="refuses without a member's token, as it has to")
    if reply.status == 404 and not live:
        return Check(name=name, outcome=Outcome.OK, found="offline, and IVS says so")
    if reply.status == 200 and reply.body.startswith(_MANIFEST) and "#EXT-X-STREAM-INF" in reply.body:
        if members_only:
            return _failed(name, "plays without a token", "only members may watch",
                           "Plan: the channel lost its playback authorisation")  # fmt: skip
        variants = reply.body.count("#EXT-X-STREAM-INF")
        return Check(name=name, outcome=Outcome.OK, found=f"live, {variants} qualities")
    expected = "a manifest with qualities" if live else "404 while offline, or a manifest"
    said = "200 and no manifest" if reply.status == 200 else f"{reply.status}"
    return _failed(name, said, expected, "Compare playback_url with the channel in IVS, and plan")


def chat_check(refusal: Reply, made: Problem | None) -> Check:
    """Whether chat tokens are made, and not for everybody.

    Args:
        refusal: to a request for a member's token without being one.
        made: why the room made no token for the operator; None where it did.
    """
    name, expected = "chat", "a token for who may have one, 401 for everybody else"
    if refusal.status is None:
        return _unknown(name, refusal.problem, expected)
    if refusal.status != 401:
        action = "Plan: the route's authoriser is missing or another one"
        return _failed(name, f"POST /chat/token without signing in: {refusal.status}", expected, action)
    if made is not None:
        if made.transient:
            return _unknown(name, made.what, expected)
        return _failed(name, f"the room made no token: {made.what}", expected, made.hint or "Plan")
    return Check(name=name, outcome=Outcome.OK, found="the room makes tokens; without signing in 401")


def skipped(name: str, why: str) -> Check:
    """A check that does not apply."""
    return Check(name=name, outcome=Outcome.SKIPPED, found=why)


def not_open_yet(name: str, domain: str) -> Check:
    """A check of the domain, before the site has it."""
    return Check(
        name=name,
        outcome=Outcome.WAITING,
        found=f"{domain} is not the site's yet",
        expected=f"the site answers as {domain}",
        action="Let the domain be delegated first: the step before this one",
    )


def public_routes(modules: Sequence[str]) -> tuple[str, ...]:
    """Paths that anybody may read, one for each of these modules that has one."""
    return tuple(PUBLIC_ROUTES[module] for module in modules if module in PUBLIC_ROUTES)


def _failed(name: str, found: str, expected: str, action: str) -> Check:
    return Check(name=name, outcome=Outcome.FAILED, found=found, expected=expected, action=action)


def _unknown(name: str, found: str, expected: str) -> Check:
    return Check(name=name, outcome=Outcome.UNKNOWN, found=found, expected=expected, action="Check again")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
