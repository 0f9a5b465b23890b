"""Unused definitions: scales, terms, notices, named conditions, lists and bank questions.

This check reads the definitions, because the model contains only definitions that are used.
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
    find_declared_type,
)
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import EXPERIMENT, Place

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"[a-z][a-z0-9_.]*")
_REFERENCES = {"scale": "scale", "notice": "notice", "options_from": "list", "items_from": "list"}
"""Key in the YAML → the kind of definition that its value refers to."""


@dataclass(slots=True)
class _Uses:
    """Names that the definitions use, by kind."""

    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, kind: str, name: str) -> None:
        self.names.setdefault(kind, set()).add(name)

    def has(self, kind: str, name: str) -> bool:
        return name in self.names.get(kind, ())


def check_unused(documents: Iterable[Definition]) -> Iterator[Problem]:
    documents = list(documents)
    uses = _Uses()
    for document in documents:
        _collect(document, uses)
    for kind, name, place in _iter_defined(documents):
        if not uses.has(kind, name):
            yield Problem("unused", place, {"kind": kind, "name": name})
    for bank in documents:
        if isinstance(bank, BankDefinition):
            codes = [getattr(question, find_declared_type(question) or "", "") for question in bank.questions]
            if not any(uses.has("bank", code) for code in codes):
                yield Problem("unused-bank", bank.place("bank"), {"name": bank.bank})


def _iter_defined(documents: list[Definition]) -> Iterator[tuple[str, str, Place]]:
    for document in documents:
        if isinstance(document, QuestionnaireDefinition):
            yield from (("experiment", each.experiment, each.place("experiment")) for each in document.experiments)
            for kind, key in (("scale", "scales"), ("term", "terms"), ("notice", "notices"), ("condition", "conditions")):
                yield from ((kind, name, document.place(key, name)) for name in getattr(document, key))
        elif isinstance(document, InstitutionDefinition):
            yield from (("list", name, document.place("lists", name)) for name in document.lists)


def _collect(value: object, uses: _Uses) -> None:
    """Collect the names that a definition and its parts use."""
    if isinstance(value, BankReference):
        uses.add("bank", value.bank)
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            _collect_field(name, getattr(value, name), uses)
    elif isinstance(value, dict):
        for name, part in value.items():
            _collect_field(str(name), part, uses)
    elif isinstance(value, list):
        for part in value:
            _collect(part, uses)
    elif isinstance(value, str):
        for term in PLACEHOLDER.findall(value):
            uses.add("term", term)


def _collect_field(name: str, value: object, uses: _Uses) -> None:
    if name == "when" and isinstance(value, str):
        _collect_names(value, uses)
    elif name == "conditions" and isinstance(value, dict):
        for source in value.values():
            _collect_names(str(source), uses)
    elif name in _REFERENCES and isinstance(value, str):
        uses.add(_REFERENCES[name], value)
    else:
        _collect(value, uses)


def _collect_names(source: str, uses: _Uses) -> None:
    for name in _NAME.findall(_QUOTED.sub("", source)):
        uses.add("condition", name)
        uses.add("experiment", name.removeprefix(EXPERIMENT))
