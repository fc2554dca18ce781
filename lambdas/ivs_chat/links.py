"""Whether a message leads somewhere else."""

from __future__ import annotations

import re
import unicodedata

# Endings that are words in English or German: "stop.it" is no link, "stop.it/now" is one.
_WORDS = (
    "it|to|me|be|us|at|is|so|in|am|an|my|no|do|es|er|im|re|id|st|one|name|art|game|games|news|money|cash|win|fun|cool"
    "|video|stream|chat|page|link|space|gift|gifts|social|pro|world|today|life|best|love|wow|now|how|foo|day|gold|run"
)
_ENDINGS = (
    "com|net|org|info|biz|edu|gov|mil|eu|de|ch|li|lu|nl|fr|uk|co|ie|pl|cz|sk|dk|se|fi|pt|gr|ro|hu|bg|hr|si|ru|ua|su"
    "|cn|jp|kr|tw|hk|au|nz|ca|br|mx|ar|cl|tr|il|ae|za|ng|io|ai|gg|tv|fm|ly|gl|gd|sh|ws|cc|ms|tk|ml|ga|cf|gq|pw|ph|vn"
    "|th|sg|app|dev|xyz|top|shop|store|site|online|website|live|click|blog|club|vip|bet|casino|bid|loan|icu|cam|sex"
    "|xxx|porn|adult|dating|mobi|tech|cloud|zip|crypto|nft|eth|onion"
)
_LINK = re.compile(
    rf"""
      [a-z][a-z0-9+.-]{{1,20}}://
    | \bwww\.
    | (?<![\w.-])(?:[\w-]+\.)+(?:(?:{_ENDINGS})(?![\w-])|(?:{_WORDS})/)
    | (?<![\w.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![\w.])
    """,
    re.VERBOSE | re.IGNORECASE,
)


def has_link(text: str) -> bool:
    """Whether a text holds an address of the web, with or without its scheme, however it is written."""
    shown = unicodedata.normalize("NFKC", text)
    visible = "".join(character for character in shown if unicodedata.category(character) != "Cf")
    return _LINK.search(visible.replace("\u3002", ".")) is not None
