"""The direction in which a language is written."""

from __future__ import annotations

RIGHT_TO_LEFT = frozenset(
    {
        *("apc", "ar", "bal", "bgn", "ckb", "dv", "fa", "he", "ks", "lrc", "mzn", "nqo", "ps", "rhg", "sd", "sdh", "skr", "syr"),
        *("trw", "ug", "ur", "yi"),
    }
)
"""Languages with right-to-left scripts, from CLDR. Babel would have to load a file per language."""


def name_spoken(locale: str) -> str:
    """Return the language of a locale without region and modifier."""
    return locale.partition("@")[0].partition("_")[0]


def is_right_to_left(locale: str) -> bool:
    return name_spoken(locale) in RIGHT_TO_LEFT
