"""The user pool's e-mail: every occasion, both languages, any name and any colour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from string import Formatter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.background import BackgroundError
from tests.lambdas import functions
from tests.lambdas.functions import Functions
from tests.lambdas.user_auth.accounts import Accounts
from user_auth.message import MAX_MESSAGE_CHARS, MAX_SUBJECT_CHARS, Message, message_of, readable_on
from user_auth.settings import SAMPLE, Branding, Settings
from user_auth.texts import KINDS, WORDS

BRANDING = Settings.read(SAMPLE).branding
CODE, USERNAME = "{####}", "{username}"
OCCASIONS = [(language, kind) for language, kinds in WORDS.items() for kind in kinds]
COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
NAMES = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=80)


class Reader(HTMLParser):
    """What a person reads, and the tags around it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag."""
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.text += data


def made(language: str = "en", kind: str = "sign-up", **changes: Any) -> Message:
    """An e-mail of Kasper's, with changes."""
    username = USERNAME if kind == "invitation" else None
    given: dict[str, Any] = {"name": "Kasper Kast", "domain": "kasper.live", "branding": BRANDING, **changes}
    return message_of(kind, language=language, code=CODE, username=username, **given)


def event(source: str, **request: Any) -> dict[str, Any]:
    """What Cognito calls the trigger with."""
    asked = {"codeParameter": CODE, "linkParameter": "{##Click Here##}", "usernameParameter": None}
    return {
        "version": "1",
        "triggerSource": source,
        "region": "eu-central-1",
        "userPoolId": "eu-central-1_kasper",
        "userName": "6f1c7a3e-0000-4000-8000-00000000cafe",
        "callerContext": {"awsSdkVersion": "3", "clientId": "kasperclient"},
        "request": {**asked, "userAttributes": {"email": "fan@x.example", "name": "<b>Fan</b>"}, **request},
        "response": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
    }


def test_both_languages_have_words_for_the_same_occasions() -> None:
    assert WORDS["en"].keys() == WORDS["de"].keys() == set(KINDS.values())
    for kind, words in WORDS["en"].items():
        german = WORDS["de"][kind]
        for english, other in ((words.subject, german.subject), (words.text, german.text)):
            assert fields_of(english) == fields_of(other)
        assert not fields_of(words.validity + german.validity)


def fields_of(text: str) -> set[str | None]:
    """The places of a text that are filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(("language", "kind"), OCCASIONS)
def test_an_email_says_whose_it_is_and_has_its_code_once(language: str, kind: str) -> None:
    message = made(language, kind)
    read = Reader(message.html)
    assert "Kasper Kast" in message.subject
    assert "Kasper Kast" in read.text
    assert f'lang="{language}"' in message.html
    assert read.text.count(CODE) == message.html.count(CODE) == 1
    assert message.html.count(USERNAME) == (kind == "invitation")
    assert read.links == ["https://kasper.live/account/"]
    for colour in (BRANDING.primary, BRANDING.accent, BRANDING.background):
        assert colour in message.html
    assert re.search(r"24|7|one hour|eine Stunde", read.text)


def test_the_languages_differ() -> None:
    assert made("de").subject == "Dein Code für Kasper Kast"
    assert made("en").subject == "Your code for Kasper Kast"
    assert "Willkommen bei Kasper Kast!" in Reader(made("de").html).text
    assert "Welcome to Kasper Kast!" in Reader(made("en").html).text


@given(NAMES, st.sampled_from(OCCASIONS))
@example('<img src=x onerror="alert(1)"> & </title>', ("en", "sign-up"))
@example("{####} {username} {name} &#123;", ("de", "invitation"))
def test_no_name_changes_more_than_the_words(name: str, occasion: tuple[str, str]) -> None:
    message, plain = made(*occasion, name=name), made(*occasion)
    assert Reader(message.html).tags == Reader(plain.html).tags
    assert message.html.count(CODE) == 1
    assert CODE not in message.subject
    assert USERNAME not in message.subject
    assert name in Reader(message.html).text
    assert len(message.subject) <= MAX_SUBJECT_CHARS
    assert len(message.html) <= MAX_MESSAGE_CHARS
    assert "\n" not in message.subject


@given(COLOURS)
def test_what_stands_on_a_colour_can_be_read(colour: str) -> None:
    def luminance(value: str) -> float:
        shares = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(colour), luminance(readable_on(colour))))
    assert (light + 0.05) / (dark + 0.05) >= 4.5, "WCAG AA"


@pytest.mark.parametrize("colour", ["red", "#fff", "#e0a526;position:fixed", "#gggggg", ""])
def test_nothing_but_a_colour_gets_into_the_styles(colour: str) -> None:
    with pytest.raises(ValueError, match="primary"):
        Branding(primary=colour, accent="#000000", background="#ffffff")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("source", KINDS)
def test_the_trigger_fills_in_subject_and_text(
    source: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(functions.COMMON, "CREATOR_LANGUAGE", language)
    asked = event(source, usernameParameter=USERNAME if source.endswith("AdminCreateUser") else None)
    answer: Mapping[str, Any] = Functions("user_auth").invoke("custom_message", asked)
    expected = made(language, KINDS[source])
    assert answer["response"] == {
        "smsMessage": None,
        "emailMessage": expected.html,
        "emailSubject": expected.subject,
    }
    assert "Fan" not in answer["response"]["emailMessage"]
    assert (answer["triggerSource"], answer["userName"]) == (source, asked["userName"])


def test_text_messages_are_left_to_cognito() -> None:
    asked = event("CustomMessage_Authentication")
    answer = Functions("user_auth").invoke("custom_message", asked)
    assert answer == event("CustomMessage_Authentication")


@pytest.mark.parametrize(
    ("source", "joined"),
    [
        ("PostConfirmation_ConfirmSignUp", {"member"}),
        ("PostConfirmation_ConfirmForgotPassword", set()),
    ],
)
def test_who_confirms_a_sign_up_becomes_a_member(accounts: Accounts, source: str, joined: set[str]) -> None:
    fan = accounts.person()
    asked = {**event(source), "userPoolId": accounts.pool, "userName": fan, "response": {}}
    for _ in range(2):
        assert accounts.invoke("post_confirmation", asked) == asked
    assert accounts.groups(fan) == joined


def test_a_trigger_that_fails_says_so_without_words(
    accounts: Accounts, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = event("PostConfirmation_ConfirmSignUp")
    with pytest.raises(BackgroundError, match="ResourceNotFoundException"):
        accounts.invoke("post_confirmation", asked)
    written = accounts.log.getvalue() + "".join(capsys.readouterr())
    assert '"Faults":[1.0]' in written
    assert "x.example" not in written
