"""The columns of the table of responses as formats write them: types, labels and missing values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.fixed_labels import translate
from survey_engine.datasets.labels import choose_label
from survey_engine.datasets.short_names import cut_text
from survey_engine.model.missing_values import MEANINGS
from survey_engine.model.questionnaire import Code

Storage: TypeAlias = Literal["integer", "decimal", "code", "text", "date", "coded date"]
"""`code`: text codes, with missing codes as texts. `coded date`: ISO dates, with missing codes as texts."""
_INT32 = 2**31 - 1


class CellError(ValueError):
    """A stored answer does not fit the type of its column: its version is missing, and the type is that of the version in service."""

    def __init__(self, column: str) -> None:
        super().__init__(
            f"The column {column} has answers of another type than the version in service gives it. Restore the version that they "
            "belong to, or export with --format csv."
        )


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column."""

    entry: CodebookEntry
    storage: Storage
    languages: tuple[str, ...] = ()
    """Languages of labels, the requested language first."""
    spoken: str = "en"

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def is_large(self) -> bool:
        """Whether its numbers can exceed 32 bits."""
        numbers = (*self.entry.missing.values(), *(code.code for code in self.entry.codes), self.entry.low, self.entry.high)
        return any(isinstance(number, int) and abs(number) > _INT32 for number in numbers)

    @property
    def label(self) -> str:
        """The label of the column, followed by the question if that differs."""
        label, stem = (choose_label(labels, self.languages) for labels in (self.entry.labels, self.entry.stem))
        return " – ".join(dict.fromkeys(filter(None, (label, stem))))

    @property
    def unit(self) -> str:
        """The unit of its numbers; empty for none."""
        return choose_label(self.entry.unit, self.languages)

    def format_label(self, limit: int) -> str:
        """Return the label and the unit in brackets, in at most `limit` bytes of UTF-8; the unit gets at most half of the bytes."""
        unit = f" ({cut_text(self.unit, limit // 2)})" if self.unit else ""
        return cut_text(self.label, limit - len(unit.encode())) + unit

    def map_code_labels(self) -> dict[Code, str]:
        """Return code → label, missing codes included. Different wordings of institutions are joined."""
        found: dict[Code, dict[str, None]] = {}
        for code in self.entry.codes:
            found.setdefault(code.code, {})[choose_label(code.labels, self.languages)] = None
        labels: dict[Code, str] = {code: " / ".join(wordings) for code, wordings in found.items()}
        for reason, number in self.entry.missing.items():
            labels.setdefault(number, translate(MEANINGS[reason].split(":")[0], self.spoken))
        return labels

    def number_codes(self) -> dict[Code, int]:
        """Return code → number, missing codes included, for formats with numeric variables."""
        numbers = {code.code: code.code if isinstance(code.code, int) else code.number for code in self.entry.codes}
        numbers |= {number: number for number in self.entry.missing.values()}
        return {code: number for code, number in numbers.items() if number is not None}


@dataclass(frozen=True)
class TableDescription:
    """The columns of the table of responses."""

    layout: TableLayout
    columns: tuple[TableColumn, ...]
    language: str
    """Language of the labels."""

    @property
    def title(self) -> str:
        """Title and version of the questionnaire."""
        questionnaire = self.layout.questionnaire
        wording = questionnaire.title.wording
        title = " ".join(wording.get(self.language, wording[questionnaire.source_language]).split())
        return f"{title} ({questionnaire.version})"


def describe_table(layout: TableLayout, entries: Iterable[CodebookEntry], language: str = "") -> TableDescription:
    """Describe the columns of the table of responses.

    Args: language: language of the labels; the source language if empty. Labels without this language are in the source language.
    """
    language = language or layout.questionnaire.source_language
    languages = (language, layout.questionnaire.source_language)
    spoken = layout.languages[language].spoken
    table = (entry for entry in entries if entry.file == "responses")
    columns = (TableColumn(entry, choose_storage(entry), languages, spoken) for entry in table)
    return TableDescription(layout, tuple(columns), language)


def choose_storage(entry: CodebookEntry) -> Storage:
    if entry.kind == "date":
        return "coded date" if entry.missing else "date"
    if entry.kind == "decimal":
        return "decimal"
    codes: Sequence[Code] = [code.code for code in entry.codes]
    if entry.kind in ("number", "0/1") or (codes and all(isinstance(code, int) for code in codes)):
        return "integer"
    return "code" if codes else "text"
