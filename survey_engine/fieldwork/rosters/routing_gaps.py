"""Finds what a list lacks: background variables that conditions use, and names for a login by name."""

from __future__ import annotations

from collections import Counter

from survey_engine.fieldwork.names import BIRTH_DATE, SURNAME
from survey_engine.fieldwork.rosters.csv import Roster
from survey_engine.model.questionnaire import Questionnaire


def count_conditions(questionnaire: Questionnaire) -> Counter[str]:
    """Background variable → number of conditions that use it."""
    found: Counter[str] = Counter()
    for section in questionnaire.all_sections:
        for condition in section.iter_conditions():
            found.update(condition.names & questionnaire.background.keys())
    return found


def list_gaps(roster: Roster, questionnaire: Questionnaire, added: int | None = None) -> list[str]:
    """Messages about missing background variables and names. Students without a value do not get the pages that depend on it.

    Args: added: number of new students on a corrected list, whose other students may have values from earlier lists; None for a first list.
    """
    gaps = []
    for name, count in sorted(count_conditions(questionnaire).items()):
        asked = f"{count} conditions use it" if count > 1 else "a condition uses it"
        if name not in roster.reader.background:
            if added != 0:
                who = "no student" if added is None else "no student who is new on this list"
                gaps.append(f"There is no column '{name}', and {asked}: {who} gets the pages that depend on it.")
        elif roster.empty[name]:
            gaps.append(
                f"'{name}' is empty for {roster.empty[name]} of {len(roster)} students, and {asked}: they do not get the pages that "
                "depend on it."
            )
    named = {code for kind, code in roster.details.values() if kind == "person"}
    if added != 0 and not named >= {BIRTH_DATE, SURNAME}:
        gaps += [
            f"Students of '{code}' log in by name, and the list has no birth dates and surnames: nobody on it can log in. A format such as "
            "job-students has both."
            for code in roster.institutions
            if questionnaire.institutions[code].login
        ]
    return gaps
