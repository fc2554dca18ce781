"""Colours that can be read, whatever the branding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.frontend.colours import READABLE, contrast, day, mix, night
from fleet_tui.registry.model import Branding

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the guidelines' own example
    assert contrast("#123456", "#123456") == 1


def test_a_mix_lies_between():
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#102030", "#ffffff", 0) == "#102030"


@given(primary=colours, accent=colours, background=colours)
def test_every_text_can_be_read_by_day_and_by_night(primary, accent, background):
    branding = Branding(primary=primary, accent=accent, background=background)
    for palette in (day(branding), night(branding)):
        for ground in (palette.background, palette.surface):
            for text in (palette.text, palette.quiet, palette.link):
                assert contrast(text, ground) >= READABLE
        assert contrast(palette.on_button, palette.button) >= READABLE
    assert contrast(night(branding).background, "#ffffff") >= READABLE


def test_colours_that_can_be_read_are_the_creators_own():
    palette = day(Branding(primary="#7B2CBF", accent="#240046", background="#FAF5FF"))
    assert (palette.background, palette.text, palette.link, palette.button) == (
        "#faf5ff", "#240046", "#7b2cbf", "#7b2cbf",
    )  # fmt: skip
