"""What creator.toml may say of the newsletter."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_tui.registry import load
from tests.registry.test_loading import GOOD, sentences, write

IMPRINT = 'imprint = "Mina Moor, Moorweg 1, 10115 Berlin"\n'


def of(tmp_path: Path, settings: str) -> list[str]:
    text = GOOD.format(slug="mina-moor", account="210000000002")
    write(tmp_path, "mina-moor", f"{text}\n[modules.newsletter]\n{settings}")
    registry = load(tmp_path)
    return [] if registry.creators else sentences(registry, "mina-moor")


@pytest.mark.parametrize(
    "settings",
    [
        IMPRINT,
        f'{IMPRINT}mails_per_second = 1\ntopics = {{ news = "News", live-streams = "Live streams" }}',
        f"{IMPRINT}mails_per_second = 100",
    ],
)
def test_a_newsletter_has_an_imprint_topics_and_a_rate(tmp_path: Path, settings: str) -> None:
    assert of(tmp_path, settings) == []


@pytest.mark.parametrize(
    "settings",
    [
        "",
        'imprint = "me"',
        'imprint = "Mina Moor\\nBcc: everyone@example.com"',
        f'imprint = "{"x" * 301}"',
        f"{IMPRINT}mails_per_second = 0",
        f"{IMPRINT}mails_per_second = 101",
        f"{IMPRINT}mails_per_second = 2.5",
        f"{IMPRINT}topics = {{}}",
        f'{IMPRINT}topics = {{ News = "News" }}',
        f'{IMPRINT}topics = {{ news = "" }}',
        f'{IMPRINT}topics = {{ news = "{"x" * 61}" }}',
        f"{IMPRINT}tracking = true",
    ],
)
def test_what_cannot_be_sent_is_refused(tmp_path: Path, settings: str) -> None:
    assert of(tmp_path, settings)
