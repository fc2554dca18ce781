"""Pictures that anyone may send come out as pixels, or not at all."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from shared.images import CheckedImage, ImageLimits, ImageType, Refusal, check_image

LIMITS = ImageLimits(max_bytes=200_000, max_width=400, max_height=300, min_width=20, min_height=10)
SECRET = "Beate Biene, Hinterhof 7"
GPS = 0x8825
LAMBDAS = Path(__file__).parents[2] / "lambdas"


def file_of(image: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def picture(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


def checked(data: bytes, limits: ImageLimits = LIMITS) -> CheckedImage:
    found = check_image(data, limits)
    assert isinstance(found, CheckedImage), found
    return found


@pytest.mark.parametrize(
    ("kind", "mode", "type_"),
    [
        ("PNG", "RGB", ImageType.PNG),
        ("PNG", "RGBA", ImageType.PNG),
        ("PNG", "P", ImageType.PNG),
        ("PNG", "1", ImageType.PNG),
        ("PNG", "I;16", ImageType.PNG),
        ("JPEG", "RGB", ImageType.JPEG),
        ("JPEG", "CMYK", ImageType.JPEG),
        ("JPEG", "L", ImageType.JPEG),
        ("WEBP", "RGBA", ImageType.WEBP),
        ("GIF", "P", ImageType.PNG),
    ],
)
def test_every_kind_comes_out_as_a_picture_of_the_same_size(kind: str, mode: str, type_: ImageType) -> None:
    found = checked(file_of(picture(mode=mode), kind))
    assert (found.type, found.width, found.height) == (type_, 40, 20)
    with Image.open(io.BytesIO(found.data)) as again:
        again.load()
        assert (again.size, again.mode in ("RGB", "RGBA")) == ((40, 20), True)
        assert again.get_format_mimetype() == type_.value
    assert found.extension == {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}[type_]


def test_transparency_stays() -> None:
    clear = Image.new("RGBA", (40, 20), (255, 0, 0, 0))
    with Image.open(io.BytesIO(checked(file_of(clear, "PNG")).data)) as again:
        assert again.getpixel((0, 0)) == (255, 0, 0, 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_was_attached_comes_out(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(GPS)[2] = (52.0, 30.0, 0.0)
    options: dict[str, object] = {"exif": exif, "icc_profile": SECRET.encode(), "xmp": SECRET.encode()}
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Author", SECRET)
        options["pnginfo"] = notes
    if kind == "JPEG":
        options["comment"] = SECRET
    data = file_of(picture(), kind, **options) + SECRET.encode()
    assert data.count(SECRET.encode()) >= 3
    found = checked(data)
    assert SECRET.encode() not in found.data
    with Image.open(io.BytesIO(found.data)) as again:
        assert not dict(again.getexif())
        assert not again.info.keys() & {"exif", "icc_profile", "xmp", "comment", "Author"}


def test_a_picture_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    found = checked(file_of(picture(200, 100), "JPEG", exif=exif))
    assert (found.width, found.height) == (100, 200)
    found_too_high = check_image(file_of(picture(390, 100), "JPEG", exif=exif), LIMITS)
    assert found_too_high is Refusal.TOO_LARGE_DIMENSIONS


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_animations_are_refused(kind: str) -> None:
    other = Image.new("RGB", (40, 20), "red")
    assert check_image(file_of(picture(), kind, save_all=True, append_images=[other]), LIMITS) is (
        Refusal.ANIMATED
    )


@pytest.mark.parametrize(
    ("size", "refusal"),
    [
        ((401, 20), Refusal.TOO_LARGE_DIMENSIONS),
        ((40, 301), Refusal.TOO_LARGE_DIMENSIONS),
        ((19, 20), Refusal.TOO_SMALL_DIMENSIONS),
        ((40, 9), Refusal.TOO_SMALL_DIMENSIONS),
    ],
)
def test_sides(size: tuple[int, int], refusal: Refusal) -> None:
    assert check_image(file_of(picture(*size), "PNG"), LIMITS) is refusal


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    assert check_image(b"x" * (LIMITS.max_bytes + 1), LIMITS) is Refusal.TOO_LARGE


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it has these sides, and has nothing of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [401, 12_000, 60_000, 2**31 - 1])
def test_a_small_file_cannot_become_a_large_picture(side: int) -> None:
    assert check_image(bomb(side, side), LIMITS) is Refusal.TOO_LARGE_DIMENSIONS


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7",
        b"BM" + b"\0" * 60,
        bomb(40, 20),
    ],
)
def test_what_is_no_picture(data: bytes) -> None:
    assert check_image(data, LIMITS) is Refusal.NOT_AN_IMAGE


def test_other_formats_that_pillow_knows_are_no_pictures_here() -> None:
    for kind in ("BMP", "TIFF", "ICO", "PPM"):
        assert check_image(file_of(picture(), kind), LIMITS) is Refusal.NOT_AN_IMAGE


SAMPLES = [file_of(picture(), kind) for kind in ("PNG", "JPEG", "WEBP", "GIF")]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_broken_file_is_a_picture_or_a_refusal_and_never_an_error(
    sample: bytes, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sample)), min_size=2, max_size=6)))
    broken = b"".join(
        bytes(byte ^ 0x5A for byte in sample[start:end]) if index % 2 else sample[start:end]
        for index, (start, end) in enumerate(pairwise([0, *cuts]))
    )
    found = check_image(broken, LIMITS)
    assert isinstance(found, Refusal) or (
        found.width <= LIMITS.max_width and found.height <= LIMITS.max_height
    )


def test_pillow_is_loaded_only_for_a_picture() -> None:
    code = "import sys, shared.images; sys.exit(any(name.startswith('PIL') for name in sys.modules))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=LAMBDAS)
