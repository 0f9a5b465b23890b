"""Questions whose text asks for another type of answer than they accept: "How old are you?" with a date, "Who?" with yes or no.

To add words, add them to a table. They match at the beginning of a text's last question only: "Do you know who?" asks for yes or no.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.analysis.degrees import DEGREE_WORDS
from survey_engine.analysis.units import ANY_UNIT
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Question, Questionnaire

_REASON_OR_PERSON: Mapping[str, str] = {
    "nl": "waarom|wie",
    "en": "why|who",
    "de": "warum|wieso|wer",
    "pap": "dikon|ken",
}
_AMOUNT: Mapping[str, str] = {
    "nl": "hoe vaak|hoeveel",
    "en": "how often|how many|how much",
    "de": "wie oft|wie ?viele?",
    "pap": "kuantu",
}
_AGE: Mapping[str, str] = {"nl": "hoe oud", "en": "how old", "de": "wie alt", "pap": "kuantu aña"}
_OF_A_UNIT: Mapping[str, str] = {
    "nl": f"hoe vaak|hoeveel (?:{ANY_UNIT})(?!\\w)",
    "en": f"how often|how many (?:{ANY_UNIT})(?!\\w)",
    "de": f"wie oft|wie ?viele? (?:{ANY_UNIT})(?!\\w)",
    "pap": f"kuantu (?:{ANY_UNIT})(?!\\w)",
}
_CHOICE: Mapping[str, str] = {
    "nl": "welke?|wat vind (?:je|jij|u)|op een schaal van|wanneer (?:ben|heb|werd|ga) (?:je|jij|u)",
    "en": "which|what do you think|on a scale (?:of|from)|when (?:did|do|will|were) you",
    "de": "welche[nrsm]?|wie findest du|was hältst du|auf einer skala von|wann (?:bist|hast|wurdest|gehst) du",
    "pap": "kua|riba un skala di",
}
_TYPES = {
    "date": ((_REASON_OR_PERSON, _AMOUNT, _AGE), "it takes a date"),
    "number": ((_REASON_OR_PERSON,), "it takes a number"),
    "mark": ((_REASON_OR_PERSON, _OF_A_UNIT), "it takes a mark"),
    "yes_no": ((_REASON_OR_PERSON, _AMOUNT, _AGE, _CHOICE), "it takes yes or no"),
}
"""Question type → (words that ask for another type of answer, the answer that the type accepts)."""
_DATED = re.compile(r"\b(?:wanneer|when|wann|ki dia|datum|date|dag|day|tag)\b", re.IGNORECASE)
_TELEPHONE = re.compile(
    r"\b(?:telefoonnummer|(?:tele)?phone number|mobiele? nummer|mobile number|telefonnummer|handynummer|number di telefòn)\b",
    re.IGNORECASE,
)
_EITHER = " (?:of|or|oder|òf) "


def check_asked_types(questionnaire: Questionnaire) -> Iterator[Problem]:
    for _, question in iter_questions(questionnaire):
        for language, wording in question.text.wording.items():
            found, named = _find_other(question, wording, questionnaire.languages[language].spoken)
            if found:
                facts = {"code": question.code, "language": language, "found": found, "named": named, "setting": "its type"}
                yield Problem("setting-differs", question.text.place_in(language), facts)


def _find_other(question: Question, wording: str, spoken: str) -> tuple[str, str]:
    """Return (words that ask for another type of answer, the answer that the question accepts); both empty if there are none."""
    if question.type == "panel":
        number = _TELEPHONE.search(wording)
        return (number[0], "it takes an e-mail address") if number and "mail" not in wording.casefold() else ("", "")
    if question.type not in _TYPES or (question.options and question.type == "mark"):
        return "", ""  # marks with labels at the ends may measure how often
    tables, named = _TYPES[question.type]
    asked = _read_question(wording)
    words = "|".join(table[spoken] for table in tables if spoken in table)
    found = re.match(rf"(?:{words})(?!\w)", asked, re.IGNORECASE) if words else None
    if found and not (question.type == "date" and _DATED.search(asked)):
        return found[0], named
    both = _find_either(asked, spoken) if question.type == "yes_no" else ""
    return (both, named) if both else ("", "")


def _read_question(wording: str) -> str:
    """Return the last sentence if it is the text's only question and has one clause; otherwise an empty string.

    >>> _read_question("You have a coach. Who is it?"), _read_question("When you are ill, who calls?"), _read_question("Who? When?")
    ('Who is it?', '', '')
    """
    sentences = re.split(r"(?<=[.!?])\s+", wording.strip())
    last = sentences[-1]
    is_scale = re.match(r"(?:op een schaal|on a scale|auf einer skala)\b", last, re.IGNORECASE)
    is_plain = "?" not in "".join(sentences[:-1]) and last.endswith("?") and (is_scale or not re.search(r"[,:;–(]", last))
    return last if is_plain else ""


def _find_either(asked: str, spoken: str) -> str:
    """Return the words of a question that offers a choice between a good and a bad property; empty if it does not.

    >>> _find_either("Was the training good or bad?", "en"), _find_either("Was it good or not?", "en")
    ('good or bad', '')
    """
    words = DEGREE_WORDS.get(spoken)
    if words is None:
        return ""
    good, bad = (f"(?:{each})" for each in (words.positive, words.negative))
    found = re.search(rf"\b(?:{good}{_EITHER}{bad}|{bad}{_EITHER}{good})(?=\W*$)", asked, re.IGNORECASE)
    return found[0] if found else ""
