"""Texts without secrets: what is known, and what tells by its looks that it is one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.operations.outputs import without_secrets
from fleet_tui.secrecy import HIDDEN, Redactor

SECRETS = st.text(st.characters(categories=("L", "N"), include_characters="/+="), min_size=8, max_size=40)


@given(st.lists(SECRETS, min_size=1, max_size=4), st.lists(st.text(max_size=20), min_size=5, max_size=5))
def test_nothing_that_is_known_stays(secrets: list[str], around: list[str]) -> None:
    text = "".join(part + secret for part, secret in zip(around, secrets, strict=False))
    clean = Redactor(secrets)(text)
    assert not any(secret in clean for secret in secrets)


@given(st.text(st.characters(categories=("L", "Z")), max_size=200))
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert Redactor([None, "", "short"])(text) == text


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_0123456789abcdef",
        "rk_test_0123456789abcdef",
        "whsec_0123456789abcdef",
        "sk_eu-central-1_AbCdEfGh12345",
        "ASIA0123456789ABCDEF",
        "ghp_0123456789abcdefghijABCDEFGHIJ",
        "IQoJb3JpZ2luX2VjE" + "Ab1/+" * 30 + "==",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_hidden(secret: str) -> None:
    assert Redactor()(f'"{secret}" is refused') == f'"{HIDDEN}" is refused'


def test_an_output_is_written_once_more_without_them(tmp_path) -> None:
    output = tmp_path / "terraform.01.apply.log"
    lines = [{"@message": "refused: secretaccesskey/1+"}, {"@message": "nothing of the kind"}]
    output.write_text("".join(json.dumps(line) + "\n" for line in lines))
    without_secrets(output, Redactor(["secretaccesskey/1+"]))
    told = [json.loads(line)["@message"] for line in output.read_text().splitlines()]
    assert told == [f"refused: {HIDDEN}", "nothing of the kind"]
    assert list(tmp_path.iterdir()) == [output]
