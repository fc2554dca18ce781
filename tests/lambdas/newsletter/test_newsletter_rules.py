"""The pure rules: ids and links, what stops sending, what to do next, and what a text becomes."""

from __future__ import annotations

import email.message
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.blocking import SOFT_BOUNCES, WITHIN, counted, feedback_of, is_too_often
from newsletter.composing import letter_to
from newsletter.delivery import (
    CLAIM,
    Done,
    GiveUp,
    Leave,
    Mark,
    Seen,
    Send,
    Skip,
    State,
    Stop,
    Wait,
    next_step,
)
from newsletter.formatting import formatted
from newsletter.letter import (
    Draft,
    Figures,
    Judged,
    Move,
    Status,
    StopReason,
    finished,
    in_jobs,
    resumed,
    started,
    stopped,
    trouble,
    written,
)
from newsletter.model import Consent, Subscriber
from newsletter.settings import SAMPLE, Settings
from newsletter.tokens import Keys, Link, Purpose, confirm_link, manage_link
from newsletter.unsubscribing import token_in
from shared.problems import ProblemError
from tests.lambdas.functions import NOW

SITE = Settings.read(SAMPLE)
KEYS = Keys(b"k" * 32)
IDS = st.from_regex(r"[0-9a-f]{32}", fullmatch=True)
LETTER_IDS = st.from_regex(r"[1-9a-f][0-9a-f]{23}", fullmatch=True)
SOME_ID = "0" * 32
COUNTS = st.integers(0, 100_000)


@given(IDS, LETTER_IDS, st.integers(0, 2**40))
def test_a_link_says_what_was_put_into_it(subscriber: str, letter: str, second: int) -> None:
    manage, confirm = manage_link(subscriber, letter), confirm_link(subscriber, second)
    assert KEYS.link(KEYS.token(manage), Purpose.MANAGE).letter == letter
    assert KEYS.link(KEYS.token(confirm), Purpose.CONFIRM) == confirm
    assert KEYS.link(KEYS.token(manage_link(subscriber)), Purpose.MANAGE).letter is None


@given(IDS, st.integers(0, 59), st.sampled_from("AZaz09-_"))
def test_a_link_with_one_character_changed_is_none(subscriber: str, place: int, character: str) -> None:
    token = KEYS.token(manage_link(subscriber))
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        with pytest.raises(ProblemError):
            KEYS.link(changed, Purpose.MANAGE)


@given(st.text(max_size=90))
def test_no_text_is_a_link_by_chance_or_a_fault(text: str) -> None:
    with pytest.raises(ProblemError):
        KEYS.link(text, Purpose.CONFIRM)


def test_another_secret_makes_other_links_and_ids() -> None:
    other = Keys(b"o" * 32)
    assert other.id_of("a@b.example") != KEYS.id_of("a@b.example") == KEYS.id_of("A@B.example")
    with pytest.raises(ProblemError):
        other.link(KEYS.token(Link(Purpose.MANAGE, SOME_ID)), Purpose.MANAGE)


@pytest.mark.parametrize(
    ("sent", "bounced", "complained", "reason"),
    [
        (49, 49, 49, None),
        (50, 2, 1, None),
        (50, 3, 0, StopReason.BOUNCES),
        (60, 3, 0, None),
        (100, 5, 0, None),
        (100, 6, 0, StopReason.BOUNCES),
        (50, 0, 2, StopReason.COMPLAINTS),
        (1999, 0, 2, StopReason.COMPLAINTS),
        (2000, 0, 2, None),
        (2000, 0, 3, StopReason.COMPLAINTS),
    ],
)
def test_sending_stops_where_aws_would_look_into_it(
    sent: int, bounced: int, complained: int, reason: StopReason | None
) -> None:
    assert trouble(Judged(sent=sent, bounced=bounced, complained=complained)) is reason


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_only_what_comes_after_an_operators_word_is_judged(
    sent: int, bounced: int, complained: int, more: int, more_bounced: int, more_complained: int
) -> None:
    before = Judged(sent=sent, bounced=bounced, complained=complained)
    after = Judged(sent=sent + more, bounced=bounced + more_bounced, complained=complained + more_complained)
    fresh = Judged(sent=more, bounced=more_bounced, complained=more_complained)
    assert trouble(after, before) is trouble(fresh)
    assert trouble(before, before) is None


def seen(**changes: Any) -> Seen:
    """A letter that is being sent to somebody who wants it."""
    draft = Draft(subject="Honey", text="Hello", topics=("news",))
    letter = started(written("1" * 24, draft, NOW), Move(version=1), NOW)
    subscriber = Subscriber(
        id=SOME_ID, address="a@b.example", topics=("news",), language="en", version=1,
        consents=(Consent(asked_at=NOW, confirmed_at=NOW, text="Yes"),),
    )  # fmt: skip
    values = {
        "letter": letter,
        "figures": Figures(),
        "subscriber": subscriber,
        "is_blocked": False,
        "mark": None,
    }
    return Seen(**{**values, **changes})


