"""Sites on the embedded AWS, deployed by the real engine and seen through CloudFront."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from fleet_tui.aws import AwsDoor
from fleet_tui.cli.main import cli
from fleet_tui.frontend import deploying
from fleet_tui.frontend.build import Site, build
from fleet_tui.frontend.deploying import Circumstances, Deployment, StoppedError
from fleet_tui.frontend.history import KEPT_RELEASES
from fleet_tui.frontend.model import ENTRY, Order, SiteStatus, Wish
from fleet_tui.frontend.place import needed_place
from fleet_tui.operations.model import RunStatus
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.loading import load
from fleet_tui.registry.model import Creator
from fleet_tui.sandbox.emulator.process import Emulator
from tests.frontend.sites import ROOT
from tests.frontend.standing import stand
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = pytest.mark.sandbox

LOOK_SECONDS = 0.05
BROWSER = httpx.Client(timeout=30, verify=False)  # noqa: S501 - it speaks plain HTTP; certificates take time to load


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    slugs = ("anna", "ben", "cora", "dora", "emil", "fred", "gina", "hugo", "ida", "jana", "kira")
    with pytest.MonkeyPatch.context() as patch:
        made = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, *slugs)
        shutil.copytree(ROOT / "frontend", made.root / "frontend")
        yield made
    emulator.stop()


class KilledError(Exception):
    """What ends a deployment as a kill would."""


@dataclass
class Door:
    """The real door, which breaks at a chosen call to AWS, and can be looked at."""

    real: AwsDoor
    breaks_at: int = -1
    leads_to: str = ""
    calls: list[str] = field(default_factory=list)
    after: Callable[[str], None] = lambda call: None

    @contextmanager
    def entered(self, creator: Creator) -> Iterator[Any]:
        with self.real.entered(creator) as account:
            yield _Account(self, account)

    def prove_account(self, creator: Creator) -> None:
        self.real.prove_account(creator)

    def route(self, url: str) -> tuple[str, dict[str, str]]:
        return (self.leads_to, {}) if self.leads_to else self.real.route(url)

    @property
    def ca_bundle(self) -> str | None:
        return None


class _Account:
    def __init__(self, door: Door, account: Any) -> None:
        self._door, self._account = door, account

    def client(self, service: str) -> Any:
        return _Client(self._door, self._account.client(service))


class _Client:
    def __init__(self, door: Door, client: Any) -> None:
        self._door, self._client = door, client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found) or name == "get_paginator":
            return found

        def call(**arguments: Any) -> Any:
            self._door.calls.append(f"{name} {arguments.get('Key', '')}".strip())
            if len(self._door.calls) - 1 == self._door.breaks_at:
                raise KilledError
            answer = found(**arguments)
            self._door.after(self._door.calls[-1])
            return answer

        return call


@dataclass
class Teller:
    lines: list[str] = field(default_factory=list)

    def say(self, text: str, *, severity: str = "info") -> None:
        self.lines.append(text)

    def progress(self, done: int, total: int, text: str) -> None:
        self.lines.append(f"{done}/{total} {text}")


class Stand:
    """One creator's site, deployed in this process."""

    def __init__(self, small: SmallFleet, slug: str, **more: Any) -> None:
        self.small = small
        self.slug = slug
        self.outputs = stand(small, slug, **more)
        self.creator = _creator(small, slug)
        self.real = AwsDoor(operator="ana@small")
        self.teller = Teller()
        self._runs = 0

    def site(self, tagline: str, primary: str = "#e0a526") -> Site:
        branding = self.creator.branding.model_copy(update={"tagline": tagline, "primary": primary})
        return build(self.small.root, self.creator.model_copy(update={"branding": branding}), self.outputs)

    def carry_out(
        self,
        order: Order,
        site: Site,
        door: Door | None = None,
        stopped: Callable[[], bool] = lambda: False,
        emulated: bool = False,
    ) -> str:
        self._runs += 1
        at = Circumstances(
            door=door or Door(self.real),
            creator=self.creator,
            place=needed_place(self.slug, self.outputs),
            operator="ana@small",
            run_id=f"run-{self._runs}",
            reason="",
            teller=self.teller,
            now=lambda: datetime.now(UTC),
            prove=lambda: None,
            wait=lambda seconds: None,
            stopped=stopped,
            emulated=emulated,
        )
        return Deployment(at).carry_out(order, lambda: site)

    def deploy(self, site: Site | str, **more: Any) -> str:
        site = self.site(site) if isinstance(site, str) else site
        return self.carry_out(Order(wish=Wish.DEPLOY, seen=self.seen()), site, **more)

    def seen(self) -> str:
        return self.visit("/").headers.get("x-amz-meta-release", "")

    def visit(self, path: str) -> httpx.Response:
        return visit(self.small, self.outputs["distribution_domain_name"], path)

    def sees(self, site: Site) -> bool:
        """Whether a visitor gets the site as a whole: its first page, and everything that it names."""
        assets = [file.key for file in site.manifest.assets]
        return self.visit("/").content == site.contents[ENTRY] and all(
            self.visit(f"/{key}").content == site.contents[key] for key in assets
        )


