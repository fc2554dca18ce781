"""The real Terraform on a copy of the project's configuration."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from terraform_program import SOURCE, Terraform, environment, program


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Terraform, ready to run; tests that ask for it are skipped where it is not installed."""
    folder = tmp_path_factory.mktemp("terraform")
    tree = folder / "tree"
    made = Terraform(program(), tree, environment(folder))
    shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns(".terraform", ".terraform.lock.hcl"))
    yield made
    shutil.rmtree(tree)