def test_what_is_done_next_follows_from_what_is_seen() -> None:
    usual = seen()
    assert usual.letter
    assert usual.subscriber
    assert next_step(usual, NOW) == Send(usual.letter, usual.subscriber)
    assert isinstance(next_step(seen(letter=None), NOW), Leave)
    assert isinstance(next_step(seen(letter=stopped(usual.letter, StopReason.ASKED)), NOW), Leave)
    assert isinstance(next_step(seen(letter=finished(usual.letter, NOW)), NOW), Leave)
    halted = stopped(usual.letter, StopReason.ASKED)
    assert finished(halted, NOW) == halted
    asked = Mark(State.ASKED, NOW + CLAIM)
    assert isinstance(next_step(seen(mark=asked), NOW + CLAIM - timedelta(seconds=1)), Wait)
    assert isinstance(next_step(seen(mark=asked), NOW + CLAIM), GiveUp)
    for state in set(State) - {State.ASKED}:
        assert isinstance(next_step(seen(mark=Mark(state, NOW)), NOW), Done)
    assert isinstance(next_step(seen(is_blocked=True), NOW), Skip)
    assert isinstance(next_step(seen(subscriber=None), NOW), Skip)
    other = usual.subscriber.model_copy(update={"topics": ("streams",)})
    assert isinstance(next_step(seen(subscriber=other), NOW), Skip)
    left = usual.subscriber.model_copy(update={"ended_at": NOW})
    assert isinstance(next_step(seen(subscriber=left), NOW), Skip)
    figures = Figures(sent=50, bounced=3)
    assert next_step(seen(figures=figures), NOW) == Stop(StopReason.BOUNCES)
    goes_on = resumed(stopped(usual.letter, StopReason.BOUNCES), Move(version=3), figures)
    assert goes_on.status is Status.SENDING
    assert isinstance(next_step(seen(letter=goes_on, figures=figures), NOW), Send)


@given(
    st.sampled_from(State), st.integers(-300, 300), st.booleans(), st.integers(0, 100), st.integers(0, 100)
)
def test_nothing_is_sent_where_there_is_a_mark(
    state: State, age: int, is_blocked: bool, sent: int, bounced: int
) -> None:
    mark = Mark(state, NOW + CLAIM)
    figures = Figures(sent=sent, bounced=bounced)
    step = next_step(seen(mark=mark, is_blocked=is_blocked, figures=figures), NOW + timedelta(seconds=age))
    assert not isinstance(step, Send)


@given(st.lists(st.text(max_size=3), max_size=60), st.integers(1, 20))
def test_everybody_is_in_one_job(people: list[str], size: int) -> None:
    jobs = in_jobs(people, size)
    assert [person for job in jobs for person in job] == people
    assert all(1 <= len(job) <= size for job in jobs)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 100)), max_size=12))
def test_soft_bounces_count_once_and_for_a_month(told: list[tuple[str, int]]) -> None:
    bounces: dict[str, Any] = {}
    for known, day in sorted(told, key=lambda item: item[1]):
        now = NOW + timedelta(days=day)
        bounces = counted(bounces, known, now)
        assert all(now - moment < WITHIN for moment in bounces.values())
        assert is_too_often(bounces) is (len(bounces) >= SOFT_BOUNCES)


@pytest.mark.parametrize(
    "tags", [None, {}, {"subscriber": []}, {"subscriber": [SOME_ID[:-1]]}, {"letter": ["x"]}]
)
def test_an_event_without_our_tags_is_nobodys(tags: Any) -> None:
    assert feedback_of({"mail": {"tags": tags}, "bounce": {"bounceType": "Permanent"}}) is None
    assert feedback_of({"mail": {"tags": {"subscriber": [SOME_ID]}}}) is None


# What a letter's text becomes.


