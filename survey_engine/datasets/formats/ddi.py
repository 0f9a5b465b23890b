"""DDI-Lifecycle 3.3: questions, universes, code lists and variables as metadata for archives, without data.

https://ddialliance.org/Specification/DDI-Lifecycle/3.3/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import ddi_l
from ddi_l.models.base import CodeValue
from ddi_l.models.logicalproduct import (
    Category,
    CodeItem,
    CodeRepresentation,
    DateTimeRepresentation,
    NumberRange,
    NumericRepresentation,
    TextRepresentation,
    VariableRepresentation,
)

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.fixed_labels import translate
from survey_engine.datasets.frames import Table
from survey_engine.datasets.labels import Labels, choose_label
from survey_engine.datasets.universe import UNIVERSE_OF_ALL
from survey_engine.datasets.watching import Watch
from survey_engine.model.missing_values import MEANINGS
from survey_engine.model.questionnaire import Language

_AGENCY = "survey-engine.local"
"""The agency in all identifiers. Replace it by the registered agency of the archive."""
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def write(folder: Path, table: Table, watch: Watch) -> None:
    path = folder / "responses.ddi.xml"
    study = Study(table)
    for column in watch(iter(table.columns), len(table.columns), path.name):
        study.add_column(column.entry)
    path.write_text(study.to_xml(), encoding="utf-8")


class Study:
    """Builds the document of one table."""

    def __init__(self, table: Table) -> None:
        self._tags = map_tags(table.layout.languages)
        self._code = table.layout.questionnaire.code
        self._languages = table.layout.languages
        self._preferred = (table.language, table.layout.questionnaire.source_language)
        self._document = ddi_l.new_study(title=table.title, agency=_AGENCY, lang=self._tags[table.language])
        self._questions: dict[str, ddi_l.QuestionItem] = {}
        self._universes: dict[tuple[str, ...], ddi_l.Universe] = {}

    def add_column(self, entry: CodebookEntry) -> None:
        """Add a variable with its question, universe and codes."""
        variable = self._document.add_variable(entry.name, identifier=f"V-{entry.name}")
        variable.labels = self._list_texts(entry.labels)
        if entry.page:
            variable.question_references = [self._find_question(entry).to_reference()]
            variable.universe_references = [self._find_universe(entry).to_reference()]
        variable.variable_representation = self._represent(entry)
        if unit := choose_label(entry.unit, self._preferred):
            variable.variable_representation = _add_unit(variable.variable_representation, unit)
        variable.descriptions = [*self._list_texts(self._describe(entry)), *_list_differences(entry)]

    def _find_question(self, entry: CodebookEntry) -> ddi_l.QuestionItem:
        """Return the question of a column. The statements of a grid share a question."""
        if entry.question not in self._questions:
            question = self._document.add_question(entry.question, identifier=f"Q-{entry.question}")
            question.question_texts = self._list_texts(entry.stem or entry.labels)
            question.labels = [ddi_l.InternationalString(entry.question)]
            self._questions[entry.question] = question
        return self._questions[entry.question]

    def _find_universe(self, entry: CodebookEntry) -> ddi_l.Universe:
        """Return the universe of a column. Columns with the same conditions share a universe."""
        if entry.universe not in self._universes:
            universe = self._document.add_universe(f"U{len(self._universes) + 1}", identifier=f"U-{len(self._universes) + 1}")
            texts = entry.sentences or dict.fromkeys(self._tags, UNIVERSE_OF_ALL)
            universe.labels = [ddi_l.InternationalString(text, language) for language, text in texts.items()]
            universe.descriptions = [ddi_l.InternationalString(" OR ".join(entry.universe), "en")]
            self._universes[entry.universe] = universe
        return self._universes[entry.universe]

    def _represent(self, entry: CodebookEntry) -> VariableRepresentation:
        if entry.codes:
            return VariableRepresentation(code_representation=CodeRepresentation(code_list_reference=self._add_codes(entry)))
        if entry.kind in ("number", "0/1"):
            low, high = (None if bound is None else str(bound) for bound in (entry.low, entry.high))
            numbers = NumericRepresentation(number_range=NumberRange(low, high), numeric_type_code="Integer")
            return VariableRepresentation(numeric_representation=numbers)
        if entry.kind == "date":
            return VariableRepresentation(date_time_representation=DateTimeRepresentation(date_type_code="Date"))
        return VariableRepresentation(text_representation=TextRepresentation())

    def _add_codes(self, entry: CodebookEntry) -> ddi_l.Reference:
        """Add the codes and missing codes of a column; return a reference to their list."""
        codes = self._document.add_code_list(entry.name, identifier=f"L-{entry.name}")
        codes.labels = self._list_texts(entry.labels)
        numbers = {number: self._name_missing(reason) for reason, number in entry.missing.items()}
        worded = {code.code for code in entry.codes}
        labelled = [(code.code, code.labels, code.code in numbers) for code in entry.codes]
        labelled += [(number, labels, True) for number, labels in numbers.items() if number not in worded]
        for number, (code, labels, is_missing) in enumerate(labelled, 1):
            category = Category(
                agency=_AGENCY,
                identifier=f"C-{entry.name}-{number}",
                version="1",
                labels=self._list_texts(labels),
                isMissing=is_missing or None,
            )
            self._document.attach(category)
            item = CodeItem(
                agency=_AGENCY,
                identifier=f"K-{entry.name}-{number}",
                version="1",
                value=str(code),
                category=category.to_reference(),
            )
            codes.codes.append(item)
        return codes.to_reference()

    def _name_missing(self, reason: str) -> Labels:
        meaning = MEANINGS[reason].split(":")[0]
        return {code: translate(meaning, language.spoken) for code, language in self._languages.items()}

    def _describe(self, entry: CodebookEntry) -> Labels:
        """Return a sentence with the unit and, for a column without a list of codes, its missing codes."""
        found: dict[str, list[str]] = {code: [] for code in self._tags}
        for code, unit in entry.unit.items():
            found[code].append(f"{translate('Unit', self._languages[code].spoken)}: {unit}")
        for reason, number in entry.missing.items() if not entry.codes else ():
            for code, name in self._name_missing(reason).items():
                found[code].append(f"{number}: {name}")
        return {code: "; ".join(parts) for code, parts in found.items() if parts}

    def _list_texts(self, labels: Labels) -> list[ddi_l.InternationalString]:
        return [ddi_l.InternationalString(text, self._tags[code]) for code, text in labels.items() if code in self._tags]

    def to_xml(self) -> str:
        """Return the document. Random identifiers of the library are replaced by ones computed from the questionnaire."""
        names: dict[str, str] = {}
        return _UUID.sub(
            lambda found: names.setdefault(found[0], str(uuid5(NAMESPACE_URL, f"{self._code}/{len(names)}"))),
            self._document.to_xml(),
        )


def _add_unit(representation: VariableRepresentation, unit: str) -> VariableRepresentation:
    """Return a representation with its unit as the first element. The library has no field for units."""
    element = representation.to_xml()
    element[0].insert(0, CodeValue(unit).to_xml("MeasurementUnit"))
    return VariableRepresentation.from_xml(element)


def _list_differences(entry: CodebookEntry) -> list[ddi_l.InternationalString]:
    """List the earlier units, and the ranges of versions that differ."""
    lines = [f"Earlier unit: {unit}" for unit in entry.earlier_units] + [f"Range in {known}" for known in entry.version_ranges]
    return [ddi_l.InternationalString(line, "en") for line in lines]


def map_tags(languages: Mapping[str, Language]) -> dict[str, str]:
    """Return language variant → BCP 47 tag. The second and later variants of a language get a private subtag."""
    tags: dict[str, str] = {}
    for code, language in languages.items():
        taken = language.html_lang in tags.values()
        tags[code] = f"{language.html_lang}-x-{code}" if taken else language.html_lang
    return tags
