"""The audience of each item: its conditions, and the modules, institutions and languages that its section requires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from survey_engine.engine.assignment import list_rules
from survey_engine.model.conditions import And, Compare, Constant, Name, Or, Tree, make_condition
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import (
    Code,
    Condition,
    Institution,
    Item,
    OrderStep,
    Place,
    Questionnaire,
    ResponseOption,
    Section,
)
from survey_engine.rendering.condition_sentences import iter_conjuncts, make_condition_writer
from survey_engine.rendering.page_plan import Wording


@dataclass(frozen=True, slots=True)
class Audience:
    """The audience of one item."""

    slug: str
    code: Code
    text: str
    sentence: str


def list_audiences(questionnaire: Questionnaire, wording: Wording, sentences: str) -> list[tuple[str, list[Audience]]]:
    """Return (title of a section, audiences of its items) for each section; `sentences` is nl, en or symbols."""
    writer = make_condition_writer(questionnaire, sentences, labels=wording.language)
    found = []
    for section in questionnaire.all_sections:
        requirements = [*list_requirements(questionnaire, section), section.when]
        rows = [
            Audience(
                page.slug,
                item.code,
                wording.line(item.text or question.text),
                writer.describe_audience(
                    [*requirements, page.when, question.when, find_offer(question), item.when, find_institution_condition(item)]
                ),
            )
            for page in section.pages
            for question in page.questions
            for item in question.items
        ]
        found.append((name_section(questionnaire, section, wording), rows))
    return found


def name_section(questionnaire: Questionnaire, section: Section, wording: Wording) -> str:
    """Return the title of a section. Local questions without a title get the name of their institution."""
    owner = find_local_institution(questionnaire, section)
    return wording.line(section.title) or (owner.name if owner else section.code)


def find_local_institution(questionnaire: Questionnaire, section: Section) -> Institution | None:
    """Return the institution to which a section with local questions belongs; None for other sections."""
    institutions = questionnaire.institutions.values()
    return next((place for place in institutions if any(own.code == section.code for own in place.own_sections)), None)


def list_requirements(questionnaire: Questionnaire, section: Section) -> list[Condition]:
    """Return the conditions that a section's place in the order implies: on its module, institutions and languages."""
    trees = [*_iter_modules(questionnaire, section), *_iter_languages(questionnaire, section)]
    return [make_condition("", tree, section.place) for tree in trees]


def find_institution_condition(listed: Item | ResponseOption) -> Condition | None:
    """Return a condition on the institutions that have an item or option; None if all institutions have it."""
    if listed.institutions is None:
        return None
    return make_condition("", _make_institution_tree(sorted(listed.institutions)), Place(""))


def _iter_modules(questionnaire: Questionnaire, section: Section) -> Iterator[Tree]:
    owner = find_local_institution(questionnaire, section)
    if owner:
        yield _make_institution_tree([owner.code])
    elif any(section.code in questionnaire.find_shares(rule) for rule in list_rules(questionnaire)):
        yield Compare("in", Constant(section.code), Name("assigned"))
    elif section.code in questionnaire.modules:
        yield from _iter_themes(questionnaire, section)


def _iter_themes(questionnaire: Questionnaire, section: Section) -> Iterator[Tree]:
    """Yield a tree for the institutions that have the theme in a block, with the block's own conditions if it has any."""
    plain, routed = [], []
    always = set(iter_conjuncts(section.when.tree)) if section.when else set()
    for place in questionnaire.institutions.values():
        for block in place.blocks:
            when = block.section.when
            more = [part for part in iter_conjuncts(when.tree) if part not in always] if when else []
            if block.theme == section.code and more:
                routed.append(And((_make_institution_tree([place.code]), *more)))
            elif block.theme == section.code:
                plain.append(place.code)
    ways: list[Tree] = [*([_make_institution_tree(plain)] if plain else []), *routed]
    if routed or len(plain) < len(questionnaire.institutions):
        yield from ways if len(ways) == 1 else [Or(tuple(ways))] if ways else []


def _make_institution_tree(codes: list[str]) -> Tree:
    return (
        Compare("==", Name("institution"), Constant(codes[0])) if len(codes) == 1 else _make_membership_tree("institution", codes)
    )


def _iter_languages(questionnaire: Questionnaire, section: Section) -> Iterator[Tree]:
    groups = [group for group in questionnaire.order if _has(group, section, questionnaire)]
    shown = [
        code
        for code, language in questionnaire.languages.items()
        if (section.languages is None or code in section.languages)
        and (language.groups is None or any(group.code in language.groups for group in groups))
    ]
    others = [code for code in questionnaire.languages if code not in shown]
    if len(others) == 1 and len(shown) > 1:
        yield Compare("!=", Name("language"), Constant(others[0]))
    elif others:
        yield _make_membership_tree("language", shown)


def _make_membership_tree(name: str, codes: list[str]) -> Tree:
    return Compare("in", Name(name), Constant(tuple(codes)))


def _has(group: OrderStep, section: Section, questionnaire: Questionnaire) -> bool:
    owner = find_local_institution(questionnaire, section)
    if owner:
        last = owner.own_questions is not None and owner.own_questions.code == section.code
        return group.own_questions if last else group.blocks is not None
    if section.code in questionnaire.modules:
        return bool(group.blocks or (group.modules and section.code in questionnaire.find_shares(group.modules)))
    return any(listed.code == section.code for listed in group.sections)
