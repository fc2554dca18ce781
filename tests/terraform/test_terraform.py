"""Terraform's own checks of the configuration, all of them without a network or an account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from terraform_program import SOURCE, Terraform, with_one_provider

ROOTS = ("backend", "creator")
TESTED = sorted(str(tests.parent.relative_to(SOURCE)) for tests in SOURCE.rglob("tests") if tests.is_dir())

pytestmark = pytest.mark.terraform


@pytest.fixture(scope="module")
def offline(terraform: Terraform) -> Iterator[Terraform]:
    """Terraform for what reaches no account."""
    with with_one_provider(terraform, "backend") as made:
        yield made


def test_is_formatted(terraform: Terraform) -> None:
    done = terraform.run(".", "fmt", "-check", "-recursive", "-diff", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("root", ROOTS)
def test_root_is_valid(offline: Terraform, root: str) -> None:
    offline.init(root)
    done = offline.run(root, "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout, done.stdout


@pytest.mark.parametrize("folder", TESTED)
def test_behaves(offline: Terraform, folder: str) -> None:
    offline.init(folder)
    done = offline.run(folder, "test", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 passed" not in done.stdout, f"{folder} has no tests"
