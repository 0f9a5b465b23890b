"""The codebook: documentation of every column of an export, as data and as a CSV table. `codebook_page.py` renders it as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from survey_engine.datasets.codes import CodeEntry, Variants, is_consent_version, list_codes, list_consents
from survey_engine.datasets.columns import STATUSES, Column, TableLayout
from survey_engine.datasets.csv_files import write_csv
from survey_engine.datasets.fixed_labels import translate
from survey_engine.datasets.labels import Labels, join_labels, list_earlier, read_labels
from survey_engine.datasets.page_usage import PAGE_COLUMNS
from survey_engine.datasets.plan import Cell
from survey_engine.datasets.universe import (
    UNIVERSE_OF_ALL,
    describe_universe,
    find_about_item,
    list_asking_institutions,
    list_filters,
)
from survey_engine.datasets.universe_sentences import describe_in_words
from survey_engine.datasets.value_ranges import (
    choose_unit,
    describe_ranges,
    format_range,
    iter_ranges,
    list_unit_texts,
)
from survey_engine.language.question_types.yes_no import NO, YES
from survey_engine.model.missing_values import MEANINGS, OUTSIDE_REASONS, Missing, choose_missing
from survey_engine.model.questionnaire import NAMELY, Code, ItemMetadata, Questionnaire
from survey_engine.rendering.condition_sentences import SENTENCE_WORDS
from survey_engine.rendering.spreadsheet_cells import guard

RESPONSE, MODULES, EXPERIMENTS, COMPUTED, BACKGROUND = "The response", "Modules", "Experiments", "Computed", "Background"
"""Chapters that are not sections of the questionnaire."""
_UNIVERSES = [f"universe_{language}" for language in SENTENCE_WORDS]
ARM = "Arm of the experiment, drawn at random"
SHARED = "Also empty if too few responses share the values of the columns with this note"
DERIVED = {
    "sum": "Sum of the answers to",
    "mean": "Mean of the answers to",
    "count": "Number of answers to",
    "years": "Whole years between",
}
MODULE_REASONS = {
    "council": "Chosen by the student council",
    "institution": "Chosen by the institution",
    "random": "Drawn at random",
}
CHANNEL_LABELS = {"mail": "Mail", "qr": "QR code", "teams": "Teams", "print": "Print", "lms": "Learning management system"}
_FIXED = {
    "respondent": ("text", "Respondent number, without a link to other data"),
    "version": ("text", "Version of the questionnaire that the response belongs to"),
    "edition": ("number", "Edition of the questionnaire"),
    "institution": ("code", "Institution"),
    "language": ("code", "Last language used"),
    "languages": ("text", "Every language used, in the order of first use"),
    "before_switch": ("number", "Number of answers given before a switch to a language that does not ask them"),
    "started": ("date", "Day on which the response was started"),
    "completed": ("date", "Day on which the response was completed; empty if it was not"),
    "status": ("code", "Status of the response"),
    "progress_bar": ("code", "Whether the pages showed a progress bar, drawn at random (split ballot)"),
    "device": ("code", "Width of the page at the start; empty if it is not known"),
    "channel": ("code", "Channel of the link at the start; empty if the link named none"),
    "language_switches": ("number", "Number of changes of the language"),
    "last_page": ("text", "Last page of the path that was saved"),
    "breakoff_page": ("text", "First page that was not finished; empty if the response was completed"),
    "duration_seconds": ("number", "Seconds in which pages were visible; empty if no page was measured"),
}
_PARADATA, _PAGE_FILE = "Paradata of pages", "paradata"

Level: TypeAlias = Literal["nominal", "ordinal", "scale"]


@dataclass(frozen=True, slots=True)
class CodebookEntry:
    """Documentation of one column."""

    name: str
    kind: str
    labels: Labels
    chapter: str
    """Code of the section, or one of RESPONSE, MODULES, EXPERIMENTS, COMPUTED and BACKGROUND."""
    file: str = "responses"
    page: str = ""
    question: str = ""
    """Code of the question, or the chapter for columns that no question asks."""
    stem: Labels = field(default_factory=dict)
    """Text of the question."""
    codes: tuple[CodeEntry, ...] = ()
    low: int | str | None = None
    high: int | str | None = None
    """Lower and upper bound: numbers, or dates in ISO format; the widest of all versions."""
    unit: Labels = field(default_factory=dict)
    """Language → unit of a number, in the newest version."""
    missing: Mapping[str, int] = field(default_factory=dict)
    """Reason for a missing value → its code."""
    universe: tuple[str, ...] = (UNIVERSE_OF_ALL,)
    """The conditions under which the column is asked, in the author's words."""
    sentences: Labels = field(default_factory=dict)
    """Language → the universe as a sentence; empty for columns that no question asks."""
    filters: frozenset[str] = frozenset()
    """The columns that decide who is asked."""
    institutions: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    """Versions that ask the column; empty if all do."""
    about: ItemMetadata = field(default_factory=ItemMetadata)
    consent_version: int | None = None
    on_scale: bool = False
    """Whether the codes are points of a scale."""
    earlier_stem: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    """Earlier wordings of the question (`earlier_stem`) and of the column's own label."""
    earlier_units: tuple[str, ...] = ()
    version_ranges: tuple[str, ...] = ()
    """The bounds of each version; empty if they are equal."""

    @property
    def anchor(self) -> str:
        """The id of the column in codebook.html. Columns of `paradata.csv` get a prefix: a question may have the same code."""
        return f"{self.file}-{self.name}" if self.file == _PAGE_FILE else self.name

    @property
    def range(self) -> str:
        """The bounds in words; empty for columns without bounds."""
        return format_range(self.low, self.high)

    @property
    def level(self) -> Level:
        """The level of measurement. Points of a scale have an order; numbers as codes of other options do not mean one."""
        is_mark = self.low is not None and not self.on_scale and not self.consent_version
        if self.kind in ("date", "decimal") or (self.kind == "number" and (is_mark or not self.codes)):
            return "scale"
        is_ordered = self.on_scale and self.codes and all(isinstance(code.code, int) for code in self.codes)
        return "ordinal" if is_ordered else "nominal"

    @property
    def direction(self) -> int | None:
        """-1 for a reverse-coded item, 1 for other items with an order, else None."""
        return (-1 if self.about.reverse else 1) if self.level == "ordinal" and self.page else None


