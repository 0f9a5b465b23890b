"""Background that conditions ask for and a list does not tell."""

from __future__ import annotations

from collections import Counter

from survey_engine.fieldwork.rosters.csv import Roster
from survey_engine.model.questionnaire import Questionnaire


def count_conditions(questionnaire: Questionnaire) -> Counter[str]:
    """Background variable → how many conditions ask for it."""
    found: Counter[str] = Counter()
    for section in questionnaire.all_sections:
        for condition in section.list_conditions():
            found.update(condition.names & questionnaire.background.keys())
    return found


def list_gaps(roster: Roster, questionnaire: Questionnaire, added: int | None = None) -> list[str]:
    """What conditions ask for and the list does not tell: those students do not get what depends on it.

    Args: added: how many are new, where others are known from an earlier list, which told it or not. None: all are.
    """
    gaps = []
    for name, count in sorted(count_conditions(questionnaire).items()):
        asked = f"{count} conditions ask for it" if count > 1 else "a condition asks for it"
        if name not in roster.reader.background:
            if added != 0:
                who = "no student" if added is None else "no student who is new on this list"
                gaps.append(f"There is no column '{name}', and {asked}: {who} gets what depends on it.")
        elif roster.empty[name]:
            gaps.append(
                f"'{name}' is empty for {roster.empty[name]} of {len(roster)} students, and {asked}: they do not get what depends on it."
            )
    return gaps
