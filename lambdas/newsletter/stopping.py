"""That sending stops by itself, and somebody hears of it."""

from __future__ import annotations

from newsletter.letter import Status, StopReason, stopped
from newsletter.letters_table import LettersTable
from shared.telemetry import count, logger


def stop(letters: LettersTable, letter_id: str, reason: StopReason) -> None:
    """Stop a letter that is being sent; one that is not stays as it is.

    Args:
        letters: where it lies.
        letter_id: which.
        reason: why.
    """
    letter = letters.change(
        letter_id, lambda seen: stopped(seen, reason) if seen.status is Status.SENDING else seen
    )
    if letter.status is Status.STOPPED:
        logger.warning("letter stopped", letter=letter.id, reason=reason.value)
        count("LettersStopped")
