"""What the answers of an open site mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.onboarding.golive_rules import (
    PUBLIC_ROUTES,
    SECURITY_HEADERS,
    Reply,
    SeenCertificate,
    api_check,
    certificate_check,
    chat_check,
    page_check,
    player_check,
    public_routes,
    redirect_check,
)
from fleet_tui.onboarding.model import Outcome
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.drafting import MODULES

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEADERS = dict.fromkeys(SECURITY_HEADERS, "x") | {"content-type": "text/html; charset=utf-8"}
MANIFEST = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://a.example/1.m3u8\n"
SILENT = Reply(problem="kasper.live did not answer in time")


def certificate(days: float = 200) -> SeenCertificate:
    return SeenCertificate(names=("kasper.live", "www.kasper.live"), ends_at=NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("seen", "outcome", "told"),
    [
        (certificate(), Outcome.OK, "kasper.live, www.kasper.live until 2027-06-11"),
        (certificate(days=10), Outcome.FAILED, "in 10 days"),
        (SeenCertificate(refused="Hostname mismatch"), Outcome.FAILED, "Hostname mismatch"),
        (SeenCertificate(problem="kasper.live cannot be reached"), Outcome.UNKNOWN, "cannot be reached"),
    ],
)
def test_certificate(seen, outcome, told):
    check = certificate_check("kasper.live", {"kasper.live": seen, "www.kasper.live": certificate()}, NOW)
    assert (check.outcome, told in check.found) == (outcome, True)


def test_the_worse_of_two_hosts_counts():
    hosts = {"kasper.live": certificate(), "www.kasper.live": SeenCertificate(refused="Hostname mismatch")}
    assert certificate_check("kasper.live", hosts, NOW).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(status=200, headers=HEADERS, body="<!doctype html>"), Outcome.OK),
        (Reply(status=200, headers={"content-type": "text/html"}), Outcome.FAILED),
        (Reply(status=200, headers=HEADERS | {"content-type": "application/xml"}), Outcome.FAILED),
        (Reply(status=404, headers=HEADERS), Outcome.FAILED),
        (SILENT, Outcome.UNKNOWN),
    ],
)
def test_page(reply, outcome):
    assert page_check("https://kasper.live/", reply).outcome is outcome


@given(st.sets(st.sampled_from(SECURITY_HEADERS)))
def test_every_missing_header_is_named(missing):
    headers = {name: value for name, value in HEADERS.items() if name not in missing}
    check = page_check("https://kasper.live/", Reply(status=200, headers=headers))
    assert (check.outcome is Outcome.OK) == (not missing)
    assert all(name in check.found for name in missing)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(status=301, headers={"location": "https://kasper.live/"}), Outcome.OK),
        (Reply(status=301, headers={"location": "http://parked.example/"}), Outcome.FAILED),
        (Reply(status=200), Outcome.FAILED),
        (SILENT, Outcome.UNKNOWN),
    ],
)
def test_redirect(reply, outcome):
    assert redirect_check("kasper.live", reply).outcome is outcome


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(status=200, body='{"live": false}'), Outcome.OK),
        (Reply(status=200, body="<html>"), Outcome.FAILED),
        (Reply(status=500, body="{}"), Outcome.FAILED),
        (SILENT, Outcome.UNKNOWN),
    ],
)
def test_api(reply, outcome):
    assert api_check("/live", reply).outcome is outcome


@pytest.mark.parametrize(
    ("reply", "members_only", "live", "outcome"),
    [
        (Reply(status=404), False, False, Outcome.OK),
        (Reply(status=404), False, True, Outcome.FAILED),
        (Reply(status=200, body=MANIFEST), False, True, Outcome.OK),
        (Reply(status=200, body=MANIFEST), False, False, Outcome.OK),  # it began a moment ago
        (Reply(status=200, body="<html>"), False, True, Outcome.FAILED),
        (Reply(status=200, body=MANIFEST), True, True, Outcome.FAILED),
        (Reply(status=403), True, False, Outcome.OK),
        (Reply(status=403), False, True, Outcome.FAILED),
        (SILENT, False, False, Outcome.UNKNOWN),
    ],
)
def test_player(reply, members_only, live, outcome):
    assert player_check(reply, members_only=members_only, live=live).outcome is outcome


@pytest.mark.parametrize(
    ("refusal", "made", "outcome"),
    [
        (Reply(status=401), None, Outcome.OK),
        (Reply(status=201), None, Outcome.FAILED),
        (Reply(status=401), Problem(kind=ProblemKind.NOT_FOUND, what="no such room"), Outcome.FAILED),
        (Reply(status=401), Problem(kind=ProblemKind.NETWORK, what="no answer"), Outcome.UNKNOWN),
        (SILENT, None, Outcome.UNKNOWN),
    ],
)
def test_chat(refusal, made, outcome):
    assert chat_check(refusal, made).outcome is outcome


def test_public_routes_are_those_that_the_modules_declare():
    """Each is in the module's own description, may be read by anybody, and needs no parameters."""
    for module, path in PUBLIC_ROUTES.items():
        described = json.loads((Path(__file__).parents[2] / "docs" / "api" / f"{module}.json").read_text())
        route = described["paths"][path]["get"]
        assert not route.get("security")
        assert not any(parameter.get("required") for parameter in route.get("parameters", ()))
        assert "200" in route["responses"]
    assert public_routes(("s3-website", "events", "shop")) == ("/events", "/products")
    assert set(PUBLIC_ROUTES) <= set(MODULES)
