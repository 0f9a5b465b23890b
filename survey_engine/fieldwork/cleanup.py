"""What a fieldwork leaves behind and nobody needs; a job runs it, once a day is enough."""

from __future__ import annotations

from survey_engine.storage.answers import remove_unanswered
from survey_engine.storage.database import Database

UNANSWERED_HOURS = 24


def remove_never_answered(answers: Database) -> int:
    """Remove starts of more than a day ago without a page ever sent; returns how many.

    A device that started one is asked to open its link again, and then begins anew.
    """
    return remove_unanswered(answers, UNANSWERED_HOURS)
