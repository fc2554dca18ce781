"""What guards a creator's state and account, with the real Terraform in the embedded AWS."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from inventory import Subject, everything_in
from terraform_program import SOURCE, Terraform

from fleet_tui.sandbox.emulator.process import Emulator

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

KASPER = Subject("kasper", "111122223333", "eu-central-1")
OTTO = Subject("otto", "333344445555", "eu-west-1")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield running
    running.stop()


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


def test_refuses_another_creators_account(terraform: Terraform, emulator: Emulator) -> None:
    program = _in_account(terraform, emulator, replace(KASPER, slug="wrong", account_id="999999999999"))
    variables = {
        "slug": KASPER.slug,
        "name": "Kasper",
        "domain": "kasper.live",
        "account_id": KASPER.account_id,
        "region": KASPER.region,
        "contact": "ops@example.com",
        "monthly_budget": 150,
        "configuration_digest": "5f2c",
        "emulated": True,
        "enable_s3_website": True,
    }
    (program.tree / "creator/terraform.tfvars.json").write_text(json.dumps(variables))
    _done(program, "creator", "init")
    done = program.run("creator", "plan", "-input=false", "-no-color")
    assert done.returncode == 1
    assert "AWS account ID not allowed: 999999999999" in done.stderr
