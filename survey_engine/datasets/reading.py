"""Delivered responses as a polars frame with labels and missing codes. Needs the extra `data`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from survey_engine.datasets.page_usage import PAGE_COLUMNS
from survey_engine.datasets.page_usage import PARADATA_FILE as PAGE_FILE
from survey_engine.datasets.table_metadata import METADATA_KEY
from survey_engine.model.missing_values import OUTSIDE_REASONS

_RESPONSES_FILE = "responses.parquet"
_PAGE_SCHEMA: dict[str, Any] = {name: pl.String if name in ("respondent", "page") else pl.Int32 for name in PAGE_COLUMNS}


@dataclass(frozen=True, slots=True)
class VariableInfo:
    """Documentation of one column."""

    kind: str
    level: str
    """Level of measurement: nominal, ordinal or scale."""
    label: Mapping[str, str]
    """Language → label."""
    question_text: Mapping[str, str]
    """Language → text of the question."""
    codes: tuple[Mapping[str, Any], ...]
    """Of each option: code, labels, and number in SPSS and Stata. Deliveries of an older release have no number."""
    missing: Mapping[str, int]
    """Reason → missing code."""
    indicators: tuple[str, ...] = ()
    reverse: bool = False
    """Whether the item is reverse-coded: a high score means the opposite of the rest of its scale."""
    sensitive: str = ""
    """Why the column is sensitive, so that its groups must be larger; empty if it is not."""
    page: str = ""
    question: str = ""
    """Code of its question; empty for columns that no question asks."""
    on_scale: bool = True
    """Whether the codes are points of a scale; False in deliveries of an older release."""
    draw: int = 0
    """For a module column, the number of its draw; 0 for other columns and in deliveries of an older release."""
    range: tuple[int | str | None, int | str | None] | None = None
    """Lowest and highest value in any version; None in deliveries of an older release."""
    version_ranges: tuple[str, ...] = ()
    """The range of each version; empty if they are equal."""
    unit: Mapping[str, str] | None = None
    """Language → unit of a number, in the newest version; None in deliveries of an older release."""
    earlier_units: tuple[str, ...] = ()
    """Other units of earlier versions."""

    @property
    def is_ordered(self) -> bool:
        """Whether it has an order of several points. Earlier releases call any options with numbers as codes ordinal."""
        return self.on_scale and self.level == "ordinal" and len(self.points) > 1

    @property
    def outside(self) -> tuple[int, ...]:
        """The missing codes of answers outside the scale: does not apply, don't know."""
        return tuple(self.missing[reason] for reason in OUTSIDE_REASONS.values() if reason in self.missing)

    @property
    def points(self) -> tuple[int, ...]:
        """The numeric codes on the scale, without those of answers outside it."""
        codes = (code["code"] for code in self.codes)
        return tuple(code for code in codes if isinstance(code, int) and code not in self.missing.values())


