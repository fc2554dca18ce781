"""The real Terraform on a copy of the project's configuration."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from terraform_program import SOURCE, Terraform, cli_configuration


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Terraform, ready to run; tests that ask for it are skipped where it is not installed."""
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("Terraform is not installed (https://developer.hashicorp.com/terraform/install)")
    folder = tmp_path_factory.mktemp("terraform")
    configuration = folder / "cli.tfrc"
    configuration.write_text(cli_configuration(folder))
    tree = folder / "tree"
    shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns(".terraform", ".terraform.lock.hcl"))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))}
    yield Terraform(
        program,
        tree,
        {
            **inherited,
            "TF_CLI_CONFIG_FILE": str(configuration),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
        },
    )
    shutil.rmtree(tree)
