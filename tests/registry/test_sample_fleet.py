from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from fleet_tui.registry import load
from fleet_tui.registry.model import Registry, Wave
from fleet_tui.registry.modules import ChannelType, Modules

ROOT = Path(__file__).parents[2] / "creators"


@pytest.fixture(scope="module")
def fleet() -> Registry:
    return load(ROOT)


def test_there_are_twelve_of_which_one_is_invalid_by_intent(fleet: Registry):
    assert len(fleet.creators) == 11
    (ron,) = fleet.invalid
    assert ron.slug == "ron-rune"
    assert [error.sentence for error in ron.errors] == [
        'creator.toml line 7: region "eu-centrl-1" is not a region; did you mean eu-central-1?'
    ]


def test_the_fleet_shows_every_setting_that_matters(fleet: Registry):
    assert {creator.wave for creator in fleet.creators} == set(Wave)
    streaming = [creator.modules.ivs_streaming for creator in fleet.creators]
    assert {module.channel_type for module in streaming if module} == set(ChannelType)
    assert {module.recording for module in streaming if module} == {True, False}
    sponsors = [creator.modules.sponsor_system for creator in fleet.creators]
    assert {module.currency for module in sponsors if module} == {"EUR", "USD", "GBP", "CHF"}
    assert {module.enabled for module in sponsors if module} == {True, False}
    assert len({creator.region for creator in fleet.creators}) >= 5
    shapes = {
        (creator.region, creator.wave, creator.modules.model_dump_json(), creator.monthly_budget)
        for creator in fleet.creators
    }
    assert len(shapes) == len(fleet.creators)


def test_every_module_is_somebodys(fleet: Registry):
    used = {module for creator in fleet.creators for module in creator.modules.enabled}
    assert used == {field.alias for field in Modules.model_fields.values()}


def test_creators_are_entered_by_the_way_in_that_is_theirs(fleet: Registry):
    for creator in fleet.creators:
        if creator.slug == "kasper":
            assert creator.access.profile == "fleet-kasper"
            assert creator.access.role_arn is None
        else:
            assert creator.access.role_arn == f"arn:aws:iam::{creator.account_id}:role/FleetOperator"
            assert creator.access.external_id


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in ROOT.glob("*/creator.toml")), ids=lambda path: path.name
)
def test_the_logo_is_beside_the_file_and_holds_nothing_but_shapes(folder: Path):
    tree = ElementTree.fromstring((folder / "logo.svg").read_text())  # noqa: S314  our own file
    tags = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in tree.iter()}
    assert tags <= {"svg", "g", "path", "rect", "circle"}
