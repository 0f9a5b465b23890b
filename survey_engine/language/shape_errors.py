"""Explains errors in the shape of one file: wrong keys and values, dashes and indentation.

To explain another kind of value, add a row to `_EXPECTED` or `_NAMES`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from survey_engine.language import synonyms
from survey_engine.language.characters import BULLET, HIDDEN_CHARACTERS, name_hidden
from survey_engine.language.condition_parser import suggest_condition
from survey_engine.language.definition_fields import CODE_LENGTH, CODE_PATTERN, QuestionDefinition
from survey_engine.language.documents import GroupDefinition, find_declared_type
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.variants import find_locale
from survey_engine.language.yaml_errors import explain_bullet
from survey_engine.language.yaml_reader import BareWord, SourceMapping, find_place
from survey_engine.model.messages import Problem, find_similar, join_names, suggest_name
from survey_engine.model.questionnaire import Place

_EXPECTED = {
    "string_type": "a text in quotes",
    "int_type": "a whole number, without quotes",
    "float_type": "a number, without quotes",
    "bool_type": "`true` or `false`",
    "dict_type": "a mapping: each `key: value` on a separate line, without dashes",
    "list_type": "a list, with a dash before each part",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "date_type": "a date as year-month-day, such as 2026-11-27",
    "date_parsing": "a date as year-month-day, such as 2026-11-27",
    "date_from_datetime_parsing": "a date as year-month-day, such as 2026-11-27",
    "date_from_datetime_inexact": "a date as year-month-day, such as 2026-11-27",
    "too_short": "filled: it must not be empty",
    "expected": "{expected}",
}
"""pydantic error type → the expected value, for the author."""
_NAMES = {
    "notice": "the name of a notice, such as no_names, whose text is under `notices` in questionnaire.yaml",
    "scale": "the name of a scale, such as agree, whose points are under `scales` in questionnaire.yaml",
    **dict.fromkeys(("options_from", "items_from"), "the name of a list, whose entries are under `lists` of each institution"),
}
"""Key → the name that it expects, for authors who wrote the content itself."""
STRUCTURAL = frozenset({"missing-dash", "extra-dash", "nested-page"})
"""Problems that change the meaning of everything after them: no other problem of the file is reported."""
_BEGINNINGS = (*QUESTION_TYPES, "bank", "page", "group", "experiment")
"""First keys of list entries."""
_OPTION_CODES = {"namely": "other", "exclusive": "none"}
"""Setting of an option → the code that such an option usually has."""
_OPTION_SETTINGS = {
    setting: [name for name, type_ in QUESTION_TYPES.items() if setting in type_.definition.option_settings]
    for setting in _OPTION_CODES
}
"""Setting of an option → the question types whose options may have it."""
_SHOWN_NAMES = {"BackgroundDefinition": "BackgroundVariable", "ChosenModules": "Modules"}
"""Definition class → its name in messages, if it cannot be made from the class name."""


@dataclass(frozen=True, slots=True)
class DataError:
    """One pydantic error: its path in the data and the definition class with the invalid key."""

    type: str
    path: tuple[str | int, ...]
    owner: Any
    kind: Any
    at_key: bool
    given: Any
    context: dict[str, Any]
    message: str

    @property
    def removed(self) -> tuple[str | int, ...]:
        """The path to remove: an invalid field takes its whole definition with it, an entry or unknown key only itself."""
        if self.type == "missing":
            return self.path[:-1]
        in_model = isinstance(self.owner, type) and issubclass(self.owner, BaseModel)
        alone = self.at_key or not in_model or self.type == "extra_forbidden" or len(self.path) == 1
        return self.path if alone else self.path[:-1]


def explain_errors(errors: Sequence[DataError], node: SourceMapping, noticed: Sequence[Problem]) -> list[Problem]:
    """Return the problems of a file: those that the YAML reader noticed and the shape errors, each mistake once."""
    explained = [(error, problem) for error in errors if (problem := _explain(error, node))]
    problems = [_explain_repeat(problem) for problem in noticed] + [problem for _, problem in explained]
    structural = [problem for problem in problems if problem.code in STRUCTURAL]
    values = {find_place(node, error.path, node.place) for error, _ in explained}
    implied = {"unquoted-word": lambda each: each.place, "empty-value": lambda each: each.facts.get("after")}
    return structural or [each for each in problems if each.code not in implied or implied[each.code](each) not in values]


def _explain_repeat(problem: Problem) -> Problem:
    """Report a repeated key as a missing dash if the key begins a list entry."""
    key = str(problem.facts.get("key"))
    if problem.code == "duplicate-key" and problem.facts["begins"] and key in _BEGINNINGS:
        part = "question" if key in QUESTION_TYPES or key == "bank" else key
        return Problem("missing-dash", problem.place, {"key": key, "part": part})
    return problem


def _explain(error: DataError, node: SourceMapping) -> Problem | None:
    """Turn an error into a problem; None if it is reported already: an empty value, an unquoted yes, another tool's word."""
    path = error.path[:-1] if error.type == "missing" else error.path
    place = find_place(node, path, node.place, key=error.at_key or error.type in ("extra_forbidden", "invalid_key"))
    key = next((str(step) for step in reversed(error.path) if isinstance(step, str)), "this")
    empty_inside = error.type == "expected" and isinstance(error.given, dict) and None in error.given.values()
    named_otherwise = error.type == "missing" and _has_other_word(node, path, key, error.owner)
    languages = _find_languages(node, error.path[:-1], error.owner) if error.type in ("missing", "extra_forbidden") else []
    if error.given is None or empty_inside or named_otherwise or key in languages:
        return None
    if languages and key == "text":
        return _text_beside_keys(languages, _find_value(node, path), error.owner)
    match error.type:
        case "extra_forbidden" | "invalid_key":
            return _unknown_key(str(error.path[-1]), error.given, place, error.owner)
        case "missing" | "union_tag_not_found" | "union_tag_invalid":
            return _lacking_key(error, key, place, _find_broken_off(path, node, error.owner))
        case "code" | "option_code":
            return _wrong_code(error, key, place)
    return _wrong_value(error, key, place, node)


