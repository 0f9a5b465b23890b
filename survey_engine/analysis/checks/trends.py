"""Changes between editions that break trends: frozen items, and codes with a new meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from survey_engine.analysis.audience_changes import ComparedEdition, find_audience_changes
from survey_engine.analysis.checks.new_meanings import check_moving_bounds, check_new_meanings, check_renamed
from survey_engine.analysis.definition_changes import (
    describe_range,
    is_shifted,
    iter_definition_changes,
    iter_recoded,
    iter_term_changes,
    share_institution,
)
from survey_engine.analysis.editions import (
    AskedItem,
    are_alike,
    index_asked_items,
    index_bank_items,
    iter_item_differences,
    list_shared_languages,
)
from survey_engine.analysis.partly_reworded import PartlyReworded, iter_partly_reworded
from survey_engine.analysis.units import are_other_units
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem, join_names
from survey_engine.model.questionnaire import Code, Questionnaire, ResponseOption, Variable

_Texts = Mapping[str, Mapping[str, tuple[str, str]]]
_CHOSEN = frozenset({"choice", "grid", "mark", "number"})
"""Types of which one may become another if the codes of one of them include those of the other."""


def check_trends(questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    """Compare an edition with the previous one."""
    now = {**index_bank_items(questionnaire), **index_asked_items(questionnaire)}
    earlier = {**index_bank_items(before), **index_asked_items(before)}
    languages = put_source_first(questionnaire, list_shared_languages(before, questionnaire))
    exchanged = find_exchanged_texts(read_texts(before, earlier, languages), read_texts(questionnaire, now, languages))
    meanings: list[Problem] = []
    for code, old in earlier.items():
        new = now.get(code)
        if _is_frozen(old, questionnaire):
            yield from _check_frozen(old, new, questionnaire, before)
        elif new:
            compared = check_meaning(old, new, languages, before.code, exchanged.get(code))
            found = [each for each in compared if not each.facts.get("moved")]  # another edition may move a point
            meanings += found
            if is_another(found):
                continue
            yield from check_numbers(old, new, questionnaire.source_language, before.code)
            yield from check_reverse(old, new, before.code)
            yield from check_new_meanings(old, new, questionnaire.source_language, before.code)
    yield from join_options(meanings)
    yield from _check_audiences(questionnaire, before)
    yield from _check_backgrounds(questionnaire, before, languages, exchanged)
    yield from _check_terms(questionnaire, before)
    yield from check_consent_texts(questionnaire, before, before.code)
    yield from _check_partly_reworded(questionnaire, before)
    yield from check_moving_bounds(questionnaire, before)
    yield from check_renamed(questionnaire, before)
    yield from check_definitions(questionnaire, before, before.code)


def put_source_first(questionnaire: Questionnaire, languages: Iterable[str]) -> list[str]:
    """Return the languages to compare; in all but the first, the source, only texts that were exchanged are reported."""
    return list(dict.fromkeys([questionnaire.source_language, *languages]))


def read_texts(questionnaire: Questionnaire, asked: Mapping[str, AskedItem], languages: Sequence[str]) -> _Texts:
    """Return language → item or background variable → its text, with the code of its grid: two grids may have equal statements."""
    wordings = {code: (each.question.code if each.item.text else "", each.statement) for code, each in asked.items()}
    wordings |= {code: ("background", each.text.wording) for code, each in questionnaire.background.items() if each.text}
    return {
        language: {code: (group, " ".join(text.get(language, "").split())) for code, (group, text) in wordings.items()}
        for language in languages
    }


def find_exchanged_texts(old: _Texts, new: _Texts) -> dict[str, str]:
    """Return code → language of each text that another code had, which no longer has it.

    In the source, the first language, the other code may be gone: a translation of it may serve for a text that is left.
    """
    found: dict[str, str] = {}
    for language, texts in new.items():
        source = language == next(iter(new))
        owners = defaultdict[tuple[str, str], list[str]](list)
        for code, text in old[language].items():
            owners[text].append(code)
        for code, text in texts.items():
            others = owners.get(text, [])
            taken = text[1] and code in old[language] and others and code not in others
            if taken and all(texts.get(each, None if source else text) != text for each in others):
                found.setdefault(code, language)
    return found


def _check_audiences(questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    """Report frozen items that some respondents are no longer asked, perhaps."""
    old, new = ComparedEdition(before), ComparedEdition(questionnaire)
    frozen = [code for code, asked in old.asked.items() if code in new.asked and _is_frozen(asked, questionnaire)]
    for code, change in find_audience_changes(old, new, frozen).items():
        facts = {"code": code, "until": old.asked[code].item.about.frozen_until, "before": before.code}
        if change.lost:
            yield Problem("frozen-audience", new.asked[code].item.place, {**facts, "example": change.lost})
        elif change.written:
            yield Problem("frozen-condition", new.asked[code].item.place, {**facts, "change": change.written})


def check_numbers(old: AskedItem, new: AskedItem, language: str, before: str) -> Iterator[Problem]:
    """Report numbers in another unit, and numbers whose bounds moved."""
    units = [asked.question.unit.wording.get(language, "") if asked.question.unit else "" for asked in (old, new)]
    ranges = [(asked.question.low, asked.question.high) for asked in (old, new)]
    facts = {"code": new.code, "before": before}
    if all(units) and are_other_units(*units):
        changed = {**facts, "was": f"in “{units[0]}”", "now": f"in “{units[1]}”", "unit": True}
        yield Problem("definition-changed", new.item.place, changed)
    types = {old.question.type, new.question.type}
    other_marks = types == {"mark"} and bool(old.question.options and new.question.options) and ranges[0] != ranges[1]
    if other_marks or (types == {"number"} and is_shifted(*ranges)):
        was, now = (describe_range(*bounds) for bounds in ranges)
        yield Problem("definition-changed", new.item.place, {**facts, "was": was, "now": now})


def check_reverse(old: AskedItem, new: AskedItem, before: str) -> Iterator[Problem]:
    if old.item.about.reverse != new.item.about.reverse:
        had = "had" if old.item.about.reverse else "did not have"
        yield Problem("reverse-changed", new.item.place, {"code": new.code, "before": before, "had": had})


def _check_backgrounds(
    questionnaire: Questionnaire, before: Questionnaire, languages: Sequence[str], exchanged: Mapping[str, str]
) -> Iterator[Problem]:
    """Report background variables, and codes of them, with another meaning or another name."""
    for code, variable in questionnaire.background.items():
        if old := before.background.get(code):
            yield from join_options(check_variable(old, variable, languages, before.code, exchanged.get(code)))
        else:
            yield from _check_renamed_background(variable, questionnaire, before)


def check_variable(
    old: Variable, new: Variable, languages: Sequence[str], before: str, exchanged: str | None
) -> Iterator[Problem]:
    """Report a background variable, and codes of it, with another meaning; the arguments are as in `check_meaning`."""
    facts = {"code": new.code, "before": before}
    was, now = (each.text.wording if each.text else {} for each in (old, new))
    if other := _find_reworded(was, now, languages[0], exchanged):
        yield Problem("code-reused", new.place, {**facts, "old": was.get(other, "")})
    for option, (label, taken, _) in _map_reused_codes(old.options, new.options, languages).items():
        reused = {"option": option, "old": f"“{label}”", "taken": taken, "list": new.code}
        yield Problem("option-reused", new.place, {**facts, **reused})


def check_definitions(questionnaire: Questionnaire, before: Questionnaire, called: str) -> Iterator[Problem]:
    asked, earlier = index_asked_items(questionnaire), index_asked_items(before)
    for code in before.derived.keys() & asked.keys():
        types = {"old": "derived value", "new": asked[code].question.type}
        yield Problem("code-retyped", asked[code].item.place, {"code": code, "before": called, **types})
    for code in questionnaire.derived.keys() & earlier.keys():
        types = {"old": earlier[code].question.type, "new": "derived value"}
        yield Problem("code-retyped", questionnaire.place_of(f"derived.{code}"), {"code": code, "before": called, **types})
    for change in iter_definition_changes(before, questionnaire):
        facts = {"code": change.code, "was": change.was, "now": change.now, "before": called}
        yield Problem("definition-changed", change.place, facts)


def _check_renamed_background(variable: Variable, questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    """Report a new variable that has the text of one that is gone: data of one thing would have two columns."""
    for code, old in before.background.items():
        if (
            code not in questionnaire.background
            and old.kind == variable.kind
            and _share_text(old, variable, before.source_language)
        ):
            yield Problem("background-renamed", variable.place, {"code": variable.code, "old": code, "before": before.code})


def _share_text(one: Variable, other: Variable, language: str) -> bool:
    texts = {each.text.wording.get(language, "") for each in (one, other) if each.text}
    return len(texts) == 1 and "" not in texts


def _check_terms(questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    """Report terms with another wording in items that both editions ask."""
    for change in iter_term_changes(before, questionnaire):
        term = f"{change.code}' at '{change.institution}" if change.institution else change.code
        facts = {"code": term, "before": before.code, "old": change.was, "language": change.language}
        yield Problem("term-changed", change.place, {**facts, "items": join_names(change.items)})


def _check_partly_reworded(questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    """Report once for each file its texts of which only the source has other words."""
    files = defaultdict[str, list[PartlyReworded]](list)
    for found in iter_partly_reworded(before, questionnaire):
        files[found.place.file].append(found)
    for texts in files.values():
        unchanged = dict.fromkeys(language for text in texts for language in text.unchanged)
        facts = {"before": before.code, "language": questionnaire.source_language, "unchanged": ", ".join(unchanged)}
        first, *others = dict.fromkeys(text.place for text in texts)
        yield Problem("partly-reworded", first, {**facts, "texts": join_names(text.code for text in texts)}, tuple(others))


def check_consent_texts(questionnaire: Questionnaire, before: Questionnaire, called: str) -> Iterator[Problem]:
    """Report consents with another text or other parts under the same version: the data would not say what somebody agreed to."""
    languages = [language for language in before.languages if language in questionnaire.languages]
    asked = index_asked_items(before)
    versions = {item.question.code: item.question for item in asked.values() if item.question.version}
    for code, item in index_asked_items(questionnaire).items():
        old = asked.get(code)
        earlier = old.question if old and old.question.version else versions.get(item.question.code)
        if earlier is None or earlier.version != item.question.version:
            continue
        texts = [_read_consent(each, owner, before.institutions.keys()) for each, owner in ((old, before), (item, questionnaire))]
        changed = [each for each in languages if texts[0](each) != texts[1](each)]
        if changed:
            facts = {"code": code, "before": called, "version": item.question.version, "languages": join_names(changed)}
            yield Problem("consent-version", item.item.place, facts)


def _read_consent(asked: AskedItem | None, owner: Questionnaire, institutions: Collection[str]) -> Callable[[str], list[str]]:
    """Return language → the words of a consent: its texts, help and terms, also those of these institutions."""
    if asked is None:
        return lambda language: []
    shown = [each for each in (asked.question.text, asked.item.text, asked.question.help) if each]
    names = frozenset().union(*(each.names for each in shown))
    places = [owner.terms, *(place.terms for code, place in sorted(owner.institutions.items()) if code in institutions)]
    shown += [terms[name] for terms in places for name in sorted(names & terms.keys())]
    return lambda language: [word for each in shown for word in each.wording.get(language, "").split()]


def _is_frozen(old: AskedItem, questionnaire: Questionnaire) -> bool:
    until, edition = old.item.about.frozen_until, questionnaire.edition
    return until is not None and edition is not None and edition <= until


def _check_frozen(
    old: AskedItem, new: AskedItem | None, questionnaire: Questionnaire, before: Questionnaire
) -> Iterator[Problem]:
    promised = old.item.about.frozen_until
    facts: dict[str, object] = {"code": old.code, "until": promised, "before": before.code}
    if new is None:
        yield Problem("frozen-gone", questionnaire.place, {**facts, "advice": _advise_return(old.code, questionnaire, before)})
        return
    until = new.item.about.frozen_until
    if until is None or (promised and until < promised):
        yield Problem("frozen-shortened", new.item.place, {**facts, "code": new.question.code, "now": until or "no year"})
    changes = list(iter_item_differences(old, new, list_shared_languages(before, questionnaire)))
    if changes:
        yield Problem("frozen-changed", new.item.place, {**facts, "changes": ", ".join(changes)})


def _advise_return(code: str, questionnaire: Questionnaire, before: Questionnaire) -> str:
    """Return what to do for an item to be asked again: its section may be here without a place in the order."""
    left = (each for each in questionnaire.sections.values() if each not in questionnaire.all_sections)
    items = {item.code: section.code for section in left for question in section.iter_questions() for item in question.items}
    return f"Add section '{items[code]}' to `order`" if code in items else f"Copy it from {before.code}"


def check_meaning(
    old: AskedItem, new: AskedItem, languages: Sequence[str], before: str, exchanged: str | None
) -> Iterator[Problem]:
    """Report codes with a new meaning.

    Args:
        languages: as from `put_source_first`.
        before: the name of the earlier questionnaire in messages.
        exchanged: the language in which the item got the text of another one, if any.
    """
    facts: dict[str, object] = {"code": old.code, "before": before}
    was, now = _find_variable(old), _find_variable(new)
    if not _keeps_type(old, new):
        types = old.question.type, new.question.type
        if was and now and types[0] == types[1]:  # other marks, or codes that are numbers and codes that are words
            domains = [each.kind if was.kind != now.kind else describe_range(each.low, each.high) for each in (was, now)]
            types = f"{types[0]} ({domains[0]})", f"{types[1]} ({domains[1]})"
        yield Problem("code-retyped", new.item.place, {**facts, "old": types[0], "new": types[1]})
        return
    if other := _find_reworded(old.statement, new.statement, languages[0], exchanged):
        yield Problem("code-reused", new.item.place, {**facts, "old": old.statement.get(other, "")})
    listed = tuple(option.text.place for option in new.question.options if not option.outside_scale) or (new.question.place,)
    for option, (label, taken, same) in _map_reused_codes(old.question.options, new.question.options, languages).items():
        own = same.institutions is not None  # in the file of its institution
        place, among = (same.text.place, (same.text.place.file, old.code)) if own else (new.question.place, listed)
        reused = {"option": option, "old": f"“{label}”", "taken": taken, "list": among}
        yield Problem("option-reused", place, {**facts, **reused})
    for recoded_option, label, other_option in iter_recoded(old.question.options, new.question.options, languages):
        moved = recoded_option.outside_scale != other_option.outside_scale
        codes = {"option": recoded_option.code, "now": other_option.code}
        recoded = {**codes, "old": f"“{label}”", "list": listed, "moved": moved}
        yield Problem("option-recoded", new.question.place, {**facts, **recoded})


def is_another(problems: Iterable[Problem]) -> bool:
    """Whether problems of `check_meaning` ask for another code: that its unit, range or `reverse` differs then only follows."""
    return any(problem.code in {"code-retyped", "code-reused"} for problem in problems)


def join_options(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems, with one for all options and questions of a scale or another shared list."""
    lists = defaultdict[object, list[Problem]](list)
    for problem in problems:
        if "option" in problem.facts:
            lists[problem.code, problem.facts["list"]].append(problem)
        else:
            yield problem
    for first, *rest in lists.values():
        options = {each.facts["option"]: each.facts for each in (first, *rest)}
        joined = {
            key: ", ".join(str(each[key]) for each in options.values()) for key in ("option", "old", "now") if key in first.facts
        }
        places = dict.fromkeys(each.place for each in rest if each.place != first.place)
        yield Problem(first.code, first.place, {**first.facts, **joined}, tuple(places))


