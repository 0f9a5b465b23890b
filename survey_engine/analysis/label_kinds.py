"""Kinds of scales, such as agreement and frequency, recognised by words in questions and labels. To add a kind, add it to _WORDS."""

from __future__ import annotations

import re

_WORDS = {
    "often": (
        "hoe vaak|how often|wie oft|kuantu biaha",
        "nooit|zelden|soms|vaak|altijd|keer|dag(?:en)?|weke?n?|maand(?:en)?|elke|never|rarely|seldom|sometimes|often|always|times?|days?"
        "|weeks?|months?|every|daily|weekly|nie|selten|manchmal|oft|immer|mal|tage?n?|wochen?|monate?|jeden|nunka|semper|biaha|dia",
    ),
    "satisfied": (
        "hoe tevreden|tevreden of ontevreden|how satisfied|satisfied or dissatisfied|wie zufrieden|zufrieden oder unzufrieden|kon kontentu",
        "(?:on)?tevreden|(?:dis|un)?satisfied|(?:un)?zufrieden|(?:des|dis)?kontentu",
    ),
    "agree": (
        "eens of oneens|hoeverre ben je het (?:on)?eens|(?:agree or disagree|what extent do you (?:dis)?agree)|stimm(?:st du|en sie) .*zu"
        "|di akuerdo òf",
        "(?:mee )?(?:on)?eens|(?:dis)?agree|stimme|(?:na )?desakuerdo|di akuerdo",
    ),
    "important": ("hoe belangrijk|how important|wie wichtig", "(?:on)?belangrijk|(?:un)?important|(?:un)?wichtig"),
    "worried": ("how worried|hoeveel zorgen|wie viele sorgen", "worried|zorgen|sorgen"),
    "likely": ("hoe waarschijnlijk|how likely|wie wahrscheinlich", "(?:on)?waarschijnlijk|(?:un)?likely|(?:un)?wahrscheinlich"),
    "problem": ("how much of a problem|hoe groot .*probleem", "problem|probleem|problema"),
}
"""Kind of scale → (words in its questions, words in its labels), as regular expressions."""
LABEL_KINDS = {kind: tuple(re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for words in both) for kind, both in _WORDS.items()}


def name_kinds(label: str) -> frozenset[str]:
    """Return the kinds of scales that a label may belong to.

    >>> name_kinds("Very satisfied"), name_kinds("Neutral")
    (frozenset({'satisfied'}), frozenset())
    """
    return frozenset(kind for kind, (_, labels) in LABEL_KINDS.items() if labels.search(label))
