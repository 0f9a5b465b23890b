"""Access of commands to settings, questionnaires and databases; failures become messages with a remedy."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from survey_engine.cli.support.questionnaires import find_folder
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.versions import StoredVersionError, compile_stored
from survey_engine.settings import Folders, Settings, SettingsError, locate_answers, read_settings
from survey_engine.storage.database import Database, UnsafeDatabaseError
from survey_engine.storage.shared_pool import FULL, is_full
from survey_engine.storage.versions import StoredVersion, load_version, read_service


def find_settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def find_questionnaire(name: str, settings: Settings | Folders) -> Questionnaire:
    """Return a questionnaire by id (the published version, or else compiled from its folder) or by folder.

    Raises:
        click.ClickException: the questionnaire does not exist or has errors.
    """
    url = settings.database_url if isinstance(settings, Settings) else locate_answers()
    try:
        if stored := find_published(name, url):
            return compile_stored(stored)
        return compile_questionnaire(find_folder(name, settings.questionnaires), find_translations())
    except StoredVersionError as error:
        raise click.ClickException(str(error)) from None
    except BrokenQuestionnaireError as error:
        raise click.ClickException(f"{name} has errors. Fix them first.\n{error}") from None


def find_published(name: str, url: str) -> StoredVersion | None:
    """Return the published version of a questionnaire; None if there is none, and for a folder."""
    if "/" in name or is_missing(url):
        return None
    try:
        with closing(Database(url, "answers")) as answers:
            version = read_service(answers).get(name) if has_tables(answers) else None
            return load_version(answers, name, version) if version else None
    except (DBAPIError, UnsafeDatabaseError):  # commands that need the store report this error themselves
        return None


def has_tables(answers: Database) -> bool:
    with answers.read() as connection:
        return bool(inspect(connection).has_table("service"))


def open_answers(settings: Settings) -> Database:
    """Open the answers database; create or migrate it if necessary.

    Raises:
        click.ClickException: the database cannot be used.
    """
    try:
        answers = Database(settings.database_url, "answers")
        answers.migrate()
    except (DBAPIError, UnsafeDatabaseError) as error:
        cause = FULL if is_full(error) else error
        raise click.ClickException(
            f"The database {make_url(settings.database_url).render_as_string()} cannot be used: {cause}"
        ) from None
    return answers


def find_translations() -> Path | None:
    """Return the folder of translations named by the environment, which takes precedence."""
    named = os.environ.get("SURVEY_TRANSLATIONS")
    return Path(named) if named else None


def open_store(url: str, store: str) -> Database:
    """Open an existing database.

    Args:
        url: of the database.
        store: answers or identity.

    Raises:
        click.ClickException: the database does not exist or cannot be read.
    """
    parts = make_url(url)
    remedy = f"Set SURVEY_DATA or SURVEY_{'DATABASE' if store == 'answers' else 'IDENTITY'}_URL to its location."
    if is_missing(url):
        raise click.ClickException(
            f"There is no database at {parts.database}. `survey-engine run` creates one. If it exists elsewhere: {remedy}"
        )
    try:
        database = Database(url, store)
        with database.read() as connection:
            exists = inspect(connection).has_table("response" if store == "answers" else "seat")
    except (DBAPIError, UnsafeDatabaseError) as error:
        cause = FULL if is_full(error) else f"{error}\n{remedy}"
        raise click.ClickException(f"The database at {parts.render_as_string()} cannot be read: {cause}") from None
    if not exists:
        raise click.ClickException(f"The database at {parts.render_as_string()} has no table of {store}. {remedy}")
    return database


def is_missing(url: str) -> bool:
    """Whether the database is an SQLite file that does not exist."""
    parts = make_url(url)
    return parts.get_backend_name() == "sqlite" and not (parts.database and Path(parts.database).is_file())
