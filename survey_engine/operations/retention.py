"""Deletes data that closed questionnaires no longer need, and writes a certificate of each deletion.

The setting `keep_days` says how many days each kind of data is kept after a questionnaire has closed; then a daily job deletes it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TextIO

from survey_engine.fieldwork.erasure import Stores, clear_files
from survey_engine.fieldwork.lms.waiting_reports import remove_waiting
from survey_engine.operations.maintenance import Installation
from survey_engine.settings import KEPT_KINDS
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.erasures import has_names
from survey_engine.storage.retention import (
    count_kept,
    delete_answers,
    delete_contacts,
    delete_links,
    find_first_start,
    find_last_activity,
    find_last_version,
    list_questionnaires,
)
from survey_engine.storage.sqlite_files import make_private_file

_CONTACTS, _LINKS, ANSWERS = KEPT_KINDS
_REMAINS = "Copies in backups, deliveries and files of links."
_CLOSED = "Keyed hashes of withdrawn and replaced links: they keep these links closed, also after a restore."
EFFECTS = {
    _CONTACTS: "Who was excluded is deleted too: excluded persons count in `roster response` again, and get reminders if it opens again. "
    "Waiting reports of completion are not sent to learning environments.",
    _LINKS: "The responses can no longer be joined with persons, so a person can no longer have a response read or erased. Waiting reports "
    "of completion are not sent to learning environments, and the accounts that launched seats are deleted.",
}
"""Kind → effects of its deletion on other data."""


class RetentionError(Exception):
    """Nothing was deleted. The message has the remedy."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One deletion; a line of JSON in the file of certificates."""

    questionnaire: str
    kind: str
    count: int
    """Persons, links or responses."""
    closed: str
    """ISO 8601 time after which no response could be changed."""
    deleted: str
    """ISO 8601 time of the deletion."""
    state: str = "done"
    """`begun` before the deletion; the line `done` follows it."""
    effect: str = ""
    """Effects of the deletion on other data."""
    remains: str = _REMAINS

    def describe(self) -> str:
        note = f" {self.effect}" if self.effect else ""
        closed = format_closing(datetime.fromisoformat(self.closed))
        return f"{self.questionnaire}: {self.kind} of {self.count} deleted on {self.deleted}; it had closed on {closed}.{note}"


def format_closing(closed: datetime) -> str:
    """Return the end of the grace period: from then on nobody can change an answer."""
    return f"{closed:%Y-%m-%d at %H:%M}"


class KeptData(NamedTuple):
    """Data of a kind that a questionnaire has."""

    questionnaire: str
    kind: str
    number: int
    closed: datetime | None
    """None if it never closes."""
    due: datetime | None
    """Time at which the job deletes the data; None for never."""


def count_kinds(installation: Installation, questionnaire: str) -> dict[str, int]:
    """Return the number of persons, links and responses of a questionnaire, by kind."""
    return _count_kinds(installation.answers, installation.identity, questionnaire)


def _count_kinds(answers: Database, identity: Database, questionnaire: str) -> dict[str, int]:
    counts = count_kept(answers, identity, questionnaire)
    return {_CONTACTS: counts.contacts, _LINKS: max(counts.seats, counts.linked), ANSWERS: counts.responses}


def list_kept(installation: Installation, keep_days: Mapping[str, int]) -> list[KeptData]:
    """List the data of all questionnaires, with the time at which the job deletes it."""
    found = []
    for code in list_questionnaires(installation.answers, installation.identity):
        closed = installation.find_closing(code)
        for kind, count in count_kinds(installation, code).items():
            due = _find_due(installation, code, closed, keep_days[kind]) if closed and kind in keep_days else None
            if count:
                found.append(KeptData(code, kind, count, closed, due))
    return found


def _find_due(installation: Installation, code: str, closed: datetime, days: int) -> datetime | None:
    """Return when the job deletes data; None if a response is later than the last day, which must then be wrong.

    The days count from the last day or from the newest version, whichever is later: this leaves time to correct a mistyped last day.
    """
    last = find_last_activity(installation.answers, code)
    if last and last > closed:
        return None
    version = find_last_version(installation.answers, code)
    return max(closed, version or closed) + timedelta(days=days)


