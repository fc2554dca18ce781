from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry import load
from fleet_tui.registry.model import Registry
from fleet_tui.registry.reading import MAX_BYTES

GOOD = """\
name = "Mina Moor"
domain = "{slug}.live"
account_id = "{account}"
region = "eu-west-1"
contact = "hello@mina-moor.live"
monthly_budget = 120
"""


def write(root: Path, slug: str, text: str | bytes | None = None, *, account: str = "210000000002") -> Path:
    path = root / slug / "creator.toml"
    path.parent.mkdir(parents=True)
    if text is None:
        text = GOOD.format(slug=slug, account=account)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def sentences(registry: Registry, slug: str) -> list[str]:
    errors = next(row.errors for row in registry.invalid if row.slug == slug)
    return [error.sentence for error in errors]


def broken(tmp_path: Path, text: str | bytes) -> list[str]:
    write(tmp_path, "mina-moor", text)
    registry = load(tmp_path)
    assert not registry.creators
    return sentences(registry, "mina-moor")


def with_line(old: str, new: str) -> str:
    text = GOOD.format(slug="mina-moor", account="210000000002")
    assert old in text
    return text.replace(old, new)


def test_a_fleet_is_read_in_the_order_of_its_slugs(tmp_path: Path):
    write(tmp_path, "yara-yew", account="210000000001")
    write(tmp_path, "mina-moor", account="210000000002")
    (tmp_path / "README.md").write_text("a file beside the folders")
    (tmp_path / ".git").mkdir()

    registry = load(tmp_path)

    assert [creator.slug for creator in registry.creators] == ["mina-moor", "yara-yew"]
    assert registry.invalid == ()
    assert registry.get("mina-moor").domain == "mina-moor.live"
    assert Registry.model_validate_json(registry.model_dump_json()) == registry


