"""Response options: how questions build them, read them from a form, and derive variables from them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from survey_engine.language.definition_fields import ClosedDefinition, OptionDefinition, QuestionDefinition
from survey_engine.language.question_types.question_type import Builder, Form, InputError, Reading
from survey_engine.model.derived import NOT_APPLICABLE, NOT_KNOWN
from survey_engine.model.questionnaire import NAMELY, Code, Question, ResponseOption, Variable

OTHER_TEXT_LENGTH = 200


def build_options(
    name: str,
    definition: QuestionDefinition,
    builder: Builder,
    outside: Iterable[ResponseOption] = (),
) -> tuple[ResponseOption, ...]:
    """Build the options of a question of type `name` from institutions' lists, a scale, its own options and `outside`."""
    code: str = getattr(definition, name)
    options: dict[Code, OptionDefinition] | None = getattr(definition, "options", None)
    scale: str | None = getattr(definition, "scale", None)
    listed: str | None = getattr(definition, "options_from", None)
    found: list[ResponseOption] = []
    if listed:
        entries = builder.iter_list_entries(listed, definition.place("options_from"))
        found += [ResponseOption(key, text, institutions=frozenset({who})) for who, key, text in entries]
    if scale:
        found += builder.find_scale(scale, definition.place("scale"))
    for key, option in (options or {}).items():
        found.append(builder.build_option(key, f"{code}.{key}", option, definition.place("options", key, "text")))
    if not (found or scale or listed):
        keys = "scale: <name>` or `options: {…}" if hasattr(definition, "scale") else "options: {…}"
        builder.report("needs-option", definition.place(), code=code, keys=keys)
    found += outside
    _check_options(name, definition, found, builder)
    return tuple(found)


def build_outside(
    code: str, definition: ClosedDefinition, builder: Builder, *, exclusive: bool = False
) -> tuple[ResponseOption, ...]:
    """Build the options outside the scale: does not apply, don't know."""
    found = []
    for option, key in ((NOT_APPLICABLE, "does_not_apply"), (NOT_KNOWN, "dont_know")):
        source = getattr(definition, key)
        if source is not None:
            text = builder.build_text(f"{code}.{option}", source, definition.place(key))
            found.append(ResponseOption(option, text, exclusive=exclusive, outside_scale=True))
    return tuple(found)


def _check_options(name: str, definition: QuestionDefinition, options: list[ResponseOption], builder: Builder) -> None:
    """Report mixed or duplicate codes, and settings that this type of question does not support."""
    code: str = getattr(definition, name)
    shuffled = name != "grid" and getattr(definition, "random_order", False)
    if len({isinstance(option.code, int) for option in options if not option.outside_scale}) > 1:
        builder.report("mixed-codes", definition.place("options"), code=code)
    for option in options:
        if option.code in ("help", "comment"):  # the option's text would get the same code as that text of the question
            builder.report("reserved-code", option.text.place, code=option.code)
    _check_doubled(code, definition, options, builder)
    for option in options:
        for setting in ("namely", "exclusive"):
            if getattr(option, setting) and setting not in definition.option_settings:
                builder.report("no-effect", option.text.place, key=setting, kind=f"{name} question")
        if option.fixed and not shuffled:
            builder.report("no-effect", option.text.place, key="fixed", kind="question whose options have no random order")
    if shuffled and getattr(definition, "scale", None):
        builder.report("random-scale", definition.place("random_order"), code=code)
    if sum(option.namely for option in options) > 1:
        builder.report("one-namely", definition.place("options"), code=code)


def _check_doubled(code: str, definition: QuestionDefinition, options: list[ResponseOption], builder: Builder) -> None:
    """Report options with the same code. If options repeat those of a named scale, advise to keep one of the two."""
    doubled = [
        (one, other)
        for one, other in combinations(options, 2)
        if one.code == other.code and not (one.institutions and other.institutions and not one.institutions & other.institutions)
    ]
    if doubled and getattr(definition, "scale", None) and getattr(definition, "options", None):
        builder.report("needs-one", definition.place("options"), code=code, keys="`scale: …`, `options: {…}`")
        return
    for one, other in doubled:
        first, second = (other, one) if one.institutions and not other.institutions else (one, other)
        builder.report("duplicate-code", second.text.place, code=second.code, other=first.text.place)


def read_code(question: Question, name: str, form: Form, reading: Reading) -> None:
    """Read the chosen option of one field; an unknown code is an input error."""
    written = form.get(name, "")
    if written in question.written:
        reading.values[name] = question.written[written]
    elif written:
        reading.errors[name] = InputError("option")


def read_other_text(question: Question, form: Form, reading: Reading) -> None:
    """Read the text beside "other, namely".

    A text whose option is not chosen is an input error: otherwise it would be lost silently. If the answer itself is invalid,
    the text is not reported.
    """
    name, namely = question.code + NAMELY, {option.code for option in question.options if option.namely}
    written = form.get(name, "").strip() if namely else ""
    value = reading.values.get(question.code)
    if not written or question.code in reading.errors:
        return
    if namely.isdisjoint(value if isinstance(value, list) else [value]):
        reading.errors[name] = InputError("unticked", optional=True)
    elif len(written) > OTHER_TEXT_LENGTH:
        reading.errors[name] = InputError("too_long", {"limit": OTHER_TEXT_LENGTH, "count": len(written)})
    else:
        reading.values[name] = written


def code_variables(question: Question, kind: Any = "code") -> tuple[Variable, ...]:
    """Return a variable per item, with the question's options, and one for the other text."""
    numeric = bool(question.options) and all(isinstance(o.code, int) or o.outside_scale for o in question.options)
    found = {
        item.code: Variable(
            code=item.code,
            kind="number" if numeric and kind == "code" else kind,
            text=item.text or question.text,
            options=question.options,
            place=item.place,
            at_least=question.at_least,
            at_most=question.at_most,
        )
        for item in question.items
    }
    if any(option.namely for option in question.options):
        found[question.code + NAMELY] = Variable(question.code + NAMELY, "text", question.text, place=question.place)
    return tuple(found.values())
