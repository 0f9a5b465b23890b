"""Years that contradict the edition: in the title, the code and the metadata.

The checks do not use the clock: years are compared with the edition, or with the year at the end of the questionnaire's code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.language.markup import strip_markup
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Questionnaire

_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]\d|\d)")
_CODE_YEAR = re.compile(r"(?:19|20)\d\d$")
_MOST_YEARS_AHEAD = 20
"""Largest number of years after the edition: items may be frozen for many years."""
_MOST_YEARS_OLD = 3
"""Largest distance in years to the edition; a year further away is a subject, as in "Towards 2040"."""


def check_years(questionnaire: Questionnaire) -> Iterator[Problem]:
    edition = find_edition(questionnaire)
    if edition is not None:
        for what, year, place in _iter_wrong_years(questionnaire, edition):
            yield Problem("year-differs", place, {"what": what, "year": year, "edition": edition})
        opens, closes = questionnaire.opens, questionnaire.closes
        # A larger difference is `year-differs`.
        if opens and closes and opens.year == closes.year and abs(opens.year - edition) == 1:
            yield Problem("period-year", questionnaire.place, {"year": opens.year, "edition": edition})


def find_edition(questionnaire: Questionnaire) -> int | None:
    """Return the year of the edition; if it has none, the year at the end of the code."""
    in_code = _CODE_YEAR.search(questionnaire.code)
    return questionnaire.edition or (int(in_code[0]) if in_code else None)


def check_frozen_years(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report items whose `frozen_until` is before the edition, and texts outside questions that name an earlier edition."""
    edition = questionnaire.edition
    if edition is None:
        return
    for _, question in iter_questions(questionnaire):
        for item in question.items:
            until = item.about.frozen_until
            if until and until < edition:
                yield Problem("frozen-over", item.place, {"code": item.code, "until": until, "edition": edition})
    for text in filter(None, (questionnaire.introduction, questionnaire.contact, questionnaire.thanks)):
        for language, wording in text.wording.items():
            years = [int(year) for year in _YEAR.findall(strip_markup(wording))]
            earlier = [year for year in years if edition - _MOST_YEARS_OLD <= year < edition]
            if earlier and edition not in years:
                facts = {"code": text.code, "language": language, "year": earlier[0], "edition": edition}
                yield Problem("earlier-year", text.place_in(language), facts)


def _iter_wrong_years(questionnaire: Questionnaire, edition: int) -> Iterator[tuple[str, int, Place]]:
    code = _CODE_YEAR.search(questionnaire.code)
    if code and int(code[0]) != edition:
        yield "the code of the questionnaire", int(code[0]), questionnaire.place
    for language, wording in questionnaire.title.wording.items():
        years = [int(year) for year in _YEAR.findall(wording) if abs(int(year) - edition) <= _MOST_YEARS_OLD]
        if years and edition not in years:
            yield "the title", years[0], questionnaire.title.place_in(language)
    for _, question in iter_questions(questionnaire):
        for item in question.items:
            if item.about.since and item.about.since > edition:
                yield f"`since` of '{item.code}'", item.about.since, item.place
            if item.about.frozen_until and item.about.frozen_until - edition > _MOST_YEARS_AHEAD:
                yield f"`frozen_until` of '{item.code}'", item.about.frozen_until, item.place
