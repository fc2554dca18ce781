"""What a site is built to."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from fleet_tui.frontend.build import EVERY_TIME, FOR_EVER, MOST_BYTES, build
from fleet_tui.frontend.rendering import Markup, MissingValueError, fill, paragraphs
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry import load
from fleet_tui.registry.fields import Line
from tests.frontend.sites import API, OUTPUTS, ROOT, creator, workspace

# Elements and attributes that a content security policy without 'unsafe-inline' does not run.
INLINE = re.compile(r"^(on\w+|style)$")


class Page(HTMLParser):
    """Every element with its attributes, and every text, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]

    def has(self, name: str) -> bool:
        return any(name in (attributes.get("class") or "").split() for _, attributes in self.elements)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return workspace(tmp_path_factory.mktemp("workspace"))


def pages(home, *, outputs=OUTPUTS, **fields):
    site = build(home, creator(**fields), outputs)
    return {key: Page(text) for key, text in site.pages.items()}


def test_the_same_input_makes_the_same_bytes(home):
    first, second = (build(home, creator(), OUTPUTS) for _ in range(2))
    assert first.contents == second.contents
    assert first.manifest.digest == second.manifest.digest


def test_what_may_be_cached_for_ever_changes_its_name_with_its_content(home):
    before = build(home, creator(), OUTPUTS).manifest
    after = build(home, creator(branding={"primary": "#123456"}), OUTPUTS).manifest
    assert {file.cache_control for file in before.assets} == {FOR_EVER}
    assert {file.cache_control for file in before.pages} == {EVERY_TIME}
    for file in before.assets:
        assert file.sha256[:16] in file.key
    changed = {file.key for file in before.assets} ^ {file.key for file in after.assets}
    assert {re.sub(r"\.[0-9a-f]{16}", "", key) for key in changed} == {"assets/theme.css", "assets/logo.svg"}


def test_pages_load_nothing_but_their_own_files_and_run_nothing_inline(home):
    site = build(home, creator(branding={"tagline": "Honey"}), OUTPUTS)
    for key, text in site.pages.items():
        page = Page(text)
        assert not [name for _, attributes in page.elements for name in attributes if INLINE.match(name)], key
        assert "style" not in page.tags()
        assert all(attributes.get("src") for tag, attributes in page.elements if tag == "script")
        loaded = [
            value
            for tag, attributes in page.elements
            for name in ("src", "href")
            if (value := attributes.get(name)) and tag in ("img", "script", "link")
        ]
        own = [
            value for value in loaded if not value.startswith("https://kasper.live/")
        ]  # the canonical address
        assert own
        assert {value.removeprefix("/") for value in own} <= site.contents.keys()


def test_every_state_that_the_script_shows_has_a_text_on_the_page(home):
    script = (ROOT / "frontend/template/assets/site.js").read_text()
    page = pages(home)["index.html"]
    told = {name for _, attributes in page.elements for name in attributes if name.startswith("data-text-")}
    asked = {f"data-text-{name.lower()}" for name in re.findall(r"texts?\.text(\w+)", script)}
    assert asked
    assert asked == told


def test_both_languages_have_all_texts(home):
    english, german = (pages(home, language=language)["index.html"] for language in ("en", "de"))
    assert english.elements[0] == ("html", {"lang": "en"})
    assert german.elements[0] == ("html", {"lang": "de"})
    assert "Contact" in english.texts
    assert "Kontakt" in german.texts
    assert english.tags() == german.tags()


def test_only_what_the_creator_has_is_on_the_page(home):
    everything = pages(home)["index.html"]
    assert everything.has("live")
    assert everything.has("contact")
    assert ("data-api", API) in {
        (name, value) for _, attributes in everything.elements for name, value in attributes.items()
    }
    nothing = pages(home, modules={"s3-website": {}})["index.html"]
    assert not nothing.has("live")
    assert not nothing.has("contact")
    assert not pages(home, outputs={})["index.html"].has("live")  # nobody to ask


def test_texts_of_the_creators_folder_are_shown_and_cannot_bring_markup(tmp_path):
    home = workspace(tmp_path)
    folder = home / "creators" / "kasper"
    assert build(home, creator(), {}).warnings == ("no imprint: put it into creators/kasper/imprint.txt",)
    (folder / "about.txt").write_text("I play.\r\n\r\n<b>Loud</b>\nand long.\n")
    (folder / "imprint.txt").write_text("Kasper Kast\nHoney Street 1")
    site = build(home, creator(), {})
    assert site.warnings == ()
    text = site.pages["index.html"]
    assert "<p>I play.</p>\n<p>&lt;b&gt;Loud&lt;/b&gt;<br>and long.</p>" in text
    assert "<p>Kasper Kast<br>Honey Street 1</p>" in text


def test_the_imprint_of_the_newsletter_stands_in_for_a_missing_one(home):
    modules = {"newsletter": {"imprint": "Kasper Kast, Honey Street 1"}}
    site = build(home, creator(modules=modules), {})
    assert "<p>Kasper Kast, Honey Street 1</p>" in site.pages["index.html"]
    assert site.warnings == ()


