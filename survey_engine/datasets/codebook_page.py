"""The codebook as one HTML page without external files: chapter by chapter, question by question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.codes import CodeEntry
from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.frequencies import Frequency
from survey_engine.datasets.labels import Labels, choose_label
from survey_engine.datasets.pictures import HEIGHT, WIDTH, Bar, draw_histogram, draw_shares
from survey_engine.datasets.universe import UNIVERSE_OF_ALL
from survey_engine.model.missing_values import MEANINGS, choose_missing
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.file_templates import open_template
from survey_engine.settings import GroupSizes


@dataclass(frozen=True, slots=True)
class Fact:
    """One property of a column, as the page shows it."""

    term: str
    lines: tuple[str, ...]
    kind: Literal["plain", "code", "source"] = "plain"
    """`source` for lines in the source language of the questionnaire."""


def list_column_facts(entry: CodebookEntry) -> list[Fact]:
    """List the properties of a column except its label and codes."""
    about = entry.about
    facts = (
        Fact("Asked to", (entry.sentences.get("en", "") if entry.universe != (UNIVERSE_OF_ALL,) else "",)),
        Fact("Condition", tuple(line for line in entry.universe if line != UNIVERSE_OF_ALL), "code"),
        Fact("Institutions", (", ".join(entry.institutions),)),
        Fact("Only in version", entry.versions, "code"),
        Fact("Earlier question", entry.earlier_stem if entry.earlier_stem != entry.earlier else ()),
        Fact("Earlier wording", entry.earlier),
        Fact("Earlier unit", entry.earlier_units),
        Fact("Range by version", entry.version_ranges),
        Fact("Consent text", (f"version {entry.consent_version}" if entry.consent_version else "",)),
        Fact("Purpose", (about.purpose,), "source"),
        Fact("Source", (about.source,), "source"),
        Fact("Indicators", (", ".join(about.indicators),)),
        Fact("Sensitive", (about.sensitive,)),
        Fact("Reverse coded", ("a high score means the opposite of the rest of its scale" if about.reverse else "",)),
        Fact("Break variable", ("results are split on it" if about.break_variable else "",)),
        Fact("Asked since", (str(about.since or ""),)),
        Fact("Wording fixed until", (str(about.frozen_until or ""),)),
        Fact("Tested", ("with students" if about.tested else "",)),
    )
    return [fact for fact in facts if any(fact.lines)]


@dataclass(frozen=True, slots=True)
class QuestionColumns:
    """The columns of one question."""

    entries: Sequence[CodebookEntry]

    @property
    def stem(self) -> Labels:
        return self.entries[0].stem

    def list_shared_facts(self) -> list[Fact]:
        """List the facts that are equal for all columns."""
        others = [list_column_facts(entry) for entry in self.entries[1:]]
        return [fact for fact in list_column_facts(self.entries[0]) if all(fact in facts for facts in others)]

    def list_other_facts(self, entry: CodebookEntry) -> list[Fact]:
        """List the facts of a column that differ from those of other columns."""
        shared = self.list_shared_facts()
        return [fact for fact in list_column_facts(entry) if fact not in shared]

    def list_shared_codes(self) -> tuple[CodeEntry, ...]:
        """Return the codes that all columns with codes have in common; none if they differ."""
        lists = [entry.codes for entry in self.entries if entry.codes]
        return lists[0] if lists and all(codes == lists[0] for codes in lists) else ()


@dataclass(frozen=True, slots=True)
class Chapter:
    code: str
    title: str
    blocks: Sequence[QuestionColumns]
    in_source: bool = False
    """Whether the title is in the source language of the questionnaire."""

    @property
    def size(self) -> int:
        return sum(len(block.entries) for block in self.blocks)


class Drawings:
    """The frequencies of columns and their pictures, as the page shows them."""

    def __init__(self, frequencies: Mapping[str, Frequency], language: str) -> None:
        self.frequencies, self._language = frequencies, language

    def find(self, entry: CodebookEntry) -> Frequency | None:
        return self.frequencies.get(entry.anchor)

    def draw(self, entry: CodebookEntry) -> list[Bar]:
        """Draw the valid answers of a column; an empty list if it has none."""
        frequency = self.find(entry)
        if frequency is None or not frequency.valid:
            return []
        if entry.codes:
            return draw_shares(frequency, {code.code: choose_label(code.labels, [self._language]) for code in entry.codes})
        return draw_histogram(frequency)


def write_codebook_page(
    folder: Path, layout: TableLayout, entries: Iterable[CodebookEntry], frequencies: Mapping[str, Frequency], sizes: GroupSizes
) -> None:
    questionnaire = layout.questionnaire
    missing = choose_missing(layout.questionnaires)
    page = open_template("datasets/codebook.html").render(
        questionnaire=questionnaire,
        versions=layout.questionnaires,
        languages=layout.languages,
        source=questionnaire.languages[questionnaire.source_language],
        title=" ".join(questionnaire.title.wording[questionnaire.source_language].split()),
        chapters=list_chapters(layout.questionnaires, entries),
        missing=[(number, MEANINGS[reason]) for reason, number in missing.numbers().items()],
        columns=len(layout.names),
        drawings=Drawings(frequencies, questionnaire.source_language),
        size=(WIDTH, HEIGHT),
        least_group=sizes.least_group,
        sensitive_factor=sizes.sensitive_factor,
        texts=len(layout.texts),
        left_out=layout.left_out,
    )
    (folder / "codebook.html").write_text(page, encoding="utf-8")


def list_chapters(questionnaires: Sequence[Questionnaire], entries: Iterable[CodebookEntry]) -> list[Chapter]:
    """List the chapters of a codebook. The title of a section comes from the newest version that has the section."""
    versions = questionnaires[::-1]
    titles = {section.code: section.title for version in versions for section in version.all_sections if section.title}
    local = {code: title for version in versions for code, title in _iter_local_sections(version)}
    source = questionnaires[0].source_language
    chapters = []
    for code, members in groupby(entries, key=lambda entry: entry.chapter):
        blocks = [QuestionColumns(list(block)) for _, block in groupby(members, key=lambda entry: entry.question)]
        title = titles.get(code)
        if title and code not in local:
            chapters.append(Chapter(code, title.wording.get(source, code), blocks, in_source=True))
        else:
            chapters.append(Chapter(code, local.get(code, code), blocks))
    return chapters


def _iter_local_sections(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """Iterate over the sections of local questions: code, and a title with the name of the institution."""
    for institution in questionnaire.institutions.values():
        yield from ((section.code, f"Local questions of {institution.name}") for section in institution.own_sections)
