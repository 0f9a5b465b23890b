"""Periodic and occasional maintenance of the stores. `operations/worker.py` lists the functions that are jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from survey_engine.fieldwork.cleanup import remove_never_answered
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import Stores, clear_files
from survey_engine.fieldwork.group_totals import Totals
from survey_engine.fieldwork.invitations.analysed_labels import settle_labels
from survey_engine.fieldwork.invitations.links import encrypt_clear_seats
from survey_engine.fieldwork.lost_links import ADDRESS, LostLinks
from survey_engine.fieldwork.panel import Panels
from survey_engine.fieldwork.periods import make_period
from survey_engine.fieldwork.response_history import record_days
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import Settings
from survey_engine.storage.addresses import forget_claims, has_claims
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.erasures import erase_rest
from survey_engine.storage.identity import reencrypt_seats
from survey_engine.storage.leftovers import clear_leftovers, renew_log, rewrite
from survey_engine.storage.lms import renew_sealed
from survey_engine.storage.panels import count_waiting, renew_waiting
from survey_engine.storage.response_counts import renew_labels
from survey_engine.storage.roster_seats import map_all_institutions
from survey_engine.storage.row_order import hide_order

NIGHT = range(2, 5)
"""Hours in which large SQLite files are rewritten; saves wait meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The stores and keys that jobs use."""

    answers: Database
    identity: Database
    keys: ContactKeys
    pseudonym_key: str
    erasures: Path
    find_closing: Callable[[str], datetime | None]
    """Return the time after which no response to a questionnaire can be changed; None if it never closes."""
    lost_links: LostLinks | None = None
    """None without a mail server."""
    keep_days: Mapping[str, int] = field(default_factory=dict)
    """As in the settings."""
    plain: bool = False
    """Whether learning environments may use HTTP and private hosts."""
    timezone: str = "Europe/Amsterdam"
    """Time zone of the hours NIGHT, and of the days in the history of response."""

    @property
    def panels(self) -> Panels:
        return Panels(self.answers, self.identity, self.keys, self.pseudonym_key, self.erasures)


def seal_seats(installation: Installation) -> str:
    """Encrypt seats stored in clear by an older version, or restored from its backup."""
    return f"{encrypt_clear_seats(installation.identity, installation.keys)} unencrypted seats were encrypted."


def close_panels(installation: Installation) -> str:
    """Let the last addresses join the panels of closed questionnaires, and retry full batches that could not join.

    Interrupted cancellations of sign-ups are completed first.
    """
    joined, panels, now = 0, installation.panels, read_now(installation.answers)
    panels.complete_cancelled()
    for panel in count_waiting(installation.answers):
        closes = installation.find_closing(panel.split("/")[0])
        joined += panels.hand_over(panel) if closes and closes < now else panels.hand_over_batch(panel)
    return f"{joined} addresses joined a panel; {sum(count_waiting(installation.answers).values())} are waiting."


def find_closing_time(questionnaire: Questionnaire, settings: Settings) -> datetime | None:
    """Return the latest end of a grace period of all institutions; None if an institution has no last day."""
    ends = find_closing_times(questionnaire, settings).values()
    known = [end for end in ends if end]
    return max(known, default=None) if len(known) == len(ends) else None


def find_closing_times(questionnaire: Questionnaire, settings: Settings) -> dict[str, datetime | None]:
    """Return code of the institution → end of its grace period; None without a last day."""
    return {
        code: make_period(questionnaire, institution, settings.timezone, settings.grace_minutes).end
        for code, institution in questionnaire.institutions.items()
    }


def remove_starts(installation: Installation) -> str:
    """Remove responses without any saved page."""
    return f"{remove_never_answered(installation.answers)} responses without a saved page were removed."


def clear_erased(installation: Installation) -> str:
    """Delete rows of erased responses that earlier releases kept; clear the bytes of erased rows, in large SQLite files only at night."""
    erase_rest(installation.answers)
    is_night = read_now(installation.answers).astimezone(ZoneInfo(installation.timezone)).hour in NIGHT
    copies = clear_files(Stores(installation.answers, installation.identity, installation.pseudonym_key), large=is_night)
    return " ".join(copies) or "The bytes of erased rows were cleared."


def hide_requests(installation: Installation) -> str:
    """Delete records of mails about lost links after a day; rewrite tables and logs that reveal when links were asked for or used."""
    forget_claims(installation.identity, read_now(installation.identity).timestamp())
    if not hide_order(installation.answers, installation.identity):
        return "A table was locked; the next run rewrites it."
    if has_claims(installation.identity):
        clear_leftovers(installation.identity, "job", "mailed_address")
        if not renew_log(installation.identity):
            return "The write-ahead log of the identity store still dates requests for lost links; see erasure in .container/README.md."
    return "Requests for lost links cannot be dated."


def refresh_totals(installation: Installation) -> str:
    """Count the participation of the groups that have a page for their teacher."""
    totals = Totals(installation.answers, installation.identity, installation.keys, installation.pseudonym_key)
    return f"{totals.refresh()} groups were counted."


def record_response(installation: Installation) -> str:
    """Store the totals of today, for the history of response of questionnaires that are open."""
    now = read_now(installation.identity)

    def is_open(questionnaire: str) -> bool:
        closes = installation.find_closing(questionnaire)
        return closes is None or now < closes

    totals = Totals(installation.answers, installation.identity, installation.keys, installation.pseudonym_key)
    count = record_days(totals, now.astimezone(ZoneInfo(installation.timezone)).date(), is_open)
    return f"The response of {count} institutions was recorded."


def recount_labels(installation: Installation) -> str:
    """Recount which labels may be exported with answers: persons may have begun or erased answers while a command counted."""
    stores = Stores(installation.answers, installation.identity, installation.pseudonym_key)
    persons = hidden = shown = 0
    for questionnaire, institutions in map_all_institutions(installation.identity).items():
        settled = settle_labels(stores, installation.keys, questionnaire, institutions)
        persons, hidden, shown = persons + settled.persons, hidden + settled.hidden, shown + settled.shown
    return f"The labels of {persons} persons and {hidden} responses were hidden, and those of {shown} responses shown again."


def mail_lost_link(installation: Installation, payload: Mapping[str, Any]) -> str:
    """Mail the links of an address to it."""
    return installation.lost_links.send(payload[ADDRESS]) if installation.lost_links else "No mail server is set."


def renew_keys(installation: Installation, finish: Callable[[Connection], object] = lambda connection: None) -> str:
    """Encrypt with the first contact key all data that is encrypted with another one.

    Args: finish: called in the transaction that encrypts the seats, to remove the fingerprints of the other keys.
    """
    seats = reencrypt_seats(installation.identity, installation.keys.renew, finish=finish)
    waiting = renew_waiting(installation.answers, installation.keys.renew)
    renew_labels(installation.answers, installation.keys.renew)
    renew_sealed(installation.identity, installation.keys.renew)
    return f"{seats} seats and {waiting} waiting addresses were encrypted with the first key. Remove the other keys."


def rewrite_stores(installation: Installation) -> str:
    """Rewrite all tables, so that no file contains erased data."""
    gone = [rewrite(store) for store in (installation.answers, installation.identity)]
    if all(gone):
        return "Both stores were rewritten: only backups can still contain erased data."
    if installation.answers.is_sqlite:
        return "Both stores were rewritten, but a reader kept copies in the write-ahead log. Run the command again."
    return (
        "All tables were rewritten. The planner's statistics and the write-ahead log may contain copies: in both databases let a "
        "superuser run VACUUM FULL pg_statistic, CHECKPOINT, SELECT pg_switch_wal() and CHECKPOINT, with wal_recycle = off."
    )
