"""What may be said, under which name, and who may ban whom: the rules alone."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ivs_chat.bans import end_of, holds, moment_of
from ivs_chat.folding import fold, words_of
from ivs_chat.links import has_link
from ivs_chat.names import DisplayName, is_reserved, skeleton_of
from ivs_chat.review import Refusal, Sender, bounds_of, content_refusal, sender_refusal
from ivs_chat.roles import Role, may_ban, role_of
from ivs_chat.words import BlockedWords
from tests.lambdas.functions import NOW

NAMES = TypeAdapter(DisplayName)
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u0301\u20dd\ufe0f\u3164"
LOOKALIKES = str.maketrans("aceopxyikmtbhs", "асеорхуікмтвнѕ")
word = st.text(string.ascii_lowercase, min_size=2, max_size=12)
filler = st.lists(st.sampled_from(["so", "you", "are", "the", "😀", "1"]), max_size=3).map(" ".join)


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def mathematical(text: str) -> str:
    return "".join(chr(0x1D41A + ord(c) - ord("a")) if c in string.ascii_lowercase else c for c in text)


def digits(text: str) -> str:
    return text.translate(str.maketrans("oieast", "013457"))


DISGUISES = {
    "as it is": str,
    "upper case": str.upper,
    "title case": str.title,
    "full width": full_width,
    "full width capitals": lambda text: full_width(text.upper()),
    "mathematical letters": mathematical,
    "Cyrillic look-alikes": lambda text: text.translate(LOOKALIKES),
    "digits for letters": digits,
    "marks on top": lambda text: "".join(c + "\u0336" for c in text),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@given(word=word, before=filler, after=filler, data=st.data())
def test_what_is_blocked_stays_blocked(
    disguise: str, word: str, before: str, after: str, data: st.DataObject
) -> None:
    shown = DISGUISES[disguise](word)
    at = data.draw(st.integers(0, len(shown)))
    shown = shown[:at] + data.draw(st.text(INVISIBLE, max_size=3)) + shown[at:]
    for left, right in (("", ""), (" ", " "), ("-", "!"), ("(", ")"), ("_", "_"), ("\n", ",")):
        assert BlockedWords.of([word]).are_in(f"{before} {left}{shown}{right} {after}")


@given(word=word, text=st.text(string.ascii_lowercase + " ", max_size=40))
def test_only_whole_words_are_blocked(word: str, text: str) -> None:
    assert BlockedWords.of([word]).are_in(text) == (word in text.split())


@pytest.mark.parametrize(
    ("blocked", "text", "found"),
    [
        (["ass"], "a class of its own", False),
        (["ass"], "ASS!", True),
        (["idiot"], "you 1d10t", True),
        (["idiot"], "@idiot", True),
        (["h4x"], "H4X", True),
        (["Blödmann"], "du BLÖDMANN", True),
        (["Blödmann"], "du Blodmann", True),
        (["go away"], "Go  away, please", True),
        (["go away"], "go far away", False),
        (["straße"], "STRASSE", True),
        (["..."], "what ...", False),
        ([], "anything", False),
    ],
)
def test_words_are_found_as_they_are_meant(blocked: list[str], text: str, found: bool) -> None:
    assert BlockedWords.of(blocked).are_in(text) is found


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert all(words_of(once))


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example",
        "HTTP://evil",
        "look at www.evil",
        "evil.com",
        "evil.live",
        "stop.it/now",
        "see evil.co.uk now",
        "discord.gg/abc",
        "bit.ly/abc",
        "t.me/abc",
        "goo.gl",
        "ｅｖｉｌ．ｃｏｍ",
        "ev\u200bil.c\u200dom",
        "evil。com",
        "10.20.30.40",
        "mail me at a@evil.de",
        "(evil.com)",
    ],
)
def test_links_are_seen(text: str) -> None:
    assert has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "gut.Danke dir",
        "stop.it",
        "nice.game",
        "this.one",
        "3.5 is more than 1.2",
        "v1.2.3.4.5",
        "what...",
        "e.g. this",
        "10:30",
        "and/or",
        "Mr.Smith",
        "u.s.a.",
        "1.000.000",
    ],
)
def test_what_is_no_link_is_none(text: str) -> None:
    assert not has_link(text)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    for role in Role:
        refusal = content_refusal(text, role, BlockedWords.of(["bad"]))
        assert refusal in (None, Refusal.BLOCKED_WORD, Refusal.LINK)
        assert role is Role.MEMBER or refusal is not Refusal.LINK


def test_links_are_for_moderators_and_words_for_nobody() -> None:
    blocked = BlockedWords.of(["bad"])
    assert content_refusal("see evil.com", Role.MEMBER, blocked) is Refusal.LINK
    assert content_refusal("see evil.com", Role.MODERATOR, blocked) is None
    assert content_refusal("bad", Role.ADMIN, blocked) is Refusal.BLOCKED_WORD


@given(
    role=st.sampled_from(Role),
    slow=st.integers(0, 120),
    gap_ms=st.none() | st.integers(0, 200_000),
    same=st.booleans(),
    ban_s=st.none() | st.integers(-100, 100),
)
def test_bounds_of_a_sender(role: Role, slow: int, gap_ms: int | None, same: bool, ban_s: int | None) -> None:
    now_ms = int(NOW.timestamp() * 1000)
    bounds = bounds_of("Hello!", "bea", role, slow_seconds=slow, now_ms=now_ms)
    said = bounds_of("hello" if same else "goodbye", "bea", Role.MEMBER, slow_seconds=0, now_ms=now_ms)
    sender = Sender(
        banned_until=None if ban_s is None else now_ms // 1000 + ban_s,
        last_ms=None if gap_ms is None else now_ms - gap_ms,
        last_digest=None if gap_ms is None else said.digest,
    )
    expected = None
    if role is not Role.ADMIN and ban_s is not None and ban_s > 0:
        expected = Refusal.BANNED
    elif role is Role.MEMBER and gap_ms is not None:
        if gap_ms < slow * 1000:
            expected = Refusal.SLOW_MODE
        elif same and gap_ms < 60_000:
            expected = Refusal.REPEATED
    assert sender_refusal(sender, bounds) is expected


def test_what_two_members_say_cannot_be_compared() -> None:
    digests = {bounds_of("hi", member, Role.MEMBER, slow_seconds=0, now_ms=0).digest for member in ("a", "b")}
    assert len(digests) == 2


@pytest.mark.parametrize(
    "name", ["Bea", "Öz", "李雷", "Анна", "Jean-Luc", "O'Neil", "x_X_x", "R2 D2", "محمد"]
)
def test_names_of_people_are_names(name: str) -> None:
    assert NAMES.validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "B", "-", "__", "a" * 31, "a\nb", "\u202eaeb", "<b>", "bea@x.de", "be/a", "☃☃", "a\u200b"],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NAMES.validate_python(name)


@given(st.text(st.characters(categories=["L", "N"]) | st.sampled_from(" _-.'"), min_size=2, max_size=30))
def test_a_name_looks_the_same_however_it_is_written(name: str) -> None:
    try:
        name = NAMES.validate_python(name)
    except ValidationError:
        assume(False)
    skeleton = skeleton_of(name)
    assert len(skeleton) >= 2
    assert skeleton_of(name.upper().lower()) == skeleton_of(name.lower())
    assert skeleton_of(unicodedata.normalize("NFD", name)) == skeleton
    assert skeleton_of(f" {name}_") == skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kasper", "kasper"), ("Kasper", "К а ѕ р е r"), ("Kasper", "Kásper"), ("Kasper", "Ｋａｓｐｅｒ"),
        ("Bill", "BiII"), ("Bill", "Bi1l"), ("Zoo", "Z00"), ("Bea", "B_e-a"), ("Straße", "STRASSE"),
    ],
)  # fmt: skip
def test_names_that_look_alike_are_one(one: str, other: str) -> None:
    assert skeleton_of(one) == skeleton_of(other)


@pytest.mark.parametrize(
    "name", ["Kasper Kast", "KASPER_KAST", "Каѕреr Kast", "Admin", "M0derator", "M-o-d", "System"]
)
def test_the_creators_name_and_offices_are_reserved(name: str) -> None:
    assert is_reserved(name, "Kasper Kast")
    assert not is_reserved(f"{name} fan", "Kasper Kast")


@given(actor=st.sampled_from(Role), target=st.sampled_from(Role))
def test_nobody_bans_an_equal_or_a_better(actor: Role, target: Role) -> None:
    rank = list(Role).index
    assert may_ban(actor, target) == (rank(actor) > rank(target))


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ((), "member"),
        (("member",), "member"),
        (("moderator",), "moderator"),
        (("moderator", "admin"), "admin"),
    ],
)
def test_the_highest_group_makes_the_role(groups: tuple[str, ...], role: str) -> None:
    assert role_of(groups) == role


def test_a_ban_holds_until_its_end_and_against_lower_roles() -> None:
    end = end_of(60, NOW)
    assert moment_of(end) is not None
    assert holds(end, Role.MODERATOR, Role.MEMBER, NOW)
    assert not holds(end, Role.MODERATOR, Role.MODERATOR, NOW)
    assert not holds(end, Role.ADMIN, Role.ADMIN, NOW)
    assert not holds(end_of(60, NOW.replace(hour=10)), Role.ADMIN, Role.MEMBER, NOW)
    assert not holds(None, None, Role.MEMBER, NOW)
    assert moment_of(end_of(None, NOW)) is None
    assert holds(end_of(None, NOW), Role.MODERATOR, Role.MEMBER, NOW.replace(year=2200))
