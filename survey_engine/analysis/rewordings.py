"""What may give codes another meaning than in earlier versions: other words, ranges, points or arms. Only a person can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey_engine.analysis.arm_texts import iter_arm_texts
from survey_engine.analysis.definition_changes import share_institution
from survey_engine.analysis.editions import AskedItem, has_same_words, index_asked_items
from survey_engine.analysis.moved_codes import iter_moved_codes
from survey_engine.analysis.reachability import iter_asked_questions, list_all_sections
from survey_engine.analysis.texts_above import iter_texts_above
from survey_engine.analysis.units import name_same_unit
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Code, Place, Questionnaire, ResponseOption, Text

_Key = tuple[str, str, Code | None]
"""Code of an item, variable or term; which of its texts; and the option, or the institution of a term."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """A text with other words. A shared text, such as a point of a scale, is one rewording of all its codes."""

    codes: tuple[str, ...]
    language: str
    """Empty for what is no text."""
    was: str
    now: str
    place: Place

    def __str__(self) -> str:
        variant = f" ({self.language})" if self.language else ""
        return f"{self.place}: {join_names(self.codes)}{variant}: “{self.was}” → “{self.now}”"


def list_rewordings(questionnaire: Questionnaire, earlier: Iterable[Questionnaire]) -> list[Rewording]:
    """List texts of items, options, units, help, notices, titles, background and terms that have other words, and what else moved.

    Capitals, emphasis and punctuation do not count; nor does a consent, whose texts have a version.

    Args:
        earlier: versions, newest first; each text is compared with the newest version that has it in the language.
    """
    now = _index_texts(questionnaire)
    found, seen = defaultdict[tuple[Place, str, str, str], list[str]](list), set[tuple[_Key, str]]()
    blank = set[tuple[_Key, str]]()
    """Units, help and notices that newer versions lacked: these are compared with the newest version that has one, too."""
    for version in earlier:
        before = _index_texts(version)
        languages = [language for language in version.languages if language in questionnaire.languages]
        for key, texts in now.items():
            for language in languages:
                if key in before and (key, language) not in seen:
                    for was, text in _iter_changed(key, before[key], texts, language):
                        wording = " ".join(text.wording.get(language, "").split())
                        called = _name(key, (version, questionnaire))
                        called += f" in version {version.version}" if (key, language) in blank else ""
                        found[text.place_in(language), language, was, wording].append(called)
        for moved in iter_moved_codes(version, questionnaire):
            if ((moved.code, "", None), "") not in seen:
                found[moved.place, "", moved.was, moved.now].append(f"{moved.part} of {moved.code}")
        for code, place, language, was, text_now in iter_texts_above(version, questionnaire):
            if ((code, "", None), "") not in seen:
                found[place, language, was, text_now].append(f"text above {code}")
        for arm in iter_arm_texts(version, questionnaire):
            if ((arm.variable, "", None), "") not in seen:
                found[arm.place, arm.language, arm.was, arm.now].append(f"arms of {arm.code}")
        compared = {(key, language) for key in before for language in languages}
        come = {(key, language) for key, language in compared - seen if key in now and _has_come(before[key], now[key])}
        blank |= come
        seen |= compared - come
        seen.update(((code, "", None), "") for code in _iter_codes(version, before))
    return [
        Rewording(tuple(dict.fromkeys(codes)), language, was, text, place)
        for (place, language, was, text), codes in found.items()
    ]


def _iter_codes(questionnaire: Questionnaire, texts: Iterable[_Key]) -> Iterator[str]:
    """Yield the codes of texts, consents, institutions and experiments."""
    yield from (code for code, _, _ in texts)
    yield from (*index_asked_items(questionnaire), *questionnaire.institutions)
    yield from (experiment.variable for experiment in questionnaire.experiments.values())


_Texts = list[tuple[ResponseOption | None, Text]]
"""The texts under one key: institutions may have several options with one code."""


def _index_texts(questionnaire: Questionnaire) -> Mapping[_Key, _Texts]:
    found = defaultdict[_Key, _Texts](list)
    for code, asked in index_asked_items(questionnaire).items():
        if not asked.question.version:
            _add_texts(found, code, _map_texts(asked), asked.question.options)
    for code, variable in questionnaire.background.items():
        _add_texts(found, code, {"": variable.text}, variable.options)
    for place in iter_asked_questions(list_all_sections(questionnaire)):
        if not place.question.items:  # of a panel
            _add_texts(found, place.question.code, {"": place.question.text, "help": place.question.help}, ())
        _add_texts(found, f"page {place.page.code}", {"title": place.page.title}, ())
        _add_texts(found, f"section {place.section.code}", {"title": place.section.title}, ())
    for institution in (None, *questionnaire.institutions.values()):
        own = institution.terms if institution else {}
        for code, text in {**questionnaire.terms, **own}.items():
            found[code, "term", institution.code if institution else None] = [(None, text)]
    return found


def _map_texts(asked: AskedItem) -> Mapping[str, Text]:
    """Return the texts of an item, also the optional ones that it lacks: a unit that is added is another one."""
    question, statement = asked.question, asked.item.text
    texts = {
        "question": question.text if statement else None,
        "help": question.help,
        "unit": question.unit,
        "notice": question.notice,
    }
    blank = Text(question.code, {}, question.place)
    return {"": statement or question.text, **{part: text or blank for part, text in texts.items()}}


def _add_texts(found: dict[_Key, _Texts], code: str, texts: Mapping[str, Text | None], options: Sequence[ResponseOption]) -> None:
    found.update({(code, part, None): [(None, text)] for part, text in texts.items() if text})
    for option in options:
        found[code, "option", option.code].append((option, option.text))


def _has_come(before: _Texts, now: _Texts) -> bool:
    """Whether a text had no words before and has some."""
    return any(text.wording for _, text in now) and not any(text.wording for _, text in before)


def _iter_changed(key: _Key, before: _Texts, now: _Texts, language: str) -> Iterator[tuple[str, Text]]:
    """Yield the earlier wording and the text, for texts that one institution showed and shows."""
    is_unit = key[1] == "unit"
    for earlier, old in before:
        for option, new in now:
            was, text = (" ".join(each.wording.get(language, "").split()) for each in (old, new))
            shared = not (earlier and option) or share_institution(earlier, option)
            same = has_same_words(was, text) or (is_unit and name_same_unit(was, text))
            same |= not was and bool(old.wording)  # a new translation
            if shared and not same and (key[1] not in {"", "option"} or (was and text)):
                yield was, new


def _name(key: _Key, versions: Iterable[Questionnaire]) -> str:
    """Return the name of a text, with the institution of a term that is its own in one of the versions."""
    code, part, owner = key
    if part == "option":
        return f"option {owner} of {code}"
    name = " of ".join(filter(None, (part, code)))
    own = part == "term" and any(each.code == owner and code in each.terms for q in versions for each in q.institutions.values())
    return f"{name} at {owner}" if own else name
