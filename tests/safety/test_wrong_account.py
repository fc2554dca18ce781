"""Whatever is mixed up, nothing reaches an account that is not the creator's own: seen in the emulator."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fleet_tui.deploy.terraform_cli import find_terraform, terraform_environment
from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.operations.model import Run, RunStatus
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.settings import load_settings
from tests.small_fleet import OPERATOR, REGION, SmallFleet, ended, small_fleet

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

READS = ("Get", "List", "Describe", "Head", "AssumeRole")
"""How the operations begin that change nothing in an account."""

Mixing = Callable[[SmallFleet, pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, emulator: Emulator) -> Iterator[tuple[SmallFleet, Run]]:
    """Anna with a plan that waits to be applied, and Ben, who is live."""
    with pytest.MonkeyPatch.context() as patch:
        small = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna", "ben")
        state = {"slug": "ben", "account_id": small.accounts["ben"], "region": REGION}
        put_state(small, "ben", lineage="of-ben", outputs={"creator": {"value": state, "type": "dynamic"}})
        fleet = small.fleet()
        plan = ended(fleet, fleet.plan("anna"))
        assert plan.status is RunStatus.SUCCEEDED, plan.problem
        fleet.stop()
        yield small, plan


@pytest.fixture
def small(planned: tuple[SmallFleet, Run], monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallFleet]:
    """Both of them as they should be, before a test and after it."""
    small, _ = planned
    config = small.root / "aws-config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    config.write_text("".join(profile(small, slug, leads_to=slug) for slug in small.accounts))
    small.emulator.call("requests/watch")
    yield small
    for slug in small.accounts:
        small.write(slug)


def put_state(small: SmallFleet, slug: str, **content: Any) -> None:
    state = {"version": 4, "terraform_version": "1.11.4", "serial": 7, "resources": [], **content}
    body = json.dumps(state).encode()
    small.client("s3", slug).put_object(Bucket=small.bucket(slug), Key=STATE_KEY, Body=body)


def profile(small: SmallFleet, name: str, *, leads_to: str) -> str:
    role = f"arn:aws:iam::{small.accounts[leads_to]}:role/FleetOperator"
    return f"[profile {name}]\nrole_arn = {role}\ncredential_source = Environment\n"


def give(small: SmallFleet, slug: str, access: str, **changed: str) -> None:
    """Write a creator's file with another way in, and with other accounts in place of this creator's."""
    small.write(slug)
    file = small.root / "creators" / slug / "creator.toml"
    head, _, rest = file.read_text().partition("[access]\n")
    text = f"{head}[access]\n{access}\n{rest[rest.index('[tags]') :]}"
    for old, new in changed.items():
        text = text.replace(small.accounts[old], small.accounts[new])
    file.write_text(text)


def writes(small: SmallFleet) -> dict[str, list[str]]:
    """What was asked for since the watch was set that would change something, by account."""
    found: dict[str, list[str]] = {}
    for entry in small.emulator.call("requests")["requests"]:
        if not entry["operation"].startswith(READS):
            found.setdefault(entry["account"], []).append(f"{entry['service']}:{entry['operation']}")
    return found


def swapped_profiles(small: SmallFleet, _: pytest.MonkeyPatch) -> None:
    swapped = [profile(small, "anna", leads_to="ben"), profile(small, "ben", leads_to="anna")]
    (small.root / "aws-config").write_text("".join(swapped))
    for slug in small.accounts:
        give(small, slug, f'profile = "{slug}"')


def wrong_id(small: SmallFleet, _: pytest.MonkeyPatch) -> None:
    give(small, "ben", 'profile = "ben"', ben="anna")
    give(small, "anna", 'profile = "anna"', anna="ben")


def the_operators_own_credentials(small: SmallFleet, _: pytest.MonkeyPatch) -> None:
    give(small, "anna", "")


def another_profile_in_the_environment(small: SmallFleet, patch: pytest.MonkeyPatch) -> None:
    give(small, "anna", "")
    keys = f"aws_access_key_id = {small.accounts['ben']}\naws_secret_access_key = test\n"
    (small.root / "aws-config").write_text(f"[profile ben]\n{keys}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.delenv(name)
    patch.setenv("AWS_PROFILE", "ben")


def keys_of_another_in_the_environment(small: SmallFleet, patch: pytest.MonkeyPatch) -> None:
    give(small, "anna", "")
    patch.setenv("AWS_ACCESS_KEY_ID", small.accounts["ben"])


def another_session_each_time(small: SmallFleet, _: pytest.MonkeyPatch) -> None:
    """A way in that leads to Anna's account when it is proved, and to Ben's from then on."""
    script = small.root / "credentials.sh"
    proved = script.with_suffix(".proved")
    proved.unlink(missing_ok=True)
    told = (
        f'if [ -e "{proved}" ]; then key={small.accounts["ben"]}; else key={small.accounts["anna"]}; fi\n'
        f'touch "{proved}"\n'
        'echo "{\\"Version\\": 1, \\"AccessKeyId\\": \\"$key\\", \\"SecretAccessKey\\": \\"test\\", '
        '\\"SessionToken\\": \\"\\", \\"Expiration\\": \\"$(date -u +%Y-%m-%dT%H:%M:%SZ -d +60sec)\\"}"\n'
    )
    script.write_text(f"#!/bin/sh\n{told}")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    (small.root / "aws-config").write_text(f"[profile anna]\ncredential_process = {script}\n")
    give(small, "anna", 'profile = "anna"')


LED_ASTRAY: dict[str, tuple[Mixing, str]] = {
    "swapped profiles": (swapped_profiles, "the credentials lead to account {ben}, creator.toml says {anna}"),
    "wrong id in creator.toml": (wrong_id, "creator.toml says {ben}"),
    "the operator's own credentials": (the_operators_own_credentials, f"lead to account {OPERATOR}"),
    "another profile in the environment": (another_profile_in_the_environment, "lead to account {ben}"),
    "another's keys in the environment": (keys_of_another_in_the_environment, "lead to account {ben}"),
    "another session than was proved": (another_session_each_time, "lead to account {ben}"),
}


@pytest.mark.parametrize("mix_up", LED_ASTRAY)
def test_credentials_of_another_account_change_nothing(
    small: SmallFleet, monkeypatch: pytest.MonkeyPatch, mix_up: str
) -> None:
    mix, sentence = LED_ASTRAY[mix_up]
    mix(small, monkeypatch)
    fleet = small.fleet()
    run = ended(fleet, fleet.plan("anna"))
    fleet.stop()
    assert run.status is RunStatus.FAILED
    assert run.problem.kind is ProblemKind.WRONG_ACCOUNT
    assert sentence.format(**small.accounts) in run.problem.what
    assert run.problem.hint
    assert writes(small) == {}


def test_a_role_of_another_account_is_found_in_the_file(small: SmallFleet) -> None:
    give(small, "anna", f'role_arn = "arn:aws:iam::{small.accounts["ben"]}:role/FleetOperator"')
    fleet = small.fleet()
    with pytest.raises(FleetError, match="is in another account than account_id"):
        fleet.plan("anna")
    fleet.stop()
    assert writes(small) == {}


def test_an_account_that_two_creators_name_is_nobodys(small: SmallFleet) -> None:
    give(small, "anna", 'profile = "ben"', anna="ben")
    fleet = small.fleet()
    for slug in small.accounts:
        with pytest.raises(FleetError, match="account"):
            fleet.plan(slug)
    fleet.stop()
    assert writes(small) == {}


def test_the_state_of_another_is_not_worked_on(small: SmallFleet) -> None:
    # Ben's file is gone, and Anna's is a copy of it: credentials, account and bucket agree with each other.
    give(small, "anna", 'profile = "ben"', anna="ben")
    folder = small.root / "creators" / "ben"
    aside = folder.rename(small.root / "ben-aside")
    fleet = small.fleet()
    run = ended(fleet, fleet.plan("anna"))
    fleet.stop()
    aside.rename(folder)
    assert run.problem.kind is ProblemKind.WRONG_ACCOUNT
    assert "the state is of slug ben; asked for was slug anna" in run.problem.what
    assert writes(small) == {}


def test_a_state_under_the_wrong_key_is_not_worked_on(small: SmallFleet) -> None:
    state = small.state("ben")
    put_state(small, "anna", lineage=state["lineage"], outputs=state["outputs"])
    small.emulator.call("requests/watch")
    fleet = small.fleet()
    run = ended(fleet, fleet.plan("anna"))
    fleet.stop()
    assert run.problem.kind is ProblemKind.WRONG_ACCOUNT
    assert "the state is of slug ben" in run.problem.what
    assert writes(small) == {}
    small.client("s3", "anna").delete_object(Bucket=small.bucket("anna"), Key=STATE_KEY)


def test_terraform_itself_locks_and_reads_nothing_elsewhere(small: SmallFleet) -> None:
    settings = load_settings()
    of_ben = {**os.environ, "AWS_ACCESS_KEY_ID": small.accounts["ben"], "AWS_SECRET_ACCESS_KEY": "test"}
    done = subprocess.run(
        [find_terraform(), "plan", "-input=false", "-no-color"],
        cwd=settings.cache / "work/anna/creator/root",
        env=terraform_environment(of_ben, settings.cache / "terraform"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"AWS account ID not allowed: {small.accounts['ben']}" in done.stderr
    asked = small.emulator.call("requests", {"account": small.accounts["ben"]})["requests"]
    assert {entry["service"] for entry in asked} <= {"sts", "iam"}


def both_folders(small: SmallFleet) -> None:
    creators = small.root / "creators"
    (creators / "anna").rename(creators / "aside")
    (creators / "ben").rename(creators / "anna")
    (creators / "aside").rename(creators / "ben")


def another_account(small: SmallFleet) -> None:
    give(small, "ben", 'profile = "anna"', ben="anna")
    give(small, "anna", 'profile = "ben"', anna="ben")


@pytest.mark.parametrize("swap", [both_folders, another_account])
def test_a_plan_is_applied_in_the_account_that_it_was_made_for(
    small: SmallFleet, planned: tuple[SmallFleet, Run], swap: Callable[[SmallFleet], None]
) -> None:
    _, plan = planned
    swap(small)
    fleet = small.fleet()
    try:
        with pytest.raises(FleetError) as refused:
            fleet.apply(plan.id)
    finally:
        fleet.stop()
        if swap is both_folders:
            both_folders(small)
    assert refused.value.problem.kind is ProblemKind.WRONG_ACCOUNT
    assert small.accounts["anna"] in refused.value.problem.what
    assert writes(small) == {}


def test_what_stands_in_the_environment_leads_no_apply_elsewhere(
    small: SmallFleet, planned: tuple[SmallFleet, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, plan = planned
    ben = small.accounts["ben"]
    elsewhere = {
        "AWS_PROFILE": "ben",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "TF_VAR_account_id": ben,
        "TF_VAR_slug": "ben",
        "TF_WORKSPACE": "ben",
        "TF_CLI_ARGS_apply": "-destroy",
    }
    with monkeypatch.context() as environment:
        for name, value in elsewhere.items():
            environment.setenv(name, value)
        fleet = small.fleet()
        applied = ended(fleet, fleet.apply(plan.id))
        fleet.stop()
    assert applied.status is RunStatus.SUCCEEDED, applied.problem
    assert set(writes(small)) == {small.accounts["anna"]}
    assert small.parameters("anna").keys() == {f"/anna/part-{number}" for number in range(3)}
    assert small.parameters("ben") == {}
