"""Warnings about rows and tables of a questionnaire that can still be answered."""

from __future__ import annotations

from datetime import datetime

from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.maintenance import find_closing_times
from survey_engine.settings import Settings

SHOWN = 5
"""Institutions that a message names."""


def describe_open(questionnaire: Questionnaire, institution: str, settings: Settings, now: datetime) -> str:
    """Say where a questionnaire can still be answered, and until when; empty if it has closed.

    Args: institution: its code, or empty for all.
    """
    ends = find_closing_times(questionnaire, settings)
    asked = {code: ends[code] for code in ([institution] if institution else ends) if code in ends}
    never = [code for code, end in asked.items() if end is None]
    last = max((end for end in asked.values() if end and end > now), default=None)
    if never:
        return f"{questionnaire.code} never closes at {join_names(never, SHOWN)}: set `closes` in its file or that of the institution."
    place = f" at {institution}" if institution else ""
    return f"{questionnaire.code} can still be answered{place} until {last:%Y-%m-%d %H:%M}." if last else ""
