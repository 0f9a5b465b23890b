"""Compares two editions of a questionnaire item by item, for researchers who compare their data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from survey_engine.analysis.audience_changes import AudienceChange, ComparedEdition, ExampleRespondent, find_audience_changes
from survey_engine.analysis.definition_changes import describe_derived, describe_range, iter_definition_changes, iter_term_changes
from survey_engine.analysis.duration import Minutes, estimate_minutes
from survey_engine.analysis.editions import (
    AskedItem,
    has_same_words,
    index_bank_items,
    iter_item_differences,
    list_shared_languages,
)
from survey_engine.analysis.partly_reworded import iter_all_texts, iter_partly_reworded
from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.model.questionnaire import Code, Institution, OrderStep, Page, Question, Questionnaire, Section, Text, Variable

ChangeKind = Literal["added", "removed", "moved", "reworded", "rescaled", "rerouted"]
CHANGE_KINDS: Mapping[ChangeKind, str] = {
    "added": "Added",
    "removed": "Removed",
    "moved": "Moved",
    "reworded": "Reworded",
    "rescaled": "Rescaled",
    "rerouted": "Asked of others",
}
"""Kind of change → its heading."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two editions."""

    kind: ChangeKind
    code: str
    where: str
    """The section that asks the item in the new edition; for a removed item, in the old edition."""
    notes: tuple[str, ...] = ()
    gained: ExampleRespondent | None = None
    lost: ExampleRespondent | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    old: str
    new: str
    parts: tuple[str, ...]
    """Lines of text about sections and modules that only one edition asks, and about definitions that differ."""
    changes: tuple[Change, ...]
    trend_breaks: Mapping[str, tuple[str, ...]]
    """Item → the changes that make its results incomparable."""
    texts: Mapping[str, tuple[str, ...]]
    """Code of any other text with other words → its changes."""
    respelled: tuple[str, ...] = ()
    """Codes of texts that differ in capitals, emphasis and punctuation only."""
    partly_reworded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Code of a text whose source changed → the language variants in the same file that did not."""
    minutes: Mapping[str, tuple[Minutes | None, Minutes | None]] = field(default_factory=dict)

    @property
    def has_changes(self) -> bool:
        """Whether anything but the spelling differs."""
        lengths = any(str(before) != str(now) for before, now in self.minutes.values())
        return lengths or any((self.parts, self.changes, self.trend_breaks, self.texts, self.partly_reworded))

    def list_kind(self, kind: ChangeKind) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]


def compare_questionnaires(old: Questionnaire, new: Questionnaire) -> Comparison:
    """Compare two editions. The order of definitions in the YAML files does not matter."""
    before, now = ComparedEdition(old), ComparedEdition(new)
    audience_changes = find_audience_changes(before, now)
    return Comparison(
        old=old.code,
        new=new.code,
        parts=(
            *_compare_parts(old, new),
            *_compare_orders(old, new),
            *_compare_definitions(old, new),
            *_compare_consents(old, new),
        ),
        changes=tuple(_iter_changes(before, now, audience_changes)),
        trend_breaks=_map_trend_breaks(before, now),
        texts=dict(_compare_texts(before, now)),
        respelled=tuple(_iter_respelled(old, new)),
        partly_reworded={text.code: text.unchanged for text in iter_partly_reworded(old, new)},
        minutes=_compare_minutes(old, new),
    )


def _map_parts(questionnaire: Questionnaire) -> dict[str, str]:
    kinds = (("section", questionnaire.sections), ("module", questionnaire.modules))
    return {code: kind for kind, sections in kinds for code in sections}


def _compare_parts(old: Questionnaire, new: Questionnaire) -> Iterator[str]:
    before, now = _map_parts(old), _map_parts(new)
    for code in [*before, *(code for code in now if code not in before)]:
        if code not in now:
            fate = f"in the bank of {new.code}" if code in new.rested else f"removed in {new.code}"
            yield f"- {before[code]} {code}: {fate}"
        elif code not in before:
            origin = f", from the bank of {old.code}" if code in old.rested else f", new in {new.code}"
            yield f"+ {now[code]} {code}{origin}"
        elif before[code] != now[code]:
            yield f"~ {code}: {before[code]} in {old.code}, {now[code]} in {new.code}"


def _compare_orders(old: Questionnaire, new: Questionnaire) -> Iterator[str]:
    """Yield lines about sections, and questions of a section, whose order differs between the editions."""
    before, now = ({section.code: section for section in each.all_sections} for each in (old, new))
    found = [("sections", list(before), list(now))]
    for code in before:
        if code in now:
            asked = [[question.code for question in each[code].iter_questions()] for each in (before, now)]
            found.append((f"questions in {code}", asked[0], asked[1]))
    for name, was, order in found:
        old_order, new_order = ([code for code in one if code in other] for one, other in ((was, order), (order, was)))
        moved = [at for at, code in enumerate(old_order) if code != new_order[at]]
        if moved:
            part = slice(moved[0], moved[-1] + 1)
            yield f"~ order of {name}: {', '.join(old_order[part])} in {old.code}, {', '.join(new_order[part])} in {new.code}"


def _compare_definitions(old: Questionnaire, new: Questionnaire) -> Iterator[str]:
    """Yield lines about definitions that differ: languages, draws, experiments, derived values, background, institutions and their open
    links, panels, random orders."""
    before, now = _map_definitions(old), _map_definitions(new)
    for name in dict.fromkeys((*before, *now)):
        if name in before and (gap := _describe_gap(new, name)):
            yield f"~ {name}: {gap}"
        elif name in now and (gap := _describe_gap(old, name)):
            yield f"~ {name} ({now[name]}): {gap}, complete in {new.code}"
        elif name not in before:
            yield f"+ {name} ({now[name]}), new in {new.code}"
        elif name not in now:
            yield f"- {name}: removed in {new.code}"
        elif before[name] != now[name]:
            yield f"~ {name}: {before[name]} in {old.code}, {now[name]} in {new.code}"


def _describe_gap(questionnaire: Questionnaire, name: str) -> str:
    """Return how many texts the variant `name`, as in `_map_definitions`, lacks; empty if it is not withheld."""
    code = name.removeprefix("language ")
    if code == name or code not in questionnaire.withheld:
        return ""
    lacking = sum(not text.wording.get(code) for text in iter_all_texts(questionnaire))
    missing = f" ({lacking} text{'' if lacking == 1 else 's'} missing)" if lacking else ""
    return f"not complete in {questionnaire.code}{missing}"


def _compare_consents(old: Questionnaire, new: Questionnaire) -> Iterator[str]:
    """Yield lines about consents whose version differs between the editions."""
    before, now = ({q.code: q.version for part in each.all_sections for q in part.iter_questions()} for each in (old, new))
    for code, version in before.items():
        if version and now.get(code, version) != version:
            yield f"~ version of consent {code}: {version} in {old.code}, {now[code]} in {new.code}"


def _map_definitions(questionnaire: Questionnaire) -> dict[str, str]:
    found = {f"language {each.code}": "draft" if each.draft else each.name for each in questionnaire.languages.values()}
    found |= {f"draw of {step.code}": _describe_draw(step) for step in questionnaire.order if step.modules or step.blocks}
    found |= {
        f"experiment {code}": ", ".join(f"{arm} {share}" for arm, share in experiment.arms.items())
        for code, experiment in questionnaire.experiments.items()
    }
    found |= {f"derived value {each.code}": describe_derived(each) for each in questionnaire.derived.values()}
    found |= {f"background {each.code}": _describe_domain(each) for each in questionnaire.background.values()}
    questions = [question for section in questionnaire.all_sections for question in section.iter_questions()]
    for question in questions:
        if years := {str(item.about.frozen_until) for item in question.items if item.about.frozen_until}:
            found[f"`frozen_until` of {question.code}"] = ", ".join(sorted(years))
    found |= {f"institution {each.code}": f"“{each.name}”" for each in questionnaire.institutions.values()}
    found |= {
        f"open link of {each.code}": _describe_open_link(each)
        for each in questionnaire.institutions.values()
        if each.has_open_link
    }
    found |= {f"panel {question.code}": "addresses" for question in questions if question.type == "panel"}
    found |= {
        f"RIO codes of {each.code}": ", ".join(each.rio_codes) for each in questionnaire.institutions.values() if each.rio_codes
    }
    mixed = (section for section in questionnaire.all_sections if section.random_order)
    found |= {f"random order in {section.code}": _name_moving("pages", section.pages) for section in mixed}
    pages = (page for _, page in questionnaire.placed_pages.values() if page.random_order)
    return found | {f"random order on {page.code}": _name_moving("questions", page.questions) for page in pages}


def _describe_open_link(institution: Institution) -> str:
    """Describe the background of respondents who come by the open link."""
    return ", ".join(f"{code} {value}" for code, value in institution.open_link.items()) or "no background"


def _describe_draw(step: OrderStep) -> str:
    """Describe how many modules and blocks a respondent gets, and the shares of the draw."""
    parts = []
    if step.modules:
        rule = step.modules
        parts += [f"{rule.council} by the council, {rule.institution} by the institution, {rule.random} at random"]
        parts += [f"{code} {share}" for code, share in rule.shares.items()]
    if step.blocks:
        parts += [
            f"at most {step.blocks.limit} blocks of {step.blocks.questions} questions and {step.blocks.statements} statements"
        ]
    return ", ".join(parts)


def _describe_domain(variable: Variable) -> str:
    if variable.options:
        return f"options {', '.join(sorted(str(option.code) for option in variable.options))}"
    return variable.kind if variable.low is None else describe_range(variable.low, variable.high)


def _name_moving(name: str, parts: Iterable[Page | Question]) -> str:
    fixed = [part.code for part in parts if part.fixed]
    return f"all {name} but {', '.join(fixed)}" if fixed else f"all {name}"


def _iter_changes(old: ComparedEdition, new: ComparedEdition, audience_changes: Mapping[str, AudienceChange]) -> Iterator[Change]:
    resting_before, resting_now = index_bank_items(old.questionnaire), index_bank_items(new.questionnaire)
    renamed = _find_renamed(old, new)
    for code, asked in new.asked.items():
        if code not in old.asked:
            notes = (_quote(asked, new), *(["from the bank"] if code in resting_before else []))
            notes += (f"{renamed[code]} has this text in {old.questionnaire.code}",) if code in renamed else ()
            yield Change("added", code, _name(asked.section), notes, gained=audience_changes.get(code, AudienceChange()).gained)
    for code, asked in old.asked.items():
        if code not in new.asked:
            notes = (_quote(asked, old), "kept in the bank" if code in resting_now else "removed")
            yield Change("removed", code, _name(asked.section), notes, lost=audience_changes.get(code, AudienceChange()).lost)
    for code, asked in new.asked.items():
        if code in old.asked:
            yield from _compare_both(old.asked[code], asked, old, new, audience_changes.get(code, AudienceChange()))


def _find_renamed(old: ComparedEdition, new: ComparedEdition) -> dict[str, str]:
    """Return new code → former code, of items that kept their text and options but got another code."""
    before = {_list_shown(asked, old): code for code, asked in old.asked.items() if code not in new.asked}
    added = {code: _list_shown(asked, old) for code, asked in new.asked.items() if code not in old.asked}
    return {code: before[shown] for code, shown in added.items() if shown in before}


def _list_shown(asked: AskedItem, edition: ComparedEdition) -> tuple[str, ...]:
    language = edition.questionnaire.source_language
    return asked.wording.get(language, asked.code), *(label.get(language, "") for label in asked.labels.values())


def _compare_both(
    before: AskedItem, now: AskedItem, old: ComparedEdition, new: ComparedEdition, audience_change: AudienceChange
) -> Iterator[Change]:
    where = _name(now.section)
    if _name(before.section) != where:
        yield Change("moved", now.code, where, (f"from {_name(before.section)} to {where}",))
    languages = [code for code in old.questionnaire.languages if code in new.questionnaire.languages]
    if wording := tuple(_compare_item_texts(before, now, languages)):
        yield Change("reworded", now.code, where, wording)
    if scale := tuple(_compare_scales(before, now, languages)):
        yield Change("rescaled", now.code, where, scale)
    if audience_change != AudienceChange():
        notes = (str(audience_change.written),) if audience_change.written else ()
        yield Change("rerouted", now.code, where, notes, audience_change.gained, audience_change.lost)


def _compare_scales(before: AskedItem, now: AskedItem, languages: list[str]) -> Iterator[str]:
    """Yield added, removed, reordered and relabelled options, and changes in limits and unit."""
    shown = ("wording", "label of ", "unit", "help", "statement")
    others = [note for note in iter_item_differences(before, now, languages) if not note.startswith(shown)]
    added = [f"+ {code} {_quote_label(now, code, languages)}" for code in now.labels if code not in before.labels]
    removed = [f"- {code} {_quote_label(before, code, languages)}" for code in before.labels if code not in now.labels]
    if "options" in others:
        yield from added + removed or ["order of the options"]
    limits = [_map_limits(asked.question) for asked in (before, now)]
    yield from (f"`{key}`: {was} → {limits[1][key]}" for key, was in limits[0].items() if was != limits[1][key])
    yield from (note for note in others if note != "options" and note.strip("`") not in limits[0])
    units = [asked.question.unit.wording if asked.question.unit else {} for asked in (before, now)]
    yield from (f"unit in {note}" for note in _compare_wording(units[0], units[1], languages))
    for code, label in before.labels.items():
        if code in now.labels:
            yield from (f"{code} in {note}" for note in _compare_wording(label, now.labels[code], languages))


def _map_limits(question: Question) -> dict[str, str]:
    """Return limit → its value as text; "none" if the question does not have that limit."""
    low, high = question.low if question.earliest is None else question.earliest, question.high
    found = {"from": low, "to": high if question.latest is None else question.latest}
    given = {key: getattr(question, key) or None for key in ("at_least", "at_most", "max_length")}
    return {key: "none" if limit is None else str(limit) for key, limit in {**found, **given}.items()}


def _quote_label(asked: AskedItem, code: Code, languages: list[str]) -> str:
    return next((f"“{asked.labels[code][language]}”" for language in languages if language in asked.labels[code]), "")


def _compare_item_texts(before: AskedItem, now: AskedItem, languages: list[str]) -> Iterator[str]:
    """Yield changes of an item's text, and of its question's text."""
    for language in languages:
        same_question = before.question.text.wording.get(language) == now.question.text.wording.get(language)
        old, new = (before.statement, now.statement) if same_question else (before.wording, now.wording)
        yield from _compare_wording(old, new, [language])


def _compare_wording(old: Mapping[str, str], new: Mapping[str, str], languages: list[str]) -> Iterator[str]:
    for language in languages:
        if not has_same_words(old.get(language, ""), new.get(language, "")):
            yield f"{language}: “{old.get(language, '–')}” → “{new.get(language, '–')}”"


def _name(section: Section | None) -> str:
    return section.code if section else "bank"


def _quote(asked: AskedItem, edition: ComparedEdition) -> str:
    return f"“{asked.statement.get(edition.questionnaire.source_language, asked.code)}”"


def _map_trend_breaks(old: ComparedEdition, new: ComparedEdition) -> dict[str, tuple[str, ...]]:
    """Return code → notes, of items whose scale or wording changed in a language variant that is not a draft.

    Includes changed definitions, terms and background variables. Items that the old edition had in the bank are compared too.
    """
    languages = list_shared_languages(old.questionnaire, new.questionnaire)
    before = {**index_bank_items(old.questionnaire), **old.asked}
    found = {
        code: changes
        for code, asked in new.asked.items()
        if code in before and (changes := tuple(iter_item_differences(before[code], asked, languages, has_same_words)))
    }
    for code, former in _find_renamed(old, new).items():
        found[code] = (*found.get(code, ()), f"code {former} → {code}")
    for change in iter_definition_changes(old.questionnaire, new.questionnaire):
        found[change.code] = (*found.get(change.code, ()), f"{change.was} → {change.now}")
    for term in iter_term_changes(old.questionnaire, new.questionnaire):
        note = f"term {term.code} in {term.language}" + (f" at {term.institution}" if term.institution else "")
        found |= {code: (*found.get(code, ()), note) for code in term.items}
    for code, notes in _iter_background_breaks(old.questionnaire, new.questionnaire, languages):
        found[code] = (*found.get(code, ()), *notes)
    return found


def _iter_background_breaks(
    old: Questionnaire, new: Questionnaire, languages: list[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield background variables whose text or labels changed."""
    for code, variable in new.background.items():
        before = old.background.get(code)
        texts = [_index_background_texts(each) for each in (before, variable)] if before else [{}, {}]
        shared = [(name, was, texts[1][name]) for name, was in texts[0].items() if name in texts[1]]
        if notes := tuple(
            f"{name} in {each}"
            for name, was, now in shared
            for each in languages
            if not has_same_words(was.get(each, ""), now.get(each, ""))
        ):
            yield code, notes


