"""Answers outside the scale, such as "I do not know", that occur twice or are a point of the scale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.model.derived import NOT_APPLICABLE, NOT_KNOWN
from survey_engine.model.messages import Problem
from survey_engine.model.missing_values import OUTSIDE_REASONS
from survey_engine.model.questionnaire import Code, Questionnaire, ResponseOption

_UNKNOWN = (
    r"(?:dat )?weet (?:(?:ik|het)(?: het)? )?(?:(?:nog|echt) )?niet|ik weet (?:het|dat|dit) (?:(?:nog|echt) )?niet|(?:ik heb )?geen idee"
    r"|(?:i )?(?:do not|don['’]t) know(?: yet)?|(?:i have )?no idea"
    r"|(?:das )?wei(?:ß|ss) (?:ich )?nicht|keine ahnung|(?:mi )?no sa(?: ainda)?"
)
_DONT_KNOW = (
    rf"{_UNKNOWN}|geen mening|dat kan ik niet zeggen|no opinion|(?:i )?(?:cannot|can['’]t) say|keine meinung"
    r"|(?:das )?kann ich nicht sagen"
)
_NOT_SAID = (
    r"(?:dat )?(?:zeg|vertel) ik liever niet|dat wil ik (?:liever )?niet (?:zeggen|vertellen)|liever niet(?: zeggen)?|geen opgave"
    r"|(?:i )?(?:would |['’]d )?(?:prefer|rather) not(?: to)?(?: say| answer| tell)?|refused to (?:say|answer)|not stated"
    r"|(?:das )?(?:möchte|will) ich (?:lieber )?nicht (?:sagen|angeben)|(?:das )?sage ich lieber nicht|keine angabe"
    r"|mi ta preferá di no bisa"
)
_DOES_NOT_APPLY = (
    r"(?:(?:vraag|item|question|frage) )?(?:niet van toepassing|not applicable|nicht zutreffend)|n\.?v\.?t\.?|geldt niet voor mij"
    r"|n/a|does not apply(?: to me)?|entfällt|gilt nicht für mich|no ta aplikabel"
)
NO_ANSWERS = tuple(re.compile(rf"(?:{words})\W*", re.IGNORECASE) for words in (_UNKNOWN, _NOT_SAID, _DOES_NOT_APPLY))
"""Labels of each kind of answer outside the scale: unknown, refused, not applicable."""
_OUTSIDE = {
    "dont_know": re.compile(rf"(?:{_DONT_KNOW}|{_NOT_SAID})\W*", re.IGNORECASE),
    "does_not_apply": re.compile(rf"(?:{_DOES_NOT_APPLY})\W*", re.IGNORECASE),
}
"""Key of a question → labels of the option that the key adds."""
_WRONG: Mapping[Code, re.Pattern[str]] = {
    NOT_KNOWN: _OUTSIDE["does_not_apply"],
    NOT_APPLICABLE: re.compile(rf"(?:{_UNKNOWN})\W*", re.IGNORECASE),
}
"""Code of an answer outside the scale → labels that belong to the other such code."""
_STATUS = re.compile(
    r"(?:geweigerd|weigering|(?:vraag )?niet (?:beantwoord|ingevuld)|geen antwoord"
    r"|refused|refusal|declined|(?:question )?not (?:answered|reported)|no (?:answer|response)|missing|unsure|not sure"
    r"|verweigert|(?:frage )?nicht (?:beantwortet|ausgefüllt)|keine antwort|no kontestá)\W*",
    re.IGNORECASE,
)
"""Labels that may also be real answers, as in "Accepted, Refused". They count as outside the scale if their code is set apart."""
_MIN_ANSWERS = 2


def is_outside(label: str) -> bool:
    """Whether a label is outside the scale: unknown, not applicable, or refused.

    >>> is_outside("I do not know."), is_outside("Dat zeg ik liever niet"), is_outside("I do not know the rules")
    (True, True, False)
    """
    return any(labels.fullmatch(label.strip(" .")) for labels in _OUTSIDE.values())


def check_outside_scale(questionnaire: Questionnaire) -> Iterator[Problem]:
    reported = set[object]()
    for _, question in iter_questions(questionnaire):
        rules = (_check_points, _check_twice, _check_exchanged)
        for problem in (problem for rule in rules for problem in rule(question.options)):
            if problem.place not in reported:
                reported.add(problem.place)
                yield problem


def _check_points(options: Sequence[ResponseOption]) -> Iterator[Problem]:
    """Report answers outside the scale whose code is a number: averages and comparisons would include it."""
    codes = [option.code for option in options if isinstance(option.code, int)]
    for option in options:
        code = option.code
        for label in option.text.wording.values() if isinstance(code, int) else ():
            key = next((key for key, labels in _OUTSIDE.items() if labels.fullmatch(label.strip())), None)
            if key is None and _STATUS.fullmatch(label.strip()) and isinstance(code, int) and _is_apart(code, codes):
                key = "dont_know"
            if key:
                yield Problem("outside-as-point", option.text.place, {"code": code, "label": label, "key": key})
                break


def _check_exchanged(options: Sequence[ResponseOption]) -> Iterator[Problem]:
    """Report exchanged labels such as `dont_know: Does not apply to me`.

    `does_not_apply` with a "don't know" label is reported only beside `dont_know`, or if another language has the right label:
    alone, it may be used for both.
    """
    outside = {option.code: option for option in options if option.outside_scale}
    for code, option in outside.items():
        right = any(_OUTSIDE["does_not_apply"].fullmatch(label.strip(" .")) for label in option.text.wording.values())
        wrong = _WRONG.get(code) if NOT_KNOWN in outside or right else None
        for language, label in option.text.wording.items() if wrong else ():
            if wrong and wrong.fullmatch(label.strip(" .")):
                facts = {"code": OUTSIDE_REASONS[option.code], "language": language, "label": label}
                yield Problem("label-opposite", option.text.place_in(language), facts)
                break


def _is_apart(code: int, codes: Sequence[int]) -> bool:
    """Whether a code is set apart from the other codes: 0 before 1, 2, 3, or 9 after them.

    >>> _is_apart(9, [1, 2, 3, 9]), _is_apart(0, [0, 1, 2]), _is_apart(3, [1, 2, 3]), _is_apart(0, [0, 1])
    (True, True, False, False)
    """
    return len(codes) > _MIN_ANSWERS and (code <= 0 or code - 1 not in codes)


def _check_twice(options: Iterable[ResponseOption]) -> Iterator[Problem]:
    """Report answers outside the scale with the same label as another option."""
    inside = [option for option in options if not option.outside_scale]
    outside = [option for option in options if option.outside_scale]
    for number, option in enumerate(outside):
        for language, label in option.text.wording.items():
            same = (o for o in (*inside, *outside[:number]) if o.text.wording.get(language, "").casefold() == label.casefold())
            if other := next(same, None):
                facts = {"code": option.code, "other": other.code, "language": language}
                yield Problem("same-label", option.text.place_in(language), facts)
                break
