"""Questions with several answers: texts that name another number than the bounds, and too few options for some respondents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from survey_engine.analysis.reachability import AskedQuestion, Reachability, find_reachability, join_guard
from survey_engine.analysis.tried_values import TooManyCasesError
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, Question, Questionnaire, ResponseOption

_NUMBERS: Mapping[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "een één one eine",
            "twee two zwei",
            "drie three drei",
            "vier four",
            "vijf five fünf",
            "zes six sechs",
            "zeven seven sieben",
        ),
        1,
    )
    for word in words.split()
}
_NUMBER = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_BOUNDS = {
    "at_most": rf"(?:exactly|precies|genau|at most|no more than|up to|a maximum of"
    rf"|maximaal|hoogstens|ten hoogste|niet meer dan|höchstens|maximal) {_NUMBER}\b",
    "at_least": rf"(?:at least|a minimum of|minstens|ten minste|minimaal|mindestens) {_NUMBER}\b",
}
_ASKED = re.compile(rf"^\W*(?:in |for |voor |für )?(?:which|what|welke|welche[nrs]?|kua) {_NUMBER}\b", re.IGNORECASE)
_CHOOSING = re.compile(
    r"\b(?:choose|pick|select|tick|check|give|kies|vink|kruis|geef|wähle\w*|kreuze\w*|gib|answers?|options?|antwoord(?:en)?|opties?"
    r"|antwort(?:en)?|optionen)\b",
    re.IGNORECASE,
)


def check_several_answers(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    for asked in reach.asked_questions:
        if asked.question.type == "multiple":
            yield from _check_text(asked.question)
            if asked.question.at_least > 1:
                yield from _check_offer(asked, questionnaire, reach)


def _check_text(question: Question) -> Iterator[Problem]:
    """Report a sentence such as "Choose at most two" that names another number than the question allows."""
    for text in filter(None, (question.text, question.help)):
        for language, wording in text.wording.items():
            for sentence in re.split(r"(?<=[.!?])\s", wording):
                for key, found in _iter_numbers(sentence):
                    number, said = getattr(question, key), _read_number(found[1])
                    if said != number and (key, said) != ("at_least", 1):
                        facts = {"code": question.code, "language": language, "found": found[0], "setting": f"`{key}`"}
                        named = f"`{key}` is {number}" if number else f"it has no `{key}`"
                        yield Problem("setting-differs", text.place_in(language), {**facts, "named": named})


def _iter_numbers(sentence: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield (setting, match) for numbers of answers, as in "Choose at most two" or "Which two do you want?"."""
    for key, pattern in _BOUNDS.items() if _CHOOSING.search(sentence) else ():
        if found := re.search(pattern, sentence, re.IGNORECASE):
            yield key, found
    if (found := _ASKED.search(sentence)) and _read_number(found[1]) > 1:
        yield "at_most", found


def _read_number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.casefold()]


def _check_offer(asked: AskedQuestion, questionnaire: Questionnaire, reach: Reachability) -> Iterator[Problem]:
    """Report a question that offers fewer options than `at_least` to some respondents, who can then only leave it empty."""
    for institution in questionnaire.institutions.values():
        offered = _find_fewest(asked, institution, reach)
        if offered < asked.question.at_least:
            facts = {"code": asked.question.code, "institution": institution.code, "count": offered}
            yield Problem("too-few-offered", asked.question.place, {**facts, "least": asked.question.at_least})
            return


def _find_fewest(asked: AskedQuestion, institution: Institution, reach: Reachability) -> int:
    """Return the smallest number of options that a respondent is offered; `at_least` if the number is unknown."""
    question = asked.question
    here = [o for o in question.options if o.is_at(institution.code) and not (o.exclusive or o.outside_scale)]
    routed: list[ResponseOption] = [option for option in here if option.when]
    certain, guard = len(here) - len(routed), asked.guard
    if not routed or certain >= question.at_least:
        return certain or question.at_least  # without an option it is not asked
    fewest = question.at_least
    with suppress(TooManyCasesError):
        for case in reach.iter_cases(join_guard(guard, *(option.when for option in routed))):
            known = {**case, "institution": institution.code}
            if all(condition.test(known) for condition in guard):
                count = certain + sum(bool(option.when and option.when.test(known)) for option in routed)
                fewest = min(fewest, count or fewest)
    return fewest
