"""New creators' files: the rules while typing are the rules of reading, and nothing is ever written over."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry import load
from fleet_tui.registry.creating import create, file_text
from fleet_tui.registry.drafting import (
    MODULES,
    USUAL_MODULES,
    Draft,
    complaints_of,
    creator_of,
    left_to_the_file,
    nearest_creator,
    new_external_id,
    slug_of,
    suggestion,
)
from fleet_tui.registry.model import Branding, Failover, Registry
from fleet_tui.registry.reading import InvalidFileError, parse

SAMPLES = Path(__file__).parents[2] / "creators"
MEMBERS = {"modules": ("user-auth", "membership")}
EMPTY = Registry(root=Path("creators"), creators=(), invalid=())
NELE = Draft(
    slug="nele-nix",
    name="Nele Nix",
    domain="nele-nix.live",
    account_id="290000000042",
    region="eu-central-1",
    contact="nele@nele-nix.live",
    budget="150",
    role_arn="arn:aws:iam::290000000042:role/FleetOperator",
    external_id="fleet-0123456789abcdef",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES, tmp_path / "creators")
    return tmp_path / "creators"


def changed(**fields: object) -> Draft:
    return NELE.model_copy(update=fields)


def test_what_is_written_is_what_was_described(root: Path):
    creator = create(root, NELE)
    assert load(root).get("nele-nix") == creator == creator_of(NELE)
    text = (root / "nele-nix" / "creator.toml").read_text()
    assert "monthly_budget = 150 # US dollars, as AWS bills them" in text
    assert [entry.name for entry in (root / "nele-nix").iterdir()] == ["creator.toml"]


def test_every_module_can_be_switched_on(root: Path):
    creator = create(root, changed(modules=MODULES, imprint="Nele Nix, Honigweg 1", tiers="Bee 5"))
    assert creator.modules.enabled == MODULES


def test_second_region_branding_and_prices_are_written(root: Path):
    creator = create(
        root,
        changed(
            modules=(*USUAL_MODULES, "shop", "membership"),
            currency="CHF",
            tiers="Bee 5, Queen Bee 9.90, 女王 20",
            failover="eu-west-1",
            tagline="Letters, slowly",
            primary="#123456",
        ),
    )
    membership, shop = creator.modules.membership, creator.modules.shop
    assert membership is not None
    assert [(tier.id, tier.name, tier.price) for tier in membership.tiers] == [
        ("bee", "Bee", 500),
        ("queen-bee", "Queen Bee", 990),
        ("tier-3", "女王", 2000),
    ]
    assert shop is not None
    assert membership.currency == shop.currency == "CHF"
    assert creator.failover == Failover(region="eu-west-1")
    assert creator.branding == Branding(tagline="Letters, slowly", primary="#123456")
    text = (root / "nele-nix" / "creator.toml").read_text()
    assert 'tagline = "Letters, slowly"' in text
    assert "accent" not in text  # the platform's own


def test_what_is_left_to_the_file_is_named():
    assert left_to_the_file(Draft(modules=("ivs-chat", "s3-website"))) == (
        "logo, imprint.txt, about.txt",
        "blocked words",
    )
    assert left_to_the_file(Draft(modules=("polls",))) == ()


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"slug": "kasper"}, "slug", '"kasper" is there already'),
        ({"slug": "ron-rune"}, "slug", "is there already"),
        ({"slug": "Nele"}, "slug", "is not a slug"),
        ({"domain": "kasper.live"}, "domain", '"kasper.live" is the domain of kasper'),
        ({"domain": "nele"}, "domain", "is not a domain"),
        ({"account_id": "210000000001"}, "account_id", "is the account of kasper"),
        ({"account_id": "21"}, "account_id", "is not an account id: twelve digits, such as"),
        ({"region": "eu-centrl-1"}, "region", "did you mean eu-central-1?"),
        ({"region": "us-east-2"}, "region", "has no IVS"),
        ({"wave": "genral"}, "wave", "did you mean general?"),
        ({"language": "fr"}, "language", "is none of en, de"),
        ({"budget": "lots"}, "budget", "has to be a number"),
        ({"budget": "0"}, "budget", "more than 0"),
        ({"budget": ""}, "budget", "is missing"),
        ({"contact": "nele"}, "contact", "is not an e-mail address"),
        ({"role_arn": "", "external_id": ""}, "role_arn", "is missing: a role or a profile"),
        ({"role_arn": "arn:aws:iam::290000000043:role/X"}, "role_arn", "is in another account"),
        ({"role_arn": "", "profile": "nele"}, "external_id", "needs a role_arn"),
        ({"channel_type": "HD"}, "channel_type", "is none of BASIC"),
        ({"modules": ("shop", "newsletter")}, "imprint", "is too short"),
        ({"modules": ("membership",)}, "modules", "add [modules.user-auth]"),
        ({"modules": ("shopp",)}, "modules", "is none of s3-website"),
        ({"modules": ("shop",), "currency": "eur"}, "currency", "did you mean EUR?"),
        (MEMBERS | {"tiers": ""}, "tiers", "are missing: a name and a price a month, such as Bee 5"),
        (MEMBERS | {"tiers": "Bee 5,50"}, "tiers", '"50" is no name with a price, such as Bee 5'),
        (MEMBERS | {"tiers": "Bee"}, "tiers", '"Bee" is no name with a price'),
        (MEMBERS | {"tiers": "Bee 0.50"}, "tiers", '"Bee 0.50" has a price that is not from 1 to 1000'),
        (MEMBERS | {"tiers": "Bee 5000"}, "tiers", "not from 1 to 1000"),
        (MEMBERS | {"tiers": "Bee 5, bee 9"}, "tiers", '"bee" is there twice'),
        (MEMBERS | {"tiers": f"{'B' * 61} 5"}, "tiers", "is too long: at most 60 characters"),
        ({"failover": "eu-centrl-1"}, "failover", "did you mean eu-central-1?"),
        ({"failover": "eu-central-1"}, "failover", "is the region that it is to stand in for"),
        ({"primary": "red"}, "primary", 'is not a colour, such as "#e0a526"'),
        ({"tagline": "x" * 121}, "tagline", "is too long"),
    ],
)
def test_what_is_wrong_is_told_by_field(fields, field, told):
    wrong = complaints_of(changed(**fields), load(SAMPLES))
    assert told in wrong[field]


def test_rules_over_several_fields_speak_up_while_others_are_still_empty():
    typing = Draft(name="Nele Nix", region="us-east-2", modules=("ivs-streaming",))
    assert "has no IVS" in complaints_of(typing, EMPTY)["region"]
    typing = Draft(account_id="29", role_arn=NELE.role_arn)
    assert "role_arn" not in complaints_of(typing, EMPTY)  # which account it has to be is not known yet


def test_nothing_is_wrong_with_a_right_one():
    assert complaints_of(NELE, load(SAMPLES)) == {}
    assert complaints_of(changed(role_arn="", external_id="", profile="nele"), EMPTY) == {}


TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["kasper", "a.live", "290000000042", "eu-central-1", "x@y.zz", "12.50", "A 5, B 9", ""]),
)
DRAFTS = st.builds(
    Draft,
    **{name: TEXTS for name in Draft.model_fields if name != "modules"},
    modules=st.lists(st.sampled_from(MODULES), unique=True).map(tuple),
)


@given(DRAFTS)
def test_the_form_accepts_exactly_what_the_file_may_say(draft):
    wrong = complaints_of(draft, EMPTY)
    try:
        read = parse(Path("creators") / draft.slug / "creator.toml", draft.slug, file_text(draft))
    except (InvalidFileError, UnicodeEncodeError):
        read = None
    if not wrong:
        assert read is not None
        assert read == creator_of(draft)
    if read is None:
        assert wrong


@given(
    st.text(min_size=1, max_size=80),
    st.sampled_from(["name", "contact", "external_id", "profile", "imprint", "tiers", "tagline"]),
)
def test_no_text_breaks_out_of_its_place(text, field):
    draft = changed(**{"modules": MODULES, "imprint": "Nele Nix", "tiers": "Bee 5", field: text})
    if field == "profile":
        draft = draft.model_copy(update={"role_arn": "", "external_id": ""})
    if not complaints_of(draft, EMPTY):
        read = parse(Path("creators/nele-nix/creator.toml"), "nele-nix", file_text(draft))
        assert read == creator_of(draft)
        assert read.modules.enabled == MODULES


@given(st.text(max_size=60))
def test_a_slug_from_a_name_is_a_slug_or_nothing(name):
    slug = slug_of(name)
    assert not slug or "slug" not in complaints_of(changed(slug=slug), EMPTY)


def test_what_follows_from_a_name_and_an_account_is_proposed():
    proposed = suggestion(Draft(name="Jürgen & die Bienen", account_id="290000000042"), load(SAMPLES))
    assert proposed.slug == "jurgen-die-bienen"
    assert proposed.domain == "jurgen-die-bienen.live"
    assert proposed.contact == "hello@jurgen-die-bienen.live"
    assert proposed.region == "eu-central-1"  # where most of the sample fleet is
    assert proposed.role_arn == "arn:aws:iam::290000000042:role/FleetOperator"
    assert suggestion(NELE, load(SAMPLES)) == NELE
    assert suggestion(Draft(account_id="290000000042", profile="nele"), EMPTY).role_arn == ""
    assert suggestion(Draft(modules=("membership",)), EMPTY).tiers == "Member 5"
    assert new_external_id() != new_external_id()


def test_an_unfinished_draft_already_has_a_price():
    assert nearest_creator(Draft()) is not None
    assert nearest_creator(Draft(modules=("membership",))) is None


def test_a_file_that_is_there_is_never_written_over(root: Path):
    (root / "nele-nix").mkdir()
    (root / "nele-nix" / "creator.toml").write_text("mine")
    with pytest.raises(FleetError) as refused:
        create(root, NELE)
    assert refused.value.problem.kind is ProblemKind.CONFLICT
    assert (root / "nele-nix" / "creator.toml").read_text() == "mine"


def test_an_editor_that_is_faster_keeps_what_it_wrote(root: Path, monkeypatch: pytest.MonkeyPatch):
    """No lock of ours keeps others out of the folder."""

    def parse_slowly(path: Path, slug: str, text: str):
        path.parent.mkdir()
        path.write_text("mine")
        return parse(path, slug, text)

    monkeypatch.setattr("fleet_tui.registry.creating.parse", parse_slowly)
    with pytest.raises(FleetError) as refused:
        create(root, NELE)
    assert refused.value.problem.kind is ProblemKind.CONFLICT
    assert [entry.read_text() for entry in (root / "nele-nix").iterdir()] == ["mine"]


def test_a_wrong_draft_leaves_nothing_behind(root: Path):
    before = sorted(root.iterdir())
    with pytest.raises(FleetError, match=r"is the domain of kasper.*Nothing was written"):
        create(root, changed(domain="kasper.live"))
    assert sorted(root.iterdir()) == before


def test_of_two_who_add_one_creator_at_a_time_one_does(root: Path):
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def add(number: int) -> None:
        start.wait()
        try:
            create(root, changed(name=f"Nele {number}"))
            outcomes.append("written")
        except FleetError as error:
            outcomes.append(error.problem.kind.value)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 7 + ["written"]
    assert load(root).get("nele-nix") is not None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    with pytest.raises(FleetError) as refused:
        create(tmp_path / "nowhere", NELE)
    assert refused.value.problem.kind is ProblemKind.CONFIGURATION
