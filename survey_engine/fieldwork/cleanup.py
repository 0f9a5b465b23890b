"""Deletes data of a fieldwork that is no longer needed. A job runs it once a day."""

from __future__ import annotations

from survey_engine.storage.answers import remove_unanswered
from survey_engine.storage.database import Database

_UNANSWERED_HOURS = 24


def remove_never_answered(answers: Database) -> int:
    """Delete responses without a saved page that started more than `_UNANSWERED_HOURS` ago; return their number.

    A respondent who returns to a deleted response is asked to open the link again, and starts a new response.
    """
    return remove_unanswered(answers, _UNANSWERED_HOURS)