def _creator(small: SmallFleet, slug: str) -> Creator:
    creator = load(small.root / "creators").get(slug)
    assert creator is not None
    return creator


def visit(small: SmallFleet, host: str, path: str) -> httpx.Response:
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    return BROWSER.get(f"{small.emulator.url}{path}", headers=headers)


def fleet_command(*words: str) -> Any:
    return CliRunner().invoke(cli, words, prog_name="fleet")


def brand(small: SmallFleet, slug: str, tagline: str) -> None:
    small.write(slug)
    file = small.root / "creators" / slug / "creator.toml"
    file.write_text(file.read_text() + f"[modules.s3-website]\n[branding]\ntagline = {json.dumps(tagline)}\n")


def test_a_site_is_deployed_changed_and_gone_back_to_by_commands(small):
    brand(small, "anna", "first")
    without = fleet_command("frontend", "deploy", "anna", "--yes")  # nothing was applied
    assert (without.exit_code, "Switch on [modules.s3-website]" in without.stderr) == (1, True)
    host = stand(small, "anna")["distribution_domain_name"]
    assert "placeholder" in fleet_command("frontend", "status", "anna").stdout
    assert "anna" in fleet_command("frontend", "deploy", "anna", "--reason", "begin").stderr  # asked: no
    assert visit(small, host, "/").content == b"placeholder"

    done = fleet_command("frontend", "deploy", "anna", "--yes", "--reason", "begin")
    assert done.exit_code == 0, done.output
    assert "switched from the placeholder" in done.stderr
    assert "first" in visit(small, host, "/").text
    shown = fleet_command("frontend", "status", "anna")
    assert (shown.exit_code, "up to date" in shown.stdout) == (0, True)

    brand(small, "anna", "second")
    shown = fleet_command("frontend", "status", "--json")
    assert shown.exit_code == 1
    assert json.loads(shown.stdout)["anna"]["changed"] == ["index.html"]
    assert fleet_command("frontend", "deploy", "anna", "--yes").exit_code == 0
    assert "second" in visit(small, host, "/").text

    went = fleet_command("frontend", "rollback", "anna", "--yes", "--reason", "typo", "--json")
    assert json.loads(went.stdout)["status"] == "succeeded"
    assert "first" in visit(small, host, "/").text
    told = json.loads(fleet_command("frontend", "history", "anna", "--json").stdout)
    assert [(one["current"], one["kept"], one["switch"]["reason"]) for one in told] == [
        (True, True, "typo"), (False, True, ""), (False, True, "begin"),
    ]  # fmt: skip
    assert told[0]["switch"]["operator"] == "ana@small"
    assert "typo" in fleet_command("frontend", "history", "anna").stdout
    assert "Site" in fleet_command("show", "anna").stdout


def test_a_build_is_written_where_it_was_asked_for(small, tmp_path):
    out = tmp_path / "site"
    made = fleet_command("frontend", "build", "ben", "--offline", "--out", str(out), "--json")
    files = {one["key"] for one in json.loads(made.stdout)["files"]}
    assert {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} == files
    assert "no imprint" in made.stderr
    again = fleet_command("frontend", "build", "ben", "--offline", "--out", str(out))
    assert (again.exit_code, "is not empty" in again.stderr) == (2, True)


def test_a_run_that_is_killed_behind_the_switch_is_finished_by_the_next(small):
    host = stand(small, "jana")["distribution_domain_name"]
    account = {"account": small.accounts["jana"]}
    fleet = small.fleet()
    try:
        first_page = fleet.frontends.build("jana").contents[ENTRY]
        gate = {"service": "s3", "operation": "PutObject", "path": f"/{ENTRY}", "after": True}
        small.emulator.call("gates/set", account | gate)
        killed = fleet.frontends.deploy("jana")
        while not small.emulator.call("gates", account)["gates"][0]["waiting"]:
            time.sleep(LOOK_SECONDS)
            assert not fleet.journals.get(killed.id).finished
        os.kill(fleet.journals.get(killed.id).pid, signal.SIGKILL)
        small.emulator.call("gates/release", account)
        assert visit(small, host, "/").content == first_page
        assert fleet.frontends.status("jana").status is SiteStatus.UNVERIFIED

        done = ended(fleet, fleet.frontends.deploy("jana"))
        assert done.status is RunStatus.SUCCEEDED, done.problem
        assert visit(small, host, "/").content == first_page
        assert fleet.frontends.status("jana").status is SiteStatus.UP_TO_DATE
        (told,) = fleet.frontends.history("jana")
        assert told.switch.run_id == killed.id
    finally:
        fleet.stop()


