"""Response options: how a question builds them, reads one from a form, and shows them as the domain of its variables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations
from typing import Any

from survey_engine.language.definition_fields import OptionDefinition, QuestionDefinition
from survey_engine.language.question_types.question_type import Builder, Form, InputError, Reading
from survey_engine.model.questionnaire import NAMELY, Code, Question, ResponseOption, Variable

NAMELY_LENGTH = 200


def build_options(
    name: str,
    definition: QuestionDefinition,
    builder: Builder,
    settings: Collection[str] = (),
    outside: Iterable[ResponseOption] = (),
) -> tuple[ResponseOption, ...]:
    """The options of a question of type `name`: from the institutions' lists, from a scale, written out, `outside` a scale.

    `settings` names what an option of this type may have beside its text: `namely`, `exclusive`.
    """
    code: str = getattr(definition, name)
    options: dict[Code, OptionDefinition] | None = getattr(definition, "options", None)
    scale: str | None = getattr(definition, "scale", None)
    listed: str | None = getattr(definition, "options_from", None)
    found: list[ResponseOption] = []
    if listed:
        entries = builder.entries(listed, definition.place("options_from"))
        found += [ResponseOption(key, text, institutions=frozenset({who})) for who, key, text in entries]
    if scale:
        found += builder.scale(scale, definition.place("scale"))
    for key, option in (options or {}).items():
        found.append(builder.option(key, f"{code}.{key}", option, definition.place("options", key, "text")))
    if not (found or scale or listed):
        builder.problem("needs-option", definition.place(), code=code, keys="options: {…}")
    found += outside
    _check_options(name, definition, found, builder, settings)
    return tuple(found)


def _check_options(
    name: str, definition: QuestionDefinition, options: list[ResponseOption], builder: Builder, settings: Collection[str]
) -> None:
    """Codes are of one kind and used once; no option has a setting that this type of question does not know."""
    code: str = getattr(definition, name)
    if len({isinstance(option.code, int) for option in options if not option.outside_scale}) > 1:
        builder.problem("mixed-codes", definition.place("options"), code=code)
    for option in options:
        if option.code == "help":  # its text would have the code of the question's help
            builder.problem("reserved-code", option.text.place, code=option.code)
    for one, other in combinations(options, 2):
        apart = one.institutions and other.institutions and not one.institutions & other.institutions
        if one.code == other.code and not apart:
            builder.problem("duplicate-code", other.text.place, code=other.code, other=one.text.place)
    for option in options:
        for setting in ("namely", "exclusive"):
            if getattr(option, setting) and setting not in settings:
                builder.problem("no-effect", option.text.place, key=setting, kind=f"{name} question")
    if sum(option.namely for option in options) > 1:
        builder.problem("one-namely", definition.place("options"), code=code)


def read_code(question: Question, name: str, form: Form, reading: Reading) -> None:
    """The option that was chosen under a name; anything but a code of the question is a fault."""
    written = form.get(name, "")
    if written in question.written:
        reading.values[name] = question.written[written]
    elif written:
        reading.faults[name] = InputError("option")


def read_other_text(question: Question, form: Form, reading: Reading) -> None:
    """The text beside "other, namely"; beside an option that is not chosen it is a fault, so that it is not dropped unseen.

    Where the answer itself is faulty, nothing more is said.
    """
    name, namely = question.code + NAMELY, {option.code for option in question.options if option.namely}
    written = form.get(name, "").strip() if namely else ""
    value = reading.values.get(question.code)
    if not written or question.code in reading.faults:
        return
    if namely.isdisjoint(value if isinstance(value, list) else [value]):
        reading.faults[name] = InputError("unticked", optional=True)
    elif len(written) > NAMELY_LENGTH:
        reading.faults[name] = InputError("too_long", {"limit": NAMELY_LENGTH, "count": len(written)})
    else:
        reading.values[name] = written


def code_variables(question: Question, kind: Any = "code") -> tuple[Variable, ...]:
    """One variable per item, with the question's options as its domain; one more for "other, namely"."""
    numeric = bool(question.options) and all(isinstance(o.code, int) or o.outside_scale for o in question.options)
    found = {
        item.code: Variable(
            code=item.code,
            kind="number" if numeric and kind == "code" else kind,
            text=item.text or question.text,
            options=question.options,
            place=item.place,
        )
        for item in question.items
    }
    if any(option.namely for option in question.options):
        found[question.code + NAMELY] = Variable(question.code + NAMELY, "text", question.text, place=question.place)
    return tuple(found.values())