def _find_languages(node: SourceMapping, path: Sequence[str | int], owner: Any) -> list[str]:
    """Return the languages that a mapping has as keys, although they belong under `text`."""
    mapping, known = _find_value(node, path), _list_keys(owner)
    if "text" not in known or "text" in mapping or _has_other_word(node, path, "text", owner):
        return []
    others = [key for key, value in mapping.items() if isinstance(key, str) and isinstance(value, str) and key not in known]
    return [key for key in others if key not in synonyms.KEY_SYNONYMS and find_locale(key)]


def _text_beside_keys(languages: Sequence[str], mapping: SourceMapping, owner: type[BaseModel]) -> Problem:
    text = f"text: {{{', '.join(f'{language}: …' for language in languages)}}}"
    settings = [f"{key}: {str(value).lower()}" for key, value in mapping.items() if isinstance(value, bool)]
    written = f"{{{', '.join([text, *settings])}}}" if settings else text
    facts = {"owner": _name_owner(owner), "languages": ", ".join(map(repr, languages)), "written": written}
    return Problem("text-beside-keys", mapping.key_places[languages[0]], facts)


def _lacking_key(error: DataError, key: str, place: Place, broken_off: str) -> Problem:
    if broken_off:
        return Problem("extra-dash", place, {"key": broken_off})
    if error.type == "missing":
        return Problem("missing-key", place, {"key": key, "owner": _name_owner(error.owner)})
    return _unknown_type(error.given, place)


def _wrong_value(error: DataError, key: str, place: Place, node: SourceMapping) -> Problem:
    if isinstance(error.given, str) and BULLET.match(error.given):
        return Problem("yaml", place, explain_bullet(error.given))
    expected = _EXPECTED.get(error.type, error.message).format_map(error.context)
    if error.type == "model_type":
        expected = _describe_mapping(error.kind)
    if error.type == "list_type" and unwrap(*get_args(error.kind)) in (str, int) and error.path[-1] == key:
        expected = f"a list: `{key}: [{', '.join(_list_words(error, key, node))}]`"
    if error.type == "dict_type" and key == "options" and isinstance(error.given, list) and error.given:
        expected += f", as in `options: {{a: {error.given[0]}, b: …}}`"
    if error.type == "bool_type" and isinstance(error.given, BareWord):
        expected += f"; write `{key}: {str(error.given.meant).lower()}`"
    return Problem("wrong-value", place, {"key": f"'{key}'", "given": _name_value(error.given), "expected": expected})


def _list_words(error: DataError, key: str, node: SourceMapping) -> list[str]:
    """Return the words of a list that lacks brackets. In braces, YAML reads the words after the first as keys without a value."""
    mapping = _find_value(node, error.path[:-1])
    words = [*mapping][[*mapping].index(key) + 1 :]
    rest = itertools.takewhile(lambda word: mapping[word] is None and word not in _list_keys(error.owner), words)
    return [str(word) for word in (error.given, *rest)]