def list_codebook_entries(layout: TableLayout) -> list[CodebookEntry]:
    """List every column of the responses and of the open answers, in the order of asking."""
    missing = choose_missing(layout.questionnaires)
    before = [*_describe_fixed(layout), *_describe_modules(layout, missing), *_describe_experiments(layout)]
    answers = [_describe_answer(layout, column, missing) for column in layout.columns]
    before += (*_describe_orders(layout), *_describe_derived(layout, answers), *_describe_background(layout))
    return [*before, *answers, *_describe_pages(layout)]


def _describe_fixed(layout: TableLayout) -> Iterator[CodebookEntry]:
    codes: dict[str, Mapping[str, str]] = {
        "institution": {code: institution.name for code, institution in layout.institutions.items()},
        "language": {code: language.name for code, language in layout.languages.items()},
        "status": STATUSES,
        "device": {"small": "Below 600 pixels", "medium": "600 to 1,023 pixels", "large": "1,024 pixels and more"},
        "channel": CHANNEL_LABELS,
        "progress_bar": {YES: "Progress bar by parts and minutes left", NO: "Minutes left only"},
    }
    for key, name in layout.fixed.items():
        kind, label = _FIXED[key]
        labelled = tuple(
            CodeEntry(code, _in_all_languages(layout, text), number=number)
            for number, (code, text) in enumerate(codes.get(key, {}).items(), 1)
        )
        labels = _in_all_languages(layout, label)
        if key in ("started", "completed") and layout.zones:
            zone = _in_all_languages(layout, "Time zone")
            labels = {language: f"{text}. {zone[language]}: {layout.zones}" for language, text in labels.items()}
        if key in layout.shared:
            labels = {language: f"{labels[language]}. {text}" for language, text in _in_all_languages(layout, SHARED).items()}
        yield CodebookEntry(name, kind, labels, RESPONSE, question=RESPONSE, codes=labelled)