@pytest.mark.parametrize(
    ("typed", "html", "text"),
    [
        ("Hi *you*, **all**", "<p>Hi <em>you</em>, <strong>all</strong></p>\n", "Hi you, all"),
        ("# A\n\n## B", "<h1>A</h1>\n<h2>B</h2>\n", "A\n\nB"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n", "- a\n\n- b"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n', "3. a\n\n4. b"),
        ("> a\n> b", "<blockquote>\n<p>a\nb</p>\n</blockquote>\n", "> a\n> b"),
        ("> - a\n>   b", "<blockquote>\n<ul>\n<li>a\nb</li>\n</ul>\n</blockquote>\n", "> - a\n>   b"),
        ("a\\\nb", "<p>a<br>\nb</p>\n", "a\nb"),
        ("---", "<hr>\n", "-" * 20),
        ("[x](https://a.example/?b&c)", '<p><a href="https://a.example/?b&amp;c">x</a></p>\n',
         "x (https://a.example/?b&c)"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n", "<b>x</b>"),
        ("![x](https://a.example/x.png)", '<p>!<a href="https://a.example/x.png">x</a></p>\n',
         "!x (https://a.example/x.png)"),
        ("[x](javascript:alert)", "<p>[x](javascript:alert)</p>\n", "[x](javascript:alert)"),
        ("[x](http://a.example)", "<p>[x](http://a.example)</p>\n", "[x](http://a.example)"),
        ("[x](https://u@a.example)", "<p>[x](https://u@a.example)</p>\n", "[x](https://u@a.example)"),
        ("[x]() [](javascript:y)", "<p>x [](javascript:y)</p>\n", "x [](javascript:y)"),
        ("`x` $y$ https://z.example", "<p>`x` $y$ https://z.example</p>\n", "`x` $y$ https://z.example"),
    ],
)  # fmt: skip
def test_the_small_part_of_markdown(typed: str, html: str, text: str) -> None:
    assert formatted(typed).html == html
    assert formatted(typed).text == text


ELEMENTS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "ul", "ol", "li", "blockquote", "hr", "br", "a",
}  # fmt: skip


class Elements(HTMLParser):
    """The elements and attributes of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(attrs)))


MARKED = st.text(alphabet=st.sampled_from("ab <>&\"'()[]!*_#->\\\n1.:/hjst="), max_size=80) | st.lists(
    st.sampled_from(
        ["<script>", "</p>", "[x](", "javascript:", "https://a.example/", ")", "![", "](", "<https://b.example>",
         '" onload="x', "&lt;", "<img src=x onerror=y>", "\n\n", "> ", "- ", "data:text/html", " 'q'"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@settings(max_examples=150)
@given(MARKED | st.text(max_size=80))
def test_whatever_is_typed_the_html_is_of_these_elements_alone(typed: str) -> None:
    elements = Elements()
    elements.feed(formatted(typed).html)
    for tag, attributes in elements.found:
        assert tag in ELEMENTS
        for name, value in attributes:
            assert (tag, name) in {("a", "href"), ("a", "title"), ("ol", "start")}
            if name == "href":
                assert (value or "").startswith("https://")


@settings(max_examples=150)
@given(MARKED, st.text(max_size=60), st.sampled_from(["en", "de"]))
def test_whatever_is_typed_the_headers_are_ours(typed: str, subject: str, language: Any) -> None:
    try:
        draft = Draft(subject=subject, text=typed, topics=("news",))
    except ValueError:
        return
    token = KEYS.token(manage_link(SOME_ID, "1" * 24))
    message = letter_to(draft, language, token, SITE)
    mail = email.message.EmailMessage()
    mail["Subject"] = message.subject  # raises for what would break out of a header
    for name, value in message.headers.items():
        mail[name] = value
        assert all(" " <= character <= "~" for character in value)
    assert set(message.headers) == {"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"}
    assert message.html
    assert token in message.text
    assert token in message.html
    assert SITE.imprint in message.text
    elements = Elements()
    elements.feed(message.html)
    assert [tag for tag, _ in elements.found if tag in ("script", "img", "style", "link", "iframe")] == []


# What is posted to unsubscribe.


@given(st.text(max_size=60), st.text(max_size=80), st.binary(max_size=200))
def test_no_body_is_our_fault(kind: str, parameters: str, body: bytes) -> None:
    for content_type in (kind, "application/x-www-form-urlencoded", "application/json",
                         f"multipart/form-data; boundary={parameters}"):  # fmt: skip
        assert isinstance(token_in(content_type, body), str)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"[" * 8000),
        ("application/json", b'["token"]'),
        ("application/x-www-form-urlencoded", b"a=1&" * 30 + b"token=x"),
        ("application/x-www-form-urlencoded", b"\xff"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nno headers\r\n--x--"),
        ("text/plain", b"token=x"),
        ("", b"token=x"),
    ],
)
def test_odd_bodies_have_no_token(content_type: str, body: bytes) -> None:
    assert token_in(content_type, body) == ""


def test_senders_share_the_rate() -> None:
    for rate, senders, seconds in ((1, 2, 2.0), (10, 2, 0.2), (14, 3, 3 / 14), (100, 20, 0.2)):
        site = Settings.read({**SAMPLE, "MAILS_PER_SECOND": str(rate), "SENDERS": str(senders)})
        assert site.seconds_per_mail == pytest.approx(seconds)