def test_broken_off_anywhere_visitors_get_one_site_as_a_whole_and_the_next_deployment_ends_it(small):
    stand = Stand(small, "cora")
    stand.deploy("0")
    old = stand.site("1", "#000001")
    counting = Door(stand.real)
    stand.deploy(old, door=counting)
    # Broken off before a call that reads is the same as before the next one that writes.
    places = [place for place, call in enumerate(counting.calls) if not call.startswith(("get_", "head_"))]
    switch = counting.calls.index(f"put_object {ENTRY}")
    assert min(places) < switch < max(places)
    for number, place in enumerate((*places, len(counting.calls) - 1), start=2):
        new = stand.site(str(number), f"#{number:06x}")
        door = Door(stand.real, breaks_at=place)
        with pytest.raises(KilledError):
            stand.deploy(new, door=door)
        assert stand.sees(new if f"put_object {ENTRY}" in door.calls[:-1] else old), door.calls[-1]
        stand.deploy(new)
        assert stand.sees(new)
        assert stand.visit("/missing").content == new.contents["404.html"]
        old = new


def test_nobody_is_overwritten_silently(small):
    stand = Stand(small, "dora")
    stand.deploy("first")
    seen = stand.seen()

    def while_we_were_busy(call: str) -> None:
        if call.startswith("put_object fleet/site/releases/") and not overtaken:
            overtaken.append(call)
            stand.deploy("theirs")

    overtaken: list[str] = []
    with pytest.raises(FleetError) as caught:
        stand.deploy("ours", door=Door(stand.real, after=while_we_were_busy))
    assert caught.value.problem.kind is ProblemKind.CONFLICT
    assert stand.sees(stand.site("theirs"))

    with pytest.raises(FleetError, match=r"visitors see release .* by ana@small by now"):
        stand.carry_out(Order(wish=Wish.DEPLOY, seen=seen), stand.site("ours"))
    with pytest.raises(FleetError, match=r"this workspace builds release .* has replaced") as caught:
        stand.deploy("first")
    assert f"fleet frontend rollback dora {seen}" in caught.value.problem.hint
    assert stand.sees(stand.site("theirs"))


def test_stopped_before_the_switch_or_without_a_way_back_nothing_has_happened(small):
    stand = Stand(small, "emil")
    stand.deploy("first")
    with pytest.raises(StoppedError):
        stand.deploy("second", stopped=lambda: True)
    with pytest.raises(FleetError, match="there is no release before"):
        stand.carry_out(Order(wish=Wish.ROLLBACK, seen=stand.seen()), stand.site("first"))
    with pytest.raises(FleetError, match="there is no release 2020"):
        stand.carry_out(
            Order(wish=Wish.ROLLBACK, release="20200101T000000.000-00000000", seen=stand.seen()),
            stand.site("first"),
        )
    assert stand.sees(stand.site("first"))


def test_only_what_changed_is_uploaded_and_what_was_spoilt_is_mended(small):
    stand = Stand(small, "fred")
    stand.deploy("first")
    counting = Door(stand.real)
    stand.deploy("second", door=counting)
    assert [call for call in counting.calls if call.startswith("put_object assets/")] == []
    assert any("are in the bucket already" in line for line in stand.teller.lines)

    s3, bucket = small.client("s3", "fred"), stand.outputs["site_bucket"]
    site = stand.site("second")
    style = next(file.key for file in site.manifest.assets if file.key.endswith(".css"))
    s3.put_object(Bucket=bucket, Key=style, Body=b"spoilt")
    s3.put_object(Bucket=bucket, Key="404.html", Body=b"spoilt")
    assert "visitors get release" in stand.deploy("second")
    assert stand.sees(site)
    assert stand.visit("/missing").content == site.contents["404.html"]