def test_one_bad_file_hides_nobody_else(tmp_path: Path):
    write(tmp_path, "mina-moor")
    write(tmp_path, "ron-rune", with_line("eu-west-1", "eu-wst-1"))

    registry = load(tmp_path)

    assert [creator.slug for creator in registry.creators] == ["mina-moor"]
    assert sentences(registry, "ron-rune") == [
        'creator.toml line 4: region "eu-wst-1" is not a region; did you mean eu-west-1?'
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"eu-west-1"', "1", "line 4: region has to be a text in quotes, not 1"),
        (
            "account_id",
            "acount_id",
            "line 3: acount_id is not a key that is known here; did you mean account_id?",
        ),
        (
            "= 120",
            "= 120\nprofile = 'x'",
            "line 7: profile is not a key that is known here; it belongs in [access]",
        ),
        (
            "= 120",
            "= 120\nslug = 'x'",
            "line 7: slug is not written in the file: it is the name of the folder",
        ),
        (
            '"210000000002"',
            '"2100"',
            'line 3: account_id "2100" is not an account id: twelve digits in quotes',
        ),
        (
            '"210000000002"',
            "210000000002",
            "line 3: account_id 210000000002 is not an account id: twelve digits in",
        ),
        ("= 120", "= 0", "line 6: monthly_budget has to be more than 0, not 0"),
        ("= 120", "= nan", "line 6: monthly_budget has to be a number, not nan"),
        ("= 120", "= true", "line 6: monthly_budget has to be a number, not true"),
        (
            "= 120",
            '= 120\nwave = "cannary"',
            'wave "cannary" is none of canary, early, general; did you mean canary?',
        ),
        ("= 120", "= 120\ntags = 1", "line 7: tags has to be a table, not 1"),
        ("= 120", "= 120\n[tags]\ndomain = 1", "line 8: tags.domain has to be a text in quotes, not 1"),
        ("= 120", "= 120\n[access]\nexternal_id = 12345", "external_id has to be a text in quotes, not this"),
        ("= 120", "= 120\n[access]\nprofile = ''", "line 8: access.profile is empty"),
        (
            "= 120",
            "= 120\n[access]\nexternal_id = 'ab'",
            "line 8: access.external_id needs a role_arn beside it",
        ),
        (
            "= 120",
            "= 120\n[access]\nrole_arn = 'arn:aws:iam::210000000003:role/FleetOperator'",
            "line 8: access.role_arn is in another account than account_id 210000000002",
        ),
        (
            "= 120",
            "= 120\n[modules.s3_website]",
            "line 7: modules.s3_website is not a key that is known here; did you",
        ),
        (
            "= 120",
            "= 120\n[modules.ivs-streaming]\nchannel_type = 'standard'",
            '"standard" is none of BASIC, STANDARD, ADVANCED_SD, ADVANCED_HD; did you mean STANDARD?',
        ),
        (
            "= 120",
            "= 120\n[modules]\nivs-streaming = {recording = 'yes'}",
            'line 8: modules.ivs-streaming.recording has to be true or false, not "yes"',
        ),
        (
            "= 120",
            "= 120\n[modules.sponsor-system.rates]\ntop = 1\nbotom = 2",
            "line 9: modules.sponsor-system.rates.botom is not a key that is known here; did you mean bottom",
        ),
        (
            "= 120",
            "= 120\n[modules.sponsor-system.rates]\ntop = 99.5",
            "line 8: modules.sponsor-system.rates.top has to be a whole number, not 99.5",
        ),
        (
            "= 120",
            "= 120\n[branding]\nprimary = 'red'",
            'branding.primary "red" is not a colour, such as "#e0a526"',
        ),
        (
            "= 120",
            "= 120\n[branding]\nlogo = '../x.svg'",
            "line 8: branding.logo has to be a file beside creator.toml",
        ),
        ('"Mina Moor"', '"\\u001b[2J"', "line 1: name has characters that cannot be shown in one line"),
        ('"Mina Moor"', '"Mina\\u202erooM"', "line 1: name has characters that cannot be shown in one line"),
        ("= 120", '= 120\n"\\u001b[2J" = 1', r'line 7: "\x1b[2J" is not a key that is known here'),
        ("= 120", '= 120\nwave = "\\u001b[2J"', r'line 7: wave "\x1b[2J" is none of canary, early, general'),
        (
            "= 120",
            '= 120\n[tags]\n"\\n" = ""',
            r'line 8: tags."\n" has characters that a tag in AWS cannot have',
        ),
        (
            '"eu-west-1"',
            '"eu-west-2"\nmodules.ivs-streaming.enabled = true',
            'line 4: region "eu-west-2" has no IVS, and ivs-streaming is on; IVS is in ap-northeast-1, ',
        ),
        ("= 120", "= 120\n[]", "line 7: a key is missing, or has a character that needs quotes"),
        ('"Mina Moor"', "Mina Moor", "line 1: this is not a value; texts are written in quotes"),
        ('"Mina Moor"', '"Mina Moor', "line 1: a text is not closed with a quote"),
        ("= 120", "= 120\nname = 'again'", "line 7: this key is set a second time"),
        ("= 120", "= 120\n[tags]\n[access]\n[tags]", "line 9: the table [tags] is there a second time"),
        ("= 120", "120", "line 6: not valid TOML: expected '=' after a key in a key/value pair"),
        ("= 120", "= " + "9" * 5000, "not valid TOML: exceeds the limit"),
    ],
)
def test_errors_name_the_line_and_the_key_in_plain_words(tmp_path: Path, old: str, new: str, sentence: str):
    said = broken(tmp_path, with_line(old, new))
    assert any(sentence in line for line in said), said
    assert all(line.startswith("creator.toml") and "Input should" not in line for line in said)


def test_every_error_of_a_file_is_told(tmp_path: Path):
    text = with_line('"eu-west-1"', '"mars"').replace("contact", "kontact")
    assert broken(tmp_path, text) == [
        'creator.toml line 4: region "mars" is not a region',
        "creator.toml: contact is missing",
        "creator.toml line 5: kontact is not a key that is known here; did you mean contact?",
    ]


def test_a_secret_is_never_quoted(tmp_path: Path):
    (sentence,) = broken(
        tmp_path, with_line("= 120", "= 120\n[access]\nexternal_id = 'x\\u0007'".replace("'", '"'))
    )
    assert (
        sentence == "creator.toml line 8: access.external_id has characters that cannot be shown in one line"
    )


@pytest.mark.parametrize(
    ("key", "value", "called"), [("account_id", "210000000001", "account"), ("domain", "a.live", "domain")]
)
def test_creators_that_share_what_is_their_own_are_all_invalid(
    tmp_path: Path, key: str, value: str, called: str
):
    for number, slug in enumerate(["mina-moor", "otto-okto", "yara-yew"]):
        text = GOOD.format(slug=slug, account=f"21000000001{number}")
        if slug != "yara-yew":
            text = "\n".join(
                f'{key} = "{value}"' if line.startswith(key) else line for line in text.split("\n")
            )
        write(tmp_path, slug, text)

    registry = load(tmp_path)

    assert [creator.slug for creator in registry.creators] == ["yara-yew"]
    line = 3 if key == "account_id" else 2
    assert sentences(registry, "mina-moor") == [
        f'creator.toml line {line}: {key} "{value}" is also the {called} of otto-okto'
    ]
    assert sentences(registry, "otto-okto") == [
        f'creator.toml line {line}: {key} "{value}" is also the {called} of mina-moor'
    ]


