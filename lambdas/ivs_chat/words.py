"""Words that no message may hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from ivs_chat.folding import fold, words_of

_DIGITS_FOR_LETTERS = str.maketrans("013457@$", "oieastas")


class BlockedWords:
    """Blocked words and phrases, found however they are written, but only as whole words."""

    def __init__(self, phrases: frozenset[tuple[str, ...]], spelled: frozenset[tuple[str, ...]]) -> None:
        self._phrases = phrases
        self._spelled = spelled
        self._lengths = sorted({len(phrase) for phrase in phrases | spelled})

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """Read words as they are in the settings; one may be a phrase of several words."""
        folded = [fold(word) for word in words]
        return cls(
            frozenset(phrase for text in folded if (phrase := tuple(words_of(text)))),
            frozenset(phrase for text in folded if (phrase := tuple(words_of(_letters(text))))),
        )

    def are_in(self, text: str) -> bool:
        """Whether a message holds one of them, as it stands or with digits for letters."""
        folded = fold(text)
        return self._found(words_of(folded), self._phrases) or self._found(
            words_of(_letters(folded)), self._spelled
        )

    def _found(self, words: list[str], phrases: frozenset[tuple[str, ...]]) -> bool:
        return any(
            tuple(words[start : start + length]) in phrases
            for length in self._lengths
            for start in range(len(words) - length + 1)
        )


def _letters(folded: str) -> str:
    return folded.translate(_DIGITS_FOR_LETTERS)
