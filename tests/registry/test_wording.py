from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fleet_tui.registry.model import Creator
from fleet_tui.registry.printing import dotted, printable, shown
from fleet_tui.registry.wording import complaints

KEYS = ["name", "domain", "account_id", "region", "contact", "wave", "monthly_budget", "tags", "access"]
KEYS += ["modules", "branding", "s3-website", "ivs-streaming", "sponsor-system", "rates", "top", "role_arn"]
KEYS += ["enabled", "recording_retention_days", "primary", "logo", "profile", "external_id", "[key]"]
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8))
def test_every_kind_of_error_has_words(content: dict[str, object]):
    with pytest.raises(ValidationError) as caught:
        Creator.model_validate({"slug": "mina-moor", **content})
    for path, message in complaints(caught.value):
        assert path
        assert not message.startswith("cannot be"), f"{message}: a kind of error that has no words of its own"


@given(st.text(), st.text())
def test_printable_text_is_printable_and_unambiguous(one: str, other: str):
    assert printable(one).isprintable()
    assert (printable(one) == printable(other)) == (one == other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (1.5, "1.5"),
        ({"a": 1}, "a table"),
        ([1], "a list"),
        ("a\nb", r'"a\nb"'),
        ("x" * 100, '"' + "x" * 59 + '…"'),
    ],
)
def test_values_are_shown_short_and_as_they_are_written(value: object, text: str):
    assert shown(value) == text


def test_dotted_keys_are_quoted_where_toml_wants_it():
    assert dotted(["modules", "s3-website", "a.b"]) == 'modules.s3-website."a.b"'
