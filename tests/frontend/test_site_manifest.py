"""What differs between sites, and what may be deleted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.frontend.manifest import apply, diff, left_over, paths_changed, unreferenced
from fleet_tui.frontend.model import Manifest
from tests.frontend.sites import file, manifest

keys = st.sampled_from(
    ["index.html", "404.html", "shop/index.html", "assets/a.css", "assets/b.js", "assets/c.svg"]
)
manifests = st.dictionaries(keys, st.sampled_from(["one", "two"]), max_size=6).map(
    lambda contents: Manifest(files=tuple(file(key, contents[key]) for key in sorted(contents)))
)


@given(before=manifests, after=manifests)
def test_the_difference_makes_the_one_of_the_other(before, after):
    assert apply(diff(before, after), before) == after
    assert diff(after, after) == diff(before, before)


@given(before=manifests, after=manifests)
def test_no_more_is_put_than_has_changed(before, after):
    assert not set(diff(before, after).put) & set(before.files)


@given(kept=st.lists(manifests, max_size=4), there=st.sets(st.one_of(keys, st.text(max_size=8))))
def test_nothing_that_is_referenced_or_no_asset_is_ever_deleted(kept, there):
    gone = unreferenced(there, kept)
    needed = {one.key for each in kept for one in each.files}
    assert not needed & set(gone)
    assert all(key.startswith("assets/") for key in gone)
    assert {key for key in there if key.startswith("assets/")} - needed == set(gone)


@given(
    known=st.lists(manifests, max_size=4), now=manifests, there=st.sets(st.one_of(keys, st.text(max_size=8)))
)
def test_only_pages_of_other_releases_are_left_over(known, now, there):
    gone = set(left_over(there, known, now))
    pages = {page.key for manifest in known for page in manifest.pages}
    assert gone <= there & pages
    assert not gone & {one.key for one in now.files}
    assert there & pages <= gone | {one.key for one in now.files}


def test_only_pages_that_changed_are_asked_for_anew():
    before = manifest(index="old", other="same", gone="x", a_site="1")
    after = manifest(index="new", other="same", a_site="2")
    assert paths_changed(before, after) == ("/gone.html", "/", "/index.html")
    assert paths_changed(after, after) == ()
    assert paths_changed(None, after) == ("/", "/index.html", "/other.html")


def test_a_folders_page_is_forgotten_under_both_of_its_addresses():
    after = Manifest(files=(file("shop/index.html"),))
    assert paths_changed(None, after) == ("/shop/", "/shop/index.html")