def _describe_modules(layout: TableLayout, missing: Missing) -> Iterator[CodebookEntry]:
    codes = tuple(
        CodeEntry(code, _in_all_languages(layout, text), number=number)
        for number, (code, text) in enumerate(MODULE_REASONS.items(), 1)
    )
    for module, name in layout.modules.items():
        title = read_labels(layout.find_module(module).title) or _in_all_languages(layout, module)
        unassigned = {"not_assigned": missing.not_assigned}
        yield CodebookEntry(name, "code", title, MODULES, question=MODULES, codes=codes, missing=unassigned)


def _describe_experiments(layout: TableLayout) -> Iterator[CodebookEntry]:
    for experiment, name in layout.experiments.items():
        arms = dict.fromkeys(
            arm for each in layout.questionnaires if (found := each.experiments.get(experiment)) for arm in found.arms
        )
        codes = tuple(CodeEntry(arm, _in_all_languages(layout, arm), number=number) for number, arm in enumerate(arms, 1))
        labels = _in_all_languages(layout, ARM)
        labels = {language: f"{label}: {experiment}" for language, label in labels.items()}
        yield CodebookEntry(name, "code", labels, EXPERIMENTS, question=EXPERIMENTS, codes=codes)


def _describe_orders(layout: TableLayout) -> Iterator[CodebookEntry]:
    for name, label in layout.order_labels.items():
        yield CodebookEntry(name, "text", _in_all_languages(layout, label), RESPONSE, question=RESPONSE)


def _describe_derived(layout: TableLayout, answers: Iterable[CodebookEntry]) -> Iterator[CodebookEntry]:
    """Describe each derived value. A sum or mean of answers with the same unit has that unit."""
    units = {entry.name: (entry.unit, entry.earlier_units) for entry in answers if entry.unit or entry.earlier_units}
    for code, name in layout.derived.items():
        derived = layout.find_derived(code)
        kind = "decimal" if derived.kind == "mean" else "number"
        label = _in_all_languages(layout, DERIVED[derived.kind])
        labels = {language: f"{text}: {', '.join(derived.parts)}" for language, text in label.items()}
        found = [units.get(part, ({}, ())) for part in derived.parts]
        alike = derived.kind in ("sum", "mean") and all(each == found[0] for each in found)
        unit, earlier = found[0] if alike else ({}, ())
        yield CodebookEntry(name, kind, labels, COMPUTED, question=COMPUTED, unit=unit, earlier_units=earlier)


def _describe_pages(layout: TableLayout) -> Iterator[CodebookEntry]:
    for name, (kind, label) in PAGE_COLUMNS.items():
        yield CodebookEntry(name, kind, _in_all_languages(layout, label), _PARADATA, file=_PAGE_FILE, question=_PARADATA)


def _describe_background(layout: TableLayout) -> Iterator[CodebookEntry]:
    for variable in layout.background:
        variants = layout.list_background(variable.code)
        yield CodebookEntry(
            name=variable.code,
            kind=variable.kind,
            labels=read_labels(variable.text),
            chapter=BACKGROUND,
            question=BACKGROUND,
            codes=list_codes(variants),
            low=variable.low,
            high=variable.high,
            versions=_list_versions(layout, variants),
            earlier=list_earlier((questionnaire, read_labels(each.text)) for questionnaire, each in variants),
            version_ranges=describe_ranges((questionnaire, (each.low, each.high)) for questionnaire, each in variants),
        )


