"""A printable questionnaire: every question with its options, codes and audience; as HTML, and as PDF through WeasyPrint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from survey_engine.authoring.preview.audiences import find_circumstances, find_places, name_section
from survey_engine.authoring.preview.sentences import Speaker, make_speaker
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Condition, Institution, Item, Page, Question, Questionnaire, Section
from survey_engine.rendering.file_templates import open_template
from survey_engine.rendering.page_plan import Wording

BLANK = "……"
"""What depends on the respondent, on paper."""
missing: Exception | None = None
try:
    import weasyprint
except (ImportError, OSError) as error:  # the package is an extra, and its drawing libraries are Debian's
    missing = error


class NoPrinterError(Exception):
    """WeasyPrint or its drawing libraries are not installed; the message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class PrintedItem:
    code: str
    html: str
    audience: str
    reverse: bool


@dataclass(frozen=True, slots=True)
class PrintedQuestion:
    question: Question
    asks: bool
    html: str
    help: str
    notice: str
    options: tuple[tuple[str, str, str], ...]
    """Code, label, and who is offered it when not everyone is."""
    items: tuple[PrintedItem, ...]
    audience: str


def print_html(questionnaire: Questionnaire, language: str, institution: Institution | None = None) -> str:
    """The whole questionnaire in one language, for reading on paper."""
    wording = Wording(questionnaire, questionnaire.languages[language], institution)
    wording.fixed["institution"] = wording.fixed["institution"] or BLANK
    speaker = make_speaker(questionnaire, "nl" if language in ("nl", "nt2") else "en")
    sections = [
        (
            name_section(questionnaire, section, wording),
            speaker.audience([*find_circumstances(questionnaire, section), section.when]),
            list_pages(section, wording, speaker),
        )
        for section in questionnaire.all_sections
        if section.languages is None or language in section.languages
    ]
    return open_template("preview/print.html").render(
        questionnaire=questionnaire,
        title=wording.line(questionnaire.title),
        introduction=_settle(wording.paragraphs(questionnaire.introduction)),
        language=questionnaire.languages[language],
        institution=institution,
        sections=sections,
    )


def print_pdf(html: str, path: Path) -> None:
    """Raises NoPrinterError when WeasyPrint cannot be used here."""
    if missing:
        advice = "pip install 'survey-engine[authoring]' and apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        raise NoPrinterError(f"PDF needs WeasyPrint ({missing}). Install it: {advice}. Or write HTML.")
    weasyprint.HTML(string=html).write_pdf(path)


def list_pages(section: Section, wording: Wording, speaker: Speaker) -> list[tuple[str, str, list[PrintedQuestion]]]:
    return [
        (wording.line(page.title), _say_audience([page.when], speaker), _print_page(page, wording, speaker))
        for page in section.pages
    ]


def _print_page(page: Page, wording: Wording, speaker: Speaker) -> list[PrintedQuestion]:
    return [_print_question(question, wording, speaker) for question in page.questions]


def _print_question(question: Question, wording: Wording, speaker: Speaker) -> PrintedQuestion:
    items = tuple(_print_item(item, wording, speaker) for item in question.items if item.text is not None)
    asks = QUESTION_TYPES[question.type].asks
    return PrintedQuestion(
        question=question,
        asks=asks,
        html=_settle(wording.html(question.text) if asks else wording.paragraphs(question.text)),
        help=_settle(wording.html(question.help)),
        notice=_settle(wording.html(question.notice)),
        options=tuple(
            (str(option.code), _settle(wording.html(option.text)), _say_audience([option.when, find_places(option)], speaker))
            for option in question.options
        ),
        items=items,
        audience=_say_audience([question.when], speaker),
    )


def _print_item(item: Item, wording: Wording, speaker: Speaker) -> PrintedItem:
    audience = _say_audience([item.when, find_places(item)], speaker)
    return PrintedItem(item.code, _settle(wording.html(item.text)), audience, item.about.reverse)


def _say_audience(conditions: list[Condition | None], speaker: Speaker) -> str:
    return speaker.audience(conditions) if any(conditions) else ""


def _settle(html: str) -> str:
    """What depends on the respondent stands as a blank on paper."""
    parts = html.replace("\x03", "\x02").split("\x02")
    return "".join(part if number % 2 == 0 else BLANK for number, part in enumerate(parts))