def test_a_folder_name_that_is_no_slug_is_a_row_in_trouble(tmp_path: Path):
    for name in ["Mina_Moor", "x", "a" * 25]:
        write(tmp_path, name)
    (tmp_path / os.fsdecode(b"\xff\x1b[2J")).mkdir()

    registry = load(tmp_path)

    assert not registry.creators
    assert [row.slug for row in registry.invalid] == ["Mina_Moor", "a" * 25, "x", r"\udcff\x1b[2J"]
    assert sentences(registry, "x")[0].startswith(
        'creator.toml: the folder\'s name "x" is not a slug: 3 to 24'
    )
    assert Registry.model_validate_json(registry.model_dump_json()) == registry


def test_files_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "no-file").mkdir()
    (tmp_path / "a-folder" / "creator.toml").mkdir(parents=True)
    pipe = tmp_path / "a-pipe" / "creator.toml"
    pipe.parent.mkdir()
    os.mkfifo(pipe)
    write(tmp_path, "too-large", "#" * (MAX_BYTES + 1))
    write(tmp_path, "latin-1", "\n# gr\xfcn".encode("latin-1"))
    write(tmp_path, "with-mark", b"\xef\xbb\xbfname = 1")
    write(tmp_path, "too-deep", "a = " + "[" * 5000)
    write(tmp_path, "empty", "")
    write(tmp_path, "a-nul", "name = '\0'")

    registry = load(tmp_path)

    assert {row.slug: row.errors[0].sentence for row in registry.invalid} == {
        "a-folder": "creator.toml: is not a file",
        "a-nul": "creator.toml line 1: not valid TOML: found invalid character '\\x00'",
        "a-pipe": "creator.toml: is not a file",
        "empty": "creator.toml: name is missing",
        "latin-1": "creator.toml line 2: is not UTF-8 (byte 0xfc)",
        "no-file": "creator.toml: is missing",
        "too-deep": "creator.toml: is nested too deeply",
        "too-large": "creator.toml: is larger than 64 KiB",
        "with-mark": "creator.toml line 1: begins with a byte order mark; save it as UTF-8 without one",
    }


def test_links_are_refused(tmp_path: Path):
    fleet = tmp_path / "fleet"
    target = write(fleet, "mina-moor")
    outside = write(tmp_path, "outside", account="210000000009")
    (fleet / "linked").symlink_to(outside.parent)
    (fleet / "dangling").symlink_to(tmp_path / "nowhere")
    (fleet / "circle").symlink_to(fleet / "circle")
    (fleet / "notes.txt").symlink_to(outside)
    (fleet / "otto-okto").mkdir()
    (fleet / "otto-okto" / "creator.toml").symlink_to(target)

    registry = load(fleet)

    assert [creator.slug for creator in registry.creators] == ["mina-moor"]
    linked = "is a link; a creator has a folder of their own"
    assert {row.slug: row.errors[0].message for row in registry.invalid} == {
        "circle": linked,
        "dangling": linked,
        "linked": linked,
        "otto-okto": "is a link; put the file itself there",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_without_permission(tmp_path: Path):
    write(tmp_path, "mina-moor").chmod(0)
    assert sentences(load(tmp_path), "mina-moor") == ["creator.toml: cannot be read: permission denied"]


def test_a_missing_root_is_an_error_of_the_whole(tmp_path: Path):
    with pytest.raises(FleetError) as caught:
        load(tmp_path / "nowhere")
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION
    assert "no such file or directory" in caught.value.problem.what


def test_an_empty_root_is_an_empty_fleet(tmp_path: Path):
    assert load(tmp_path) == Registry(root=tmp_path, creators=(), invalid=())


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_content_is_an_exception(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    root = tmp_path_factory.mktemp("fleet")
    write(root, "mina-moor", content)
    registry = load(root)
    assert registry.invalid[0].errors
    assert all(char.isprintable() for error in registry.invalid[0].errors for char in error.sentence)


@pytest.mark.parametrize("key", ["creator", "managed-by", "aws:x", "AWS:x", "a#b"])
def test_a_tag_that_terraform_would_refuse_is_refused_here(tmp_path, key):
    folder = tmp_path / "kasper"
    folder.mkdir()
    (folder / "creator.toml").write_text(
        'name = "K"\ndomain = "kasper.live"\naccount_id = "210000000001"\nregion = "eu-central-1"\n'
        f'contact = "k@kasper.live"\nmonthly_budget = 1\n[tags]\n"{key}" = "x"\n'
    )
    (invalid,) = load(tmp_path).invalid
    assert invalid.errors[0].key.startswith("tags")
