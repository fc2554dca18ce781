"""Text reduced to what a reader sees, so that two spellings that look alike are one.

Unicode's compatibility and case folding bring together full-width, circled and mathematical letters, and
upper and lower case; marks and what is invisible are dropped; letters of other scripts that look like Latin
ones become those. The table of look-alikes has the letters of Cyrillic, Greek and Latin's own extensions that
are used for it (Unicode Technical Standard 39, confusables), not every one there is.
"""

from __future__ import annotations

import re
import unicodedata

# A letter and what it looks like, after case folding: some stand for what their capitals look like.
_CYRILLIC = "аa вb сc ԁd еe һh нh іi јj кk ӏl мm оo рp ԛq ѕs тt ѵv ԝw хx уy"
_GREEK = "αa βb εe ηn ιi κk μm νv οo ρp τt υu χx γy ωw ζz"
_LATIN = (
    "ıi ɑa ɡg ɩi łl øo đd ħh ŧt ʀr ɴn ɪi ʟl ʙb ɢg ʜh ʏy ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ꜱs ꜰf"
    " æae œoe"
)
_LOOKALIKES = str.maketrans({pair[0]: pair[1:] for pair in f"{_CYRILLIC} {_GREEK} {_LATIN}".split()})
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")  # fillers of Hangul
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """What a reader sees of a text; spaces and punctuation stay. Folding again changes nothing."""
    seen = unicodedata.normalize("NFKD", text.casefold())
    seen = unicodedata.normalize("NFKD", seen.casefold())
    kept = "".join(character for character in seen if not _is_invisible(character))
    return kept.translate(_LOOKALIKES)


def words_of(folded: str) -> list[str]:
    """The words of a folded text: runs of letters and digits."""
    return _WORD.findall(folded)


def _is_invisible(character: str) -> bool:
    if character in _INVISIBLE_LETTERS:
        return True
    category = unicodedata.category(character)
    return category in ("Mn", "Me", "Cf") or (category == "Cc" and not character.isspace())