def _find_broken_off(path: Sequence[str | int], node: SourceMapping, owner: Any) -> str:
    """Return the first key of a list entry that continues the entry before it; an empty string if it does not.

    An entry continues another if all its keys are missing in that one. Excluded are entries in braces, and groups that already
    have content.
    """
    if not path or not isinstance(path[-1], int) or path[-1] == 0:
        return ""
    parts = _find_value(node, path[:-1])
    before, part = parts[path[-1] - 1], parts[path[-1]]
    if type_ := QUESTION_TYPES.get(find_declared_type(before) or ""):
        owner = type_.definition
    if not (isinstance(before, SourceMapping) and isinstance(part, SourceMapping) and part and isinstance(owner, type)):
        return ""
    if _has_braces(before) or _has_braces(part) or (owner is GroupDefinition and len(before) > 1):
        return ""
    lacking = set(_list_keys(owner)).difference(before) if issubclass(owner, BaseModel) else set()
    return str(next(iter(part))) if lacking.issuperset(part) else ""


def _has_braces(mapping: SourceMapping) -> bool:
    """Whether a mapping is written in braces, so that it begins before its first key."""
    return mapping.place not in mapping.key_places.values()


def _wrong_code(error: DataError, key: str, place: Place) -> Problem:
    """Explain a value that is no valid code: it has hidden characters or other letters, or is the content instead of its name."""
    given = error.given
    if isinstance(given, str) and HIDDEN_CHARACTERS.search(given):
        return Problem("hidden-character", place, {"text": HIDDEN_CHARACTERS.sub("", given), "character": name_hidden(given)})
    is_name = error.type == "code" and not error.at_key
    if is_name and (
        isinstance(given, dict | list) or (key in _NAMES and (isinstance(given, bool | BareWord) or " " in str(given)))
    ):
        facts = {"key": f"'{key}'", "given": _name_value(given), "expected": _NAMES.get(key, "one code")}
        return Problem("wrong-value", place, facts)
    code = "bad-code" if error.type == "code" else "bad-option-code"
    return Problem(code, place, {"code": _shorten(given), "limit": CODE_LENGTH})


def _find_value(node: SourceMapping, path: Sequence[str | int]) -> Any:
    value: Any = node
    for step in path:
        value = value[step]
    return value


def _has_other_word(node: SourceMapping, path: Sequence[str | int], key: str, owner: Any) -> bool:
    """Whether the mapping at the path has the key misspelt or in another tool's words, or has a key that belongs inside it."""
    mapping, known = _find_value(node, path), _list_keys(owner)
    others = [str(other) for other in mapping if other not in known]
    return any(key in (*synonyms.list_synonyms(each), _find_child(owner, each)[0], find_similar(each, known)) for each in others)


def _find_child(owner: type[BaseModel], key: str) -> tuple[str, str]:
    """Return (the only key of a definition whose value may contain this key, how to write it); both empty if there is none."""
    found = []
    for name, field in owner.model_fields.items():
        kind, written = unwrap(field.annotation), field.alias or name
        if is_list := get_origin(kind) is list:
            kind = unwrap(get_args(kind)[0])
        if isinstance(kind, type) and issubclass(kind, BaseModel) and key in _list_keys(kind):
            first = f" and `- {_list_keys(kind)[0]}: …`" if is_list and _list_keys(kind)[0] != key else ""
            found.append((written, f"`{written}:`{first}"))
    return found[0] if len(found) == 1 and key not in _list_keys(owner) else ("", "")


def _unknown_key(key: str, given: Any, place: Place, owner: type[BaseModel]) -> Problem:
    known, shared = _list_keys(owner), _list_keys(QuestionDefinition)
    asked = issubclass(owner, QuestionDefinition)
    if asked and key in QUESTION_TYPES:
        return Problem("missing-dash", place, {"key": key, "part": "question"})
    if foreign := _explain_foreign_key(key, given, place, owner):
        return foreign
    child, above = _find_child(owner, key)
    if child:
        advice = f"Write {above} above it, and indent it"
        return Problem("misplaced-key", place, {"key": key, "owner": _name_owner(owner), "child": child, "advice": advice})
    named = join_names(name for name in known if not asked or name not in shared)
    facts = {"key": key, "owner": _name_owner(owner), "meant": suggest_name(key, known)}
    every = f"; of every question: {join_names(shared, 30)}" if asked else ""
    return Problem("unknown-key", place, {**facts, "known": named + every})


