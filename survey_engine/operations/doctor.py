"""Examines an installation and names the remedy of each fault. A new examination is a line in `examine`."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import bindparam, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.fieldwork.erasure import (
    MOVE_AGAIN,
    MissingListError,
    Stores,
    check_list,
    count_responses_without_seat,
    list_moved_back,
    list_not_in_effect,
)
from survey_engine.fieldwork.erasure_list import NEW_KEY, BrokenListError, read_list
from survey_engine.fieldwork.key_checks import ForeignKeyError, check_keys
from survey_engine.fieldwork.mail import Mail, Mailer, MailError, MailSettingsError, UnknownDeliveryError
from survey_engine.language.interface_catalogues import find_interface_catalogue, read_interface_catalogue
from survey_engine.language.variants import INTERFACE, LANGUAGE_NAMES
from survey_engine.operations.worker import JOBS, list_periodic
from survey_engine.publication.compiler import inspect_questionnaire
from survey_engine.publication.folders import check_folder, list_folders
from survey_engine.publication.versions import StoredVersionError, read_version
from survey_engine.settings import Settings
from survey_engine.storage.addresses import UNSENT
from survey_engine.storage.data_requests import list_requests
from survey_engine.storage.database import Database, is_missing, read_now
from survey_engine.storage.durability import UnsafeDatabaseError
from survey_engine.storage.jobs import count_jobs, count_overdue, read_attempts
from survey_engine.storage.schema import SchemaState, UnknownSchemaError
from survey_engine.storage.shared_pool import FULL, is_full
from survey_engine.storage.versions import list_orphans, list_versions

KEYS = {
    "SURVEY_SECRET_KEYS": "signing keys",
    "SURVEY_PSEUDONYM_KEY": "pseudonym key",
    "SURVEY_CONTACT_KEYS": "contact keys",
}
MINIMAL_SPACE = 2_000_000_000
"""Bytes that should be free on SQLite's disk: a million responses take about as many."""


