"""Definitions that nothing uses: scales, terms, notices, named conditions, lists and banks.

This looks at the definitions as written, because the model only holds what is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel

from survey_engine.language.definition_fields import Definition
from survey_engine.language.documents import (
    BankDefinition,
    BankReference,
    InstitutionDefinition,
    QuestionnaireDefinition,
    find_type,
)
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_REFERENCES = {"scale": "scale", "notice": "notice", "options_from": "list", "items_from": "list"}
"""Key that names something → what it names."""


@dataclass(slots=True)
class _Uses:
    """What the definitions mention, by kind."""

    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, kind: str, name: str) -> None:
        self.names.setdefault(kind, set()).add(name)

    def has(self, kind: str, name: str) -> bool:
        return name in self.names.get(kind, ())


def check_unused(documents: Iterable[Definition]) -> Iterator[Problem]:
    documents = list(documents)
    uses = _Uses()
    for document in documents:
        _note(document, uses)
    for kind, name, place in _list_defined(documents):
        if not uses.has(kind, name):
            yield Problem("unused", place, {"kind": kind, "name": name})
    for bank in documents:
        if isinstance(bank, BankDefinition):
            codes = [getattr(question, find_type(question) or "", "") for question in bank.questions]
            if not any(uses.has("bank", code) for code in codes):
                yield Problem("unused-bank", bank.place("bank"), {"name": bank.bank})


def _list_defined(documents: list[Definition]) -> Iterator[tuple[str, str, Place]]:
    for document in documents:
        if isinstance(document, QuestionnaireDefinition):
            for kind, key in (("scale", "scales"), ("term", "terms"), ("notice", "notices"), ("condition", "conditions")):
                yield from ((kind, name, document.place(key, name)) for name in getattr(document, key))
        elif isinstance(document, InstitutionDefinition):
            yield from (("list", name, document.place("lists", name)) for name in document.lists)


def _note(value: object, uses: _Uses) -> None:
    """Note what a definition, and all that stands in it, refers to."""
    if isinstance(value, BankReference):
        uses.add("bank", value.bank)
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            _note_field(name, getattr(value, name), uses)
    elif isinstance(value, dict):
        for name, part in value.items():
            _note_field(str(name), part, uses)
    elif isinstance(value, list):
        for part in value:
            _note(part, uses)
    elif isinstance(value, str):
        for term in PLACEHOLDER.findall(value):
            uses.add("term", term)


def _note_field(name: str, value: object, uses: _Uses) -> None:
    if name == "when" and isinstance(value, str):
        _note_names(value, uses)
    elif name == "conditions" and isinstance(value, dict):
        for source in value.values():
            _note_names(str(source), uses)
    elif name in _REFERENCES and isinstance(value, str):
        uses.add(_REFERENCES[name], value)
    else:
        _note(value, uses)


def _note_names(source: str, uses: _Uses) -> None:
    for name in _NAME.findall(_QUOTED.sub("", source)):
        uses.add("condition", name)
