"""Who is asked an item, as a sentence made from its conditions, in Dutch and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey_engine.conditions import Answered, Compare, Constant, Count, Every, Name, Not, Operand, Some, Tree
from survey_engine.model import Code, Condition, Language, Questionnaire, Variable
from survey_engine.pages import Wording

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "everyone": "Asked to everyone.",
        "when": "Asked when {condition}.",
        "and": " and ",
        "or": " or ",
        "not": "it is not so that {part}",
        "answered": "{name} was answered",
        "==": "{name} is {value}",
        "!=": "{name} is not {value}",
        "<": "{name} is less than {value}",
        "<=": "{name} is at most {value}",
        ">": "{name} is more than {value}",
        ">=": "{name} is at least {value}",
        "in": "{name} is {value}",
        "not in": "{name} is none of {value}",
        "holds": "{value} is among the answers to {name}",
        "lacks": "{value} is not among the answers to {name}",
        "count": "the number of answers to {name}",
        "language": "the language",
        "institution": "the institution",
        "assigned": "the modules of this student",
    },
    "nl": {
        "everyone": "Gevraagd aan iedereen.",
        "when": "Gevraagd als {condition}.",
        "and": " en ",
        "or": " of ",
        "not": "het niet zo is dat {part}",
        "answered": "{name} beantwoord is",
        "==": "{name} {value} is",
        "!=": "{name} niet {value} is",
        "<": "{name} lager dan {value} is",
        "<=": "{name} hoogstens {value} is",
        ">": "{name} hoger dan {value} is",
        ">=": "{name} minstens {value} is",
        "in": "{name} {value} is",
        "not in": "{name} niet {value} is",
        "holds": "{value} bij de antwoorden op {name} zit",
        "lacks": "{value} niet bij de antwoorden op {name} zit",
        "count": "het aantal antwoorden op {name}",
        "language": "de taal",
        "institution": "de instelling",
        "assigned": "de modules van deze student",
    },
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says conditions in one language, with the labels that authors and students know."""

    questionnaire: Questionnaire
    words: Mapping[str, str]
    wording: Wording

    def audience(self, conditions: list[Condition | None]) -> str:
        """One sentence on who is asked; `conditions` are those of the section, page, question and item."""
        trees = [condition.tree for condition in conditions if condition]
        if not trees:
            return self.words["everyone"]
        return self.words["when"].format(
            condition=self.words["and"].join(self.say(tree, inside=len(trees) > 1) for tree in trees)
        )

    def say(self, tree: Tree, *, inside: bool = False) -> str:
        match tree:
            case Every(parts):
                return self.words["and"].join(self.say(part, inside=True) for part in parts)
            case Some(parts):
                said = self.words["or"].join(self.say(part, inside=True) for part in parts)
                return f"({said})" if inside else said
            case Not(part):
                return self.words["not"].format(part=self.say(part))
            case Answered(code):
                return self.words["answered"].format(name=self.name(code))
            case Compare(operator, left, right):
                return self._compare(operator, left, right)

    def _compare(self, operator: str, left: Operand, right: Operand) -> str:
        if isinstance(left, Constant) and isinstance(right, Name):
            kind = {"in": "holds", "not in": "lacks"}.get(operator, operator)
            return self.words[kind].format(name=self.name(right.code), value=self.value(right.code, left.value))
        code = left.code if isinstance(left, Name | Count) else ""
        name = self.words["count"].format(name=self.name(code)) if isinstance(left, Count) else self.name(code)
        value = self.value(code, right.value) if isinstance(right, Constant) else self.name(right.code)
        return self.words[operator].format(name=name, value=value)

    def name(self, code: str) -> str:
        """What a variable is called: its label between quotes, or a word of our own for what is built in."""
        variable = self.questionnaire.variables.get(code)
        if variable is None or variable.text is None:
            return self.words.get(code, code)
        return f"“{self.wording.line(variable.text)}”"

    def value(self, code: str, value: Code | tuple[Code, ...]) -> str:
        if isinstance(value, tuple):
            return self.words["or"].join(self.value(code, single) for single in value)
        variable = self.questionnaire.variables.get(code)
        label = self._label(variable, value) if variable else ""
        return label or str(value)

    def _label(self, variable: Variable, value: Code) -> str:
        option = next((option for option in variable.options if option.code == value), None)
        return self.wording.line(option.text) if option and option.text.wording else self._built_in(variable.code, value)

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


def make_speaker(questionnaire: Questionnaire, language: str) -> Speaker:
    """A speaker of nl or en; labels stand in that language where the questionnaire has it, else in its source language."""
    code = next((c for c, x in questionnaire.languages.items() if x.locale == language), questionnaire.source_language)
    variant: Language = questionnaire.languages[code]
    return Speaker(questionnaire, WORDS[language], Wording(questionnaire, variant, None))
