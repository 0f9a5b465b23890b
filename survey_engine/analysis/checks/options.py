"""Misleading response options: wrong order, labels that contradict codes, "other" without a text field, too few or many options.

To add a rule about one question, add a function to QUESTION_RULES; about one set of options, to OPTION_RULES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from survey_engine.analysis.checks.opposite_labels import check_ends, check_opposite_labels, check_other_kinds
from survey_engine.analysis.checks.outside_scale import is_outside
from survey_engine.analysis.checks.ranges import begins_with_range, check_ranges, has_number, read_range
from survey_engine.analysis.checks.repeated_options import check_repeated_options
from survey_engine.analysis.checks.scales import NO_WORDS, YES_WORDS, iter_option_sets, iter_questions
from survey_engine.analysis.day_names import MONTHS, WEEKDAYS
from survey_engine.analysis.degrees import measure_labels
from survey_engine.analysis.label_meanings import have_order
from survey_engine.analysis.number_words import format_digits
from survey_engine.analysis.rates import read_rate
from survey_engine.analysis.units import find_units
from survey_engine.engine.random_order import keeps_place
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Language, Question, Questionnaire, ResponseOption

MOST_OPTIONS, MOST_STATEMENTS = 20, 20
_BOUNDS = re.compile(
    r"(?:^|[^\w\s]\s*|\b(?:van|from|of|tussen|between|von|zwischen|mark|grade|cijfer|note|scale|schaal|skala)\s+)(?<![\d.,])(0|1)"
    r"\s*(?:[-–]|to|and|en|und|tot(?: en met)?|t/m|bis)\s*(\d{1,3})\b(?![.,]\d)"
    r"(?!\s*(?:da(?:y|g)|week|weken|month|maand|year|ja(?:a|h)r|hour|uur|uren|minut|tage|woche|monat|stunde))",
    re.IGNORECASE,
)
"""The bounds of a mark. Numbers after another noun, or before a unit of time, are no bounds of a mark: `weeks 1 to 3`."""
_ZERO = re.compile(r"\b(?:nul|zero|null|sero)\b", re.IGNORECASE)
_END = re.compile(
    r"(?<![\w.,])(\d{1,2})\s*(?:=|is|betekent|staat voor|means|stands for|ist|bedeutet|steht für|ta(?: nifiká)?)\s+"
    r"(?:heel|zeer|erg|helemaal|very|extremely|completely|not at all|sehr|völlig|überhaupt|hopi|masha)\b",
    re.IGNORECASE,
)
"""A number whose meaning is an extreme: `1 is very bad`."""
_NAMELY = re.compile(
    r"\b(?:namelijk|namely|nämlich|please (?:specify|state|describe|write)|a saber|esta)\b|:\s*(?:…|\.\.\.)?\s*$"
    r"|(?:,|\(|\s[-–])\s*(?:write (?:it )?in|fill in|specify|vul (?:hier )?in|te weten|und zwar|bitte (?:angeben|nennen|eintragen))\W*$",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    r"\b(?:of the above|bovenstaande|hierboven|oben genannten?|der obigen"
    r"|(?:all|any|both|none|neither) of (?:these|those|them)|(?:al|alle|een van|geen van) deze|(?:alles?|keine?[rs]?) davon"
    r"|(?:tur|niun di) esakinan)\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:geen van (?:deze|dit|die|bovenstaande|de ).*|none(?: at all| of (?:these|those|the above|them).*)?|niun(?: di .*)?"
    r"|(?:ik \w+ )?(?:er )?geen(?: enkele?)?|i (?:do not|don['’]t) \w+ any|ich \w+ keine[ns]?"
    r"|keine?[rs]? (?:davon|der genannten|dieser).*"
    r"|(?:i \w+ )?(?:nothing|nobody|no one)(?: (?:else|special|in particular|at all|of (?:these|the kind)))?"
    r"|ik \w+ (?:er |hier )?geen van (?:deze|dit|die|bovenstaande)|i \w+ none of (?:these|those|the above|them)"
    r"|(?:ik \w+ )?(?:er |hier )?(?:niets|niks|niemand)"
    r"(?: (?:anders|speciaals|bijzonders|hiervan|daarvan|nodig|van (?:deze|dit|die|dat|(?:dit )?alles|(?:het )?bovenstaande)))?"
    r"|(?:ich \w+ )?(?:nichts|niemanden|(?:sonst )?niemand)(?: (?:besonderes|spezielles|anderes|davon|sonst|nötig))?"
    r"|nada(?: mas)?|ningun hende(?: mas)?)\W*",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"al(?:le|les)?(?: van)?(?: het| de)? bovenstaande|all of (?:the above|these)|alle (?:der )?oben genannten|alles davon"
    r"|allebei|(?:alle )?beide|beide[ns]?|both(?: of (?:these|them))?|tur dos",
    re.IGNORECASE,
)
_NO_THING = re.compile(r"(?:no|geen|keine?|niun) ([^\W\d_]{4,})\b", re.IGNORECASE)
"""A label such as "No support needed", which excludes the others if the question asks about support."""
_ENDING = re.compile(r"(?<=\w{4})(?:en|s)$")
"""The ending of a plural."""
_NONE_CODES = frozenset({"none", "geen", "geen_van_deze", "none_of_these", "niets", "nothing", "neither", "keine", "nichts"})
_DENIAL = re.compile(r"\b(?:no|not|none|never|geen|niet|niets|nooit|keine?[nrs]?|nicht|nichts|niun|no tin)\b", re.IGNORECASE)
_AMOUNTS = {
    word: number
    for number, words in enumerate(
        ("none geen keine", "one één een eine", "two twee zwei", "three drie drei", "four vier", "five vijf fünf")
    )
    for word in words.split()
}

Options: TypeAlias = tuple[ResponseOption, ...]


def check_options(questionnaire: Questionnaire) -> Iterator[Problem]:
    source = questionnaire.languages[questionnaire.source_language]
    for name, options in questionnaire.scales.items():
        yield from _check_points(name, options)
        if len(options) == 1:
            yield Problem("single-option", options[0].text.place, {"code": name})
    for options in iter_option_sets(questionnaire):
        for rule in OPTION_RULES:
            yield from rule(options, source)
    named = {option.text.code for options in questionnaire.scales.values() for option in options}
    for _, question in iter_questions(questionnaire):
        inside = tuple(option for option in question.options if not option.outside_scale)
        if named.isdisjoint(option.text.code for option in inside):
            if None not in _measure(inside, source):
                yield from _check_points(question.code, inside)
            alone = len(question.options) == 1 and question.options[0].institutions is None
            if alone and question.type in ("choice", "grid"):
                yield Problem("single-option", question.place, {"code": question.code})
        for check in QUESTION_RULES:
            yield from check(question, source)


def _measure(options: Options, source: Language) -> list[int | None]:
    return measure_labels([option.text.wording.get(source.code, "") for option in options], source.spoken)


def _check_points(name: str, options: Options) -> Iterator[Problem]:
    """Report a single number that is missing between the points of a scale: 1, 2, 4, 5."""
    codes = sorted(option.code for option in options if isinstance(option.code, int))
    missing = sorted({*range(codes[0], codes[-1] + 1)}.difference(codes)) if len(codes) > 2 else []
    if len(missing) == 1:
        place = next(option.text.place for option in options if option.code == missing[0] + 1)
        yield Problem("missing-point", place, {"name": name, "missing": missing[0]})


def _check_order(options: Options, source: Language) -> Iterator[Problem]:
    """Report degrees and ranges that are out of order: as they are listed, or by their codes."""
    labels = [(option.code, option.text.wording.get(source.code, "")) for option in options]
    amounts = _list_amounts(labels)
    measured = amounts or zip((code for code, _ in labels), _measure(options, source), strict=True)
    listed = [(code, degree) for code, degree in measured if degree is not None and (amounts or isinstance(code, int))]
    coded = sorted((code, degree) for code, degree in listed if isinstance(code, int))
    for order, found in (("list", listed), ("codes", coded)):
        if len(found) > 2 and not _is_monotone([degree for _, degree in found]):
            yield Problem("order-differs", options[0].text.place, {"order": order, "first": options[0].code})
            return


def _list_amounts(labels: Sequence[tuple[int | str, str]]) -> list[tuple[int | str, float]]:
    """Return (code, amount) of labels with a frequency or range; empty if fewer than three have one, or the units differ."""
    rates = [(code, rate) for code, label in labels if (rate := read_rate(label)) is not None]
    if sum(rate > 0 for _, rate in rates) > 2:
        return rates
    read = [(code, each, label) for code, label in labels if (each := read_range(label))]
    lows = sum(each.low is None for _, each, _ in read)
    known = [(code, each, label) for code, each, label in read if each.low is not None or lows == 1]
    several = len({frozenset(units) for _, label in labels if has_number(label) and (units := find_units(label))}) > 1
    wrap = any(each.low is not None and each.high is not None and each.low > each.high for _, each, _ in known)
    worded = any(isinstance(code, str) and not begins_with_range(label) for code, _, label in known)
    if several or wrap or worded or len(known) < 3:  # 30–60 minutes, 1–2 hours; 22–6 o'clock; Havo 4–5, Vwo 4–6
        return []
    return [(code, each.start) for code, each, _ in known]


def _is_monotone(order: Sequence[float]) -> bool:
    return list(order) in (sorted(order), sorted(order, reverse=True))


def _check_shuffled(question: Question, source: Language) -> Iterator[Problem]:
    """Report a random order of options that have an order, such as "None, One, Two", or that include "All of the above"."""
    if not question.random_order or question.items[0].text:
        return
    moving = [option for option in question.options if not keeps_place(option)]
    for option in moving:
        if _ABOVE.search(label := option.text.wording.get(source.code, "")):
            yield Problem("above-in-random-order", option.text.place_in(source.code), {"code": option.code, "label": label})
    labels = [option.text.wording.get(source.code, "") for option in moving]
    if _are_ordered(labels, source.spoken) or (
        len(labels) == 2 and YES_WORDS.fullmatch(labels[0]) and NO_WORDS.fullmatch(labels[1])
    ):
        yield Problem("ordered-options", question.place, {"code": question.code})


def _are_ordered(labels: Sequence[str], spoken: str) -> bool:
    """Whether three or more labels are weekdays or months, or amounts, ranges, degrees or sizes that rise or fall."""
    words = [label.casefold().split()[-1:] for label in labels]
    if len(labels) > 2 and any(all(word and word[0].strip(".") in names for word in words) for names in (WEEKDAYS, MONTHS)):
        return True
    ranges = [read_range(label) for label in labels if has_number(label)]
    starts = [each.start if each else None for each in ranges]
    measured = (starts, [_read_amount(label) for label in labels], measure_labels(labels, spoken))
    orders = ([number for number in order if number is not None] for order in measured if None not in order)
    return have_order(labels) or any(2 < len(order) == len(set(order)) and _is_monotone(order) for order in orders)


def _read_amount(label: str) -> int | None:
    """Return the number at the beginning of a label, in digits or as a word; None if there is none."""
    found = re.match(r"\d+|[^\W\d_]+", label)
    if found is None:
        return None
    return int(found[0]) if found[0].isdecimal() else _AMOUNTS.get(found[0].casefold())


def _check_number_of_options(question: Question, _: Language) -> Iterator[Problem]:
    if question.low is not None and question.low == question.high:
        yield Problem("single-option", question.place, {"code": question.code})
    everywhere = [option for option in question.options if option.institutions is None]
    if question.type in ("choice", "multiple") and len(everywhere) > MOST_OPTIONS:
        yield Problem("many-options", question.place, {"code": question.code, "count": len(everywhere), "limit": MOST_OPTIONS})
    if len(question.items) > MOST_STATEMENTS and QUESTION_TYPES[question.type].statements:
        facts = {"code": question.code, "count": len(question.items), "limit": MOST_STATEMENTS}
        yield Problem("many-statements", question.place, facts)
    excluding = len(question.options) > 1 and all(option.exclusive or option.outside_scale for option in question.options)
    if question.type == "multiple" and (excluding or question.at_most == 1):
        yield Problem("one-of-several", question.place, {"code": question.code})


def _check_labels(question: Question, source: Language) -> Iterator[Problem]:
    """Report labels that promise a text field the option lacks, or exclude options although the option is not `exclusive`."""
    several = question.type == "multiple"
    for option in question.options if several or question.type == "choice" else ():
        label = option.text.wording.get(source.code, "")
        facts = {"code": option.code, "label": label}
        none = bool(_NONE.fullmatch(label)) or is_outside(label) or _is_denial(option, question, source.code)
        alone = none or _ALL.fullmatch(label.strip(" ."))
        if not option.namely and _NAMELY.search(label):
            yield Problem("other-without-text", option.text.place, facts)
        if option.namely and none:
            yield Problem("none-with-text", option.text.place, facts)
        if several and alone and not (option.exclusive or option.outside_scale) and len(question.options) > (1 if none else 2):
            yield Problem("none-with-others", option.text.place, facts)


def _is_denial(option: ResponseOption, question: Question, language: str) -> bool:
    """Whether an option denies the others: its code says so, or its label denies what its question or other labels name."""
    label = option.text.wording.get(language, "")
    others = " ".join(each.text.wording.get(language, "") for each in question.options if each is not option)
    coded = option.code in _NONE_CODES and bool(_DENIAL.search(label))
    return coded or _denies(label, question.text.wording.get(language, ""), others)


def _denies(label: str, wording: str, others: str = "") -> bool:
    """Whether a label denies the thing that its question asks about, or of which other labels name kinds in one word.

    >>> _denies("No support needed", "Which support do you want?"), _denies("No time", "Why do you not play?")
    (True, False)
    >>> _denies("Geen slot", "Welke sloten heb je?"), _denies("Geen slot", "Wat gebruik je?", "Kettingslot Beugelslot")
    (True, True)
    """
    found = _NO_THING.match(label)
    if not found:
        return False
    thing = _ENDING.sub("", found[1])
    kinds = re.findall(rf"\w{{3,}}{found[1]}\b", others, re.IGNORECASE)
    return bool(re.search(rf"\b(?:{thing}|{found[1]})\w{{0,2}}\b", wording, re.IGNORECASE)) or len(kinds) > 1


def _check_bounds(question: Question, _: Language) -> Iterator[Problem]:
    """Report a mark, or a grid of marks, whose text or help names other bounds."""
    texts = (question.text, question.help) if question.low is not None and question.type != "number" else ()
    for text in filter(None, texts):
        for language, wording in text.wording.items():
            digits = format_digits(_ZERO.sub("0", wording))
            named = {(int(low), int(high)) for low, high in _BOUNDS.findall(digits)} or set(_read_ends(digits))
            if len(named) == 1 and (question.low, question.high) not in named:
                low, high = named.pop()
                facts = {"code": question.code, "language": language, "found": f"{low}–{high}"}
                yield Problem("bounds-differ", text.place_in(language), {**facts, "bounds": f"{question.low}–{question.high}"})


def _read_ends(wording: str) -> Iterator[tuple[int, int]]:
    """Yield (low, high) of a text that explains both ends of a scale.

    >>> list(_read_ends("Een 1 is heel slecht, een 5 is heel goed.")), list(_read_ends("A 6 is enough, an 8 is very good."))
    ([(1, 5)], [])
    """
    found = [int(number) for number in _END.findall(wording)]
    if len(found) == 2 and found[0] in (0, 1) and found[0] < found[1]:
        yield found[0], found[1]


OPTION_RULES: tuple[Callable[[Options, Language], Iterator[Problem]], ...] = (
    check_ranges,
    _check_order,
    check_opposite_labels,
    check_other_kinds,
)
QUESTION_RULES: tuple[Callable[[Question, Language], Iterator[Problem]], ...] = (
    _check_number_of_options,
    _check_labels,
    _check_bounds,
    _check_shuffled,
    check_repeated_options,
    check_ends,
)
