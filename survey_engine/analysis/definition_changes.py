"""Changes in the meaning of a code between editions: derived values, background variables, institutions, arms, terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from survey_engine.analysis.editions import (
    AskedItem,
    has_same_words,
    have_years,
    index_asked_items,
    is_same_label,
    list_shared_languages,
)
from survey_engine.analysis.tried_values import iter_subtrees
from survey_engine.model.conditions import Compare, Constant, Name
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import Place, Questionnaire, ResponseOption


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    code: str
    was: str
    now: str
    place: Place


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term with another wording than before, which items of both editions use."""

    code: str
    institution: str
    """The institution at which the term changed; empty for the term of the questionnaire."""
    language: str
    was: str
    items: tuple[str, ...]
    place: Place


def iter_definition_changes(old: Questionnaire, new: Questionnaire) -> Iterator[DefinitionChange]:
    """Yield derived values with another computation, background variables with other ranges or codes, and exchanged names and arms."""
    for code, derived in new.derived.items():
        before = old.derived.get(code)
        if before and _list_computation(before) != _list_computation(derived):
            yield DefinitionChange(code, describe_derived(before), describe_derived(derived), new.place_of(f"derived.{code}"))
    for code, variable in new.background.items():
        earlier = old.background.get(code)
        if earlier and not variable.options and is_shifted((earlier.low, earlier.high), (variable.low, variable.high)):
            was, now = (describe_range(each.low, each.high) for each in (earlier, variable))
            yield DefinitionChange(code, was, now, variable.place)
        elif earlier:
            for option, label, other in iter_recoded(earlier.options, variable.options, [*new.languages]):
                yield DefinitionChange(code, f"{option.code} for “{label}”", f"{other.code} for it", variable.place)
    owners = {institution.name: code for code, institution in old.institutions.items()}
    for code, institution in new.institutions.items():
        known = old.institutions.get(code)
        if known and known.name != institution.name and owners.get(institution.name, code) != code:
            yield DefinitionChange(code, f"“{known.name}”", f"“{institution.name}”", institution.place)
    yield from _iter_exchanged_arms(old, new)
    yield from _iter_exchanged_modules(old, new)


def _iter_exchanged_modules(old: Questionnaire, new: Questionnaire) -> Iterator[DefinitionChange]:
    """Yield each module that lost all its former questions and asks questions of another former module instead."""
    before, now = (
        {code: {each.code for each in module.iter_questions()} for code, module in q.modules.items()} for q in (old, new)
    )
    for code, asked in now.items():
        others = [other for other, questions in before.items() if other != code and questions & asked]
        if others and before.get(code) and not before[code] & asked:
            yield DefinitionChange(code, f"the module of {min(before[code])}", f"that of {min(asked)}", new.modules[code].place)


def _iter_exchanged_arms(old: Questionnaire, new: Questionnaire) -> Iterator[DefinitionChange]:
    """Yield each experiment with two arms that exchanged their items."""
    shared = [experiment for code, experiment in new.experiments.items() if code in old.experiments]
    before, now = (index_asked_items(each) if shared else {} for each in (old, new))
    for experiment in shared:
        moved: dict[tuple[str, str], AskedItem] = {}
        for code, asked in now.items():
            was, arm = (_describe_arms(each, experiment.variable) for each in (before.get(code, asked), asked))
            if was and arm and was != arm:
                moved.setdefault((was, arm), asked)
        for (was, arm), asked in moved.items():
            if was < arm and (arm, was) in moved:
                yield DefinitionChange(experiment.code, f"`{was}` for '{asked.code}'", f"`{arm}` for it", asked.item.place)


def _describe_arms(asked: AskedItem, variable: str) -> str:
    """Return the comparisons with arms in the conditions of an item, as text."""
    trees = (part for guard in asked.guards for condition in guard for part in iter_subtrees(condition.tree))
    found = {
        f"{part.operator} {part.right.value}"
        for part in trees
        if isinstance(part, Compare) and part.left == Name(variable) and isinstance(part.right, Constant)
    }
    return ", ".join(sorted(found))


def iter_term_changes(old: Questionnaire, new: Questionnaire) -> Iterator[TermChange]:
    """Yield each term with other words in a language variant that both editions have and that is a draft in neither."""
    before = index_asked_items(old)
    both = [item for code, item in index_asked_items(new).items() if code in before]
    languages = list_shared_languages(old, new)
    for code, term in new.terms.items():
        using = tuple(item.code for item in both if _uses_term(item, code))
        if code not in old.terms or not using:
            continue
        changes = [("", old.terms[code], term)]
        for name, place in new.institutions.items():
            earlier = old.institutions.get(name)
            if earlier and (code in place.terms or code in earlier.terms):
                changes.append((name, earlier.terms.get(code, old.terms[code]), place.terms.get(code, term)))
        for institution, was, now in changes:
            changed = (each for each in languages if not has_same_words(was.wording.get(each, ""), now.wording.get(each, "")))
            language = next(changed, "")
            if language:
                yield TermChange(code, institution, language, was.wording.get(language, ""), using, now.place)


def _uses_term(asked: AskedItem, term: str) -> bool:
    return any(term in text.names for text in (asked.question.text, asked.item.text) if text)


def iter_recoded(
    old: Sequence[ResponseOption], new: Sequence[ResponseOption], languages: Iterable[str]
) -> Iterator[tuple[ResponseOption, str, ResponseOption]]:
    """Yield (option, label, new option) of each option whose label got a new code, which splits its data over two categories."""
    known = {option.code for option in old}
    for option in old:
        for language in languages:
            label = option.text.wording.get(language, "")
            same = [
                each
                for each in new
                if share_institution(option, each) and is_same_label(label, each.text.wording.get(language, ""))
            ]
            if same and known.isdisjoint(each.code for each in same):
                yield option, label, same[0]
                break


def share_institution(one: ResponseOption, other: ResponseOption) -> bool:
    """Whether at least one institution offers both options."""
    return one.institutions is None or other.institutions is None or not one.institutions.isdisjoint(other.institutions)


def _list_computation(derived: Derived) -> tuple[object, ...]:
    """Return a key of the computation; the order of the parts matters only for `years`."""
    return derived.kind, derived.parts if derived.kind == "years" else sorted(derived.parts)


def describe_derived(derived: Derived) -> str:
    return f"{derived.kind} of {', '.join(derived.parts)}"


def describe_range(low: int | None, high: int | None) -> str:
    return f"from {low} to {high}"


def is_shifted(old: tuple[int | None, int | None], new: tuple[int | None, int | None]) -> bool:
    """Whether both bounds of a range moved, so that a number may have another meaning. Moving one bound changes no meaning.

    >>> is_shifted((1, 5), (0, 4)), is_shifted((1, 5), (1, 6)), is_shifted((1990, 2010), (1991, 2011))
    (True, False, False)
    """
    (low, high), (new_low, new_high) = old, new
    if low is None or high is None or new_low is None or new_high is None:
        return False
    return not have_years(*old, *new) and new_low - low == new_high - high != 0
