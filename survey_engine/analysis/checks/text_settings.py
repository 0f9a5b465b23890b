"""Question texts that contradict settings: another unit, bounds or number of answers. To add a rule, add a function to RULES."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.analysis.day_names import MONTHS
from survey_engine.analysis.label_kinds import LABEL_KINDS
from survey_engine.analysis.number_words import NUMBER_WORDS, format_digits
from survey_engine.analysis.units import ANY_UNIT, find_units
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Question, Questionnaire


class Difference(NamedTuple):
    found: str
    """The words of the text."""
    named: str
    """The actual setting, as a clause."""
    setting: str


_ASKED_UNIT = re.compile(rf"\b(?:hoeveel|how many|wie ?viele|kuantu)\s+({ANY_UNIT})(?!\w)", re.IGNORECASE)
_WRITTEN_UNIT = re.compile(
    rf"\b(?:enter|write|type|vul|noteer|schrijf|trage?|schreib\w*|gib|yena|skirbi)\s+"
    rf"(?:(?:the|your|answer|it|number|of|in|het|je|antwoord|aantal|die|deine?|antwort|anzahl|der|bo|kontesta|na)\s+){{0,4}}({ANY_UNIT})(?!\w)",
    re.IGNORECASE,
)
_ASKED_BOUNDS = re.compile(
    r"(?:\b(?:number|mark|enter|choose|getal|cijfer|vul|kies|zahl|note|gib|wähle?|number|skohe|yena)\b[^.?!\d]{0,15}|^)\b(?:from|between|van|tussen"
    r"|von|zwischen|di|entre) (-?\d+) (?:to|and|tot(?: en met)?|en|t/m|bis|und|te|pa|i) (-?\d+)(?=\W*$)",
    re.IGNORECASE,
)
_MARK_BOUNDS = re.compile(
    r"\b(?:mark|cijfer|note|skohe)\b[^.?!\d]{0,40}\b(?:from|van|von|di) (-?\d+) (?:to|tot(?: en met)?|t/m|bis|te) (-?\d+)\b(?![.,]\d|%)",
    re.IGNORECASE,
)
_BOUNDS = re.compile(r"\((?:van |from |von )?([01])\s*(?:[-–]|to|tot(?: en met)?|t/m|bis|te)\s*(\d+)\)", re.IGNORECASE)
_MOST_CHARACTERS = re.compile(
    r"(?:at most|no more than|up to|maximum of|keep (?:it )?to|limit of|within|maximaal|hoogstens|ten hoogste|niet meer dan|binnen"
    r"|höchstens|maximal|innerhalb von|no mas ku) (\d+) (?:tekens|karakters|letters|characters|zeichen|lèter)\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(
    r"\b(?:(?:een paar|enkele|a few|several|ein paar|einige[n]?|(?:twee|two|zwei|drie|three|drei)) (?:zinnen|sentences|sätzen?))\b",
    re.IGNORECASE,
)
_LEAST_FOR_SENTENCES = 40
"""Least number of characters for two short sentences."""
_SLACK = 4 / 3
"""A field may allow this many times the characters that its text mentions; with more, it contradicts the text."""
_WORDS = re.compile(rf"\b(\d+|{'|'.join(NUMBER_WORDS)}) (?:woorden|words|wörtern?|palabra)\b", re.IGNORECASE)
_LEAST_FOR_WORD = 4
"""Least number of characters for a short word and its space."""
_STATEMENTS = re.compile(
    rf"\b(?:deze|hieronder staan|these|the following|diese[nr]?) (\d{{1,2}}|{'|'.join(NUMBER_WORDS)})"
    r" (?:zinnen|stellingen|uitspraken|statements|sentences|sätzen?|aussagen)\b",
    re.IGNORECASE,
)
_REQUIRED = re.compile(
    r"\((?:dit veld is |this field is )?(?:verplicht(?: veld)?|required|mandatory|pflichtfeld|pflichtangabe|erforderlich)\)",
    re.IGNORECASE,
)
_FIRST_DATE = re.compile(
    rf"\b(?:(after|na|nach)|since|sinds|vanaf|seit|from) (?:(\d{{1,2}})\.? ({'|'.join(MONTHS)}) )?(\d{{4}})\b", re.IGNORECASE
)
_SEVERAL = re.compile(
    r"\b(?:meer(?:dere)?(?: dan (?:één|een))? (?:antwoord(?:en)?|opties?|mogelijkheden)|alles wat (?:van toepassing is|klopt|past)"
    r"|(?:more than one|several|multiple) (?:answers?|options?)|all that apply"
    r"|(?:mehr als eine|mehrere) (?:antwort(?:en)?|optionen)|alles zutreffende)\b",
    re.IGNORECASE,
)
_CHOOSING = re.compile(
    r"\b(?:choose|pick|select|tick|check|give|possible|allowed|kies|kiezen|vink\w*|kruis\w*|aan(?:vinken|kruisen)|geef|geven|mogelijk"
    r"|toegestaan|wähl\w*|auswählen|ankreuz\w*|kreuz\w*|gib|geben|möglich)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:niet|geen|not|cannot|nicht|keine?|\w+n['’]t)\b", re.IGNORECASE)
_ONE = re.compile(
    r"(?<!least )(?<!minstens )(?<!mindestens )(?<!than )(?<!dan )(?<!als )\b(?:(?:only|just) one|one (?:answer|box|option)(?: only)?"
    r"|(?:slechts|maar) (?:één|een)|één (?:antwoord|optie|hokje)|nur eine?|eine (?:einzige )?(?:antwort|option))\b(?! (?:or|of|oder) )",
    re.IGNORECASE,
)
_MIN_LABELS = 2


def check_text_settings(questionnaire: Questionnaire) -> Iterator[Problem]:
    for _, question in iter_questions(questionnaire):
        for text in filter(None, (question.text, question.help)):
            for language, wording in text.wording.items():
                for rule in RULES:
                    for difference in rule(question, wording, language):
                        facts = {"code": question.code, "language": language, **difference._asdict()}
                        yield Problem("setting-differs", text.place_in(language), facts)


def _compare_unit(question: Question, wording: str, language: str) -> Iterator[Difference]:
    """Yield the words of a text that asks for another unit than the field's, and does not name the field's unit."""
    unit = question.unit.wording.get(language, "") if question.unit else ""
    asked, shown = _ASKED_UNIT.search(wording) or _WRITTEN_UNIT.search(wording), find_units(unit)
    if question.type == "number" and asked and shown and shown.isdisjoint(find_units(wording)):
        yield Difference(asked[0], f"its unit is “{unit}”", "`unit`")


def _compare_bounds(question: Question, wording: str, _: str) -> Iterator[Difference]:
    """Yield bounds in a text, such as "(0 to 80)" or "Enter a number from 0 to 80", that are not the number's bounds."""
    sentences = re.split(r"(?<=[.!?])\s", wording) if question.type == "number" else ()
    patterns = (_BOUNDS, _ASKED_BOUNDS, _MARK_BOUNDS)
    for found in (found for each in sentences for pattern in patterns if (found := pattern.search(each))):
        if (int(found[1]), int(found[2])) != (question.low, question.high):
            yield Difference(found[0].strip("()"), f"the number is from {question.low} to {question.high}", "the bounds")
            return


