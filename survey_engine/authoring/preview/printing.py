"""A printable questionnaire with the options, codes and audience of every question, as HTML or as PDF (WeasyPrint)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from survey_engine.authoring.preview.audiences import find_institution_condition, list_requirements, name_section
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Condition, Institution, Item, ItemMetadata, Page, Question, Questionnaire, Section
from survey_engine.rendering.condition_sentences import ConditionWriter, make_condition_writer
from survey_engine.rendering.file_templates import open_template
from survey_engine.rendering.page_plan import Wording

BLANK = "……"
"""Stands for a text that depends on the respondent."""
missing: Exception | None = None
try:
    import weasyprint
except (ImportError, OSError) as error:  # the package is an extra; its drawing libraries come from the operating system
    missing = error


class NoPrinterError(Exception):
    """WeasyPrint or its drawing libraries are not installed. The message ends with the remedy."""


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
    """Code, label and audience; the audience is empty if the option is offered to every respondent."""
    items: tuple[PrintedItem, ...]
    audience: str
    others: frozenset[str]
    """Codes of the options with a text field."""
    unit: str
    about: ItemMetadata
    """Its documentation, if it has no statements of its own."""


def print_html(
    questionnaire: Questionnaire, language: str, institution: Institution | None = None, *, purposes: bool = False
) -> str:
    """Render the whole questionnaire in one language for paper.

    Args: purposes: print the purpose and the indicators of each item, for teachers, and not the authors' notes.
    """
    wording = Wording(questionnaire, questionnaire.languages[language], institution)
    wording.fixed["institution"] = wording.fixed["institution"] or BLANK
    writer = make_condition_writer(questionnaire, "nl" if language in ("nl", "nt2") else "en")
    sections = [
        (
            name_section(questionnaire, section, wording),
            writer.describe_audience([*list_requirements(questionnaire, section), section.when]),
            section.random_order,
            list_pages(section, wording, writer),
        )
        for section in questionnaire.all_sections
        if section.languages is None or language in section.languages
    ]
    return open_template("preview/print.html").render(
        questionnaire=questionnaire,
        title=wording.line(questionnaire.title),
        introduction=_blank_slots(wording.paragraphs(questionnaire.introduction)),
        language=questionnaire.languages[language],
        institution=institution,
        sections=sections,
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


def list_pages(section: Section, wording: Wording, writer: ConditionWriter) -> list[tuple[str, str, bool, list[PrintedQuestion]]]:
    return [
        (wording.line(page.title), _describe_audience([page.when], writer), page.random_order, _print_page(page, wording, writer))
        for page in section.pages
    ]


def _print_page(page: Page, wording: Wording, writer: ConditionWriter) -> list[PrintedQuestion]:
    return [_print_question(question, wording, writer) for question in page.questions]


def _print_question(question: Question, wording: Wording, writer: ConditionWriter) -> PrintedQuestion:
    items = tuple(_print_item(item, wording, writer) for item in question.items if item.text is not None)
    kind = QUESTION_TYPES[question.type]
    return PrintedQuestion(
        question=question,
        asks=kind.asks,
        html=_blank_slots(wording.paragraphs(question.text) if kind.has_paragraphs else wording.html(question.text)),
        help=_blank_slots(wording.html(question.help)),
        notice=_blank_slots(wording.html(question.notice)),
        options=tuple(
            (
                str(option.code),
                _blank_slots(wording.html(option.text)),
                _describe_audience([option.when, find_institution_condition(option)], writer),
            )
            for option in question.options
        ),
        items=items,
        audience=_describe_audience([question.when], writer),
        others=frozenset(str(option.code) for option in question.options if option.namely),
        unit=_blank_slots(wording.html(question.unit)),
        about=question.items[0].about if question.items and not items else ItemMetadata(),
    )


def _print_item(item: Item, wording: Wording, writer: ConditionWriter) -> PrintedItem:
    audience = _describe_audience([item.when, find_institution_condition(item)], writer)
    return PrintedItem(item.code, _blank_slots(wording.html(item.text)), audience, item.about.reverse, item.about)


def _describe_audience(conditions: list[Condition | None], writer: ConditionWriter) -> str:
    return writer.describe_audience(conditions) if any(conditions) else ""


def _blank_slots(html: str) -> str:
    """Replace the slots of a page with blanks."""
    parts = html.replace("\x03", "\x02").split("\x02")
    return "".join(part if number % 2 == 0 else BLANK for number, part in enumerate(parts))
