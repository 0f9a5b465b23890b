"""The rows of a file in another format, as rows of a plain list: codes of the questionnaire, one row per person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from survey_engine.fieldwork.names import PERSON
from survey_engine.fieldwork.rosters.examination import Examination
from survey_engine.model.questionnaire import Questionnaire

CellReader: TypeAlias = Callable[[Sequence[str]], str]
"""Makes a cell of the values of a row."""
_KINDS = {"contact": "contact", "analysis_label": "labels", "response_label": "labels", **dict.fromkeys(PERSON, "person")}
"""What a column becomes → kind of details of a seat."""
_COPIED = {"mail_text", "copied", *_KINDS}


class TranslatedRows:
    """A `RowSource`. Columns that the questionnaire does not know, such as addresses, follow under their names in the format."""

    delimiter, encoding, skipped, strange = ",", "utf-8-sig", 0, ""

    def __init__(self, examination: Examination, questionnaire: Questionnaire, *, all_labels: bool = False) -> None:
        """Args: all_labels: also those that too few persons share; the caller leaves them out."""
        self.path: Path = examination.source.path
        self._examination = examination
        columns = examination.definition.columns
        self._columns: dict[str, CellReader] = {"institution": self._make_institution()}
        self.copied: list[str] = []
        """The columns that follow the known ones."""
        self._headings: dict[str, str] = {}
        """Column → its heading here."""
        self._sources: dict[str, str] = {}
        """Heading here → column, without labels that follow under their own names."""
        plain = dict[str, int]()
        """Heading → position of the column, for columns of which every value is used."""
        self._analysed: dict[str, str] = {}
        """Column of labels → background variable that they become."""
        self._hidden: list[str] = []
        """The variables that are empty for combinations of labels that too few persons share."""
        for at, reader in enumerate(examination.readers):
            column = columns[reader.name]
            variable = column.variable or column.label or ""
            if column.becomes == "institution":
                self._sources["institution"] = reader.name
            elif column.becomes == "language":
                self._columns["language"], self._sources["language"] = _pick(at), reader.name
            elif column.becomes == "background" and variable in questionnaire.background:
                self._columns[variable], plain[variable], self._sources[variable] = _pick(at), at, reader.name
            elif column.becomes == "analysis_label" and variable in questionnaire.background:
                self._analysed[reader.name] = variable
                self._columns[variable] = _pick(at)
                if all_labels:
                    plain[variable] = at
                else:
                    self._hidden.append(variable)
        for at, reader in enumerate(examination.readers):
            kind = columns[reader.name].becomes
            if (
                kind in _COPIED
                or (kind == "exclusion" and examination.definition.makes == "labels")
                or reader.name in self._person
            ):
                is_free = reader.name not in self._columns or plain.get(reader.name) == at
                heading = reader.name if is_free else f"{reader.name} (list)"  # the answers get the column of that name
                self._headings[reader.name], self._sources[heading] = heading, reader.name
                self.copied.append(heading)
                self._columns[heading] = _pick(at)

    @property
    def details(self) -> dict[int, tuple[str, str]]:
        """As `Roster.details`."""
        header, columns = list(self._columns), self._examination.definition.columns
        return {
            header.index(heading): (_KINDS[columns[name].becomes], columns[name].code_of(name))
            for name, heading in self._headings.items()
            if columns[name].becomes in _KINDS
        }

    @property
    def analysed(self) -> dict[int, str]:
        """As `Roster.analysed`."""
        header = list(self._columns)
        return {header.index(self._headings[name]): variable for name, variable in self._analysed.items()}

    @property
    def names(self) -> dict[int, tuple[str, str]]:
        """As `Roster.names`."""
        header, written = list(self._columns), self._examination.header
        places = {reader.name: reader.position for reader in self._examination.readers}
        return {header.index(heading): (written[places[name]], name) for heading, name in self._sources.items()}

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a person."""
        return tuple(self._headings.get(name, name) for name in self._person)

    @property
    def _person(self) -> Sequence[str]:
        return self._examination.definition.person

    def _make_institution(self) -> CellReader:
        examination = self._examination
        readers = enumerate(examination.readers)
        place = next((at for at, r in readers if examination.definition.columns[r.name].becomes == "institution"), None)
        found = examination.map_institutions()
        return lambda values: found["" if place is None else values[place]]

    def iter_rows(self, is_row: Callable[[list[str]], bool] = lambda cells: False) -> Iterator[tuple[int, list[str]]]:
        """Iterate over the rows that are used, after the headings."""
        examination, width = self._examination, len(self._examination.header)
        rows = examination.source.iter_rows(lambda cells: len(cells) == width > 1)
        line, _ = next(rows)
        yield line, list(self._columns)
        readers = examination.readers
        unified = [(at, examination.labels.unified.get(reader.name, {})) for at, reader in enumerate(readers)]
        unified = [(at, variants) for at, variants in unified if variants and examination.options.unify]
        columns, header = list(self._columns.values()), list(self._columns)
        hidden = [header.index(name) for name in self._hidden]
        for number, cells in rows:
            if examination.persons.is_used(number):
                cells.extend([""] * (width - len(cells)))
                values = [reader.read(cells[reader.position]).value for reader in readers]
                for at, variants in unified:
                    values[at] = variants.get(values[at], values[at])
                row = [column(values) for column in columns]
                if hidden and not examination.labels.is_shown(values):
                    for at in hidden:
                        row[at] = ""
                yield number, row


def _pick(at: int) -> CellReader:
    return lambda values: values[at]