def _compare_length(question: Question, wording: str, _: str) -> Iterator[Difference]:
    found = _MOST_CHARACTERS.search(wording) if question.type == "open" else None
    if found and (int(found[1]) > question.max_length or question.max_length > _SLACK * int(found[1])):
        yield Difference(found[0], f"`max_length` is {question.max_length}", "`max_length`")
    words = _WORDS.search(wording) if question.type == "open" else None
    if words and question.max_length < _LEAST_FOR_WORD * int(format_digits(words[1])):
        yield Difference(words[0], f"`max_length` is {question.max_length}", "`max_length`")
    sentences = _SENTENCES.search(wording) if question.type == "open" and question.max_length < _LEAST_FOR_SENTENCES else None
    if sentences:
        yield Difference(sentences[0], f"`max_length` is {question.max_length}", "`max_length`")


def _compare_number_of_statements(question: Question, wording: str, _: str) -> Iterator[Difference]:
    """Yield words such as "these five statements" above two statements; grids with conditional statements are skipped."""
    found = _STATEMENTS.search(wording) if question.type == "grid" else None
    everywhere = all(item.when is None and item.institutions is None for item in question.items)
    if found and everywhere and int(format_digits(found[1])) != len(question.items):
        yield Difference(found[0], f"it has {len(question.items)}", "the statements")


def _compare_required(question: Question, wording: str, _: str) -> Iterator[Difference]:
    found = _REQUIRED.search(wording)
    if found and question.type != "consent":
        yield Difference(found[0], "respondents may leave it empty", "the settings")


def _compare_first_date(question: Question, wording: str, _: str) -> Iterator[Difference]:
    """Yield a first date in a text that is before the first date that the field accepts."""
    found = _FIRST_DATE.search(wording) if question.type == "date" and question.earliest else None
    first = _read_first_date(found) if found else None
    if found and first and first.isoformat() < (question.earliest or ""):
        yield Difference(found[0], f"the first date is {question.earliest}", "`from`")


def _read_first_date(found: re.Match[str]) -> date | None:
    """Return the first date of "since 2020" or "after 1 January 2020"; None if there is no such day."""
    after, day, month, year = found.groups()
    try:
        named = date(int(year), MONTHS[month.casefold()] if month else 1, int(day or 1))
    except ValueError:
        return None
    if not after:
        return named
    return date.fromordinal(named.toordinal() + 1) if month else named.replace(year=named.year + 1)


def _compare_number_of_answers(question: Question, wording: str, _: str) -> Iterator[Difference]:
    several = question.type == "multiple"
    for sentence in re.split(r"(?<=[.!?])\s", wording) if several or question.type in ("choice", "yes_no") else ():
        found = (_ONE if several else _SEVERAL).search(sentence)
        if found and _CHOOSING.search(sentence) and not _NOT.search(sentence):
            yield Difference(found[0], f"it takes {'several answers' if several else 'one answer'}", "its type")


def _compare_scale(question: Question, wording: str, language: str) -> Iterator[Difference]:
    """Yield a stem whose scale is of another kind, such as "How often" above a scale of agreement."""
    labels = [option.text.wording.get(language, "") for option in question.options if not option.outside_scale]
    asked = [(kind, found) for kind, (stem, _) in LABEL_KINDS.items() if (found := stem.search(wording))]
    counts = {kind: sum(bool(words.search(label)) for label in labels) for kind, (_, words) in LABEL_KINDS.items()}
    if len(asked) == 1 and not counts[asked[0][0]] and max(counts.values()) >= _MIN_LABELS:
        yield Difference(asked[0][1][0], f"its options are “{labels[0]}” to “{labels[-1]}”", "the options")


SettingRule = Callable[[Question, str, str], Iterator[Difference]]
RULES: tuple[SettingRule, ...] = (
    _compare_unit,
    _compare_bounds,
    _compare_length,
    _compare_first_date,
    _compare_number_of_answers,
    _compare_scale,
    _compare_number_of_statements,
    _compare_required,
)
