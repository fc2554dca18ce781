"""Terraform's own checks of the configuration, all of them without a network or an account."""

from __future__ import annotations

import pytest
from terraform_program import SOURCE, Terraform

ROOTS = ("backend", "creator")
TESTED = sorted(str(tests.parent.relative_to(SOURCE)) for tests in SOURCE.rglob("tests") if tests.is_dir())

pytestmark = pytest.mark.terraform


def test_is_formatted(terraform: Terraform) -> None:
    done = terraform.run(".", "fmt", "-check", "-recursive", "-diff", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("root", ROOTS)
def test_root_is_valid(terraform: Terraform, root: str) -> None:
    terraform.init(root)
    done = terraform.run(root, "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout, done.stdout


@pytest.mark.parametrize("folder", TESTED)
def test_behaves(terraform: Terraform, folder: str) -> None:
    terraform.init(folder)
    done = terraform.run(folder, "test", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 passed" not in done.stdout, f"{folder} has no tests"