def _describe_answer(layout: TableLayout, column: Column, missing: Missing) -> CodebookEntry:
    location, variable = column.locations[0], column.variable
    item = find_about_item(column)
    numbers = missing.numbers()
    if all(location.module is None for location in column.locations):
        del numbers["not_assigned"]
    offered = _number_outside(column, missing).values()
    numbers = {
        reason: number for reason, number in numbers.items() if reason not in OUTSIDE_REASONS.values() or number in offered
    }
    low, high = _find_bounds(column)
    units = list_unit_texts(column)
    stems = [(location.questionnaire, read_labels(location.question.text)) for location in column.locations]
    return CodebookEntry(
        name=column.name,
        kind="0/1" if column.options else variable.kind,
        labels=_label(column, location.questionnaire) or read_labels(variable.text),
        chapter=location.section.code,
        file="open_answers" if column.is_text else "responses",
        page=location.page.code,
        question=location.question.code,
        stem=read_labels(location.question.text),
        codes=_list_codes(layout, column, missing),
        low=low,
        high=high,
        unit=choose_unit(units),
        missing={} if column.is_text else numbers,
        universe=describe_universe(column),
        sentences=describe_in_words(column),
        filters=list_filters(layout, column),
        institutions=list_asking_institutions(column),
        versions=_list_versions(layout, column.variants),
        about=item.about if item else ItemMetadata(),
        consent_version=location.question.version or None,
        on_scale=location.question.on_scale and not column.options,
        earlier_stem=list_earlier(stems),
        earlier=list_earlier((each, _label(column, each) or read_labels(known.text)) for each, known in column.variants),
        earlier_units=list_earlier(units),
        version_ranges=describe_ranges(iter_ranges(column)),
    )


def _find_bounds(column: Column) -> tuple[int | str | None, int | str | None]:
    """Return the widest bounds of all versions."""
    if column.variable.kind != "date":
        return column.variable.low, column.variable.high
    earliest = [location.question.earliest for location in column.locations if location.question.earliest]
    latest = [location.question.latest for location in column.locations if location.question.latest]
    return min(earliest, default=None), max(latest, default=None)


def _list_codes(layout: TableLayout, column: Column, missing: Missing) -> tuple[CodeEntry, ...]:
    """List the codes that occur in a column."""
    outside = _number_outside(column, missing).values()
    if column.options:
        ticked = [CodeEntry(code, _in_all_languages(layout, text)) for code, text in enumerate(("Not chosen", "Chosen"))]
        return (*ticked, *(entry for entry in _list_coded(column, missing) if entry.code in outside))
    if is_consent_version(column.variable):
        return list_consents(column.variable.code, column.locations)
    return _list_coded(column, missing)


def _list_coded(column: Column, missing: Missing) -> tuple[CodeEntry, ...]:
    """List the options of a column. Options outside the scale have their missing code."""
    outside = _number_outside(column, missing)
    codes = list_codes(column.variants, list_asking_institutions(column), column.numbered)
    return tuple(
        replace(entry, code=outside[entry.code], number=outside[entry.code]) if entry.code in outside else entry
        for entry in codes
    )


def _number_outside(column: Column, missing: Missing) -> dict[Code, int]:
    """Return option outside the scale in any version → its missing code."""
    return missing.number_outside(option for _, variable in column.variants for option in variable.options)


def _list_versions(layout: TableLayout, variants: Variants) -> tuple[str, ...]:
    """List the versions that have a variable; empty if all do."""
    versions = tuple(questionnaire.version for questionnaire, _ in variants)
    return () if len(versions) == len(layout.questionnaires) else versions


def _label(column: Column, questionnaire: Questionnaire) -> Labels:
    """Return the label of a column in one version.

    The label is the text of the option, of the options whose other text the column has, or of the item if several items share a list.
    """
    location = next(location for location in column.locations if location.questionnaire is questionnaire)
    code, options = column.variable.code, location.question.options
    if code.endswith(NAMELY):
        texts = [option.text for option in options if option.namely]
    elif column.options:
        texts = [option.text for option in options if option.code == column.options[0].code]
    else:
        texts = [item.text for item in location.list_items(code) if item.text]
        texts = texts if len(texts) > 1 else []
    return join_labels(map(read_labels, texts))


