"""What the public may send as text, address and URL, and who counts as one visitor."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.bots import is_bot
from shared.fields import Day, EmailAddress, HttpsUrl, PlainText
from shared.visitors import visitor_of

plain, email, url, day = (TypeAdapter(kind) for kind in (PlainText, EmailAddress, HttpsUrl, Day))
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def listed(name: str) -> list[str]:
    """The user agents of a file beside this one."""
    return (Path(__file__).parent / "user_agents" / f"{name}.txt").read_text().splitlines()


@given(st.text(max_size=60))
def test_text_that_is_taken_is_harmless(text: str) -> None:
    try:
        taken = plain.validate_python(text)
    except ValidationError:
        return
    assert taken == unicodedata.normalize("NFC", taken).strip()
    assert taken
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Co", "Zl", "Zp") for character in taken)


@pytest.mark.parametrize(
    "text", ["Honey & Söhne", "蜂蜜 20 %", "می‌خواهم", "👩‍👩‍👧 family", "Ω < ∞", "a" * 80]
)
def test_text_of_people_is_taken(text: str) -> None:
    assert plain.validate_python(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "a\nb",
        "a\x00",
        "\x1b[31mred",
        "safe\u202egnp.exe",
        "zero\u200bwidth",
        "\ufeffbom",
        "\ue000",
        "\u2028",
        "z" + "\u0301" * 9,
        "\ufffe",
        "\u200d\u200d",
        "...",
    ],
)
def test_text_that_hides_something_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        plain.validate_python(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://honey.example",
        "https://honey.example:443/a?b=c#d",
        "https://xn--hnig-5qa.example/%C3%A4",
        "https://A.Example/x.y",
    ],
)
def test_urls_that_are_taken(text: str) -> None:
    assert url.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "http://honey.example/",
        "javascript:alert(1)",
        "//honey.example/",
        "https:///etc/passwd",
        "https://user:pw@honey.example/",
        "https://honey.example@evil.example/",
        "https://honey.example:8443/",
        "https://honey.example:99999/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://honey.example/../../etc/passwd",
        "https://honey.example/%2e%2e/a",
        "https://honey.example/%252e%252e/a",
        "https://honey.example/a\\b",
        "https://honey.example/%5cb",
        "https://honey.example/%0d%0aSet-Cookie:x",
        "https://honey.example/%zz",
        "https://honey.example/ä",
        'https://honey.example/"onload=',
        "https://honey.example/ x",
        "https://" + "a" * 2100 + ".example/",
    ],
)
def test_urls_that_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        url.validate_python(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_a_url_that_is_taken_is_https_to_a_named_host(text: str) -> None:
    for candidate in (text, f"https://{text}", f"https://honey.example/{text}"):
        try:
            taken = url.validate_python(candidate)
        except ValidationError:
            continue
        parts = urlsplit(taken)
        assert parts.scheme == "https"
        assert "." in (parts.hostname or "")
        assert taken.isascii()
        assert "@" not in parts.netloc


@pytest.mark.parametrize("text", ["a@b.example", "first.last+tag@Mail.Example", "o'neill@sub.honey.example"])
def test_addresses_that_are_taken(text: str) -> None:
    local, _, host = text.rpartition("@")
    assert email.validate_python(text) == f"{local}@{host.lower()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@b.example",
        "a@b",
        "a@@b.example",
        "a b@c.example",
        "a@b.example\nBcc: x@y.example",
        ".a@b.example",
        "a..b@c.example",
        "a@-b.example",
        "ä@b.example",
        "<a@b.example>",
        "x" * 65 + "@b.example",
    ],
)
def test_addresses_that_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        email.validate_python(text)


@pytest.mark.parametrize(
    "text", ['"2026-02-30"', '"2026-5-1"', '"20260501"', '"2026-05-01T00:00:00"', "1779278400", "true"]
)
def test_days_that_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        day.validate_json(text, strict=True)


@pytest.mark.parametrize("agent", [FIREFOX, *listed("viewers")])
def test_viewers(agent: str) -> None:
    assert not is_bot(agent)


@pytest.mark.parametrize("agent", ["", FIREFOX + " " + "x" * 1024, *listed("programs")])
def test_programs(agent: str) -> None:
    assert is_bot(agent)


@given(st.text(max_size=200))
def test_whatever_is_no_browser_is_a_program(agent: str) -> None:
    assert is_bot(agent) or agent.startswith("Mozilla/5.0 (")


@given(st.text(max_size=50), st.text(max_size=50), st.binary(min_size=32, max_size=32))
def test_a_visitor_is_a_pseudonym_of_fixed_length(ip: str, agent: str, salt: bytes) -> None:
    assert len(visitor_of(ip, agent, salt)) == 32


def test_who_is_the_same_visitor() -> None:
    salt, other_day = b"a" * 32, b"b" * 32
    someone = visitor_of("203.0.113.7", FIREFOX, salt)
    assert someone == visitor_of("203.0.113.7", FIREFOX, salt)
    assert someone == visitor_of("::ffff:203.0.113.7", FIREFOX, salt)
    assert someone != visitor_of("203.0.113.8", FIREFOX, salt)
    assert someone != visitor_of("203.0.113.7", FIREFOX + " ", salt)
    assert someone != visitor_of("203.0.113.7", FIREFOX, other_day)
    household = visitor_of("2001:db8:1:2::1", FIREFOX, salt)
    assert household == visitor_of("2001:db8:1:2:ffff:ffff:ffff:ffff", FIREFOX, salt)
    assert household != visitor_of("2001:db8:1:3::1", FIREFOX, salt)
