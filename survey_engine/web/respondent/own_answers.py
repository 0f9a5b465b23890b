"""The pages for a person's rights: read or erase the answers with the private key.

The pages also work after the questionnaire has closed or the link was withdrawn, but not after the link was replaced.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from flask import Blueprint, url_for
from flask import Response as Reply

from survey_engine.engine.paradata import read_paradata
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent
from survey_engine.fieldwork.erasure import Stores, erase_own
from survey_engine.fieldwork.signing import LMS_PREFIX
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.interface_texts import N_
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.summaries import format_answer, list_shown_answers
from survey_engine.storage.retention import find_start
from survey_engine.web.respondent.answer_pages import open_questionnaire
from survey_engine.web.respondent.entry import find_by_typed_key
from survey_engine.web.respondent.errors import guess_language
from survey_engine.web.respondent.forms import read_form
from survey_engine.web.respondent.page_responses import DocumentContext, render_document
from survey_engine.web.respondent.shared_devices import forget_device
from survey_engine.web.respondent.site import Site

_MEASURE_NAMES = N_("Visits"), N_("Seconds"), N_("Changes"), N_("Double taps")
CHANNEL_TEXTS = {
    "mail": N_("by mail"),
    "qr": N_("by QR code"),
    "teams": N_("in Teams"),
    "print": N_("on paper"),
    "lms": N_("in the learning environment"),
}
_DEVICE_TEXTS = {"small": N_("small"), "medium": N_("medium"), "large": N_("large")}
own_answers = Blueprint("own_answers", __name__, url_prefix="/q/<code>/<name>/answers")


@own_answers.get("")
def show_form(code: str, name: str) -> Reply:
    """Render the form for the private key."""
    return render_form(*open_questionnaire(code), name)


@own_answers.post("")
def show_answers(code: str, name: str) -> Reply:
    """Render all stored answers of the response with this private key, or erase them."""
    site, questionnaire = open_questionnaire(code)
    form = read_form()
    found = find_by_typed_key(site, questionnaire, name, form.get("key"), reads=True)
    erases = form.get("wish") == "erase"
    if found is None:
        return render_form(site, questionnaire, name, fault=True, erases=erases)
    if erases:
        return erase_answers(site, *found)
    return render_answers(site, *found)


def render_form(site: Site, questionnaire: Questionnaire, name: str, *, fault: bool = False, erases: bool = False) -> Reply:
    """Render the form for the key.

    Args:
        fault: whether an unknown key was posted.
        erases: whether the key was posted to erase. A second press on the button then finds no response.
    """
    language = guess_language(site)
    translate = site.find_texts(language).translate
    title = translate("Your answers")
    main = site.templates.get_template("respondent/own_answers.html").render(
        _=translate,
        title=title,
        action=url_for(".show_answers", code=questionnaire.code, name=name),
        lang=language.code,
        fault=fault,
        erases=erases,
    )
    context = DocumentContext(language, questionnaire, questionnaire.institutions.get(name))
    return render_document(site, context, title, main, 422 if fault else 200)


def render_answers(site: Site, questionnaire: Questionnaire, response: Response) -> Reply:
    language = questionnaire.languages[response.respondent.language]
    institution = questionnaire.institutions[response.respondent.institution]
    wording, translate = Wording(questionnaire, language, institution), site.find_texts(language).translate
    title, (device, channel, sealed) = translate("Your answers"), find_start(site.answers, response.id)
    # a person may read everything stored, even labels that are hidden because few persons share them
    hidden = json.loads(site.participation.contact_keys.decrypt(sealed)) if sealed else {}
    respondent = replace(response.respondent, background={**hidden, **response.respondent.background})
    screen = [(translate("Size of your screen"), translate(_DEVICE_TEXTS[device]))] if device in _DEVICE_TEXTS else []
    came = [(translate("How the link reached you"), translate(CHANNEL_TEXTS[channel]))] if channel in CHANNEL_TEXTS else []
    main = site.templates.get_template("respondent/own_answers.html").render(
        _=translate,
        title=title,
        action=url_for(".show_answers", code=questionnaire.code, name=institution.code),
        lang=language.code,
        questionnaire=wording.line(questionnaire.title),
        institution=institution,
        completed=response.completed,
        background=[*iter_background(wording, respondent), *screen, *came],
        pages=list(iter_pages(wording, response, translate)),
    )
    return render_document(site, DocumentContext(language, questionnaire, institution), title, main)


def iter_background(wording: Wording, respondent: Respondent) -> Iterator[tuple[str, str]]:
    """Iterate over the labels and values of the background variables that came with the respondent."""
    for code, value in respondent.background.items():
        if variable := wording.questionnaire.background.get(code):
            yield wording.line(variable.text) or code, format_answer(variable.options, value, wording)


def iter_pages(
    wording: Wording, response: Response, translate: Callable[[str], str]
) -> Iterator[tuple[str, list[tuple[str, str]], str]]:
    """Iterate over the stored pages: (title, (label, text) of each answer, paradata as one line)."""
    for section, page in wording.questionnaire.placed_pages.values():
        if stored := response.pages.get(page.code):
            measured = zip(map(translate, _MEASURE_NAMES), read_paradata(stored.paradata), strict=True)
            line = " · ".join(f"{name}: {number}" for name, number in measured if number is not None)
            yield wording.line(page.title or section.title), list_shown_answers(page, wording, stored.answers, stems=True), line


def erase_answers(site: Site, questionnaire: Questionnaire, response: Response) -> Reply:
    """Erase the response, delete its cookie on this device, and render a confirmation."""
    person = site.participation
    erase_own(Stores(person.answers, person.identity, person.pseudonym_key), person.erasures, questionnaire.code, response.id)
    person.response_cache.take(response.id, frozenset())
    language = questionnaire.languages[response.respondent.language]
    institution = questionnaire.institutions[response.respondent.institution]
    translate = site.find_texts(language).translate
    title = translate("Your answers are erased")
    texts = [translate("Backups may still contain them until they are deleted.")]
    if response.pseudonym and not response.pseudonym.startswith(LMS_PREFIX):
        texts.append(translate("You may still get a reminder. You do not have to do anything then."))
    main = site.templates.get_template("respondent/message.html").render(_=translate, title=title, text=" ".join(texts))
    reply = render_document(site, DocumentContext(language, questionnaire, institution), title, main)
    forget_device(site, reply, questionnaire)
    return reply
