"""Deployments and the real Terraform on the real module: neither undoes what the other has done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import httpx
import pytest

from fleet_tui.operations.model import RunStatus
from fleet_tui.sandbox.emulator.process import Emulator
from tests.frontend.browser import CHROMIUM, front, opened
from tests.frontend.sites import ROOT
from tests.frontend.standing import write_state
from tests.small_fleet import REGION, SmallFleet, ended, small_fleet
from tests.terraform.terraform_program import Terraform, environment, program

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform, pytest.mark.slow]

ROOT_MODULE = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                  = "%(region)s"
  s3_use_path_style       = true
  skip_metadata_api_check = true

  default_tags {
    tags = { creator = "anna" }
  }
}

provider "aws" {
  alias                   = "us_east_1"
  region                  = "us-east-1"
  skip_metadata_api_check = true
}

module "site" {
  source = "../modules/s3-website"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  slug       = "anna"
  name       = "Anna"
  domain     = "anna.live"
  account_id = "%(account)s"
}

output "site" {
  value = module.site
}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallFleet]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    with pytest.MonkeyPatch.context() as patch:
        made = small_fleet(tmp_path_factory.mktemp("small"), emulator, patch, "anna")
        shutil.copytree(ROOT / "frontend", made.root / "frontend")
        yield made
    emulator.stop()


def done(terraform: Terraform, *arguments: str) -> str:
    ran = terraform.run("root", *arguments, "-no-color")
    assert ran.returncode == 0, f"{arguments[0]}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


def test_a_deployed_site_stays_and_goes_with_the_module(small, tmp_path):
    account = small.accounts["anna"]
    tree = tmp_path / "terraform"
    shutil.copytree(ROOT / "terraform/modules", tree / "modules")
    (tree / "root").mkdir()
    (tree / "root/main.tf").write_text(ROOT_MODULE % {"region": REGION, "account": account})
    reached = {
        "AWS_ENDPOINT_URL": small.emulator.url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    terraform = Terraform(program(), tree, environment(tmp_path) | reached)
    done(terraform, "init", "-input=false")
    done(terraform, "apply", "-auto-approve", "-input=false")
    outputs = json.loads(done(terraform, "output", "-json"))["site"]["value"]
    write_state(small, "anna", {name: value for name, value in outputs.items() if isinstance(value, str)})

    def seen() -> str:
        host = {"Host": outputs["distribution_domain_name"], "X-Forwarded-Proto": "https"}
        return httpx.get(small.emulator.url, headers=host, timeout=30).text

    assert "Something is being set up here" in seen()
    fleet = small.fleet()
    run = ended(fleet, fleet.frontends.deploy("anna"))
    fleet.stop()
    assert run.status is RunStatus.SUCCEEDED, run.problem
    site = seen()
    assert '<meta name="generator" content="fleet-tui">' in site

    done(terraform, "plan", "-detailed-exitcode", "-input=false")
    done(terraform, "apply", "-auto-approve", "-input=false")
    assert seen() == site
    if CHROMIUM is not None:
        with front(small.emulator.url) as standing:
            standing.host = outputs["distribution_domain_name"]
            page, console = opened(standing.address, tmp_path / "profile")
        assert "<h1>Anna</h1>" in page
        assert console == []

    done(terraform, "destroy", "-auto-approve", "-input=false")
    buckets = small.client("s3", "anna").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == [small.bucket("anna")]
