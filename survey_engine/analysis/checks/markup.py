"""Markup that pages do not render, such as HTML, images and lists; and invalid links, misleading links, answers in addresses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.language.markup import iter_bad_links, iter_links, iter_misleading_links, iter_unsupported_markup
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def check_markup(questionnaire: Questionnaire) -> Iterator[Problem]:
    variables = questionnaire.variables.keys() - questionnaire.terms.keys()
    terms = [questionnaire.terms, *(institution.terms for institution in questionnaire.institutions.values())]
    for text in chain((shown.text for shown in iter_shown_texts(questionnaire)), *(term.values() for term in terms)):
        for language, wording in text.wording.items():
            place, facts = text.place_in(language), {"code": text.code, "language": language}
            for what, found, advice in iter_unsupported_markup(wording):
                yield Problem("foreign-markup", place, {**facts, "what": what, "found": found, "advice": advice})
            answers = (link for link in iter_links(wording) if not variables.isdisjoint(PLACEHOLDER.findall(link)))
            for found in dict.fromkeys((*iter_bad_links(wording), *answers)):
                yield Problem("bad-link", place, {**facts, "found": found})
            for shown, address in iter_misleading_links(wording):
                yield Problem("misleading-link", place, {**facts, "shown": shown, "address": address})