def _find_variable(asked: AskedItem) -> Variable | None:
    return next((v for v in QUESTION_TYPES[asked.question.type].variables(asked.question) if v.code == asked.code), None)


def _keeps_type(old: AskedItem, new: AskedItem) -> bool:
    """Whether both have the same type, or types with comparable answers: a choice may become a row of a grid."""
    types, variables = {old.question.type, new.question.type}, (_find_variable(old), _find_variable(new))
    was, now = ({option.code for option in each.options if not option.outside_scale} if each else set() for each in variables)
    return _is_same_kind(*variables) and (len(types) == 1 or (types <= _CHOSEN and (was <= now or now <= was)))


def _is_same_kind(old: Variable | None, new: Variable | None) -> bool:
    """Whether both have the same kind of data."""
    if not (old and new):
        return old is new
    if old.kind != new.kind:
        return False
    if old.kind != "number" or bool(old.options) == bool(new.options):
        return True
    scale, free = (old, new) if old.options else (new, old)  # a number may become a scale of exactly those numbers
    codes = sorted(option.code for option in scale.options if isinstance(option.code, int))
    return bool(codes) and (codes[0], codes[-1], len(codes)) == (free.low, free.high, codes[-1] - codes[0] + 1)


def _map_reused_codes(
    old: Sequence[ResponseOption], new: Sequence[ResponseOption], languages: Sequence[str]
) -> dict[Code, tuple[str, bool, ResponseOption]]:
    """Return the codes that have the label of another option (true) or, in the source, another meaning.

    Returns: code → former label, which of both, and the option with the new label.
    """
    found: dict[Code, tuple[str, bool, ResponseOption]] = {}
    for language in languages:
        by_label, by_code = defaultdict[str, list[ResponseOption]](list), defaultdict[Code, list[ResponseOption]](list)
        for option in old:
            by_label[option.text.wording.get(language, "")].append(option)
        for option in new:
            by_code[option.code].append(option)
        for option in old:
            label = option.text.wording.get(language, "")
            for same in by_code[option.code]:
                now = same.text.wording.get(language, label)
                if now == label or not share_institution(option, same):
                    continue
                others = [each for each in by_label[now] if each.code != option.code and share_institution(option, each)]
                if language == languages[0]:
                    taken = bool(others)
                else:
                    renamed = (each for other in others for each in by_code[other.code] if share_institution(other, each))
                    taken = any(each.text.wording.get(language, now) != now for each in renamed)
                if taken and not (option.code in found and found[option.code][1]):
                    found[option.code] = label, True, same
                elif language == languages[0] and not are_alike(label, now):
                    found.setdefault(option.code, (label, False, same))
    return found


def _find_reworded(old: Mapping[str, str], new: Mapping[str, str], source: str, exchanged: str | None) -> str | None:
    """Return the language in which a text means something else: the source, or the one in which it was exchanged."""
    reworded = source in old and source in new and not are_alike(old[source], new[source])
    return source if reworded else exchanged
