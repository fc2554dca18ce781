"""What sponsors send to be shown: plain banners, drawn without a library."""

from __future__ import annotations

import hashlib
import struct
import zlib

MEDIA_TYPE = "image/png"

_SIDES = {
    "top": (728, 90),
    "bottom": (728, 90),
    "left": (160, 600),
    "right": (160, 600),
    "creator": (400, 400),
}
_FRAME = 8
_RGB = 2  # PNG's colour type


def banner(placement: str, sponsor: str) -> bytes:
    """A PNG (ISO/IEC 15948) that fits the placement: a frame in the sponsor's colour on a lighter ground."""
    width, height = _SIDES[placement]
    colour = hashlib.sha256(sponsor.encode()).digest()[:3]
    ground = bytes(255 - (255 - value) // 4 for value in colour)
    edge = b"\0" + colour * width  # each row begins with its filter, 0 for none
    middle = b"\0" + colour * _FRAME + ground * (width - 2 * _FRAME) + colour * _FRAME
    rows = edge * _FRAME + middle * (height - 2 * _FRAME) + edge * _FRAME
    header = struct.pack(">IIBBBBB", width, height, 8, _RGB, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
