"""Identifiers of our own services: drawn from a seed, so that the same story makes the same names."""

from __future__ import annotations

import hashlib
import secrets
import string
from typing import Any

from ministack.core.responses import get_account_id, get_region

ALPHABET = string.ascii_letters + string.digits


class Identifiers:
    """Draws identifiers per account, region and kind, so that accounts do not disturb each other's order.

    The seed and the counters are part of the persisted state: after a restart nothing is drawn twice.
    """

    def __init__(self) -> None:
        self.seed = secrets.token_hex(8)
        self.drawn: dict[str, int] = {}

    def draw(self, kind: str, length: int = 12, alphabet: str = ALPHABET) -> str:
        """The next identifier of this kind in the account and region of the request."""
        place = f"{get_account_id()}:{get_region()}:{kind}"
        number = self.drawn.get(place, 0)
        self.drawn[place] = number + 1
        block = hashlib.shake_256(f"{self.seed}:{place}:{number}".encode()).digest(length)
        return "".join(alphabet[byte % len(alphabet)] for byte in block)

    def draw_uuid(self, kind: str) -> str:
        """The next identifier of this kind in the form of a UUID."""
        text = self.draw(kind, 32, "0123456789abcdef")
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def get_state(self) -> dict[str, Any]:
        """What is persisted."""
        return {"seed": self.seed, "drawn": dict(self.drawn)}

    def load_persisted_state(self, state: dict[str, Any]) -> None:
        """Carry on where the persisted run stopped; its seed wins over the one of this start."""
        self.seed = str(state["seed"])
        self.drawn = dict(state["drawn"])

    def reset(self) -> None:
        """Begin again with the same seed."""
        self.drawn.clear()


identifiers = Identifiers()