NO_STORE = "Is SURVEY_DATA or the address right? For a new installation: survey-engine init"
SCHEMAS: dict[SchemaState, str] = {
    "older": "tables of an earlier release: the next start migrates them",
    "current": "tables up to date",
    "newer": "tables of a newer release, which this one can use",
}
WORKER = "Start `survey-engine work`, or let cron run `survey-engine maintain`."
UNREADABLE = (SQLAlchemyError, OSError, ImportError, UnsafeDatabaseError)
"""Errors of a store that cannot be opened or read; `examine_store` reports them."""
FAILING = 3
"""Attempts of a periodic job without success after which it counts as failed."""
OVERDUE = 3600.0
"""Seconds after which a job that is due should have been taken."""
TERM = 28
"""Days within which a request about personal data must be answered."""
CONNECTIONS, SPARE = 2 * 2 * 4, 10
"""Connections of a store (two versions side by side, each with two processes of four threads), and spare ones for other users."""
_HIDING = ("log_parameter_max_length", "log_parameter_max_length_on_error")
_LOGGED = {"log_min_duration_statement": -1, "log_min_duration_sample": -1, "log_transaction_sample_rate": 0}
"""Settings that log statements → the value that switches them off."""
_SERVER = text("SELECT name, setting FROM pg_settings WHERE name IN :names").bindparams(
    bindparam("names", [*_HIDING, *_LOGGED, "log_statement", "max_connections"], expanding=True)
)
_LIMITS = text(
    "SELECT rolconnlimit, datconnlimit FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one examination; `remedy` is empty if nothing is wrong."""

    what: str
    found: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Examine everything that matters before respondents arrive."""
    yield examine_address(settings)
    yield from examine_keys(settings)
    for store, url in (("answers", settings.database_url), ("identity", settings.identity_url)):
        yield examine_store(store, url, settings)
        if url.startswith("postgresql"):
            yield from examine_server(store, url, count_stores(settings))
        if url.startswith("sqlite:///") and not is_missing(url):
            yield examine_disk(store, Path(url.removeprefix("sqlite:///")))
    yield examine_erasures(settings)
    yield examine_seats(settings)
    yield examine_moves(settings)
    yield from examine_jobs(settings)
    yield from examine_requests(settings)
    yield examine_mail(settings)
    yield from examine_interface(settings)
    yield from examine_questionnaires(settings)
    yield from examine_versions(settings)


@contextmanager
def _open_store(url: str, store: str) -> Iterator[Database]:
    """Open an existing store. Raises FileNotFoundError when there is none: nothing is created."""
    if is_missing(url):
        raise FileNotFoundError
    with closing(Database(url, store)) as database:
        yield database


def examine_address(settings: Settings) -> Finding:
    local = "127.0.0.1" in settings.base_url or "localhost" in settings.base_url
    if settings.secure_cookies or local:
        return Finding("address", settings.base_url)
    return Finding("address", settings.base_url, "Set SURVEY_BASE_URL to the https:// address that respondents use.")


def examine_keys(settings: Settings) -> Iterator[Finding]:
    for name, where in KEYS.items():
        if os.environ.get(name):
            yield Finding(where, f"from {name}")
        elif settings.secure_cookies:
            yield Finding(where, "generated, in the data folder", f"Set {name}, the same on every machine.")
        else:
            yield Finding(where, "generated, in the data folder (fine for one machine)")


def examine_store(store: str, url: str, settings: Settings) -> Finding:
    kind = url.split(":", 1)[0]
    if is_missing(url):
        return Finding(store, f"there is no file {make_url(url).database}", NO_STORE)
    try:
        with _open_store(url, store) as database:
            state = database.read_schema_state()
            check_keys(settings, database)
    except (ForeignKeyError, UnsafeDatabaseError, UnknownSchemaError) as error:
        return Finding(store, f"{kind} is not safe for answers", str(error))
    except UNREADABLE as error:
        if is_full(error):
            return Finding(store, f"{kind} cannot be opened", FULL[0].upper() + FULL[1:])
        return Finding(
            store, f"{kind} cannot be opened ({type(error).__name__})", "Check the address, the server and the access rights."
        )
    if state == "empty":
        return Finding(store, f"{kind}, without tables", NO_STORE)
    return Finding(store, f"{kind}, durable, {SCHEMAS[state]}")


def examine_jobs(settings: Settings) -> Iterator[Finding]:
    """Examine whether jobs fail, whether a worker runs them, and whether each periodic kind has its job."""
    try:
        with _open_store(settings.identity_url, "identity") as identity:
            failed = {kind: count for (kind, failure), count in count_jobs(identity).items() if failure}
            overdue = count_overdue(identity, now=read_now(identity).timestamp() - OVERDUE)
            attempts = read_attempts(identity)
    except UNREADABLE:
        return  # `examine_store` reports it
    failed |= {name: attempts[name] for name in list_periodic(JOBS) if attempts.get(name, 0) >= FAILING}
    missing = [name for name in list_periodic(JOBS) if name not in attempts]
    for kind, count in failed.items():
        remedy = "See survey-engine work --unsent." if kind == UNSENT else "Look for job_failed in the worker's log."
        yield Finding("jobs", f"{kind} failed {count} times", remedy)
    if overdue or missing:
        found = f"{overdue} due for over an hour" if overdue else f"never run: {', '.join(missing)}"
        yield Finding("jobs", found, WORKER if overdue or settings.secure_cookies else "")
    elif not failed:
        yield Finding("jobs", "none failed, none overdue")


def examine_requests(settings: Settings) -> Iterator[Finding]:
    """Report requests about personal data that nobody answered in time."""
    try:
        with _open_store(settings.identity_url, "identity") as identity:
            late = read_now(identity).date() - timedelta(days=TERM)
            count = sum(request.closed is None and request.received < late for request in list_requests(identity))
    except UNREADABLE:
        return  # `examine_store` reports it
    if count:
        yield Finding("requests", f"{count} not answered within {TERM} days", "See: survey-engine requests list")


def examine_mail(settings: Settings) -> Finding:
    if not settings.smtp_url:
        return Finding("mail", "no server is set: no mail is sent")
    try:
        Mailer(settings.smtp_url, settings.mail_from).check()
    except MailSettingsError as error:
        return Finding("mail", "the settings cannot be used", str(error))
    except MailError as error:
        return Finding("mail", str(error), "Check SURVEY_SMTP_URL: host, port, user, password, certificate.")
    return Finding("mail", "the server accepts the connection and the log-in")


def send_test_mail(settings: Settings, address: str) -> Finding:
    text = f"This is a test message of the survey site {settings.base_url}.\n"
    try:
        Mailer(settings.smtp_url, settings.mail_from).send(Mail(address, "Test message", text, "en"))
    except MailSettingsError as error:
        return Finding("test message", "not sent", str(error))
    except MailError as error:
        return Finding("test message", f"not sent: {error}", "Check the address, SURVEY_SMTP_URL and SURVEY_MAIL_FROM.")
    except UnknownDeliveryError:
        return Finding("test message", "the connection ended before the server's reply", "Look whether the message has arrived.")
    return Finding("test message", "accepted by the server")


def count_stores(settings: Settings) -> int:
    """Return the number of stores on the answers' server."""
    answers, identity = (make_url(url) for url in (settings.database_url, settings.identity_url))
    return 2 if (answers.host, answers.port) == (identity.host, identity.port) else 1


def examine_server(store: str, url: str, stores: int) -> Iterator[Finding]:
    """Examine a PostgreSQL server's log and limits. `examine_store` reports an unreachable server."""
    try:
        with _open_store(url, store) as database, database.read() as connection:
            values: dict[str, str] = {row[0]: row[1] for row in connection.execute(_SERVER)}
            limits: list[int] = [limit for row in connection.execute(_LIMITS) for limit in row if limit >= 0]
    except UNREADABLE:
        return
    logs = values["log_statement"] != "none" or any(float(values[name]) > off for name, off in _LOGGED.items())
    wrong = [name for name in _HIDING if values[name] != "0" and (logs or name.endswith("error"))]
    remedy = (
        f"Its log would contain answers and link hashes: set {' and '.join(f'{name} = 0' for name in wrong)}." if wrong else ""
    )
    yield Finding(f"{store} log", "contains values of statements" if wrong else "contains no values of statements", remedy)
    if not database.is_pooled:
        found = min([int(values["max_connections"]) - SPARE, *limits])
        needed = CONNECTIONS * (1 if limits and found == min(limits) else stores)
        remedy = (
            ""
            if found >= needed
            else f"Two processes of four threads, and two more during an upgrade, need {needed}: raise the limit."
        )
        yield Finding(f"{store} connections", f"{found} allowed", remedy)


def examine_erasures(settings: Settings) -> Finding:
    """Examine whether a restored backup contains erased responses or seats."""
    found = read_list(settings.erasures)
    try:
        with (
            _open_store(settings.database_url, "answers") as answers,
            _open_store(settings.identity_url, "identity") as identity,
        ):
            stores = Stores(answers, identity, settings.pseudonym_key)
            check_list(stores, settings.erasures)
            not_in_effect = list_not_in_effect(stores, found.entries)
        found.check()
    except MissingListError as error:
        return Finding("erasures", "the list is missing", str(error))
    except BrokenListError as error:
        return Finding("erasures", "the list is damaged", str(error))
    except UNREADABLE:
        return Finding("erasures", "cannot be compared with the stores", "Repair the stores first.")
    if not settings.erasures.is_file():
        return Finding("erasures", f"no list at {settings.erasures}, and nothing that should be on it")
    remedy = "survey-engine erase --again" if not_in_effect else ""
    torn = "; the last line is incomplete and ignored" if found.is_torn else ""
    return Finding(
        "erasures", f"{len(found.entries)} on the list, {len(not_in_effect)} of them in the stores again{torn}", remedy
    )


def examine_seats(settings: Settings) -> Finding:
    """Examine whether each response to a personal link has its seat. Without a seat, the person may answer again."""
    try:
        with (
            _open_store(settings.database_url, "answers") as answers,
            _open_store(settings.identity_url, "identity") as identity,
        ):
            lost, total = count_responses_without_seat(Stores(answers, identity, settings.pseudonym_key))
    except UNREADABLE:
        return Finding("seats", "cannot be compared with the responses", "Repair the stores first.")
    if not lost:
        return Finding("seats", f"all {total} responses to personal links have one")
    remedy = "Restore a newer backup of the identity store, or send again with --key the lists that came after the one restored."
    if lost == total:
        remedy = f"Check that SURVEY_PSEUDONYM_KEY is that of this fieldwork. If it is: {remedy}"
    return Finding("seats", f"{lost} of {total} responses to personal links have none", remedy)


def examine_moves(settings: Settings) -> Finding:
    """Examine whether an older store of identity has persons at the institution, or under the key, that a later list changed."""
    notes = [note for note in read_list(settings.erasures).notes if note.kind == NEW_KEY]
    try:
        with (
            _open_store(settings.database_url, "answers") as answers,
            _open_store(settings.identity_url, "identity") as identity,
        ):
            back = list_moved_back(Stores(answers, identity, settings.pseudonym_key), notes)
    except UNREADABLE:
        return Finding("moves", "cannot be compared with the seats", "Repair the stores first.")
    return Finding("moves", f"{len(notes)} by lists, {len(back)} of them undone by a restore", MOVE_AGAIN if back else "")


def examine_disk(store: str, path: Path) -> Finding:
    free = shutil.disk_usage(path.parent).free
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding(f"{store} file", f"other users can read {path.name}", f"chmod 600 {path}")
    remedy = "" if free > MINIMAL_SPACE else "Make room, or move SURVEY_DATA to a larger disk."
    return Finding(f"{store} disk", f"{free / 1e9:.0f} GB free", remedy)


def examine_interface(settings: Settings) -> Iterator[Finding]:
    """Examine the catalogues of the interface, also in languages without a questionnaire."""
    folders = sorted(path.parents[1].name for path in settings.translations.glob(f"*/LC_MESSAGES/{INTERFACE}.po"))
    for locale in dict.fromkeys([*LANGUAGE_NAMES, *folders]):
        path = find_interface_catalogue(settings.translations, locale)
        for problem in read_interface_catalogue(path, path.as_posix(), locale).problems:
            yield Finding(f"interface in {locale}", f"{problem.place}: {problem.wrong}", problem.remedy)


def examine_questionnaires(settings: Settings) -> Iterator[Finding]:
    folders = list_folders(settings.questionnaires)
    if not folders:
        remedy = "Point SURVEY_QUESTIONNAIRES at a folder with questionnaires."
        yield Finding("questionnaires", f"none in {settings.questionnaires}", remedy)
    for folder in folders:
        compilation = inspect_questionnaire(folder, settings.translations)
        misplaced = [*check_folder(folder, compilation.questionnaire)] if compilation.questionnaire else []
        errors = len(compilation.errors) + len(misplaced)
        remedy = f"survey-engine check {folder}" if errors else ""
        yield Finding(folder.name, f"{errors} errors" if errors else "compiles", remedy)


def examine_versions(settings: Settings) -> Iterator[Finding]:
    """Examine whether every version with responses can be served."""
    try:
        with _open_store(settings.database_url, "answers") as answers:
            found = [(code, version) for code, versions in list_versions(answers).items() for version in versions]
            wrong = {pair: why for pair in found if (why := _find_problem(answers, *pair))}
            orphans = list_orphans(answers)
    except UNREADABLE:
        yield Finding("versions", "cannot be read", "Repair the answers store first.")
        return
    yield Finding("versions", f"{len(found)} stored, {len(found) - len(wrong)} can be served")
    for (code, version), why in wrong.items():
        yield Finding(f"{code} {version}", "cannot be served", why)
    for code, version, count in orphans:
        yield Finding(f"{code} {version}", f"{count} responses belong to it, but it is not stored", "Restore it from a backup.")


def _find_problem(answers: Database, code: str, version: str) -> str:
    try:
        read_version(answers, code, version)
    except StoredVersionError as error:
        return str(error)
    return ""
