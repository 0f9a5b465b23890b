"""Numbers in words in Dutch, English, German and Papiamento. To add a number, add its words to _WORDS."""

from __future__ import annotations

import re

_WORDS = {
    1: {"nl": "één eén", "en": "one"},
    2: {"nl": "twee", "en": "two", "de": "zwei", "pap": "dos"},
    3: {"nl": "drie", "en": "three", "de": "drei", "pap": "tres"},
    4: {"nl": "vier", "en": "four", "de": "vier", "pap": "kuater"},
    5: {"nl": "vijf", "en": "five", "de": "fünf", "pap": "sinku"},
    6: {"nl": "zes", "en": "six", "de": "sechs", "pap": "seis"},
    7: {"nl": "zeven", "en": "seven", "de": "sieben", "pap": "shete"},
    8: {"nl": "acht", "en": "eight", "de": "acht", "pap": "ocho"},
    9: {"nl": "negen", "en": "nine", "de": "neun", "pap": "nuebe"},
    10: {"nl": "tien", "en": "ten", "de": "zehn", "pap": "dies"},
    11: {"nl": "elf", "en": "eleven", "de": "elf"},
    12: {"nl": "twaalf", "en": "twelve", "de": "zwölf"},
    15: {"nl": "vijftien", "en": "fifteen", "de": "fünfzehn"},
    20: {"nl": "twintig", "en": "twenty", "de": "zwanzig"},
    30: {"nl": "dertig", "en": "thirty", "de": "dreißig"},
    40: {"nl": "veertig", "en": "forty", "de": "vierzig"},
    50: {"nl": "vijftig", "en": "fifty", "de": "fünfzig"},
    100: {"nl": "honderd", "en": "hundred", "de": "hundert"},
    1000: {"nl": "duizend", "en": "thousand", "de": "tausend"},
}
"""Number → language → its words, without words that are also articles ("een", "ein", "un")."""
NUMBER_WORDS = {word: number for number, words in _WORDS.items() for each in words.values() for word in each.split()}
NUMBER_WORDS_OF = {
    spoken: {word: number for number, words in _WORDS.items() for word in words.get(spoken, "").split()}
    for spoken in ("nl", "en", "de", "pap")
}
"""Language → word → number."""
_WORD = re.compile(r"[^\W\d_]+")


def format_digits(text: str) -> str:
    """Replace number words in a text by digits.

    >>> format_digits("Twee tot drie keer"), format_digits("Een keer, one-off")
    ('2 tot 3 keer', 'Een keer, 1-off')
    """
    return _WORD.sub(lambda word: str(NUMBER_WORDS.get(word[0].casefold(), word[0])), text)