@dataclass(frozen=True)
class Responses:
    """The table of responses of one delivery."""

    frame: pl.DataFrame
    """One row per response. Missing codes are values: −3 in a column of numbers, "-3" in a column of texts."""
    questionnaire: str
    title: str
    version: str
    language: str
    """Language of labels, unless a method gets another one."""
    missing: Mapping[str, int]
    """Reason → missing code."""
    variables: Mapping[str, VariableInfo] = field(repr=False)
    """Column → its documentation."""
    folder: Path | None = None
    """The folder of the delivery; None for a table that was not read from files."""
    paradata: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=_PAGE_SCHEMA), repr=False)
    """One row per response and page: respondent, page, visits, seconds, changes, double taps. An unknown number is null."""

    def find_only_institution(self) -> str:
        """Return the institution of all responses; empty for several, or for a table without that column."""
        name = self.find_fixed("institution")
        found = self.frame[name].unique().to_list() if name else []
        return str(found[0]) if len(found) == 1 else ""

    def find_fixed(self, content: str) -> str:
        """Return the column with a content such as `respondent`; empty if the delivery has none.

        A `_` follows its name if a variable has that name. The columns of a response are before all others.
        """
        variables = self.variables
        names = (name for name in self.frame.columns if name not in variables or not variables[name].page)
        return next((name for name in names if name.rstrip("_") == content), "")

    def select_respondents(self) -> pl.DataFrame:
        """Return one column `respondent` with the number of each response."""
        return self.frame.select(pl.col(self.find_fixed("respondent")).alias("respondent"))

    def is_sensitive(self, *names: str) -> bool:
        """Return whether any of these columns is marked sensitive: groups by its values need more responses."""
        return any(self.variables[name].sensitive for name in names)

    def label(self, name: str, language: str = "") -> str:
        """Return the label of a column in `language`, else in the first language that has one."""
        return _choose(self.variables[name].label, language or self.language)

    def unit(self, name: str, language: str = "") -> str:
        """Return the unit of a column of numbers in `language`, else in the first language that has one; empty without a unit."""
        return _choose(self.variables[name].unit or {}, language or self.language)

    def code_labels(self, name: str, language: str = "") -> dict[str | int, str]:
        """Return code → label of a column. Different wordings of institutions for one code are joined."""
        found: dict[str | int, dict[str, None]] = {}
        for code in self.variables[name].codes:
            found.setdefault(code["code"], {})[_choose(code["label"], language or self.language)] = None
        return {code: " / ".join(labels) for code, labels in found.items()}

    def valid(self, *names: str) -> pl.DataFrame:
        """Return these columns, or all, with null for missing codes and with dates as dates."""
        return self.frame.select(self._keep_valid(name) for name in names or self.frame.columns)

    def labelled(self, *names: str, language: str = "") -> pl.DataFrame:
        """Return these columns, or all, with null for missing codes and labels for codes.

        A column with codes becomes an `Enum` in the order of the codebook. It keeps its codes if two of them have the same label. A code
        without a label, from a version that is no longer available, is its own label.
        """
        return self.valid(*names).select(self._put_labels(name, language) for name in names or self.frame.columns)

    def code_numbers(self, name: str) -> dict[str, str]:
        """Return text code → its number in SPSS and Stata, as a text; empty for a delivery that an older version of the program made."""
        codes = self.variables[name].codes
        return {code["code"]: str(code["number"]) for code in codes if isinstance(code["code"], str) and code.get("number")}

    def why_missing(self, name: str) -> pl.DataFrame:
        """Count the reasons for missing values in a column: a frame of reason, code and count."""
        reasons = self.variables[name].missing
        counts = dict(self.frame.select(pl.col(name).cast(pl.String)).to_series().value_counts().iter_rows())
        rows = [(reason, code, counts.get(str(code), 0)) for reason, code in reasons.items()]
        return pl.DataFrame(rows, {"reason": pl.String, "code": pl.Int64, "count": pl.Int64}, orient="row")

    def _keep_valid(self, name: str) -> pl.Expr:
        variable, column = self.variables[name], pl.col(name)
        is_text = self.frame.schema[name] == pl.String
        missing = [str(code) if is_text else code for code in variable.missing.values()]
        kept = pl.when(~column.is_in(missing)).then(column) if missing else column
        return (kept.str.to_date("%Y-%m-%d") if variable.kind == "date" and is_text else kept).alias(name)

    def _put_labels(self, name: str, language: str) -> pl.Expr:
        missing = {str(code) for code in self.variables[name].missing.values()}
        labels = {str(code): label for code, label in self.code_labels(name, language).items() if str(code) not in missing}
        if not labels or len(set(labels.values())) < len(labels):
            return pl.col(name)
        stored = self.frame[name].cast(pl.String).unique().drop_nulls().sort().to_list()
        labels |= {code: code for code in stored if code not in labels and code not in missing}
        return pl.col(name).cast(pl.String).replace_strict(labels, return_dtype=pl.Enum(list(dict.fromkeys(labels.values()))))


def read_frame(folder: str | Path) -> Responses:
    """Read a delivery that was exported with `--format parquet`.

    Raises:
        FileNotFoundError: the folder has no Parquet file.
        ValueError: the file has no labels, because another program wrote it.
    """
    path = Path(folder) / _RESPONSES_FILE if Path(folder).is_dir() else Path(folder)
    if not path.is_file():
        raise FileNotFoundError(f"There is no {_RESPONSES_FILE} in {folder}. Export with --format parquet.")
    metadata = pl.read_parquet_metadata(path)
    if METADATA_KEY not in metadata:
        raise ValueError(f"{path} has no labels: `survey-engine export --format parquet` did not write it.")
    described = json.loads(metadata[METADATA_KEY])
    return Responses(
        frame=pl.read_parquet(path),
        questionnaire=described["questionnaire"],
        title=described["title"],
        version=described["version"],
        language=described["language"],
        missing=described["missing"],
        variables=dict(_iter_variables(described["columns"])),
        folder=path.parent,
        paradata=_read_pages(path.with_name(PAGE_FILE)),
    )


def _read_pages(path: Path) -> pl.DataFrame:
    """Read the paradata of pages; no rows for a delivery of an older release."""
    return pl.read_csv(path, schema=_PAGE_SCHEMA) if path.is_file() else pl.DataFrame(schema=_PAGE_SCHEMA)


def _iter_variables(columns: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, VariableInfo]]:
    for name, column in columns.items():
        lists = {key: tuple(value) for key, value in column.items() if isinstance(value, list)}
        yield name, VariableInfo(**{**column, **lists})


def _choose(labels: Mapping[str, str], language: str) -> str:
    return next(filter(None, (labels.get(each) for each in (language, *labels))), "")