def _index_background_texts(variable: Variable) -> dict[str, Mapping[str, str]]:
    own = {"wording": variable.text.wording} if variable.text else {}
    return {**own, **{f"label of {option.code}": option.text.wording for option in variable.options}}


def _compare_texts(old: ComparedEdition, new: ComparedEdition) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield changed texts that belong to no item: titles, help, introduction, notices, information, terms, background.

    A text that only one edition has counts as changed if both editions have its item or page, or if it belongs to the questionnaire.
    """
    before, now = _map_texts(old), _map_texts(new)
    languages = [code for code in old.questionnaire.languages if code in new.questionnaire.languages]
    both = [item for edition in (old, new) for code, item in edition.asked.items() if code in old.asked and code in new.asked]
    single = {text.code for item in both for text in (item.question.help, item.question.notice) if text}
    for questionnaire, other in ((old.questionnaire, new.questionnaire), (new.questionnaire, old.questionnaire)):
        titles = [page.title for slug, (_, page) in questionnaire.placed_pages.items() if slug in other.placed_pages]
        heads = [questionnaire.introduction, questionnaire.contact, questionnaire.thanks]
        single |= {text.code for text in (*titles, *heads) if text}
    for code in dict.fromkeys((*now, *before)):
        if code in single or (code in before and code in now):
            was, new_text = (texts[code].wording if code in texts else {} for texts in (before, now))
            if notes := tuple(_compare_wording(was, new_text, languages)):
                yield code, notes


def _map_texts(edition: ComparedEdition) -> dict[str, Text]:
    asked = edition.asked.values()
    own = {text.code for item in asked for text in (item.question.text, item.item.text, item.question.unit) if text}
    own |= {option.text.code for item in asked for option in item.question.options}
    questionnaire = edition.questionnaire
    background = [text for v in questionnaire.background.values() for text in (v.text, *(option.text for option in v.options))]
    texts = [*(shown.text for shown in iter_shown_texts(questionnaire)), *questionnaire.terms.values(), *filter(None, background)]
    return {text.code: text for text in texts if text.code not in own}


def _iter_respelled(old: Questionnaire, new: Questionnaire) -> Iterator[str]:
    """Yield the codes of texts that differ in no word of any language variant of both."""
    before, languages = {text.code: text.wording for text in iter_all_texts(old)}, old.languages.keys() & new.languages.keys()
    for code, now in {text.code: text.wording for text in iter_all_texts(new)}.items():
        wordings = [(before[code].get(each, ""), now.get(each, "")) for each in languages] if code in before else []
        if any(was != text for was, text in wordings) and all(has_same_words(*each) for each in wordings):
            yield code


def _compare_minutes(old: Questionnaire, new: Questionnaire) -> dict[str, tuple[Minutes | None, Minutes | None]]:
    before, now = estimate_minutes(old), estimate_minutes(new)
    return {language: (before.get(language), now.get(language)) for language in {**before, **now}}
