"""Two tables item by item, without their order, in memory that a function has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from backup.model import Comparison

Item = Mapping[str, Any]

_BYTES = 16
_EXPIRY = "expires_at"
_SETS = frozenset({"SS", "NS", "BS"})


def digest_of(item: Mapping[str, Any]) -> bytes:
    """Of an item as DynamoDB has it; sets and maps have no order."""
    text = json.dumps(_ordered({"M": item}), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()[:_BYTES]


def compare(restored: Iterable[Item], live: Iterable[Item], keys: Sequence[str], now: datetime) -> Comparison:
    """What became of the items of a copy.

    Args:
        restored: items of the restored table.
        live: items of the table that was copied.
        keys: names of the key attributes.
        now: UTC; what expires until then may be gone.
    """
    waiting: dict[bytes, tuple[bytes, bool]] = {}
    total = 0
    for item in restored:
        digest = digest_of(item)
        total = (total + int.from_bytes(digest, "big")) % 2 ** (8 * _BYTES)
        waiting[_key_digest(item, keys)] = digest, _expires_by(item, now)
    count, same, changed, new = len(waiting), 0, 0, 0
    for item in live:
        found = waiting.pop(_key_digest(item, keys), None)
        if found is None:
            new += 1
        elif found[0] == digest_of(item):
            same += 1
        else:
            changed += 1
    expired = sum(1 for _, is_over in waiting.values() if is_over)
    return Comparison(
        restored=count,
        digest=f"{total:0{2 * _BYTES}x}",
        same=same,
        changed=changed,
        gone=len(waiting) - expired,
        expired=expired,
        new=new,
    )


def _key_digest(item: Item, keys: Sequence[str]) -> bytes:
    return digest_of({name: item[name] for name in keys})


def _expires_by(item: Item, now: datetime) -> bool:
    expiry = item.get(_EXPIRY, {}).get("N")
    return expiry is not None and float(expiry) <= now.timestamp()


def _ordered(value: Any) -> Any:
    """An attribute value as JSON that is the same for equal values."""
    ((kind, content),) = value.items()
    if kind == "M":
        return {"M": {name: _ordered(inner) for name, inner in content.items()}}
    if kind == "L":
        return {"L": [_ordered(inner) for inner in content]}
    if kind in _SETS:
        return {kind: sorted(_text(inner) for inner in content)}
    return {kind: _text(content)}


def _text(content: Any) -> Any:
    return bytes(content).hex() if isinstance(content, bytes | bytearray) else content
