"""Creators come and go in the embedded AWS: an apply leaves nothing to change, a destroy leaves nothing."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from inventory import Subject, everything_in
from terraform_program import SOURCE, Terraform

from fleet_tui.sandbox.emulator.process import Emulator

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]


KASPER = Subject("kasper", "111122223333", "eu-central-1")
MINA = Subject("mina", "222233334444", "us-west-2")
OTTO = Subject("otto", "333344445555", "eu-west-1")

KINDS = 25
"""Of things that `everything_in` looks for; a creator with everything on has some of each."""

MODULES = ("user-auth", "ivs-streaming", "ivs-chat", "contact-form", "sponsor-system", "shop")
"""With functions."""


MEMBERS_ROUTES = {"http_api", "ivs_chat", "ivs_streaming", "shop"}
"""With something that is there for members only: the check of their tokens, routes, the playback key."""

SWITCHED_OFF: dict[str, set[str]] = {
    "s3_website": {"s3_website", "mail_identity"},
    "user_auth": {"user_auth", "lambda_artifacts"} | MEMBERS_ROUTES,
    "shop": {"shop", "lambda_artifacts"},
}
"""Module that is switched off → modules that lose something by it; the zip of its code is one of them.

These are the ones that others are tied to, and one that stands for those that nobody is tied to.
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Packages of the right shape whose functions are never called."""
    folder = tmp_path_factory.mktemp("artifacts")
    members = {name: f"{name.replace('-', '_')}/__init__.py" for name in MODULES}
    for name, member in {"layer": "python/library.py", **members}.items():
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr(member, "")
    return {
        "runtime": "python3.12",
        "architecture": "arm64",
        "layer": {"path": str(folder / "layer.zip")},
        "packages": {name: {"path": str(folder / f"{name}.zip")} for name in MODULES},
    }


def _in_account(terraform: Terraform, emulator: Emulator, subject: Subject) -> Terraform:
    """Terraform with a copy of the tree and the credentials of this creator."""
    tree = terraform.tree.parent / subject.slug
    shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns(".terraform", ".terraform.lock.hcl"))
    (tree / "creator/backend.tf").unlink()  # its state stays on this machine
    credentials = {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": subject.account_id,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return replace(terraform, tree=tree, environment={**terraform.environment, **credentials})


def _done(terraform: Terraform, folder: str, *arguments: str) -> str:
    done = terraform.run(folder, *arguments, "-input=false", "-no-color")
    assert done.returncode == 0, f"{arguments[0]} in {folder}\n{done.stdout}{done.stderr}"
    return done.stdout


def _configure(terraform: Terraform, subject: Subject, artifacts: dict[str, Any], **changes: Any) -> None:
    variables = {
        "slug": subject.slug,
        "name": subject.slug.title(),
        "domain": f"{subject.slug}.live",
        "account_id": subject.account_id,
        "region": subject.region,
        "contact": "ops@example.com",
        "monthly_budget": 150,
        "configuration_digest": "5f2c",
        "emulated": True,
        "enable_s3_website": True,
        "enable_user_auth": True,
        "enable_ivs_streaming": True,
        "ivs_streaming": {"authorized_playback": True},
        "enable_ivs_chat": True,
        "enable_contact_form": True,
        "enable_sponsor_system": True,
        "sponsor_system": {"rates": {"top": 12000}},
        "enable_shop": True,
        "lambda_artifacts": artifacts,
    }
    (terraform.tree / "creator/terraform.tfvars.json").write_text(json.dumps({**variables, **changes}))


def _planned_deletions(terraform: Terraform) -> set[str]:
    """Top-level modules that the next apply takes resources away from."""
    output = terraform.run("creator", "plan", "-json", "-refresh=false", "-input=false").stdout
    lines = [json.loads(line) for line in output.splitlines()]
    changes = [line["change"] for line in lines if line["type"] == "planned_change"]
    return {
        re.sub(r"^module\.(\w+).*", r"\1", change["resource"]["addr"])
        for change in changes
        if change["action"] == "delete"
    }


def test_state_moves_into_the_bucket_that_it_describes(terraform: Terraform, emulator: Emulator) -> None:
    program = _in_account(terraform, emulator, OTTO)
    root = program.tree / "backend"
    bucket = f"fleet-state-{OTTO.account_id}-{OTTO.region}"
    variables = {"slug": OTTO.slug, "account_id": OTTO.account_id, "region": OTTO.region, "bucket": bucket}
    (root / "terraform.tfvars.json").write_text(json.dumps({**variables, "emulated": True}))
    set_aside = (root / "backend.tf").rename(root / "backend.later")
    _done(program, "backend", "init")
    _done(program, "backend", "apply", "-auto-approve")

    set_aside.rename(root / "backend.tf")
    settings = {
        "bucket": bucket,
        "key": "backend.tfstate",
        "region": OTTO.region,
        "use_lockfile": "true",
        "use_path_style": "true",
        "skip_metadata_api_check": "true",
    }
    arguments = [f"-backend-config={name}={value}" for name, value in settings.items()]
    _done(program, "backend", "init", "-migrate-state", "-force-copy", *arguments)
    _done(program, "backend", "plan", "-detailed-exitcode")

    assert everything_in(emulator.url, OTTO) == {"buckets": [bucket]}
    done = program.run("backend", "destroy", "-auto-approve", "-input=false", "-no-color")
    assert done.returncode == 1
    assert "Instance cannot be destroyed" in done.stderr


def test_creators_come_and_go_side_by_side(
    terraform: Terraform, emulator: Emulator, artifacts: dict[str, Any]
) -> None:
    subjects = (KASPER, MINA)
    programs = {subject: _in_account(terraform, emulator, subject) for subject in subjects}

    def provision(subject: Subject) -> None:
        program = programs[subject]
        _configure(program, subject, artifacts)
        _done(program, "creator", "init")
        _done(program, "creator", "apply", "-auto-approve", "-parallelism=30")
        _done(program, "creator", "plan", "-detailed-exitcode")

    def remove(subject: Subject) -> None:
        _configure(programs[subject], subject, artifacts)
        _done(programs[subject], "creator", "destroy", "-auto-approve", "-parallelism=30")

    with ThreadPoolExecutor() as pool:
        list(pool.map(provision, subjects))

    for subject, other in (subjects, reversed(subjects)):
        there = everything_in(emulator.url, subject)
        assert len(there) == KINDS, there
        assert all(subject.slug in name for names in there.values() for name in names), there
        assert other.slug not in str(there)

    planned = {}
    for module in SWITCHED_OFF:
        playback = {"authorized_playback": module != "user_auth"}
        changes = {f"enable_{module}": False, "ivs_streaming": playback}
        _configure(programs[KASPER], KASPER, artifacts, **changes)
        planned[module] = _planned_deletions(programs[KASPER])
    assert planned == SWITCHED_OFF

    with ThreadPoolExecutor() as pool:
        list(pool.map(remove, subjects))

    for subject in subjects:
        assert everything_in(emulator.url, subject) == {}


def test_refuses_another_creators_account(
    terraform: Terraform, emulator: Emulator, artifacts: dict[str, Any]
) -> None:
    program = _in_account(terraform, emulator, replace(KASPER, slug="wrong", account_id="999999999999"))
    _configure(program, KASPER, artifacts)
    _done(program, "creator", "init")
    done = program.run("creator", "plan", "-input=false", "-no-color")
    assert done.returncode == 1
    assert "AWS account ID not allowed: 999999999999" in done.stderr