def delete(installation: Installation, questionnaire: str, kind: str) -> Certificate:
    """Delete all data of this kind. The file of certificates gets a line `begun` before, and `done` after it.

    Raises:
        RetentionError: the questionnaire is still open, or addresses wait for their panel.
        OSError: the file of certificates cannot be written; nothing was deleted.
    """
    answers, identity = installation.answers, installation.identity
    now, closed = read_now(answers), installation.find_closing(questionnaire)
    if closed is None or closed > now:
        state = f"closes on {format_closing(closed)}" if closed else "never closes: set `closes` in its file"
        raise RetentionError(f"{questionnaire} {state}. Only data of a closed questionnaire can be deleted.")
    last = find_last_activity(answers, questionnaire)
    if last and last > closed:
        raise RetentionError(
            f"{questionnaire} has closed on {format_closing(closed)}, but was answered on {last:%Y-%m-%d}. Correct `closes`."
        )
    if kind == ANSWERS and (waiting := count_kept(answers, identity, questionnaire).waiting):
        raise RetentionError(f"{waiting} addresses wait for their panel. Run `survey-engine maintain` first.")
    with make_private_file(find_certificates(installation.erasures)).open("a", encoding="utf-8") as file:
        count = count_kinds(installation, questionnaire)[kind]
        since, deleted = (moment.isoformat("T", "minutes") for moment in (closed, now))
        certificate = Certificate(questionnaire, kind, count, since, deleted, effect=EFFECTS.get(kind, ""))
        _append(file, replace(certificate, state="begun"))
        if kind != ANSWERS:
            remove_waiting(identity, installation.keys, questionnaire=questionnaire)
        DELETIONS[kind](answers, identity, questionnaire)
        copies = clear_files(Stores(answers, identity, installation.pseudonym_key))
        closed_links = [_CLOSED] if kind != _CONTACTS and has_names(answers) else []
        certificate = replace(certificate, remains=" ".join([_REMAINS, *closed_links, *copies]))
        _append(file, certificate)
    return certificate


def _append(file: TextIO, certificate: Certificate) -> None:
    file.write(json.dumps(asdict(certificate)) + "\n")
    file.flush()
    os.fsync(file.fileno())


DELETIONS: dict[str, Callable[[Database, Database, str], object]] = {
    _CONTACTS: delete_contacts,
    _LINKS: delete_links,
    ANSWERS: lambda answers, identity, code: delete_answers(answers, code),
}


def find_certificates(erasures: Path) -> Path:
    """Return the file of certificates, next to the list of erasures."""
    return erasures.with_name("deletions.jsonl")


def read_certificates(erasures: Path) -> list[Certificate]:
    """Return the last certificate of each questionnaire and kind. Unfinished deletions and unreadable lines are skipped."""
    path, found = find_certificates(erasures), dict[tuple[str, str], Certificate]()
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        with suppress(ValueError, TypeError):
            certificate = Certificate(**json.loads(line))
            if certificate.state == "done" and certificate.kind in DELETIONS:
                found[certificate.questionnaire, certificate.kind] = certificate
    return [*found.values()]


def list_undone(answers: Database, identity: Database, erasures: Path) -> list[str]:
    """Return a message with remedy for each kind of data that exists although a certificate says that it was deleted.

    If a response began after the deletion, contacts and links may belong to a new list: then only older responses count.
    """
    undone = []
    for certificate in read_certificates(erasures):
        code, kind, deleted = certificate.questionnaire, certificate.kind, datetime.fromisoformat(certificate.deleted)
        count, last = _count_kinds(answers, identity, code)[kind], find_last_activity(answers, code)
        first = None if kind == _CONTACTS else find_first_start(answers, code, linked=kind == _LINKS)
        if count and ((first and first < deleted) or last is None or last < deleted):
            undone.append(
                f"{kind} of {code} were deleted on {deleted:%Y-%m-%d}, and a restore has brought {count} back. Delete again: "
                f"survey-engine retention {code} --delete {kind}"
            )
    return undone


def delete_due(installation: Installation) -> str:
    """Delete all data that is due; return a message. Data that cannot be deleted yet does not stop other deletions."""
    now, done, kept = read_now(installation.answers), 0, list[str]()
    for one in list_kept(installation, installation.keep_days):
        if one.due and one.due < now:
            try:
                delete(installation, one.questionnaire, one.kind)
                done += 1
            except RetentionError as error:
                kept.append(f" {error}")
    return f"{done} kinds of data of closed questionnaires were deleted.{''.join(kept)}"
