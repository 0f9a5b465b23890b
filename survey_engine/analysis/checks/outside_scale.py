"""Answers outside the scale, such as "I do not know": given twice, or as a point of the scale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire, ResponseOption

_OUTSIDE = {
    "dont_know": re.compile(
        r"(?:(?:dat )?weet (?:ik|het)(?: het)? (?:nog )?niet|geen (?:idee|mening)|(?:i )?(?:do not|don['’]t) know(?: yet)?"
        r"|no (?:idea|opinion)"
        r"|(?:das )?wei(?:ß|ss) (?:ich )?nicht|keine (?:ahnung|meinung))\W*",
        re.IGNORECASE,
    ),
    "does_not_apply": re.compile(
        r"(?:niet van toepassing|n\.?v\.?t\.?|geldt niet voor mij|not applicable|n/a|does not apply(?: to me)?"
        r"|entfällt|gilt nicht für mich)\W*",
        re.IGNORECASE,
    ),
}
"""Key of a question → labels of its answer."""
_NOT_SAID = re.compile(
    r"(?:dat )?(?:zeg|vertel) ik liever niet|dat wil ik (?:liever )?niet (?:zeggen|vertellen)|liever niet(?: zeggen)?"
    r"|(?:i )?(?:would |['’]d )?(?:prefer|rather) not(?: to)?(?: say| answer| tell)?"
    r"|(?:das )?(?:möchte|will) ich (?:lieber )?nicht (?:sagen|angeben)|(?:das )?sage ich lieber nicht|keine angabe",
    re.IGNORECASE,
)


def is_outside(label: str) -> bool:
    """Whether a label is no answer to the question: unknown, not applicable, or not told.

    >>> is_outside("I do not know."), is_outside("Dat zeg ik liever niet"), is_outside("I do not know the rules")
    (True, True, False)
    """
    return any(labels.fullmatch(label.strip(" .")) for labels in (*_OUTSIDE.values(), _NOT_SAID))


def check_outside_scale(questionnaire: Questionnaire) -> Iterator[Problem]:
    reported = set[object]()
    for _, question in iter_questions(questionnaire):
        for problem in (*_check_points(question.options), *_check_twice(question.options)):
            if problem.place not in reported:
                reported.add(problem.place)
                yield problem


def _check_points(options: Iterable[ResponseOption]) -> Iterator[Problem]:
    """Report points with a number: means and comparisons would count them."""
    for option in options:
        for label in option.text.wording.values() if isinstance(option.code, int) else ():
            key = next((key for key, labels in _OUTSIDE.items() if labels.fullmatch(label.strip())), None)
            if key:
                yield Problem("outside-as-point", option.text.place, {"code": option.code, "label": label, "key": key})
                break


def _check_twice(options: Iterable[ResponseOption]) -> Iterator[Problem]:
    """Report answers outside the scale with the label of another option."""
    inside = [option for option in options if not option.outside_scale]
    outside = [option for option in options if option.outside_scale]
    for number, option in enumerate(outside):
        for language, label in option.text.wording.items():
            same = (o for o in (*inside, *outside[:number]) if o.text.wording.get(language, "").casefold() == label.casefold())
            if other := next(same, None):
                facts = {"code": option.code, "other": other.code, "language": language}
                yield Problem("same-label", option.text.place_in(language), facts)
                break
