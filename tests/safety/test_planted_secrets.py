"""Secrets are planted wherever one can be, a creator sees every kind of run, and all that stays is read.

They may be in the saved plan, which is nobody else's to read, and in the state; nowhere else.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet_tui.deploy.variables import STATE_KEY
from fleet_tui.operations.context import PLAN_FILE
from fleet_tui.operations.model import Run, RunStatus
from fleet_tui.sandbox.emulator.process import Emulator
from fleet_tui.tui.app import FleetApp
from tests.safety.processes import Watch
from tests.small_fleet import SmallFleet, ended, small_fleet

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.sandbox,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes through /proc"),
]

OPERATORS_KEY = "planted-operators-secret-access-key"
EXTERNAL_ID = "planted-external-id"
VARIABLE = "planted-in-a-variable"
ATTRIBUTE = "planted-in-an-attribute"
CHANGED = "planted-behind-terraforms-back"
FILLED = "sk_live_plantedByAPerson0123"
QUOTED = "sk_live_plantedInAnErrorText0123"
PLANTED = {OPERATORS_KEY, EXTERNAL_ID, VARIABLE, ATTRIBUTE, CHANGED, FILLED, QUOTED}

SOURCE = "planted.tf"
CONFIGURATION = """
data "aws_ssm_parameter" "planted" {
  name = "/shared/planted"
}

variable "planted" {
  type      = string
  sensitive = true
  default   = "VALUE"
}

resource "aws_ssm_parameter" "attribute" {
  name  = "/${var.slug}/attribute"
  type  = "SecureString"
  value = data.aws_ssm_parameter.planted.value
}

resource "aws_ssm_parameter" "variable" {
  name  = "/${var.slug}/variable"
  type  = "SecureString"
  value = var.planted
}

resource "aws_ssm_parameter" "filled" {
  name  = "/${var.slug}/shop/stripe-secret-key"
  type  = "SecureString"
  value = "to be filled"

  lifecycle {
    ignore_changes = [value]
  }
}

output "planted" {
  value     = data.aws_ssm_parameter.planted.value
  sensitive = true
}
"""


class Lived:
    """A creator who has seen much.

    Attributes:
        runs: all runs, by what they were.
        secrets: what was planted, and what the runs had in their environments.
        watch: what their processes showed of themselves.
    """

    def __init__(self, small: SmallFleet) -> None:
        self.small = small
        self.fleet = small.fleet()
        self.runs: dict[str, Run] = {}
        self.watch = Watch(f"FLEET_CONFIG={small.root / 'fleet.toml'}")

    @property
    def secrets(self) -> set[str]:
        # The role's short-lived ones, and not the "test" that boto3 signs with in these tests.
        return PLANTED | {secret for secret in self.watch.credentials if len(secret) > 8}

    def live(self) -> None:
        """Plan, apply, fill, find drift, and fail."""
        fleet = self.fleet
        self.runs["plan"] = ended(fleet, fleet.plan("anna"))
        assert self.runs["plan"].status is RunStatus.SUCCEEDED, self.runs["plan"].problem
        self.runs["apply"] = ended(fleet, fleet.apply(self.runs["plan"].id))
        fleet.secrets.fill("anna", "shop/stripe-secret-key", FILLED)
        ssm = self.small.client("ssm", "anna")
        ssm.put_parameter(Name="/anna/attribute", Value=CHANGED, Type="SecureString", Overwrite=True)
        self.runs["drift"] = ended(fleet, fleet.care.drift.check("anna"))
        fault = {
            "account": self.small.accounts["anna"],
            "service": "ssm",
            "operation": "PutParameter",
            "status": 400,
            "code": "ValidationException",
            "message": f"{QUOTED} and {OPERATORS_KEY} are not allowed here",
        }
        self.small.emulator.call("faults/set", fault)
        self.runs["second plan"] = ended(fleet, fleet.plan("anna"))
        self.runs["failing apply"] = ended(fleet, fleet.apply(self.runs["second plan"].id))
        self.small.emulator.call("faults/clear")
        self.runs["last plan"] = ended(fleet, fleet.plan("anna"))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        small = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna")
        plant(small, patch)
        lived = Lived(small)
        with lived.watch:
            lived.live()
        yield lived
        lived.fleet.stop()
    emulator.stop()


def plant(small: SmallFleet, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("AWS_SECRET_ACCESS_KEY", OPERATORS_KEY)
    (small.root / "terraform/creator" / SOURCE).write_text(CONFIGURATION.replace("VALUE", VARIABLE))
    small.write("anna", size="0")
    file = small.root / "creators/anna/creator.toml"
    file.write_text(file.read_text().replace("[tags]", f'external_id = "{EXTERNAL_ID}"\n[tags]'))
    ssm = small.client("ssm", "anna")
    ssm.put_parameter(Name="/shared/planted", Value=ATTRIBUTE, Type="SecureString")


def test_every_run_came_to_the_end_that_it_should(lived: Lived) -> None:
    failed = {name for name, run in lived.runs.items() if run.status is not RunStatus.SUCCEEDED}
    assert failed == {"failing apply"}, [run.problem for run in lived.runs.values()]
    assert lived.runs["failing apply"].problem is not None
    assert "are not allowed here" in lived.runs["failing apply"].problem.what
    assert lived.runs["drift"].problem is None
    assert len(lived.secrets) > len(PLANTED), "the watch has seen no credentials: it saw no run"


def test_no_file_has_them_but_the_saved_plan(lived: Lived) -> None:
    root = lived.small.root
    leaks = {}
    for file in root.rglob("*"):
        if not file.is_file() or file.is_symlink() or file.name in (SOURCE, "creator.toml"):
            continue
        if file.name == PLAN_FILE:
            assert file.stat().st_mode & 0o077 == 0
            continue
        content = file.read_bytes()
        if found := {secret for secret in lived.secrets if secret.encode() in content}:
            leaks[str(file.relative_to(root))] = found
    assert leaks == {}


def test_no_object_has_them_but_the_state(lived: Lived) -> None:
    s3, bucket = lived.small.client("s3", "anna"), lived.small.bucket("anna")
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    leaks = {}
    for version in versions:
        body = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"]
        content = body.read()
        if found := {secret for secret in lived.secrets if secret.encode() in content}:
            leaks.setdefault(version["Key"], set()).update(found)
    assert leaks.pop(STATE_KEY) >= {ATTRIBUTE, VARIABLE}
    assert leaks == {}


def test_no_process_was_told_them_by_its_arguments(lived: Lived) -> None:
    seen = b"\n".join(lived.watch.arguments)
    assert b"terraform" in seen
    assert b"fleet_tui.operations.runner" in seen
    assert {secret for secret in lived.secrets if secret.encode() in seen} == set()


async def test_no_screen_shows_them(lived: Lived) -> None:
    app = FleetApp(lived.fleet)
    pictures = []
    async with app.run_test(size=(160, 60)) as pilot:
        for run in lived.runs.values():
            app.open_run(lived.fleet.run(run.id))
            await app.workers.wait_for_complete()
            await pilot.pause()
            pictures.append(app.export_screenshot(simplify=True).replace("&#160;", " "))
            await asyncio.sleep(0)
    shown = "\n".join(pictures)
    assert "are not allowed here" in shown
    assert {secret for secret in lived.secrets if secret in shown} == set()
    assert "fleet_tui.tui" in sys.modules
