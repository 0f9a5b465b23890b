"""Cells that say yes or no, in four languages. A new word is one more in a list here."""

from __future__ import annotations

import re
from functools import lru_cache

SAYS_YES, SAYS_NO, UNCLEAR, SAYS_OTHER = "yes", "no", "unclear", "other"
"""What a cell says: yes; no; a sign such as ✓, or yes or no beside a sign such as `nee?`; something else."""
_WORDS = {
    SAYS_YES: "ja j yes y 1 true waar vrai wahr x v oui",
    SAYS_NO: (
        "0 00 n nee neen no none non nein null false onwaar faux falsch geen niet nvt na nietvantoepassing notapplicable nietuitgesloten "
        "notexcluded"
    ),
}
_ANSWERS = {word: answer for answer, words in _WORDS.items() for word in words.split()}
_SIGN = re.compile(r"[\W_]")
_HARMLESS = re.compile(r"[\s\u00a0\u200b\ufeff.,;:/()'\"_–—-]+")
"""Signs that change nothing; without words they say no, as in `-`."""


@lru_cache(maxsize=20_000)
def read_answer(cell: str) -> str:
    """Return YES, NO, UNCLEAR or OTHER for a cell that is not empty.

    >>> [read_answer(cell) for cell in ("Ja.", "n.v.t.", "-", "✓", "nee?", "stage")]
    ['yes', 'no', 'no', 'unclear', 'unclear', 'other']
    """
    word, is_plain = _SIGN.sub("", cell).casefold(), not _SIGN.search(_HARMLESS.sub("", cell))
    if not word:
        return SAYS_NO if is_plain else UNCLEAR
    said = _ANSWERS.get(word, SAYS_OTHER)
    return said if is_plain or said == SAYS_OTHER else UNCLEAR
