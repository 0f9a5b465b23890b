"""Options of a question with the same meaning, such as two labels for "None of these", or "No idea" beside `dont_know`.

To add a meaning, add its labels to MEANINGS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.analysis.checks.outside_scale import NO_ANSWERS
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Language, Question

_THESE = (
    "deze|dit|die|beide|alle(?:maal)?|(?:de |het )?(?:boven|onder)staande|these|those|them|the (?:above|following)|davon|dieser"
    "|der (?:genannten|(?:oben ?)?genannten|obigen)|esakinan"
)
_FIELD = "namelijk|namely|nämlich|esta|a saber|please (?:specify|state|describe)|vul (?:hier )?in|bitte (?:angeben|nennen)"
_NONE_OF_THESE = re.compile(
    rf"(?:ik \w+ |i \w+ |ich \w+ )?(?:geen van|none of|keine?[rs]?|niun di) (?:{_THESE})\W*", re.IGNORECASE
)
SAME_MEANINGS = (
    *NO_ANSWERS,
    _NONE_OF_THESE,
    re.compile(
        rf"(?:(?:iets )?anders|andere?|overige?|other|something else|(?:etwas )?anderes|sonstiges?|(?:algu )?otro)\W*(?:{_FIELD})?\W*",
        re.IGNORECASE,
    ),
)
"""Labels of each meaning, in Dutch, English, German and Papiamento."""


def check_repeated_options(question: Question, source: Language) -> Iterator[Problem]:
    """Report options with the same meaning that a respondent may see together. Equal labels have their own message."""
    options = [option for option in question.options if option.when is None and option.institutions is None]
    labels = [(option, option.text.wording.get(source.code, "").strip()) for option in options]
    for meaning in SAME_MEANINGS if len(options) > 2 else ():
        same = [(option, label) for option, label in labels if meaning.fullmatch(label)]
        if len({label.casefold().rstrip(" .!") for _, label in same}) > 1:
            (other, first), (option, label) = same[:2]
            place = (other if option.outside_scale else option).text.place_in(source.code)
            yield Problem("option-repeated", place, {"code": option.code, "label": label, "other": other.code, "first": first})