def _in_all_languages(layout: TableLayout, label: str) -> Labels:
    """Return a label that comes from no questionnaire, in every language."""
    return {code: translate(label, language.spoken) for code, language in layout.languages.items()}


def write_codebook(
    folder: Path, layout: TableLayout, entries: Sequence[CodebookEntry], counters: Mapping[str, Callable[[Cell], int | None]]
) -> None:
    """Write the codebook as a table: one row per code of a variable, one row for a variable without codes.

    Args: counters: column → function from code to count; the function returns None for a withheld count.
    """
    languages = list(layout.languages)
    names = [
        *("file", "variable", "kind", "level", "page", "question"),
        *(f"{part}_{language}" for part in ("question", "label") for language in languages),
        *("code", "code_number", "outside_scale", "count", "withheld"),
        *(f"code_label_{language}" for language in languages),
        *("offered_to", "lowest", "highest"),
        *(f"unit_{language}" for language in languages),
        *(f"missing_{reason}" for reason in MEANINGS),
        *("universe", *_UNIVERSES, "institutions", "versions", "edition", "section"),
        *(
            "source",
            "purpose",
            "reverse",
            "direction",
            "sensitive",
            "indicators",
            "break_variable",
            "since",
            "frozen_until",
            "tested",
        ),
        *("consent_version", "earlier_questions", "earlier_labels", "earlier_units", "version_ranges", "earlier_code_labels"),
    ]
    rows = (row for entry in entries for row in _iter_rows(layout, entry, counters.get(entry.name)))
    guarded = ([guard(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    write_csv(folder / "codebook.csv", names, guarded, for_excel=True)


def _iter_rows(
    layout: TableLayout, entry: CodebookEntry, find_count: Callable[[Cell], int | None] | None
) -> Iterator[list[Cell]]:
    languages = list(layout.languages)
    head: list[Cell] = [entry.file, entry.name, entry.kind, entry.level, entry.page, entry.question if entry.page else ""]
    head += [labels.get(language, "") for labels in (entry.stem, entry.labels) for language in languages]
    about = entry.about
    tail: list[Cell] = [
        _or_empty(entry.low),
        _or_empty(entry.high),
        *(entry.unit.get(language, "") for language in languages),
        *(_or_empty(entry.missing.get(reason)) for reason in MEANINGS),
        " OR ".join(entry.universe),
        *(entry.sentences.get(language, "") for language in SENTENCE_WORDS),
        " ".join(entry.institutions),
        " ".join(entry.versions),
        _or_empty(layout.questionnaire.edition),
        entry.chapter,
        about.source,
        about.purpose,
        _yes_or_empty(about.reverse),
        _or_empty(entry.direction),
        about.sensitive,
        " ".join(about.indicators),
        _yes_or_empty(about.break_variable),
        _or_empty(about.since),
        _or_empty(about.frozen_until),
        _yes_or_empty(about.tested),
        _or_empty(entry.consent_version),
        " | ".join(entry.earlier_stem),
        " | ".join(entry.earlier),
        " | ".join(entry.earlier_units),
        " | ".join(entry.version_ranges),
    ]
    for code in entry.codes or (CodeEntry("", {}),):
        is_counted = find_count is not None and bool(entry.codes)
        count = find_count(code.code) if find_count and is_counted else None
        yield [
            *head,
            code.code,
            _or_empty(code.number),
            _yes_or_empty(code.code in entry.missing.values()),
            _or_empty(count),
            _yes_or_empty(is_counted and count is None),
            *(code.labels.get(language, "") for language in languages),
            code.offered,
            *tail,
            " | ".join(code.earlier),
        ]


def _or_empty(value: Cell | None) -> Cell:
    return "" if value is None else value


def _yes_or_empty(value: bool | None) -> str:
    return "yes" if value else ""
