"""What every module keeps to, and what Terraform and the Python code have to agree on. Needs no Terraform."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import get_args

import pytest
from terraform_program import SOURCE

from fleet_tui.registry.model import IVS_REGIONS, Language, Wave
from fleet_tui.registry.modules import ChannelType, Modules, Placement
from sponsor_system.lifecycle import MAX_DAYS_LIMIT

MODULES = sorted(folder for folder in (SOURCE / "modules").iterdir() if folder.is_dir())
FOLDERS = [SOURCE / "backend", SOURCE / "creator", *MODULES]
PACKAGES = sorted(path.parent.name for path in (SOURCE.parent / "lambdas").glob("*/settings.py"))
FUNCTIONS = SOURCE / "modules/lambda-functions"
SPONSORS = SOURCE / "modules/sponsor-system"

WORTH_NOTHING = {("failover", "switch"), ("analytics", "visits")}
"""Tables that may go at any time: without the switch home takes writes, and a day's visits are over."""


def _blocks(folder: Path, kind: str) -> dict[str, str]:
    """Bodies of a folder's top-level blocks of one kind, by name."""
    text = "\n".join(path.read_text() for path in sorted(folder.glob("*.tf")))
    return dict(re.findall(rf'^{kind} "([\w-]+)" \{{\n(.*?)^\}}', text, re.MULTILINE | re.DOTALL))


def _strings(text: str) -> set[str]:
    return set(re.findall(r'"([^"]+)"', text))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
class TestEveryFolder:
    def test_has_the_standard_files(self, folder: Path) -> None:
        expected = {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"}
        assert expected <= {path.name for path in folder.iterdir()}
        assert list((folder / "tests").glob("*.tftest.hcl"))

    def test_types_and_describes_its_variables(self, folder: Path) -> None:
        for name, body in _blocks(folder, "variable").items():
            assert re.search(r"^  type\s+=", body, re.MULTILINE), name
            assert re.search(r"^  description\s+=", body, re.MULTILINE), name

    def test_describes_its_outputs(self, folder: Path) -> None:
        for name, body in _blocks(folder, "output").items():
            assert re.search(r"^  description\s+=", body, re.MULTILINE), name

    def test_names_its_inputs_and_outputs_in_its_readme(self, folder: Path) -> None:
        documented = set(re.findall(r"^\| `(\w+)`", (folder / "README.md").read_text(), re.MULTILINE))
        assert documented == {*_blocks(folder, "variable"), *_blocks(folder, "output")}

    def test_pins_the_provider(self, folder: Path) -> None:
        (version,) = re.findall(
            r'^\s+version\s+= "(.+)"$', (folder / "versions.tf").read_text(), re.MULTILINE
        )
        assert version == (">= 5.80, < 6.0" if folder in MODULES else "5.100.0")


def test_ivs_regions_are_those_of_the_registry() -> None:
    region = _blocks(SOURCE / "creator", "variable")["region"]
    (listed,) = re.findall(r"contains\(\[(.*?)\]", region, re.DOTALL)
    assert _strings(listed) == IVS_REGIONS


@pytest.mark.parametrize(
    ("folder", "variable", "names"),
    [
        ("creator", "wave", Wave),
        ("creator", "language", Language),
        ("modules/ivs-streaming", "channel_type", ChannelType),
        ("modules/sponsor-system", "rates", Placement),
    ],
)
def test_choices_are_those_of_the_registry(folder: str, variable: str, names: type) -> None:
    (listed,) = re.findall(r"\[(\"[^\]]*)\]", _blocks(SOURCE / folder, "variable")[variable])
    assert _strings(listed) == {str(name) for name in names}


def test_longest_booking_fits_one_approval() -> None:
    assert f"var.max_days <= {MAX_DAYS_LIMIT} " in _blocks(SPONSORS, "variable")["max_days"]


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_told_every_setting_they_read_and_no_other(package: str) -> None:
    text = (SOURCE / f"modules/{package.replace('_', '-')}/functions.tf").read_text()
    given = {
        name
        for block in re.findall(r"^  environment = \{\n(.*?)^  \}", text, re.MULTILINE | re.DOTALL)
        for name in re.findall(r"^    ([A-Z_]+)\s+=", block, re.MULTILINE)
    }
    told_to_all = set(re.findall(r"\b([A-Z][A-Z_]+)\s+=", (FUNCTIONS / "main.tf").read_text()))
    read = {name.upper() for name in importlib.import_module(f"{package}.settings").Settings.model_fields}
    assert given <= read
    assert read - given <= told_to_all


@pytest.mark.parametrize("package", PACKAGES)
def test_the_sample_environment_is_valid(package: str) -> None:
    settings = importlib.import_module(f"{package}.settings")
    assert settings.Settings.read(settings.SAMPLE)


def test_the_root_has_a_switch_and_settings_for_every_module_of_the_registry() -> None:
    variables = _blocks(SOURCE / "creator", "variable")
    for name, field in Modules.model_fields.items():
        assert f"enable_{name}" in variables
        (table,) = (kind for kind in get_args(field.annotation) if kind is not type(None))
        settings = set(re.findall(r"^    (\w+)\s+= optional", variables[name], re.MULTILINE))
        assert settings == set(table.model_fields) - {"enabled"}, name


def test_every_table_has_the_creators_key_and_replica_and_is_given_up_only_when_told() -> None:
    for folder in MODULES:
        for name, body in _blocks(folder, "module").items():
            if '"../table"' not in body:
                continue
            assert re.search(r"^  creator\s+= (var|local)\.creator$", body, re.MULTILINE), (folder.name, name)
            protected = re.search(r"^  protect_data\s+= var\.protect_data$", body, re.MULTILINE)
            assert bool(protected) != ((folder.name, name) in WORTH_NOTHING), (folder.name, name)


def test_what_is_delivered_can_be_recovered_for_a_day_and_no_longer() -> None:
    table = _blocks(SOURCE / "modules/contact-form", "module")["contact"]
    assert re.search(r"^  recovery_days\s+= 1\b", table, re.MULTILINE)


def test_the_second_region_has_what_each_module_has_for_it() -> None:
    standby = {folder.name for folder in MODULES if "standby" in _blocks(folder, "output")}
    body = _blocks(SOURCE / "creator", "module")["second_region"]
    given = dict(re.findall(r"\{ ([\w-]+)\s+= module\.(\w+)\[0\]\.standby \}", body))
    assert set(given) == standby
    assert all(name.replace("-", "_") == module for name, module in given.items())
