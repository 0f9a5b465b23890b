"""Markup that pages do not render: HTML, entities, images, lists, and invalid links."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.language.markup import iter_bad_links, iter_unsupported_markup
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def check_markup(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in iter_shown_texts(questionnaire):
        for language, wording in shown.text.wording.items():
            place, facts = shown.text.place_in(language), {"code": shown.text.code, "language": language}
            for what, found, advice in iter_unsupported_markup(wording):
                yield Problem("foreign-markup", place, {**facts, "what": what, "found": found, "advice": advice})
            for found in iter_bad_links(wording):
                yield Problem("bad-link", place, {**facts, "found": found})
