"""Wordings as the codebook shows them: in one line each, without markup, and how earlier versions worded them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from survey_engine.language.markup import strip_markup
from survey_engine.model.questionnaire import Questionnaire, Text

Labels: TypeAlias = Mapping[str, str]
"""Language → wording."""


def read_labels(text: Text | None) -> Labels:
    """The wordings of a text in one line each, without markup."""
    return {language: " ".join(strip_markup(wording).split()) for language, wording in text.wording.items()} if text else {}


def join_labels(several: Iterable[Labels]) -> Labels:
    """All wordings of each language, each once: institutions may word the same option or statement differently."""
    joined: dict[str, dict[str, None]] = {}
    for labels in several:
        for language, wording in labels.items():
            joined.setdefault(language, {})[wording] = None
    return {language: " / ".join(wordings) for language, wordings in joined.items()}


def differ(one: Labels, other: Labels) -> bool:
    """Whether they are worded differently in a language that both have."""
    return any(other.get(language, wording) != wording for language, wording in one.items())


def list_earlier(versions: Iterable[tuple[Questionnaire, Labels]]) -> tuple[str, ...]:
    """How earlier versions worded something where it is not the newest wording of that language; the newest version first."""
    newest: dict[str, str] = {}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for questionnaire, labels in versions:
        for language, wording in labels.items():
            if newest.setdefault(language, wording) != wording:
                found.setdefault((language, wording), {})[questionnaire.version] = None
    return tuple(f"{language}, version {' '.join(known)}: {wording}" for (language, wording), known in found.items())
