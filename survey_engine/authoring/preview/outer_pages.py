"""The pages before and after the questions in the preview: the start page, and the proof of completion."""

from __future__ import annotations

from survey_engine.analysis.checks.minutes import MINUTES, names_minutes
from survey_engine.authoring.preview.page_states import TEXT
from survey_engine.engine.asked_items import has_panel
from survey_engine.model.questionnaire import Institution, Language, Questionnaire
from survey_engine.rendering.interface_texts import N_
from survey_engine.rendering.page_cache import PageCache
from survey_engine.rendering.page_plan import Wording

START, DONE = "start", "done"
OUTER_PAGES = {START: "start page", DONE: "page after the last answer"}
"""Name in the preview's addresses → name for authors. Slugs of pages are hexadecimal, so that none is equal to a name."""


def render_start_page(
    pages: PageCache, questionnaire: Questionnaire, language: Language, institution: Institution, minutes: int
) -> str:
    """Render the start page of the institution's open link as HTML, without the layout around it. All its text is open.

    Args: minutes: the expected minutes for the whole questionnaire.
    """
    interface, wording = pages.find_texts(language), Wording(questionnaire, language, institution)
    wording.fixed[MINUTES] = str(minutes)
    languages = pages.offered(questionnaire, institution.code)
    promise, end, more = wording.paragraphs(questionnaire.introduction).partition("</p>")
    about = interface.translate_plural("About %(number)s minute", "About %(number)s minutes", minutes)
    return pages.templates.get_template("respondent/start.html").render(
        _=interface.translate,
        title=wording.line(questionnaire.title),
        promise=promise + end,
        more=more,
        opened=True,
        contact=wording.paragraphs(questionnaire.contact),
        language=language,
        languages=languages,
        minutes="" if names_minutes(promise) else about,
        language_note=interface.translate(N_("In %(number)s languages; you can switch at any time"), number=len(languages)),
        log_in="#" if institution.login else "",
        resume="#",
    )


def render_done_page(pages: PageCache, questionnaire: Questionnaire, language: Language, institution: Institution) -> str:
    """Render the proof of completion as HTML, without the layout around it, with … in place of a respondent's values."""
    wording = Wording(questionnaire, language, institution)
    return pages.templates.get_template("respondent/done.html").render(
        _=pages.find_texts(language).translate,
        url_for=lambda endpoint, **values: "#",
        thanks=wording.paragraphs(questionnaire.thanks),
        title=wording.line(questionnaire.title),
        institution=institution,
        time=TEXT,
        receipt=TEXT,
        has_panel=any(has_panel(page) for _, page in questionnaire.placed_pages.values()),
        leave="#",
    )
