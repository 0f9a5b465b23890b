"""Periodic and occasional work on the stores. `operations/worker.py` says which of it is a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from survey_engine.fieldwork.cleanup import remove_never_answered
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import seal_clear_seats
from survey_engine.fieldwork.panel import Panels
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import Settings
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.identity import reseal_seats
from survey_engine.storage.leftovers import rewrite
from survey_engine.storage.panels import count_waiting, renew_waiting


@dataclass(frozen=True, slots=True)
class Installation:
    """What jobs work on."""

    answers: Database
    identity: Database
    keys: ContactKeys
    pseudonym_key: str
    find_closing: Callable[[str], datetime | None]
    """When nobody can go on with a questionnaire any more, if it closes."""

    @property
    def panels(self) -> Panels:
        return Panels(self.answers, self.identity, self.keys, self.pseudonym_key)


def seal_seats(installation: Installation) -> str:
    """Encrypt seats that an older version stored, or that a restored backup brought back."""
    return f"{seal_clear_seats(installation.identity, installation.keys)} seats were not encrypted, and are now."


def close_panels(installation: Installation) -> str:
    """Let the last addresses join the panels of questionnaires that have closed, and the batches that could not join when full."""
    joined, panels, now = 0, installation.panels, read_now(installation.answers)
    for panel in count_waiting(installation.answers):
        closes = installation.find_closing(panel.split("/")[0])
        joined += panels.hand_over(panel) if closes and closes < now else panels.hand_over_batch(panel)
    return f"{joined} addresses joined a panel; {sum(count_waiting(installation.answers).values())} wait."


def find_end(questionnaire: Questionnaire, settings: Settings) -> datetime | None:
    """When the last institution has closed, with the time that is left to who is under way; None where one never does."""
    ends = []
    for institution in questionnaire.institutions.values():
        _, closes = questionnaire.find_period(institution)
        if closes is None:
            return None
        midnight = datetime.combine(closes + timedelta(days=1), time.min, ZoneInfo(institution.timezone or settings.timezone))
        ends.append(midnight + timedelta(minutes=settings.grace_minutes))
    return max(ends, default=None)


def remove_starts(installation: Installation) -> str:
    """Remove responses of which no page was ever sent."""
    return f"{remove_never_answered(installation.answers)} starts without a page were removed."


def renew_keys(installation: Installation) -> str:
    """Encrypt with the first contact key all that another one encrypted."""
    seats = reseal_seats(installation.identity, installation.keys.renew)
    waiting = renew_waiting(installation.answers, installation.keys.renew)
    return f"{seats} seats and {waiting} addresses that wait are encrypted with the first key now; take the others out."


def rewrite_stores(installation: Installation) -> str:
    """Write all tables anew, so that nothing of what was erased is left."""
    gone = [rewrite(store) for store in (installation.answers, installation.identity)]
    if all(gone):
        return "Both stores are written anew: no file holds what was erased, except backups."
    if installation.answers.is_sqlite:
        return "Both stores are written anew, but something was reading: the write-ahead log may hold copies. Run it once more."
    return (
        "All tables are written anew. The write-ahead log may hold copies: let a superuser run CHECKPOINT, SELECT pg_switch_wal() "
        "and CHECKPOINT, with wal_recycle = off."
    )
