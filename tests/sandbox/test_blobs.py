"""Large contents of the state are kept once, and swept when nobody refers to them."""

from __future__ import annotations

import pytest

from fleet_tui.sandbox.emulator.blobs import Blobs


def test_the_same_content_is_kept_once(tmp_path):
    blobs = Blobs(tmp_path / "blobs")
    name = blobs.put(b"layer" * 1000)

    assert blobs.put(bytes(bytearray(b"layer" * 1000))) == name
    assert [path.name for path in (tmp_path / "blobs").iterdir()] == [name]


def test_what_was_put_comes_back_as_one_object(tmp_path):
    name = Blobs(tmp_path).put(b"layer" * 1000)
    later = Blobs(tmp_path)

    assert later.get(name) == b"layer" * 1000
    assert later.get(name) is later.get(name)
    assert later.put(later.get(name)) == name


def test_what_nobody_refers_to_is_swept(tmp_path):
    blobs = Blobs(tmp_path)
    old, new = blobs.put(b"old"), blobs.put(b"new")
    blobs.sweep({new})

    assert blobs.get(new) == b"new"
    with pytest.raises(OSError, match=old):
        blobs.get(old)
    assert blobs.put(b"old") == old
    assert blobs.get(old) == b"old"
