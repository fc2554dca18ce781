"""What is secret wherever it stands, and texts without it: pure.

Nothing that we write may hold a secret. Terraform hides what is marked as sensitive, but not what AWS or a
provider quotes in an error text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "(hidden)"

SECRET_TEXT = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY(?:.*?-----END [A-Z ]*PRIVATE KEY-----)?"
    r"|\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\b(IQoJ|FwoG|FQoG)[A-Za-z0-9/+=]{60,}"  # session tokens of STS
    r"|\b(sk|rk)_(live|test)_\w{8,}|\bwhsec_\w{8,}|\bgh[pousr]_\w{20,}|\bsk_[a-z]{2}-[a-z]+-\d_\w{8,}",
    re.DOTALL,
)
"""How secrets look that tell what they are: of AWS, Stripe, GitHub, and IVS' stream keys."""

_SHORTEST = 8  # what is shorter is no secret, and would be found in every text


class Redactor:
    """Makes texts without secrets.

    Args:
        known: secrets that are known to be about; the empty ones and the very short are left out.
    """

    def __init__(self, known: Iterable[str | None] = ()) -> None:
        secrets = sorted({one for one in known if one and len(one) >= _SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, secrets))) if secrets else None

    def __call__(self, text: str) -> str:
        """The text, with `(hidden)` in the place of every secret."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        return SECRET_TEXT.sub(HIDDEN, text)