def test_the_sites_of_the_sample_fleet_have_all_that_they_need():
    sites = [sample for sample in load(ROOT / "creators").creators if sample.modules.s3_website]
    assert sites
    assert {sample.slug: build(ROOT, sample, OUTPUTS).warnings for sample in sites} == {
        sample.slug: () for sample in sites
    }


def test_the_creators_own_logo_is_taken_as_it_is(tmp_path):
    home = workspace(tmp_path)
    (home / "creators/kasper/logo.webp").write_bytes(b"RIFF")
    site = build(home, creator(branding={"logo": "logo.webp"}), {})
    [logo] = [file for file in site.manifest.assets if "logo" in file.key]
    assert (logo.content_type, site.contents[logo.key]) == ("image/webp", b"RIFF")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: None, "logo.png cannot be read: no such file or directory"),
        (lambda folder: (folder / "logo.png").symlink_to("/etc/hostname"), "logo.png is a link"),
        (lambda folder: (folder / "logo.png").write_bytes(b"x" * (MOST_BYTES + 1)), "more than 1024 KiB"),
    ],
)
def test_a_logo_that_cannot_be_used_is_told(tmp_path, spoil, told):
    home = workspace(tmp_path)
    spoil(home / "creators" / "kasper")
    with pytest.raises(FleetError, match=told) as caught:
        build(home, creator(branding={"logo": "logo.png"}), {})
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION


def test_texts_that_lead_out_of_the_folder_or_are_no_text_are_refused(tmp_path):
    home = workspace(tmp_path)
    about = home / "creators/kasper/about.txt"
    about.symlink_to("/etc/hostname")
    with pytest.raises(FleetError, match=r"about.txt is a link"):
        build(home, creator(), {})
    about.unlink()
    about.write_bytes(b"\xff\xfe")
    with pytest.raises(FleetError, match=r"about.txt is not UTF-8"):
        build(home, creator(), {})


@pytest.mark.parametrize("url", ["javascript:alert(1)", 'https://a"b', "https://a b", 7])
def test_an_api_that_is_no_url_is_refused(home, url):
    with pytest.raises(FleetError, match="site_api_url"):
        build(home, creator(), {"site_api_url": url})


def test_a_broken_template_is_told_by_its_file(tmp_path):
    home = workspace(tmp_path)
    page = home / "frontend/template/pages/index.html"
    page.write_text(page.read_text() + "{{ nonsense }}")
    with pytest.raises(FleetError, match=r"frontend/template/pages/index.html asks for nonsense"):
        build(home, creator(), {})
    with pytest.raises(FleetError, match=r"frontend/template/assets is missing or empty"):
        build(tmp_path / "elsewhere", creator(), {})


def _is_line(text: str) -> bool:
    try:
        TypeAdapter(Line).validate_python(text)
    except ValidationError:
        return False
    return True


# What could end a tag, an attribute, an entity or a place of the template, mixed with any other text.
lines = (
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "<script>",
                    "</title>",
                    '"',
                    "'",
                    "&",
                    "&lt;",
                    "<!--",
                    "{{ name }}",
                    "{{",
                    "}}",
                    "`",
                    "=",
                    "\\",
                ]
            ),
            st.text(max_size=6),
        ),
        min_size=1,
        max_size=6,
    )
    .map("".join)
    .filter(lambda text: 0 < len(text) <= 80 and _is_line(text))
)


@given(name=lines, tagline=lines, imprint=lines)
def test_whatever_a_creator_is_called_the_page_stays_what_it_is(home, name, tagline, imprint):
    plain = pages(home, branding={"tagline": "x"}, modules={"newsletter": {"imprint": "Street 1"}})
    newsletter = {"newsletter": {"imprint": f"Street {imprint}"}}
    site = build(home, creator(name=name, branding={"tagline": tagline}, modules=newsletter), {})
    for key, text in site.pages.items():
        page = Page(text)
        assert page.tags() == plain[key].tags()
        assert [list(attributes) for _, attributes in page.elements] == [
            list(attributes) for _, attributes in plain[key].elements
        ]
        assert urlsplit(page.elements[-1][1].get("href") or "").netloc in ("", "kasper.live")
    assert name in Page(site.pages["index.html"]).texts
    assert tagline in [attributes.get("content") for _, attributes in Page(site.pages["index.html"]).elements]


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text()))
def test_values_are_escaped_once_and_never_looked_through(values):
    wanted = {"a": "", "b": ""} | values
    filled = fill("<p title='{{ a }}'>{{ b }}</p>", wanted)
    assert isinstance(filled, Markup)
    assert fill("{{ whole }}", {"whole": filled}) == filled
    assert "<" not in fill("{{ a }}{{ b }}", wanted)


def test_a_place_without_a_value_is_an_error():
    with pytest.raises(MissingValueError, match="missing"):
        fill("{{ missing }}", {})


def test_an_empty_text_has_no_paragraphs():
    assert paragraphs(" \n\n ") == ""
