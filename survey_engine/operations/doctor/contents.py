"""Examinations of what the stores contain: jobs, requests, erasures, seats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from survey_engine.fieldwork.erasure import (
    MOVE_AGAIN,
    Stores,
    check_list,
    count_begun_elsewhere,
    count_responses_without_seat,
    list_moved_back,
    list_not_in_effect,
)
from survey_engine.fieldwork.erasure_list import (
    NEW_KEY,
    BrokenListError,
    is_writable,
    read_list,
)
from survey_engine.fieldwork.list_owners import ForeignListError, MissingListError, check_lines
from survey_engine.operations.backups import describe_unfinished
from survey_engine.operations.doctor.finding import UNREADABLE, Finding, connect_store, open_both
from survey_engine.operations.retention import list_undone, read_certificates
from survey_engine.operations.worker import JOBS, list_periodic
from survey_engine.settings import Settings
from survey_engine.storage.addresses import UNSENT
from survey_engine.storage.data_requests import list_requests
from survey_engine.storage.database import read_now
from survey_engine.storage.jobs import count_jobs, count_overdue, read_attempts

_WORKER = "Start `survey-engine work`, or let cron run `survey-engine maintain`."
_FAILING = 3
"""Attempts of a periodic job without success after which it counts as failed."""
_OVERDUE = 3600.0
"""Seconds after which a due job that no worker has taken counts as overdue."""
_WRITE_EARLIER = (
    "Write the institution where they began into their rows, and give the list again: survey-engine links … --moved same."
)
TERM = 28
"""Days within which a request about personal data must be answered."""


def examine_jobs(settings: Settings) -> Iterator[Finding]:
    """Examine whether jobs fail, whether a worker runs them, and whether each periodic kind has its job."""
    try:
        with connect_store(settings.identity_url, "identity") as identity:
            failed = {kind: count for (kind, failure), count in count_jobs(identity).items() if failure}
            overdue = count_overdue(identity, now=read_now(identity).timestamp() - _OVERDUE)
            attempts = read_attempts(identity)
    except UNREADABLE:
        return  # `examine_store` reports it
    failed |= {name: attempts[name] for name in list_periodic(JOBS) if attempts.get(name, 0) >= _FAILING}
    missing = [name for name in list_periodic(JOBS) if name not in attempts]
    for kind, count in failed.items():
        remedy = "See survey-engine work --unsent." if kind == UNSENT else "Look for job_failed in the worker's log."
        yield Finding("jobs", f"{kind} failed {count} times", remedy)
    if overdue or missing:
        found = f"{overdue} due for over an hour" if overdue else f"never run: {', '.join(missing)}"
        yield Finding("jobs", found, _WORKER if overdue or settings.secure_cookies else "")
    elif not failed:
        yield Finding("jobs", "none failed, none overdue")


def examine_requests(settings: Settings) -> Iterator[Finding]:
    """Report requests about personal data that were not answered in time."""
    try:
        with connect_store(settings.identity_url, "identity") as identity:
            late = read_now(identity).date() - timedelta(days=TERM)
            count = sum(request.closed is None and request.received < late for request in list_requests(identity))
    except UNREADABLE:
        return  # `examine_store` reports it
    if count:
        yield Finding("requests", f"{count} not answered within {TERM} days", "See: survey-engine requests list")


def examine_restore(settings: Settings) -> Iterator[Finding]:
    """Report a restore that is running or was interrupted."""
    if settings.restore_mark.is_file():
        yield Finding("restore", *describe_unfinished(settings.restore_mark))


def examine_erasures(settings: Settings) -> Finding:
    """Examine whether a restored backup contains erased responses or seats."""
    found = read_list(settings.erasures)
    try:
        with open_both(settings) as (answers, identity):
            stores = Stores(answers, identity, settings.pseudonym_key)
            check_list(stores, settings.erasures)
            not_in_effect = list_not_in_effect(stores, found.entries)
            check_lines(answers, identity, settings.erasures)
        found.check()
    except MissingListError as error:
        is_foreign = isinstance(error, ForeignListError)
        what = "the list belongs to another installation" if is_foreign else "the list, or a part of it, is missing"
        return Finding("erasures", what, str(error))
    except BrokenListError as error:
        return Finding("erasures", "the list is damaged", str(error))
    except UNREADABLE:
        return Finding("erasures", "cannot be compared with the stores", "Repair the stores first.")
    if not is_writable(settings.erasures):
        remedy = f"Let the user of the servers write {settings.erasures.absolute()}."
        return Finding("erasures", "cannot be written: respondents could not withdraw an address", remedy)
    if not settings.erasures.is_file():
        return Finding("erasures", f"no list at {settings.erasures}; none is needed, because nothing was erased or withdrawn")
    remedy = "survey-engine erase --again" if not_in_effect else ""
    torn = "; the last line is incomplete and ignored" if found.is_torn else ""
    return Finding(
        "erasures", f"{len(found.entries)} on the list, {len(not_in_effect)} of them in the stores again{torn}", remedy
    )


def examine_deletions(settings: Settings) -> Iterator[Finding]:
    """Examine whether a restored backup contains data that was deleted with a certificate."""
    try:
        with open_both(settings) as (answers, identity):
            undone = list_undone(answers, identity, settings.erasures)
    except UNREADABLE:
        return  # `examine_store` reports it
    for one in undone:
        what, _, remedy = one.partition(". ")
        yield Finding("deletions", what, remedy)
    if not undone:
        yield Finding("deletions", f"{len(read_certificates(settings.erasures))} with a certificate, all in effect")


def examine_seats(settings: Settings) -> Finding:
    """Examine whether each response to a personal link has its seat. Without a seat, the person may answer again."""
    try:
        with open_both(settings) as (answers, identity):
            lost, total = count_responses_without_seat(Stores(answers, identity, settings.pseudonym_key))
    except UNREADABLE:
        return Finding("seats", "cannot be compared with the responses", "Repair the stores first.")
    if not lost:
        return Finding("seats", f"all {total} responses to personal links have one")
    remedy = "Restore a newer backup of the identity store, or give the lists that are newer than the restored backup again, with --key."
    if lost == total:
        remedy = f"Check that SURVEY_PSEUDONYM_KEY is that of this fieldwork. If it is: {remedy}"
    return Finding("seats", f"{lost} of {total} responses to personal links have none", remedy)


def examine_moves(settings: Settings) -> Finding:
    """Examine whether seats have the institution of their responses, and the institutions and keys of the newest lists."""
    notes = [note for note in read_list(settings.erasures).notes if note.kind == NEW_KEY]
    try:
        with open_both(settings) as (answers, identity):
            stores = Stores(answers, identity, settings.pseudonym_key)
            back, elsewhere = list_moved_back(stores, notes), count_begun_elsewhere(stores)
    except UNREADABLE:
        return Finding("moves", "cannot be compared with the seats", "Repair the stores first.")
    found = f"{len(notes)} by lists, {len(back)} of them undone by a restore"
    if elsewhere and not back:
        return Finding(
            "moves", f"{found}; {elsewhere} persons have begun at another institution than that of their seat", _WRITE_EARLIER
        )
    return Finding("moves", found, MOVE_AGAIN if back else "")
