from __future__ import annotations

import json

from fleet_tui.operations.workfolder import WorkFolder


def workspace(tmp_path):
    terraform = tmp_path / "terraform"
    (terraform / "creator" / "tests").mkdir(parents=True)
    (terraform / "creator" / "main.tf").write_text('module "a" {\n  source = "../modules/a"\n}\n')
    (terraform / "creator" / "backend.tf").write_text('terraform {\n  backend "s3" {}\n}\n')
    (terraform / "creator" / "tests" / "x.tftest.hcl").write_text("")
    (terraform / "modules" / "a").mkdir(parents=True)
    (terraform / "modules" / "a" / "main.tf").write_text("# a\n")
    return terraform


def filled(tmp_path, **backend):
    terraform = workspace(tmp_path) if not (tmp_path / "terraform").exists() else tmp_path / "terraform"
    folder = WorkFolder(tmp_path / "work")
    folder.fill(terraform, "creator", {"slug": "kasper"}, backend or {"bucket": "b"})
    return folder, terraform


def test_it_holds_a_copy_with_variables_and_backend(tmp_path):
    folder, _ = filled(tmp_path)
    assert (folder.root / "main.tf").is_file()
    assert (folder.path / "modules" / "a" / "main.tf").is_file()
    assert not (folder.root / "tests").exists()
    assert json.loads((folder.root / "fleet.auto.tfvars.json").read_text()) == {"slug": "kasper"}
    assert json.loads((folder.root / "backend.json").read_text()) == {"bucket": "b"}


def test_without_a_backend_the_state_stays_here(tmp_path):
    folder = WorkFolder(tmp_path / "work")
    folder.fill(workspace(tmp_path), "creator", {}, None)
    assert not (folder.root / "backend.tf").exists()


def test_a_file_that_was_removed_from_the_workspace_goes(tmp_path):
    folder, terraform = filled(tmp_path)
    (terraform / "modules" / "a" / "main.tf").rename(terraform / "modules" / "a" / "other.tf")
    folder.fill(terraform, "creator", {}, {"bucket": "b"})
    assert [file.name for file in (folder.path / "modules" / "a").iterdir()] == ["other.tf"]


def test_init_is_needed_once_and_again_when_what_it_acts_on_changes(tmp_path):
    folder, terraform = filled(tmp_path)
    assert folder.needs_init()
    (folder.root / ".terraform").mkdir()
    folder.mark_initialised()
    assert not folder.needs_init()
    (terraform / "modules" / "a" / "main.tf").write_text("# only a comment\n")
    folder.fill(terraform, "creator", {}, {"bucket": "b"})
    assert not folder.needs_init()
    folder.fill(terraform, "creator", {}, {"bucket": "another"})
    assert folder.needs_init()
    folder.fill(terraform, "creator", {}, {"bucket": "b"})
    (terraform / "creator" / "main.tf").write_text('module "b" {\n  source = "../modules/b"\n}\n')
    folder.fill(terraform, "creator", {}, {"bucket": "b"})
    assert folder.needs_init()


def test_an_init_that_was_broken_off_is_needed_again_whatever_was_there_before(tmp_path):
    folder, terraform = filled(tmp_path)
    (folder.root / ".terraform").mkdir()
    folder.mark_initialised()
    folder.fill(terraform, "creator", {}, {"bucket": "another"})
    folder.forget_initialised()  # it begins, and is killed
    folder.fill(terraform, "creator", {}, {"bucket": "b"})
    assert folder.needs_init()
