"""Sentences that describe the audience of an item, made from its conditions, in Dutch and English; in symbols for other languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from survey_engine.analysis.reachability import Reachability, find_reachability
from survey_engine.analysis.unasked import find_true_if_empty, passes_unasked
from survey_engine.model.conditions import (
    OPERATORS,
    And,
    Answered,
    Compare,
    Constant,
    Count,
    Name,
    Not,
    Operand,
    Or,
    Tree,
    make_condition,
)
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import EXPERIMENT, Code, Condition, Item, Language, Questionnaire, ResponseOption, Variable
from survey_engine.rendering.page_plan import Wording

SENTENCE_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "everyone": "Asked to everyone.",
        "nobody": "Asked to nobody: no institution has it.",
        "when": "Asked when {condition}.",
        "and": " and ",
        "or": " or ",
        "not": "it is not the case that {part}",
        "answered": "{name} was answered",
        "or unasked": ", or was not asked",
        "or name unasked": ", or {name} was not asked",
        "holds": "{value} is among the answers to {name}",
        "lacks": "{value} is not among the answers to {name}",
        "has": "the student has the module “{value}”",
        "has not": "the student does not have the module “{value}”",
        "count": "the number of answers to {name}",
        "sum": "the sum of {parts}",
        "mean": "the mean of {parts}",
        "counted": "the number of answered questions among {parts}",
        "years": "the number of years from {parts}",
        "to": " to ",
        "more": "{parts} and {count} more",
        "today": "the day of the start",
        "random pages": "pages in random order",
        "random questions": "questions in random order",
        "random": "in random order",
        "experiment": "the arm of the experiment “{name}”",
        "language": "the language",
        "institution": "the institution",
        "assigned": "the modules of this student",
    },
    "nl": {
        "everyone": "Gevraagd aan iedereen.",
        "nobody": "Aan niemand gevraagd: geen instelling heeft het.",
        "when": "Gevraagd als {condition}.",
        "and": " en ",
        "or": " of ",
        "not": "het niet zo is dat {part}",
        "answered": "{name} beantwoord is",
        "or unasked": ", of niet gevraagd is",
        "or name unasked": ", of {name} niet gevraagd is",
        "holds": "{value} bij de antwoorden op {name} zit",
        "lacks": "{value} niet bij de antwoorden op {name} zit",
        "has": "de student de module “{value}” heeft",
        "has not": "de student de module “{value}” niet heeft",
        "count": "het aantal antwoorden op {name}",
        "sum": "de som van {parts}",
        "mean": "het gemiddelde van {parts}",
        "counted": "het aantal beantwoorde vragen onder {parts}",
        "years": "het aantal jaren van {parts}",
        "to": " tot ",
        "more": "{parts} en nog {count}",
        "today": "de dag van de start",
        "random pages": "pagina’s in willekeurige volgorde",
        "random questions": "vragen in willekeurige volgorde",
        "random": "in willekeurige volgorde",
        "experiment": "de groep van het experiment “{name}”",
        "language": "de taal",
        "institution": "de instelling",
        "assigned": "de modules van deze student",
    },
}
_SYMBOLS = "symbols"
"""Name of the short form without words, for languages without sentences."""
_SYMBOL_WORDS: Mapping[str, str] = {
    "everyone": "➔ 100 %",
    "nobody": "➔ 0 %",
    "when": "➔ {condition}",
    "and": " & ",
    "or": " / ",
    "not": "¬ ({part})",
    "answered": "{name} ✓",
    "or unasked": " / –",
    "or name unasked": " / {name} –",
    "holds": "{name} ☑ {value}",
    "lacks": "{name} ☐ {value}",
    "has": "☑ “{value}”",
    "has not": "☐ “{value}”",
    "count": "# {name}",
    "sum": "Σ ({parts})",
    "mean": "⌀ ({parts})",
    "counted": "# ({parts})",
    "years": "{parts}",
    "to": " → ",
    "more": "{parts}, … +{count}",
    "random pages": "⇅",
    "random questions": "⇅",
    "random": "⇅",
    "experiment": "“{name}”",
}
COMPARISONS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "==": "{name} is {value}",
        "!=": "{name} is not {value}",
        "<": "{name} is less than {value}",
        "<=": "{name} is at most {value}",
        ">": "{name} is more than {value}",
        ">=": "{name} is at least {value}",
        "in": "{name} is {value}",
        "not in": "{name} is none of {value}",
    },
    "nl": {
        "==": "{name} {value} is",
        "!=": "{name} niet {value} is",
        "<": "{name} lager dan {value} is",
        "<=": "{name} hoogstens {value} is",
        ">": "{name} hoger dan {value} is",
        ">=": "{name} minstens {value} is",
        "in": "{name} {value} is",
        "not in": "{name} niet {value} is",
    },
    _SYMBOLS: {
        "==": "{name} = {value}",
        "!=": "{name} ≠ {value}",
        "<": "{name} < {value}",
        "<=": "{name} ≤ {value}",
        ">": "{name} > {value}",
        ">=": "{name} ≥ {value}",
        "in": "{name} = {value}",
        "not in": "{name} ≠ {value}",
    },
}
"""Language → operator → wording of the comparison."""
_NAMED = 3
"""Maximum number of parts in the name of a derived value."""


@dataclass(frozen=True, slots=True)
class ConditionWriter:
    """Words conditions in one language, with the labels of questions and options."""

    questionnaire: Questionnaire
    words: Mapping[str, str]
    comparisons: Mapping[str, str]
    wording: Wording
    institutions: frozenset[str] | None = None
    """Institutions whose labels are joined, for items and options that they word differently; None for all."""
    items: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    """Code → the items of the institutions that have a text of their own."""

    def describe_audience(self, conditions: list[Condition | None]) -> str:
        """Describe an audience in one sentence; `conditions` are those of the section, page, question and item."""
        return self.describe_trees([part for condition in conditions if condition for part in iter_conjuncts(condition.tree)])

    def describe_trees(self, trees: list[Tree]) -> str:
        """Describe in one sentence the respondents for whom all of these conditions are true."""
        if not trees:
            return self.words["everyone"]
        return self.words["when"].format(condition=self._join("and", trees, ()))

    def describe(self, tree: Tree, *, inside: bool = False, beside: tuple[Tree, ...] | None = ()) -> str:
        """Describe a condition.

        Args:
            inside: whether the description is a part of a longer sentence.
            beside: conditions that must also be true; None in a negation.
        """
        match tree:
            case And(parts) | Or(parts):
                sentence = self._join("and" if isinstance(tree, And) else "or", parts, beside)
                return f"({sentence})" if inside else sentence
            case Not(Compare(operator, left, right)) if opposite := OPERATORS[operator].opposite:
                return self.describe(Compare(opposite, left, right), inside=inside, beside=beside)
            case Not(part):
                return self.words["not"].format(part=self.describe(part, inside=True, beside=None))
            case Answered(code):
                return self.words["answered"].format(name=self.name(code))
            case Compare(operator, left, right):
                unasked = self._name_unasked(tree, beside) if beside is not None else ""
                sentence = self._compare(operator, left, right) + unasked
                return f"({sentence})" if inside and unasked else sentence

    def _join(self, word: str, trees: Iterable[Tree], beside: tuple[Tree, ...] | None) -> str:
        """Join distinct parts with a word."""
        distinct = list(dict.fromkeys(trees))
        together = (*beside, *distinct) if beside is not None and word == "and" else beside
        return self.words[word].join(self.describe(tree, inside=len(distinct) > 1, beside=together) for tree in distinct)

    def _name_unasked(self, tree: Compare, beside: tuple[Tree, ...]) -> str:
        """Return "or was not asked" if the comparison is true for unasked respondents, and some of these meet the conditions `beside`."""
        reach = _find_reachability(self.questionnaire)
        name = find_true_if_empty(tree, reach)
        place = self.questionnaire.place
        if not name or not passes_unasked(name, [make_condition("", part, place) for part in (*beside, tree)], reach):
            return ""
        return self.words["or unasked" if isinstance(tree.left, Name) else "or name unasked"].format(name=self.name(name))

    def _compare(self, operator: str, left: Operand, right: Operand) -> str:
        if operator in ("in", "not in") and isinstance(left, Constant) and isinstance(right, Name):
            holds, lacks = ("has", "has not") if right.code == "assigned" else ("holds", "lacks")
            sentence = self.words[holds if operator == "in" else lacks]
            return sentence.format(name=self.name(right.code), value=self.value(right.code, left.value))
        return self.comparisons[operator].format(name=self._operand(left, right), value=self._operand(right, left))

    def _operand(self, operand: Operand, other: Operand) -> str:
        """Return one side of a comparison in words. A value has the label that the question on the other side gives it."""
        match operand:
            case Name(code):
                return self.name(code)
            case Derived():
                return self._name_derived(operand)
            case Count(code):
                return self.words["count"].format(name=self.name(code))
            case Constant(value):
                return self.value(other.code if isinstance(other, Name) else "", value)

    def _name_derived(self, derived: Derived) -> str:
        """Return words for how a derived value is computed, with the labels of at most three of its parts."""
        names = [self.name(part) for part in derived.parts]
        if len(names) > _NAMED:
            parts = self.words["more"].format(parts=", ".join(names[: _NAMED - 1]), count=len(names) - _NAMED + 1)
        else:
            parts = self.words["to" if derived.kind == "years" else "and"].join(names)
        return self.words["counted" if derived.kind == "count" else derived.kind].format(parts=parts)

    def name(self, code: str) -> str:
        """Return the name of a variable: its label in quotes, or a word for a built-in variable."""
        variable = self.questionnaire.variables.get(code)
        if code.startswith(EXPERIMENT):
            return self.words["experiment"].format(name=code.removeprefix(EXPERIMENT))
        if variable is None or variable.text is None:
            return self.words.get(code, code)
        items = self.items.get(code, ())
        label = self._join_labels(items) if items else self.wording.line(variable.text)
        return f"“{label or code}”"

    def value(self, code: str, value: Code | tuple[Code, ...]) -> str:
        if isinstance(value, tuple):
            return self.words["or"].join(self.value(code, single) for single in value)
        variable = self.questionnaire.variables.get(code)
        label = self._label(variable, value) if variable else ""
        return label or str(value)

    def _label(self, variable: Variable, value: Code) -> str:
        label = self._join_labels(option for option in variable.options if option.code == value)
        return label or self._built_in(variable.code, value)

    def _join_labels(self, entries: Iterable[Item | ResponseOption]) -> str:
        """Join the labels that the institutions give an item or option; empty if none of them has it."""
        here = self.institutions
        own = (each for each in entries if here is None or each.institutions is None or not here.isdisjoint(each.institutions))
        return " / ".join(dict.fromkeys(self.wording.line(each.text) for each in own if each.text and each.text.wording))

    def _built_in(self, code: str, value: Code) -> str:
        questionnaire = self.questionnaire
        if code == "language" and value in questionnaire.languages:
            return questionnaire.languages[str(value)].name
        if code == "institution" and value in questionnaire.institutions:
            return questionnaire.institutions[str(value)].name
        if code == "assigned" and value in questionnaire.modules:
            title = questionnaire.modules[str(value)].title
            return self.wording.line(title) if title else str(value)
        return ""


@lru_cache(maxsize=16)
def _find_reachability(questionnaire: Questionnaire) -> Reachability:
    return find_reachability(questionnaire)


def iter_conjuncts(tree: Tree) -> Iterator[Tree]:
    """Iterate over the parts of a conjunction."""
    if isinstance(tree, And):
        for part in tree.parts:
            yield from iter_conjuncts(part)
    else:
        yield tree


def choose_sentences(language: Language, wanted: str = "") -> str:
    """Return `wanted` if it is nl, en or symbols; else the language that the variant is in, or symbols if that has no sentences."""
    if wanted in COMPARISONS:
        return wanted
    return language.spoken if language.spoken in SENTENCE_WORDS else _SYMBOLS


def make_condition_writer(
    questionnaire: Questionnaire, sentences: str, institutions: frozenset[str] | None = None, labels: str = ""
) -> ConditionWriter:
    """Create a writer.

    Args:
        sentences: nl, en or symbols.
        institutions: the institutions whose labels are used for shared items and options; None for all.
        labels: the variant whose labels are quoted; empty for the one in the language of the sentences, or the source language.
    """
    found = (code for code, variant in questionnaire.languages.items() if variant.locale == sentences)
    code = labels or next(found, questionnaire.source_language)
    variant: Language = questionnaire.languages[code]
    items: dict[str, tuple[Item, ...]] = {}
    for section in questionnaire.all_sections:
        for item in (item for page in section.pages for question in page.questions for item in question.items):
            if item.institutions is not None and item.text:
                items[item.code] = (*items.get(item.code, ()), item)
    wording = Wording(questionnaire, variant, None)
    words = SENTENCE_WORDS.get(sentences, _SYMBOL_WORDS)
    return ConditionWriter(questionnaire, words, COMPARISONS[sentences], wording, institutions, items)
