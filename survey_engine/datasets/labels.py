"""Wordings as the codebook shows them: on one line, without markup, followed by the wordings of earlier versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from survey_engine.language.markup import strip_markup
from survey_engine.model.questionnaire import Questionnaire, Text

Labels: TypeAlias = Mapping[str, str]
"""Language → wording."""


def read_labels(text: Text | None) -> Labels:
    """Return language → wording of a text, each on one line and without markup."""
    return {language: " ".join(strip_markup(wording).split()) for language, wording in text.wording.items()} if text else {}


def join_labels(several: Iterable[Labels]) -> Labels:
    """Join the distinct wordings of each language. Institutions may word the same option or item differently."""
    joined: dict[str, dict[str, None]] = {}
    for labels in several:
        for language, wording in labels.items():
            joined.setdefault(language, {})[wording] = None
    return {language: " / ".join(wordings) for language, wordings in joined.items()}


def choose_label(labels: Labels, languages: Iterable[str]) -> str:
    """Return the wording in the first of these languages that has one, else in any language."""
    return next(filter(None, (labels.get(language) for language in (*languages, *labels))), "")


def are_different(one: Labels, other: Labels) -> bool:
    """Return whether two labels differ in a language that both have."""
    return any(other.get(language, wording) != wording for language, wording in one.items())


def list_earlier(versions: Iterable[tuple[Questionnaire, Labels]]) -> tuple[str, ...]:
    """List the wordings of earlier versions that differ from the newest one in their language, newest version first."""
    newest: dict[str, str] = {}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for questionnaire, labels in versions:
        for language, wording in labels.items():
            if newest.setdefault(language, wording) != wording:
                found.setdefault((language, wording), {})[questionnaire.version] = None
    return tuple(f"{language}, version {' '.join(known)}: {wording}" for (language, wording), known in found.items())
