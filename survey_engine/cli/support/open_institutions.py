"""Warnings about rows and tables of a questionnaire that can still be answered."""

from __future__ import annotations

from datetime import datetime

from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.maintenance import find_closing_times
from survey_engine.settings import Settings
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.response_counts import count_incomplete

_SHOWN = 5
"""Largest number of institutions that a message names."""


def describe_open(questionnaire: Questionnaire, institution: str, settings: Settings, now: datetime) -> str:
    """Return a sentence that says where and until when a questionnaire can still be answered; empty if it has closed.

    Args: institution: its code; empty for all institutions.
    """
    ends = find_closing_times(questionnaire, settings)
    asked = {code: ends[code] for code in ([institution] if institution else ends) if code in ends}
    never = [code for code, end in asked.items() if end is None]
    last = max((end for end in asked.values() if end and end > now), default=None)
    if never:
        return f"{questionnaire.code} has no last day at {join_names(never, _SHOWN)}: set `closes` in its file or the institution's file."
    place = f" at {institution}" if institution else ""
    return f"{questionnaire.code} can still be answered{place} until {last:%Y-%m-%d %H:%M}." if last else ""


def describe_fieldwork(questionnaire: Questionnaire, institution: str, settings: Settings, answers: Database) -> str:
    """Return a sentence that says until when fieldwork is open and how many responses may change; empty if it has closed.

    Args: institution: its code; empty for all institutions.
    """
    now, ends = read_now(answers), find_closing_times(questionnaire, settings)
    running = {code: end for code, end in ends.items() if institution in ("", code) and (end is None or end > now)}
    if not running:
        return ""
    known = [end for end in running.values() if end]
    until = f"until {max(known):%Y-%m-%d %H:%M}" if len(known) == len(running) else "without a last day"
    place = f" at {institution}" if institution else ""
    count = count_incomplete(answers, questionnaire.code, running)
    return f"The fieldwork of {questionnaire.code}{place} is open {until}; {count} response{'s' * (count != 1)} may still change."