def test_a_page_that_a_release_no_longer_has_goes_and_comes_back_with_it(small):
    stand = Stand(small, "kira")
    page = small.root / "frontend/template/pages/shop/index.html"
    page.parent.mkdir()
    page.write_text("<!doctype html><title>Shop</title>")
    with_shop = stand.site("")
    shutil.rmtree(page.parent)
    stand.deploy(with_shop)
    assert stand.visit("/shop").content == with_shop.contents["shop/index.html"]
    stand.deploy("without")
    assert stand.visit("/shop").status_code == 404
    stand.carry_out(Order(wish=Wish.ROLLBACK, seen=stand.seen()), with_shop)
    assert stand.visit("/shop").content == with_shop.contents["shop/index.html"]


def test_old_releases_go_and_take_only_their_own_files_with_them(small):
    stand = Stand(small, "gina")
    s3, bucket = small.client("s3", "gina"), stand.outputs["site_bucket"]
    s3.put_object(Bucket=bucket, Key="media/of-somebody-else.png", Body=b"x")
    colours = [f"#{number:06x}" for number in range(KEPT_RELEASES + 2)]
    sites = []
    for colour in colours:
        branding = stand.creator.branding.model_copy(update={"primary": colour})
        site = build(small.root, stand.creator.model_copy(update={"branding": branding}), {})
        stand.carry_out(Order(wish=Wish.DEPLOY, seen=stand.seen()), site)
        sites.append(site)
    there = {one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert {key for site in sites[2:] for key in site.contents} <= there
    gone = {file.key for site in sites[:2] for file in site.manifest.assets if "theme" in file.key}
    assert gone
    assert not gone & there
    assert "media/of-somebody-else.png" in there
    releases = s3.list_objects_v2(Bucket=small.bucket("gina"), Prefix="fleet/site/releases/")
    assert releases["KeyCount"] == KEPT_RELEASES

    stand.carry_out(Order(wish=Wish.ROLLBACK, seen=stand.seen()), sites[0])
    assert stand.sees(sites[-2])
    s3.delete_object(
        Bucket=bucket, Key=next(file.key for file in sites[2].manifest.assets if "theme" in file.key)
    )
    oldest = releases["Contents"][0]["Key"].split("/")[3]
    with pytest.raises(FleetError, match="are gone from the bucket"):
        stand.carry_out(Order(wish=Wish.ROLLBACK, release=oldest, seen=stand.seen()), sites[0])
    assert stand.sees(sites[-2])


@contextmanager
def always_unavailable() -> Iterator[str]:
    """An address that answers 503 to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_visitors_do_not_get_is_told_and_stays_unseen_until_they_do(small, monkeypatch):
    monkeypatch.setattr(deploying, "LOOKS", 3)
    brand(small, "hugo", "first")
    stand = Stand(small, "hugo")
    fleet = small.fleet()
    try:
        with always_unavailable() as address:
            with pytest.raises(
                FleetError, match=r"is in place, but visitors do not get it .*status 503"
            ) as caught:
                stand.deploy("first", door=Door(stand.real, leads_to=address))
            assert caught.value.problem.kind is ProblemKind.SERVICE
            assert fleet.frontends.status("hugo").status is SiteStatus.UNVERIFIED
            with pytest.raises(FleetError, match="status 503"):
                stand.deploy("first", door=Door(stand.real, leads_to=address))
            assert stand.deploy("first", door=Door(stand.real, leads_to=address), emulated=True)
            assert "is compared in the bucket" in stand.teller.lines[-2]
        with pytest.raises(FleetError, match="could not be looked at") as caught:
            stand.deploy("second", door=Door(stand.real, leads_to=address))  # nobody is there any more
        assert caught.value.problem.kind is ProblemKind.NETWORK
        releases = [told.switch.release for told in fleet.frontends.history("hugo")]
        stand.deploy("second")
        assert [told.switch.release for told in fleet.frontends.history("hugo")] == releases
        assert fleet.frontends.status("hugo").current.done_at is not None
    finally:
        fleet.stop()


def test_an_emulated_cloudfront_without_an_answer_does_not_hide_a_wrong_file(small, monkeypatch):
    monkeypatch.setattr(deploying, "LOOKS", 2)
    site = small.client("s3", "ida")

    def spoil(call: str) -> None:
        if call.startswith("create_invalidation"):
            site.put_object(Bucket=f"ida-site-{small.accounts['ida']}", Key="404.html", Body=b"spoilt")

    stand = Stand(small, "ida")
    with always_unavailable() as address, pytest.raises(FleetError, match=r"/404.html: other content"):
        stand.deploy("third", door=Door(stand.real, leads_to=address, after=spoil), emulated=True)