def _explain_foreign_key(key: str, given: Any, place: Place, owner: type[BaseModel]) -> Problem | None:
    """Return the problem of a key that other tools have, or that belongs to an option; None for any other key."""
    if key in synonyms.REQUIRED:
        return Problem("required-answer", place, {"key": key})
    if lacking := synonyms.find_not_offered_key(key, given):
        return Problem("not-offered", place, {"word": key, "lacking": lacking[0], "advice": lacking[1]})
    words = (key, *synonyms.KEY_SYNONYMS.get(key, ())) if issubclass(owner, QuestionDefinition) else ()
    setting = next((each for each in words if each in _OPTION_SETTINGS), "")
    if setting in getattr(owner, "option_settings", ()):
        return _setting_of_option(key, setting, place, owner)
    is_code = key == "name" and issubclass(owner, QuestionDefinition)
    types = (each for each in QUESTION_TYPES if is_code and each in _list_keys(owner))
    if ours := next(types, "") or synonyms.find_key_synonym(key, _list_keys(owner)):
        meant = suggest_condition(given) if ours == "when" and isinstance(given, str) else ""
        advice = f"Write the code there: `- {ours}: {given}`" if is_code else f"Write `{ours}:{meant and ' '}{meant}`"
        return Problem("other-word", place, {"word": key, "ours": ours, "advice": advice})
    if not setting:
        return None
    lacking = (
        f"only options of {' and '.join(_OPTION_SETTINGS[setting])} have `{setting}`",
        "Remove it, or ask another type of question",
    )
    return Problem("not-offered", place, {"word": key, "lacking": lacking[0], "advice": lacking[1]})


def _setting_of_option(key: str, setting: str, place: Place, owner: type[BaseModel]) -> Problem:
    """Return the problem of a question's key that is a setting of options, or another tool's word for one."""
    advice = f"Write it at one option, such as `{_OPTION_CODES[setting]}: {{text: …, {setting}: true}}`"
    if setting != key:
        return Problem("other-word", place, {"word": key, "ours": setting, "advice": advice})
    return Problem("misplaced-key", place, {"key": key, "owner": _name_owner(owner), "child": "options", "advice": advice})


def _describe_mapping(kind: type[BaseModel]) -> str:
    fields = [(field.alias or name, field.is_required()) for name, field in kind.model_fields.items()]
    needed = [name for name, required in fields if required]
    others = join_names((name for name, required in fields if not required), 30)
    return f"a mapping such as {{{needed[0]}: …}}; other keys: {others}" if needed else f"a mapping with keys such as {others}"


def _list_keys(owner: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in owner.model_fields.items()]


def _unknown_type(given: Any, place: Place) -> Problem:
    if isinstance(given, dict) and "page" in given:
        return Problem("nested-page", place)
    if isinstance(given, dict) and (unknown := synonyms.find_not_offered(given)):
        return Problem("not-offered", place, dict(zip(("word", "lacking", "advice"), unknown, strict=True)))
    known = [*QUESTION_TYPES, "bank"]
    if isinstance(given, dict) and (found := synonyms.find_type_synonym(given, CODE_PATTERN)):
        word, ours = found
        code = str(given.get("name", ""))
        code = code if re.fullmatch(CODE_PATTERN, code) else "<code>"
        advice = f"Begin the question with `- {ours}: {code}`" + (", with `from:` and `to:`" if ours == "number" else "")
        return Problem("other-word", place, {"word": word, "ours": ours, "advice": advice})
    words = map(str, given) if isinstance(given, dict) else [str(given)]
    guess = next((guess for word in words if (guess := suggest_name(word, known))), "")
    return Problem("unknown-type", place, {"meant": guess, "known": join_names(known, 20)})


def _name_owner(owner: type[BaseModel]) -> str:
    """Return the name of a definition class in messages: `a grid question`, `an item`, `years`."""
    type_ = next((f"{name} question" for name, t in QUESTION_TYPES.items() if t.definition is owner), None)
    words = _SHOWN_NAMES.get(owner.__name__, owner.__name__.removesuffix("Definition"))
    name = type_ or re.sub(r"(?<!^)(?=[A-Z])", " ", words).lower()
    if name.endswith("s"):
        return name
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"


def _name_value(value: Any) -> str:
    if isinstance(value, dict) and value and all(isinstance(text, str) for text in value.values()):
        blank = [str(key) for key, text in value.items() if not text.strip()]
        if blank:
            return f"blank in {join_names(blank)}"
    if isinstance(value, dict | list):
        return f"{'a' if value else 'an empty'} {'mapping' if isinstance(value, dict) else 'list'}"
    return f"'{_shorten(value)}'"


def _shorten(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def unwrap(kind: Any) -> Any:
    """Return a type without annotations and without `| None`."""
    while True:
        arguments = get_args(kind)
        if get_origin(kind) is Annotated or (get_origin(kind) in (Union, UnionType) and arguments[-1] is type(None)):
            kind = arguments[0]
        else:
            return kind
