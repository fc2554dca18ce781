"""What is sent to S3: types, caches, checksums and conditions."""

from __future__ import annotations

import boto3
import pytest

from fleet_tui.frontend.build import EVERY_TIME, FOR_EVER, build
from fleet_tui.frontend.model import ENTRY, History, Served
from fleet_tui.frontend.place import Place, needed_place, place_of
from fleet_tui.frontend.releases import HISTORY, ReleaseBook
from fleet_tui.frontend.upload import SiteBucket, etag_of
from fleet_tui.problems import FleetError, ProblemKind
from tests.frontend.sites import creator, file, workspace
from tests.state_bucket import DOOR, make_bucket, moto

KASPER = creator(account_id="123456789012")
PLACE = Place(bucket="kasper-site", distribution="E1", host="d1.cloudfront.net", url="https://kasper.live")


@pytest.fixture
def door(tmp_path, monkeypatch):
    with moto(tmp_path, monkeypatch):
        for bucket in (PLACE.bucket, KASPER.state_bucket):
            make_bucket(bucket)
        yield DOOR


def client():
    return boto3.client("s3", region_name="eu-central-1")


def test_every_file_is_put_with_its_type_and_how_long_it_may_be_kept(door, tmp_path):
    site = build(workspace(tmp_path), KASPER, {})
    bucket = SiteBucket(door, KASPER, PLACE)
    for one in site.manifest.files:
        bucket.put(one, site.contents[one.key])
    heads = {one.key: client().head_object(Bucket=PLACE.bucket, Key=one.key) for one in site.manifest.files}
    assert heads[ENTRY]["ContentType"] == "text/html; charset=utf-8"
    assert heads[ENTRY]["CacheControl"] == EVERY_TIME
    styles = [head for key, head in heads.items() if key.endswith(".css")]
    assert {(head["ContentType"], head["CacheControl"]) for head in styles} == {
        ("text/css; charset=utf-8", FOR_EVER)
    }
    assert bucket.etags() == {key: etag_of(content) for key, content in site.contents.items()}


def test_the_first_page_is_replaced_only_while_it_is_the_one_that_was_seen(door):
    bucket = SiteBucket(door, KASPER, PLACE)
    assert bucket.served() is None
    ours = Served(etag="", release="r1", run_id="run-1")
    bucket.switch(file(ENTRY, "one"), b"one", None, ours)
    seen = bucket.served()
    assert seen == ours.model_copy(update={"etag": etag_of(b"one")})
    bucket.switch(file(ENTRY, "two"), b"two", seen, ours)
    for late in (seen, None):
        with pytest.raises(FleetError, match="replaced the site's first page just now") as caught:
            bucket.switch(file(ENTRY, "three"), b"three", late, ours)
        assert caught.value.problem.kind is ProblemKind.CONFLICT
    assert bucket.read(ENTRY) == b"two"
    assert bucket.read("missing.html") is None


def test_the_first_page_cannot_be_deleted(door):
    bucket = SiteBucket(door, KASPER, PLACE)
    for key in ("assets/old.css", ENTRY):
        client().put_object(Bucket=PLACE.bucket, Key=key, Body=b"x")
    with pytest.raises(ValueError, match="always a first page"):
        bucket.delete(("assets/old.css", ENTRY))
    assert set(bucket.etags()) == {"assets/old.css", ENTRY}
    bucket.delete(("assets/old.css",))
    assert set(bucket.etags()) == {ENTRY}


def test_the_history_is_replaced_only_while_it_is_the_one_that_was_read(door):
    book = ReleaseBook(door, KASPER)
    history, etag = book.history()
    assert (history, etag) == (History(), "")
    later = book.write_history(history, etag)
    for stale in ("", '"5d41402abc4b2a76b9719d911017c592"'):
        with pytest.raises(FleetError, match="somebody else is deploying this site"):
            book.write_history(history, stale)
    assert book.history() == (history, later)


def test_a_release_that_is_gone_or_cannot_be_read_is_told(door):
    book = ReleaseBook(door, KASPER)
    with pytest.raises(FleetError, match="there is no release r1") as caught:
        book.release("r1")
    assert caught.value.problem.kind is ProblemKind.NOT_FOUND
    client().put_object(Bucket=KASPER.state_bucket, Key=HISTORY, Body=b"{}x")
    with pytest.raises(FleetError, match="not in the form that fleet writes") as caught:
        book.history()
    assert caught.value.problem.kind is ProblemKind.CONFIGURATION


def test_a_site_lies_where_all_of_the_outputs_say():
    outputs = {
        "site_bucket": "b", "distribution_id": "E1", "distribution_domain_name": "d1.cloudfront.net",
        "site_url": "https://kasper.live",
    }  # fmt: skip
    assert place_of(outputs) == PLACE.model_copy(update={"bucket": "b"})
    for missing in outputs:
        assert place_of(outputs | {missing: None}) is None
    with pytest.raises(FleetError, match="Switch on"):
        needed_place("kasper", {})
