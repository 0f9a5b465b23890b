"""A printable questionnaire with the options, codes and audience of every question, as HTML or as PDF (WeasyPrint)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

from babel.dates import format_date

from survey_engine.authoring.preview.audiences import find_institution_condition, find_local_institution, list_requirements
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.variants import find_locale
from survey_engine.model.questionnaire import (
    Condition,
    Institution,
    Item,
    ItemMetadata,
    Language,
    Question,
    Questionnaire,
    Section,
)
from survey_engine.rendering.condition_sentences import ConditionWriter, choose_sentences, make_condition_writer
from survey_engine.rendering.file_templates import open_template
from survey_engine.rendering.page_plan import SLOT, SLOT_BETWEEN, SLOT_CLOSE, Wording

missing: Exception | None = None
try:
    import weasyprint
except (ImportError, OSError) as error:  # the package is an extra, and needs libraries of the operating system
    missing = error


class NoPrinterError(Exception):
    """WeasyPrint or its system libraries are not installed. The message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class PrintedPage:
    html: str
    """The page's title; empty if it has none."""
    audience: str
    """The page's audience; empty if it is the same as for the page before, or as for the section."""
    random_order: bool
    questions: tuple[PrintedQuestion, ...]


@dataclass(frozen=True, slots=True)
class PrintedItem:
    code: str
    html: str
    audience: str
    reverse: bool
    about: ItemMetadata


@dataclass(frozen=True, slots=True)
class PrintedQuestion:
    question: Question
    asks: bool
    html: str
    help: str
    notice: str
    options: tuple[tuple[str, str, str], ...]
    """(Code, label, audience) of each option; the audience is empty if every respondent is offered it."""
    items: tuple[PrintedItem, ...]
    audience: str
    others: frozenset[str]
    """Codes of the options with a text field."""
    unit: str
    bounds: str
    """The first and last date that it accepts, as text."""
    about: ItemMetadata
    """Its documentation, if it has no statements."""


def print_html(
    questionnaire: Questionnaire,
    language: str,
    institution: Institution | None = None,
    *,
    purposes: bool = False,
    sentences: str = "",
) -> str:
    """Render the whole questionnaire in one language for paper.

    Args:
        institution: print only what its students may be asked; None for all institutions.
        purposes: print the purpose and indicators of each item, for teachers, instead of the authors' notes.
        sentences: language of the sentences on audiences, or "symbols". Empty: the printed language, or symbols if it has no such
            sentences.
    """
    wording = Wording(questionnaire, questionnaire.languages[language], institution)
    wording.fixed["institution"] = wording.fixed["institution"] or _format_blank("institution")
    chosen = choose_sentences(questionnaire.languages[language], sentences)
    writer = make_condition_writer(questionnaire, chosen, labels=language)
    sections = [
        (_name_section(questionnaire, section, wording), section.random_order, *_list_pages(section, wording, writer))
        for section in questionnaire.all_sections
        if section.languages is None or language in section.languages
    ]
    return open_template("preview/print.html").render(
        questionnaire=questionnaire,
        title=wording.line(questionnaire.title),
        introduction=_format_blanks(wording.paragraphs(questionnaire.introduction)),
        contact=_format_blanks(wording.paragraphs(questionnaire.contact)),
        thanks=_format_blanks(wording.paragraphs(questionnaire.thanks)),
        language=questionnaire.languages[language],
        institution=institution,
        sections=sections,
        words=writer.words,
        purposes=purposes,
    )


def print_pdf(html: str, path: Path) -> None:
    """Write a PDF.

    Raises:
        NoPrinterError: if WeasyPrint does not work here.
    """
    if missing:
        advice = "pip install 'survey-engine[authoring]' and apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        raise NoPrinterError(f"PDF needs WeasyPrint ({missing}). Install it: {advice}. Or write HTML.")
    weasyprint.HTML(string=html).write_pdf(path)


def _name_section(questionnaire: Questionnaire, section: Section, wording: Wording) -> str:
    """Return the title of a section as HTML. Local questions without a title get the name of their institution."""
    owner = find_local_institution(questionnaire, section)
    return _format_blanks(wording.html(section.title)) or (escape(owner.name) if owner else "")


def _list_pages(section: Section, wording: Wording, writer: ConditionWriter) -> tuple[str, list[PrintedPage]]:
    """Return (audience that all pages of a section share, its pages). Without a shared audience, pages name theirs if it changes."""
    required = [*list_requirements(writer.questionnaire, section), section.when]
    audiences = [writer.describe_audience([*required, page.when]) for page in section.pages]
    shared = audiences[0] if len(set(audiences)) == 1 else ""
    return shared, [
        PrintedPage(
            _format_blanks(wording.html(page.title)),
            own if own != before else "",
            page.random_order,
            tuple(_print_question(question, wording, writer) for question in page.questions),
        )
        for page, before, own in zip(section.pages, [shared, *audiences], audiences, strict=False)
    ]


def _print_question(question: Question, wording: Wording, writer: ConditionWriter) -> PrintedQuestion:
    items = tuple(_print_item(item, wording, writer) for item in question.items if item.text is not None)
    kind = QUESTION_TYPES[question.type]
    return PrintedQuestion(
        question=question,
        asks=kind.asks,
        html=_format_blanks(wording.paragraphs(question.text) if kind.has_paragraphs else wording.html(question.text)),
        help=_format_blanks(wording.html(question.help)),
        notice=_format_blanks(wording.html(question.notice)),
        options=tuple(
            (
                str(option.code),
                _format_blanks(wording.html(option.text)),
                _describe_audience([option.when, find_institution_condition(option)], writer),
            )
            for option in question.options
        ),
        items=items,
        audience=_describe_audience([question.when], writer),
        others=frozenset(str(option.code) for option in question.options if option.namely),
        unit=_format_blanks(wording.html(question.unit)),
        bounds=_print_bounds(question, writer.questionnaire.languages[wording.language]),
        about=question.items[0].about if question.items and not items else ItemMetadata(),
    )


def _print_item(item: Item, wording: Wording, writer: ConditionWriter) -> PrintedItem:
    audience = _describe_audience([item.when, find_institution_condition(item)], writer)
    return PrintedItem(item.code, _format_blanks(wording.html(item.text)), audience, item.about.reverse, item.about)


def _describe_audience(conditions: list[Condition | None], writer: ConditionWriter) -> str:
    return writer.describe_audience(conditions) if any(conditions) else ""


def _print_bounds(question: Question, language: Language) -> str:
    """Return the first and last date that a question accepts, as dates are written in the language; empty if it has none."""
    if not (question.earliest and question.latest):
        return ""
    locale = find_locale(language.locale) or find_locale(language.spoken) or "en"
    return " – ".join(
        format_date(date.fromisoformat(day), "medium", locale=locale) for day in (question.earliest, question.latest)
    )


def _format_blanks(html: str) -> str:
    """Replace the slots of a page by blanks, where a respondent's page has values."""
    return SLOT.sub(lambda found: _format_blank(found[0].split(SLOT_BETWEEN)[1].rstrip(SLOT_CLOSE)), html)


def _format_blank(name: str) -> str:
    """Return a blank for a placeholder as HTML, with the placeholder's name."""
    return f'<span class="blank">{escape(name)}</span>'
