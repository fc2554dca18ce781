"""Lines keep their width, whatever is in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.present.ascii import ASCII
from fleet_tui.present.line import Line, Span, Tone, clip, fit, hang, plain, spread, width_of

texts = st.text(alphabet="ab ·…✓●漢字é", max_size=20)
lines = st.lists(st.builds(Span, texts, st.sampled_from(Tone)), max_size=6).map(tuple)
widths = st.integers(min_value=0, max_value=40)


@given(lines, widths, st.booleans())
def test_fit_is_exactly_as_wide_as_asked(pieces: Line, width: int, right: bool) -> None:
    assert width_of(fit(pieces, width, right=right)) == width


@given(lines, lines, widths)
def test_spread_is_exactly_as_wide_as_asked(left: Line, right: Line, width: int) -> None:
    assert width_of(spread(left, right, width)) == width


@given(lines, st.integers(min_value=10, max_value=60))
def test_hanging_lines_lose_no_word_and_are_never_too_wide(pieces: Line, width: int) -> None:
    broken = hang(pieces, width)
    assert all(width_of(part) <= width for part in broken)
    assert "".join(plain(pieces).split()) == "".join("".join(plain(part) for part in broken).split())


def test_a_label_is_followed_by_its_text_on_the_next_line_too() -> None:
    broken = hang((Span("label   "), Span("one two three")), 16)
    assert [plain(part).rstrip() for part in broken] == ["label   one two", "        three"]


def test_what_is_cut_off_leaves_an_ellipsis() -> None:
    assert clip("Kasper Kast", 8) == "Kasper…"
    assert plain(fit((Span("Kasper "), Span("Kast")), 8)) == "Kasper … "[:8]
    assert plain(fit((Span("12"),), 5, right=True)) == "   12"


def test_the_right_end_leaves_first() -> None:
    assert plain(spread((Span("left"),), (Span("right"),), 10)) == "left right"
    assert plain(spread((Span("left"),), (Span("right"),), 9)) == "left     "


def test_ascii_signs_are_one_for_one() -> None:
    assert all(isinstance(sign, str) and len(sign) == 1 and sign.isascii() for sign in ASCII.values())
