"""The deployed site in a real browser, under the content security policy of the module s3-website."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest

from fleet_tui.operations.model import RunStatus
from fleet_tui.sandbox.emulator.process import Emulator
from tests.frontend.browser import CHROMIUM, front, opened
from tests.frontend.sites import ROOT
from tests.frontend.standing import stand
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]

# `local.content_security_policy` of the module, but for the placeholder's style, which no deployed page has.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "frame-src 'self'",
        "worker-src 'self' blob:",
        "connect-src 'self' https://*.live-video.net",
        "media-src 'self' blob: https://*.live-video.net",
        "img-src 'self' data: https://*.live-video.net",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
OFFLINE = {
    "live": False, "since": None, "title": "Honey night", "viewers_at_least": None,
    "interrupted": False, "playback": "open", "playback_url": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        made = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna", "ben")
        shutil.copytree(ROOT / "frontend", made.root / "frontend")
        file = made.root / "creators/anna/creator.toml"
        file.write_text(file.read_text() + "[modules.ivs-streaming]\n[modules.contact-form]\n")
        yield made
    emulator.stop()


def test_the_page_says_whether_the_creator_is_live_and_the_browser_complains_of_nothing(small, tmp_path):
    with front(small.emulator.url) as standing:
        outputs = stand(small, "anna", api=f"{standing.address}/api", policy=POLICY)
        standing.host = outputs["distribution_domain_name"]
        fleet = small.fleet()
        run = ended(fleet, fleet.frontends.deploy("anna"))
        fleet.stop()
        assert run.status is RunStatus.SUCCEEDED, run.problem

        standing.live = OFFLINE
        page, console = opened(standing.address, tmp_path / "profile")
        assert console == []
        assert re.search(r'role="status">Not live at the moment\.<', page)
        assert re.search(r'class="title">Honey night<', page)
        assert re.search(r'<form class="contact"(?![^>]* hidden)', page)

        page, console = opened(f"{standing.address}/nothing/here", tmp_path / "profile")
        assert "There is nothing at this address." in page
        assert [line for line in console if "404" not in line] == []


def test_what_the_policy_forbids_is_told_by_the_console(small, tmp_path):
    """Without this, an empty console would prove nothing."""
    with front(small.emulator.url) as standing:
        standing.host = stand(small, "ben", policy="default-src 'none'")["distribution_domain_name"]
        small.client("s3", "ben").put_object(
            Bucket=f"ben-site-{small.accounts['ben']}",
            Key="index.html",
            Body=b"<!doctype html><title>x</title><script>document.title = 'ran'</script>",
            ContentType="text/html; charset=utf-8",
        )
        page, console = opened(standing.address, tmp_path / "profile")
    assert "ran" not in page.partition("<script>")[0]
    assert any("Content Security Policy" in line for line in console)
