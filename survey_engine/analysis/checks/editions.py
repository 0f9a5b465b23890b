"""Linked sections: a section cannot be linked with itself, and linked sections must be asked in the same editions."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def check_linked_sections(questionnaire: Questionnaire) -> Iterator[Problem]:
    for names in questionnaire.linked:
        if len({*names}) < len(names):
            yield Problem("linked-itself", questionnaire.place, {"name": next(name for name in names if names.count(name) > 1)})
        asked = [name for name in names if name in questionnaire.sections]
        for name in names:
            if asked and name in questionnaire.rested:
                place = questionnaire.sections[asked[0]].place
                yield Problem("linked-sections", place, {"name": asked[0], "other": name, "edition": questionnaire.edition})
