"""Settings, questionnaires and databases for commands. Failures become messages with a remedy."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import click
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from survey_engine.cli.support.questionnaires import compile_for_authors, find_folder
from survey_engine.fieldwork.key_checks import ForeignKeyError, check_keys, find_used_keys, record_keys
from survey_engine.fieldwork.list_owners import claim_list
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.backups import describe_unfinished, list_unrestored
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.folders import is_questionnaire
from survey_engine.publication.versions import StoredVersionError, compile_stored
from survey_engine.settings import (
    KEY_FILES,
    Folders,
    MissingKeyError,
    Settings,
    SettingsError,
    find_data,
    list_missing_keys,
    locate_stores,
    read_settings,
)
from survey_engine.storage.database import Database, is_missing_file
from survey_engine.storage.durability import UnsafeDatabaseError
from survey_engine.storage.schema import LockedSchemaError, UnknownSchemaError, has_persons, read_schema_state
from survey_engine.storage.shared_pool import FULL, is_full
from survey_engine.storage.versions import StoredVersion, load_version, map_versions, read_service


def find_settings(*, finishes_restore: bool = False) -> Settings:
    """Return the settings of an existing installation; nothing is created.

    Args:
        finishes_restore: whether the command may run while a restore has not repeated the erasures yet.

    Raises:
        click.ClickException: a setting is invalid, or a restore is unfinished.
    """
    try:
        settings = read_settings(create=False)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if settings.restore_mark.is_file() and not finishes_restore:
        raise click.ClickException(explain_unfinished(settings))
    return settings


def explain_unfinished(settings: Settings) -> str:
    found, remedy = describe_unfinished(settings.restore_mark)
    return f"A restore {found}. {remedy}"


def check_restored(settings: Settings) -> None:
    """Raises ClickException if an unfinished restore has not replaced a store yet: with an empty store, persons could answer twice."""
    if list_unrestored(settings.restore_mark):
        raise click.ClickException(explain_unfinished(settings))


def create_settings(*, accept_keys: bool = False) -> Settings:
    """Return the settings of a new or existing installation; missing keys are created.

    Args:
        accept_keys: create missing keys although the stores have other keys.

    Raises:
        click.ClickException: a store uses a key that is missing; no file is written.
    """
    with suppress(MissingKeyError):
        return read_settings(create=False)
    used = dict[str, str]()
    # stores before keys: the first start of another process creates keys before stores
    for store, url in locate_stores().items():
        if not is_missing_file(url):
            with closing(Database(url, store)) as database:
                used |= dict.fromkeys(find_used_keys(database), store)
    lost = [name for name in list_missing_keys() if name in used]
    if lost and not accept_keys:
        raise click.ClickException(
            f"There is no {KEY_FILES[lost[0]]} in {find_data(os.environ).absolute()}, but the store of {used[lost[0]]} was made with one. "
            f"Restore this key from a copy; or set SURVEY_{lost[0].upper()}, or SURVEY_DATA to the folder of the key. If the key was "
            "destroyed on purpose: survey-engine init --accept-keys"
        )
    return read_settings()


def find_questionnaire(name: str, settings: Settings | Folders) -> Questionnaire:
    """Return a questionnaire by folder or by id: its published version, its folder, or the newest version that had respondents.

    Raises:
        click.ClickException: the questionnaire does not exist or has errors; or `settings` are `Settings`, with databases, and the
            published version cannot be read. With `Folders`, variants that lack wordings are left out.
    """
    url = settings.database_url if isinstance(settings, Settings) else locate_stores()["answers"]
    try:
        if stored := find_published(name, url, needed=isinstance(settings, Settings)):
            return compile_stored(stored)
        try:
            folder = find_folder(name, settings.questionnaires)
        except click.ClickException:
            if stored := find_published(name, url, is_gone=True):
                return compile_stored(stored)
            raise
        if not isinstance(settings, Settings):
            return compile_for_authors(folder, find_translations())
        return compile_questionnaire(folder, find_translations())
    except StoredVersionError as error:
        raise click.ClickException(str(error)) from None
    except BrokenQuestionnaireError as error:
        raise click.ClickException(f"{name} has errors. Fix them first.\n{error}") from None


def find_published(name: str, url: str, *, needed: bool = False, is_gone: bool = False) -> StoredVersion | None:
    """Return the published version of a questionnaire; None if there is none, or if `name` is a folder.

    A name that also is that of a folder here names the folder, as in all commands of authors, unless the version is `needed`.

    Args:
        needed: raise an error if the database cannot be read; otherwise return None.
        is_gone: return the newest stored version if no version is published.

    Raises:
        click.ClickException: the database is `needed` and cannot be read.
    """
    if "/" in name or is_missing_file(url) or (is_questionnaire(Path(name)) and not needed):
        return None
    try:
        with closing(Database(url, "answers")) as answers:
            version = read_service(answers).get(name) if has_tables(answers) else None
            if is_gone and not version:
                version = next(iter(map_versions(answers).get(name, [])), None)
            return load_version(answers, name, version) if version else None
    except (DBAPIError, UnsafeDatabaseError) as error:
        if needed:
            raise refuse_database(url, error) from None
        return None


def has_tables(answers: Database) -> bool:
    with answers.read() as connection:
        return bool(inspect(connection).has_table("service"))


def create_stores(settings: Settings, *, accept_keys: bool = False, accept_missing: bool = False) -> None:
    """Create or migrate both stores, and record their keys.

    Args:
        accept_keys: accept stores of other keys.
        accept_missing: create a missing store although the other store has persons.

    Raises:
        click.ClickException: a store is missing, is being restored or belongs to other keys.
    """
    check_restored(settings)
    stores = {"answers": settings.database_url, "identity": settings.identity_url}
    if not accept_missing:
        check_missing(stores)
    settings.data.mkdir(parents=True, exist_ok=True)
    with (
        closing(Database(settings.database_url, "answers")) as answers,
        closing(Database(settings.identity_url, "identity")) as identity,
    ):
        for store in (answers, identity):
            store.migrate()
        try:
            record_keys(settings, answers, identity, accept=accept_keys)
        except ForeignKeyError as error:
            raise click.ClickException(str(error)) from None
    claim_list(settings.erasures, settings.pseudonym_key, again=accept_keys)


def check_missing(stores: Mapping[str, str]) -> None:
    """Raises ClickException if one store is missing and the other has persons: with an empty store, they could answer again.

    While one store has no persons and the other is missing, another process may be at its first start.
    """
    missing, used = [], False
    for store, url in stores.items():
        if is_missing_file(url):
            missing.append(store)
            continue
        with closing(Database(url, store)) as database, database.read() as connection:
            if read_schema_state(connection, store) == "empty":
                missing.append(store)
            used = used or has_persons(connection, store)
    if missing and used:
        (name,), url = missing, make_url(stores[missing[0]]).render_as_string()
        raise click.ClickException(
            f"The store of {name} is missing: there is nothing at {url}, but the other store exists. Check the disk and the address, or "
            "restore a backup. If the store was deleted on purpose: survey-engine init --accept-missing"
        )


def refuse_database(url: str, error: Exception) -> click.ClickException:
    cause = FULL if is_full(error) else error
    return click.ClickException(f"The database {make_url(url).render_as_string()} cannot be used: {cause}")


def check_answers(settings: Settings) -> None:
    """Raises ClickException if the file of the answers store does not exist although that of the identity store does."""
    if is_missing_file(settings.database_url) and not is_missing_file(settings.identity_url):
        raise click.ClickException(
            f"There is no database at {make_url(settings.database_url).database}, but the identity store exists. Set SURVEY_DATA or "
            "SURVEY_DATABASE_URL to the location of the answers. If there are no answers yet, `survey-engine init` creates the database."
        )


def find_translations() -> Path | None:
    """Return the folder of translations that the environment names; None without one."""
    named = os.environ.get("SURVEY_TRANSLATIONS")
    return Path(named) if named else None


@contextmanager
def open_both_stores(settings: Settings) -> Iterator[tuple[Database, Database]]:
    """Open the answers and the identity store of an installation, migrate them, and record its keys in them.

    Raises:
        click.ClickException: see `open_store`.
    """
    with (
        closing(open_store(settings, "answers", migrate=True)) as answers,
        closing(open_store(settings, "identity", migrate=True)) as identity,
    ):
        record_keys(settings, answers, identity)
        yield answers, identity


def open_store(settings: Settings, store: str, *, replica: bool = False, migrate: bool = False) -> Database:
    """Open an existing database.

    Args:
        settings: of the installation.
        store: answers or identity.
        replica: open the replica of the answers, if there is one.
        migrate: apply migrations.

    Raises:
        click.ClickException: the database does not exist, cannot be read, or belongs to other keys.
    """
    url = settings.identity_url if store == "identity" else settings.reading_url if replica else settings.database_url
    parts = make_url(url)
    remedy = f"Set SURVEY_DATA or SURVEY_{'DATABASE' if store == 'answers' else 'IDENTITY'}_URL to its location."
    if is_missing_file(url):
        raise click.ClickException(
            f"There is no database at {parts.database}. `survey-engine init` creates one. If the database is elsewhere: {remedy}"
        )
    try:
        database = Database(url, store)
        with database.read() as connection:
            exists = inspect(connection).has_table("response" if store == "answers" else "seat")
            read_schema_state(connection, store)
        if exists and migrate:
            database.migrate()
        check_keys(settings, database)
    except (ForeignKeyError, LockedSchemaError, UnknownSchemaError) as error:
        raise click.ClickException(str(error)) from None
    except (DBAPIError, UnsafeDatabaseError) as error:
        cause = FULL if is_full(error) else f"{error}\n{remedy}"
        raise click.ClickException(f"The database at {parts.render_as_string()} cannot be read: {cause}") from None
    if not exists:
        raise click.ClickException(f"The database at {parts.render_as_string()} has no table of {store}. {remedy}")
    return database
