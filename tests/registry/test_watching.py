from __future__ import annotations

import os

import pytest

from fleet_tui.problems import FleetError
from fleet_tui.registry.watching import RegistryFiles


def test_files_are_read_once_and_again_when_one_has_changed(tmp_path):
    file = tmp_path / "kasper" / "creator.toml"
    file.parent.mkdir()
    file.write_text("name = 1")
    files = RegistryFiles(tmp_path)
    assert [creator.slug for creator in files.read().invalid] == ["kasper"]
    assert files.read() is None
    os.utime(file, (1, 1))
    assert files.read() is not None
    (tmp_path / "mina-moor").mkdir()
    assert len(files.read().invalid) == 2
    assert files.read() is None


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FleetError, match="cannot be read"):
        RegistryFiles(tmp_path / "missing").read()
