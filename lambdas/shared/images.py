"""Pictures that anyone may send: looked at with suspicion, and drawn anew before anybody else sees them.

Pillow is imported when the first picture is checked: most functions never do.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_JPEG_QUALITY = 90
_WEBP_QUALITY = 90


class ImageType(StrEnum):
    """Media types that are taken."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    GIF = "image/gif"


_FORMATS = {"PNG": ImageType.PNG, "JPEG": ImageType.JPEG, "WEBP": ImageType.WEBP, "GIF": ImageType.GIF}
_EXTENSIONS = {ImageType.PNG: "png", ImageType.JPEG: "jpg", ImageType.WEBP: "webp"}


class Refusal(StrEnum):
    """Why a picture is not taken."""

    TOO_LARGE = "too-large"
    NOT_AN_IMAGE = "not-an-image"
    ANIMATED = "animated"
    TOO_SMALL_DIMENSIONS = "too-small-dimensions"
    TOO_LARGE_DIMENSIONS = "too-large-dimensions"


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may be.

    Args:
        max_bytes: of the file as it is sent.
        min_width: pixels, as are all sides; sides are those of the picture as it is shown.
    """

    max_bytes: int
    max_width: int
    max_height: int
    min_width: int = 1
    min_height: int = 1


@dataclass(frozen=True, slots=True)
class CheckedImage:
    """A picture that may be shown.

    Args:
        data: the new file.
        type: of the new file; a GIF has become a PNG.
        width: pixels, as is the height.
    """

    data: bytes
    type: ImageType
    width: int
    height: int

    @property
    def extension(self) -> str:
        """Of a file's name, without the dot."""
        return _EXTENSIONS[self.type]


def check_image(data: bytes, limits: ImageLimits) -> CheckedImage | Refusal:
    """The picture drawn anew from its pixels alone, or why it is not taken.

    The file's first bytes say its size, which is checked before a pixel is decoded, so that a small file
    cannot become a large picture in memory. Then all of it is decoded. What goes into the new file are the
    pixels, turned as the camera says: no place, camera, comment, thumbnail or hidden attachment. Colours are
    taken as sRGB. Animations are refused, because what is approved is what is seen at one look.

    Args:
        data: the file, PNG, JPEG, WebP or GIF; what its sender calls it does not matter.
        limits: what it may be.
    """
    if len(data) > limits.max_bytes:
        return Refusal.TOO_LARGE
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as image:
            # Turning swaps the sides: neither may exceed the longer of the two limits before it is decoded.
            if max(image.size) > max(limits.max_width, limits.max_height):
                return Refusal.TOO_LARGE_DIMENSIONS
            if getattr(image, "is_animated", False):
                return Refusal.ANIMATED
            made = _FORMATS[str(image.format)]
            image.load()
            turned = ImageOps.exif_transpose(image)
            pixels = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    except Image.DecompressionBombError:
        return Refusal.TOO_LARGE_DIMENSIONS
    except Exception:  # noqa: BLE001 - decoders raise whatever a broken file makes them
        return Refusal.NOT_AN_IMAGE
    width, height = pixels.size
    if width > limits.max_width or height > limits.max_height:
        return Refusal.TOO_LARGE_DIMENSIONS
    if width < limits.min_width or height < limits.min_height:
        return Refusal.TOO_SMALL_DIMENSIONS
    return _drawn(pixels, ImageType.PNG if made is ImageType.GIF else made)


def _drawn(pixels: Image, made: ImageType) -> CheckedImage:
    """A new file of these pixels; what else Pillow knows of the old one lies in `info` and is left behind."""
    pixels.info.clear()
    target = io.BytesIO()
    match made:
        case ImageType.JPEG:
            pixels.convert("RGB").save(target, "JPEG", quality=_JPEG_QUALITY, optimize=True)
        case ImageType.WEBP:
            pixels.save(target, "WEBP", quality=_WEBP_QUALITY)
        case _:
            pixels.save(target, "PNG", optimize=True)
    return CheckedImage(data=target.getvalue(), type=made, width=pixels.width, height=pixels.height)
