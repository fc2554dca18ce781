"""`fleet add`, `fleet onboard`, `fleet check` on an embedded AWS, with a state that was written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fleet_tui.cli.main import cli
from fleet_tui.onboarding.model import StepName
from fleet_tui.registry import load
from fleet_tui.sandbox.emulator.process import Emulator
from tests.onboarding.name_servers import NameServer, all_in_one
from tests.small_fleet import SmallFleet, small_fleet

pytestmark = pytest.mark.sandbox

SERVERS = ("ns-1.awsdns-01.org", "ns-2.awsdns-02.net")
BEN = ("add", "ben", "Ben", "ben.live", "--account", "400000000077", "--budget", "9")
OUTPUTS = {
    "name_servers": list(SERVERS),
    "waiting_for": [{"module": "s3-website", "what": "Delegation of anna.live"}],
    "api_endpoint": "https://nobody.execute-api.eu-central-1.amazonaws.com",
}


@dataclass
class World:
    """A small fleet, and whether anna.live is delegated to it."""

    small: SmallFleet
    delegated: bool = False


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("small")
        made = World(small_fleet(root, emulator, patch, "anna"))
        with NameServer(
            lambda query: all_in_one("anna.live", SERVERS, delegated=made.delegated)(query)
        ) as server:
            settings = root / "fleet.toml"
            dns = f'[dns]\nresolvers = ["127.0.0.1:{server.port}"]\nport = {server.port}\n'
            settings.write_text(settings.read_text() + dns)
            file = root / "creators" / "anna" / "creator.toml"
            file.write_text(f"{file.read_text()}[modules.s3-website]\n")
            made.small.write_state("anna", state(OUTPUTS))
            yield made
    emulator.stop()


def state(outputs: dict[str, Any]) -> dict[str, Any]:
    zone = {"mode": "managed", "type": "aws_route53_zone", "name": "this", "instances": [{"attributes": {}}]}
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "1c0ffee1-0000-4000-8000-000000000000",
        "outputs": {name: {"value": value, "type": "string"} for name, value in outputs.items()},
        "resources": [zone],
    }


def fleet(*words: str, keys: str | None = None) -> Result:
    return CliRunner().invoke(cli, words, prog_name="fleet", input=keys)


def steps(*words: str) -> dict[str, Any]:
    ran = fleet("onboard", *words, "--json")
    assert ran.exit_code == 1, ran.output
    return {step["name"]: step for step in json.loads(ran.stdout)["steps"]}


def test_a_domain_is_followed_from_the_registrar_to_the_file(world):
    first = steps("anna")
    assert first["dns"]["state"] == "waiting"
    assert first["dns"]["waiting_for"] == "the name servers at the registrar"
    assert steps("anna", "--cached")["dns"]["since"] == first["dns"]["since"]
    world.delegated = True
    told = fleet("onboard", "anna").stdout
    assert "delegated, and 1 of 1 resolvers see it" in told
    assert "--run     enter domain_ready = true in creator.toml" in told
    website = load(world.small.root / "creators").get("anna").modules.s3_website
    assert not website.domain_ready
    console = world.small.fleet()
    assert console.onboarding.carry_out("anna", StepName.DNS) is None
    console.stop()
    assert load(world.small.root / "creators").get("anna").modules.s3_website.domain_ready
    assert "modules.s3-website.domain_ready = true in anna/creator.toml" in fleet("runs").stdout


def test_a_read_only_console_looks_and_changes_nothing(world):
    before = (world.small.root / "creators" / "anna" / "creator.toml").read_text()
    assert fleet("--read-only", "onboard", "anna").exit_code == 1
    refused = fleet("--read-only", *BEN, "--yes")
    assert refused.exit_code == 1
    assert "read-only" in refused.stderr
    assert not (world.small.root / "creators" / "ben").exists()
    assert (world.small.root / "creators" / "anna" / "creator.toml").read_text() == before


def test_check_says_what_was_expected(world):
    failed = fleet("check", "anna")
    assert failed.exit_code != 0
    assert "page" in failed.stdout
    found = json.loads(fleet("check", "anna", "--json").stdout)
    assert found["slug"] == "anna"
    assert {check["name"] for check in found["checks"]} == {"certificate", "page", "redirect"}


def test_who_is_not_live_is_listed(world):
    listed = fleet("onboard")
    assert listed.exit_code == 1
    assert "anna" in listed.stdout
    assert "1 not live yet" in listed.stdout


def test_adding_prints_asks_and_refuses(world):
    dry = fleet(*BEN, "--dry-run", "--yes")
    assert dry.exit_code == 0
    assert 'account_id = "400000000077"' in dry.stdout
    no = fleet(*BEN, keys="n\n")
    assert no.exit_code == 1
    assert "a month" in no.stderr
    assert not (world.small.root / "creators" / "ben").exists()
    wrong = fleet("add", "anna", "Anna", "anna.live", "--budget", "9", "--yes")
    assert wrong.exit_code == 2
    assert '"anna" is there already' in wrong.stderr
    assert "account_id is missing" in wrong.stderr
    right = fleet(*BEN, "--yes", "--check-account")
    assert right.exit_code == 0, right.output
    assert "account 400000000077 entered" in right.stderr
    assert load(world.small.root / "creators").get("ben").name == "Ben"


def test_on_a_terminal_what_is_missing_is_asked_for_with_a_proposal(world, monkeypatch):
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    answers = ("Dora & Co", "", "dora.live", "21", "400000000081", "", "", "", "9", "y")
    asked = fleet("add", keys="\n".join(answers) + "\n")
    assert asked.exit_code == 0, asked.output
    assert 'account_id "21" is not an account id' in asked.stderr
    dora = load(world.small.root / "creators").get("dora-co")
    assert (dora.name, dora.domain, dora.account_id) == ("Dora & Co", "dora.live", "400000000081")
    assert dora.access.role_arn == "arn:aws:iam::400000000081:role/FleetOperator"


def test_what_is_not_asked_for_can_be_given_and_what_is_left_is_named(world):
    members = ("--module", "user-auth", "--module", "membership", "--tiers", "Bee 5, Queen 9.90")
    more = ("--currency", "CHF", "--failover", "eu-west-1", "--tagline", "Hi", "--primary", "#123456")
    added = fleet("add", "eva", "Eva", "eva.live", "--account", "400000000082", "--budget", "9", "--yes",
                  *members, *more)  # fmt: skip
    assert added.exit_code == 0, added.output
    assert "left to the file and its folder: a second factor, benefits of tiers" in added.stderr
    eva = load(world.small.root / "creators").get("eva")
    assert [tier.price for tier in eva.modules.membership.tiers] == [500, 990]
    assert (eva.failover.region, eva.branding.tagline) == ("eu-west-1", "Hi")
    wrong = fleet("add", "fay", "Fay", "fay.live", "--account", "400000000083", "--budget", "9", "--yes",
                  "--failover", "eu-wst-1")  # fmt: skip
    assert wrong.exit_code == 2
    assert "did you mean eu-west-1?" in wrong.stderr


def test_an_account_behind_another_role_is_refused_before_anything_is_written(world):
    other = fleet("add", "cem", "Cem", "cem.live", "--account", "400000000078", "--budget", "9", "--yes",
                  "--check-account", "--role-arn", "arn:aws:iam::400000000079:role/X")  # fmt: skip
    assert other.exit_code == 2
    assert "is in another account than account_id" in other.stderr
    assert not (world.small.root / "creators" / "cem").exists()
