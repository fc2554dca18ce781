"""Creators come and go in the embedded AWS: an apply leaves nothing to change, a destroy leaves nothing."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from terraform_program import SOURCE, Terraform

from fleet_tui.sandbox.emulator.process import Emulator

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]


@dataclass(frozen=True)
class Subject:
    """One creator of the test, in an account of its own."""

    slug: str
    account_id: str
    region: str


KASPER = Subject("kasper", "111122223333", "eu-central-1")
MINA = Subject("mina", "222233334444", "us-west-2")
OTTO = Subject("otto", "333344445555", "eu-west-1")

KINDS = 14
"""Of things that `_everything_in` looks for; a creator with all modules has some of each."""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Packages of the right shape whose functions are never called."""
    folder = tmp_path_factory.mktemp("artifacts")
    for name, member in (("layer", "python/library.py"), ("sponsor-system", "sponsor_system/__init__.py")):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr(member, "")
    return {
        "runtime": "python3.12",
        "architecture": "arm64",
        "layer": {"path": str(folder / "layer.zip")},
        "packages": {"sponsor-system": {"path": str(folder / "sponsor-system.zip")}},
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
        "enable_ivs_streaming": True,
        "enable_sponsor_system": True,
        "sponsor_system": {"rates": {"top": 12000}},
        "lambda_artifacts": artifacts,
    }
    (terraform.tree / "creator/terraform.tfvars.json").write_text(json.dumps({**variables, **changes}))


def _planned_deletions(terraform: Terraform) -> set[str]:
    """Top-level modules that the next apply takes resources away from."""
    output = terraform.run("creator", "plan", "-json", "-input=false").stdout
    lines = [json.loads(line) for line in output.splitlines()]
    changes = [line["change"] for line in lines if line["type"] == "planned_change"]
    return {
        re.sub(r"^module\.(\w+).*", r"\1", change["resource"]["addr"])
        for change in changes
        if change["action"] == "delete"
    }


def _everything_in(emulator: Emulator, subject: Subject) -> dict[str, list[str]]:
    """Names of what is in the account, by kind; kinds of which there is nothing are left out."""

    def client(service: str, region: str = subject.region) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=emulator.url,
            aws_access_key_id=subject.account_id,
            aws_secret_access_key="test",
        )

    def names(items: list[dict[str, Any]], key: str) -> list[str]:
        return [item[key] for item in items]

    cloudfront = client("cloudfront")
    found = {
        "buckets": names(client("s3").list_buckets()["Buckets"], "Name"),
        "tables": client("dynamodb").list_tables()["TableNames"],
        "functions": names(client("lambda").list_functions()["Functions"], "FunctionName"),
        "layers": names(client("lambda").list_layers()["Layers"], "LayerName"),
        "roles": names(client("iam").list_roles()["Roles"], "RoleName"),
        "apis": names(client("apigatewayv2").get_apis()["Items"], "Name"),
        "log groups": names(client("logs").describe_log_groups()["logGroups"], "logGroupName"),
        "alarms": names(client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmName"),
        "channels": names(client("ivs").list_channels()["channels"], "name"),
        "recordings": names(client("ivs").list_recording_configurations()["recordingConfigurations"], "name"),
        "zones": names(client("route53").list_hosted_zones()["HostedZones"], "Name"),
        "certificates": names(
            client("acm", "us-east-1").list_certificates()["CertificateSummaryList"], "DomainName"
        ),
        "distributions": names(
            cloudfront.list_distributions()["DistributionList"].get("Items", []), "Comment"
        ),
        "CloudFront functions": names(cloudfront.list_functions()["FunctionList"].get("Items", []), "Name"),
    }
    return {kind: sorted(found) for kind, found in found.items() if found}


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

    assert _everything_in(emulator, OTTO) == {"buckets": [bucket]}
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
        there = _everything_in(emulator, subject)
        assert len(there) == KINDS, there
        assert all(subject.slug in name for names in there.values() for name in names), there
        assert other.slug not in str(there)

    for switch, gone in (
        ("enable_s3_website", {"s3_website"}),
        ("enable_ivs_streaming", {"ivs_streaming"}),
        ("enable_sponsor_system", {"sponsor_system", "http_api", "lambda_artifacts"}),
    ):
        _configure(programs[KASPER], KASPER, artifacts, **{switch: False})
        assert _planned_deletions(programs[KASPER]) == gone

    with ThreadPoolExecutor() as pool:
        list(pool.map(remove, subjects))

    for subject in subjects:
        assert _everything_in(emulator, subject) == {}


def test_refuses_another_creators_account(
    terraform: Terraform, emulator: Emulator, artifacts: dict[str, Any]
) -> None:
    program = _in_account(terraform, emulator, replace(KASPER, slug="wrong", account_id="999999999999"))
    _configure(program, KASPER, artifacts)
    _done(program, "creator", "init")
    done = program.run("creator", "plan", "-input=false", "-no-color")
    assert done.returncode == 1
    assert "AWS account ID not allowed: 999999999999" in done.stderr
